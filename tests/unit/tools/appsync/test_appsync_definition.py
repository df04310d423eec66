"""The API as a template and its deployment define it; the repository's own among them."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rooms.api.resolvers import FOR_GUESTS
from tests.template.resolvers import ONES_OWN
from tests.unit.tools.appsync.harness import (
    ACCOUNT,
    LAMBDA_JS,
    REGION,
    SDL,
    Functions,
    Policies,
)
from tools.appsync.api import AuthMode, GraphqlApi
from tools.appsync.definition import SourceFiles, Stack, read_definition
from tools.appsync.errors import DefinitionError
from tools.appsync.execution import Engine
from tools.appsync.schema import ApiSchema
from tools.local.template import load_template

REPOSITORY = Path(__file__).parents[4]

TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: local}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Client: {Type: AWS::Cognito::UserPoolClient}
  Function: {Type: AWS::Serverless::Function, Properties: {Handler: x}}
  Api:
    Type: AWS::AppSync::GraphQLApi
    Properties:
      Name: !Sub ${AWS::StackName}-api
      AuthenticationType: AMAZON_COGNITO_USER_POOLS
      UserPoolConfig: {UserPoolId: !Ref Pool, AppIdClientRegex: !Ref Client}
      AdditionalAuthenticationProviders: [{AuthenticationType: AWS_IAM}]
      IntrospectionConfig: !If [IsProd, DISABLED, ENABLED]
      QueryDepthLimit: !If [IsProd, 5, 20]
      ResolverCountLimit: 10
  Schema:
    Type: AWS::AppSync::GraphQLSchema
    Properties: {ApiId: !GetAtt Api.ApiId, DefinitionS3Location: api/schema.graphql}
  Source:
    Type: AWS::AppSync::DataSource
    Properties:
      ApiId: !GetAtt Api.ApiId
      Name: TheFunction
      Type: AWS_LAMBDA
      LambdaConfig: {LambdaFunctionArn: !GetAtt Function.Arn}
  Nowhere:
    Type: AWS::AppSync::DataSource
    Properties: {ApiId: !GetAtt Api.ApiId, Name: Nothing, Type: NONE}
  Room:
    Type: AWS::AppSync::Resolver
    Properties:
      ApiId: !GetAtt Api.ApiId
      TypeName: Query
      FieldName: room
      DataSourceName: !GetAtt Source.Name
      Runtime: {Name: APPSYNC_JS, RuntimeVersion: 1.0.0}
      CodeS3Location: api/lambda.js
  News:
    Type: AWS::AppSync::Resolver
    Properties:
      ApiId: !GetAtt Api.ApiId
      TypeName: Subscription
      FieldName: news
      DataSourceName: Nothing
      Runtime: {Name: APPSYNC_JS, RuntimeVersion: 1.0.0}
      Code: |
        export function request(ctx) { return { payload: null }; }
        export function response(ctx) { return null; }
"""
STACK = Stack(
    name="films",
    region=REGION,
    account=ACCOUNT,
    physical_ids={
        "Api": "api1",
        "Function": "films-Function-1",
        "Pool": "eu-west-1_pool",
        "Client": "client1",
    },
    parameters={"Stage": "local"},
)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "schema.graphql").write_text(SDL)
    (tmp_path / "api" / "lambda.js").write_text(LAMBDA_JS)
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


def test_the_template_and_the_stack_make_the_api(template: Path) -> None:
    api = read_definition(template, STACK)

    assert api.arn == f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/api1"
    assert api.account == ACCOUNT
    assert api.modes == {AuthMode.COGNITO, AuthMode.IAM}
    assert api.default_mode is AuthMode.COGNITO
    assert api.user_pool_id == "eu-west-1_pool"
    assert api.client_id_pattern == "client1"
    assert api.introspection
    assert api.query_depth_limit == 20
    assert api.resolver_count_limit == 10
    assert api.sdl == SDL
    room, news = api.resolvers["Query", "room"], api.resolvers["Subscription", "news"]
    assert room.data_source.function_name == "films-Function-1"
    assert room.code == LAMBDA_JS
    assert room.origin == "api/lambda.js"
    assert news.data_source.function_name is None
    assert "payload: null" in news.code


def test_conditions_are_those_of_the_deployed_parameters(template: Path) -> None:
    in_prod = Stack(STACK.name, REGION, ACCOUNT, STACK.physical_ids, parameters={"Stage": "prod"})

    api = read_definition(template, in_prod)
    assert not api.introspection
    assert api.query_depth_limit == 5


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Name: APPSYNC_JS", "Name: OTHER", "only APPSYNC_JS"),
        ("DataSourceName: Nothing", "DataSourceName: Elsewhere", "no data source Elsewhere"),
        ("Type: NONE", "Type: AMAZON_DYNAMODB", "AMAZON_DYNAMODB is not served"),
        ("FieldName: news", "FieldName: news\n      Kind: PIPELINE", "pipelines"),
        ("Type: AWS::AppSync::GraphQLSchema", "Type: AWS::SNS::Topic", "one .*GraphQLSchema"),
        ("api/lambda.js", "api/missing.js", "missing.js"),
        ("Resources:", "Resources: [", "not valid YAML"),
    ],
)
def test_what_cannot_be_served_is_reported_when_it_is_read(
    template: Path, old: str, new: str, reason: str
) -> None:
    template.write_text(TEMPLATE.replace(old, new))

    with pytest.raises(DefinitionError, match=reason):
        read_definition(template, STACK)


def test_a_stack_that_lacks_a_function_is_reported(template: Path) -> None:
    without = {key: name for key, name in STACK.physical_ids.items() if key != "Function"}
    stack = Stack("films", REGION, ACCOUNT, without, {})

    with pytest.raises(DefinitionError, match="Function"):
        read_definition(template, stack)


@pytest.mark.parametrize("name", ["template.yaml", "api/schema.graphql", "api/lambda.js"])
def test_writing_any_of_its_files_changes_the_stamp(template: Path, name: str) -> None:
    files = SourceFiles(template)
    files.find()
    before = files.stamp()

    changed = template.parent / name
    changed.write_text(changed.read_text() + "\n")
    os.utime(changed, ns=(1, 1))

    assert files.stamp() != before
    changed.unlink()
    assert files.stamp() != before


# -- schemas that AppSync refuses ---------------------------------------------------------------


def schema_of(sdl: str) -> ApiSchema:
    """Build a schema without resolvers."""
    return ApiSchema(GraphqlApi("a", "arn", REGION, sdl, {}))


@pytest.mark.parametrize(
    ("sdl", "reason"),
    [
        ("type Query {", "Syntax Error"),
        ("type Query { a: Nothing }", "Unknown type"),
        ("type Query { a: Int @aws_nothing }", "aws_nothing"),
        ("scalar AWSDate type Query { a: AWSDate }", "AWSDate"),
        (
            'type Query { a: Int } type Subscription { s: Int @aws_subscribe(mutations: ["m"]) }',
            "no mutation m",
        ),
        (
            "type Query { a: Int } type Mutation { m: String }"
            ' type Subscription { s: Int @aws_subscribe(mutations: ["m"]) }',
            "different types",
        ),
    ],
)
def test_a_schema_that_appsync_refuses_is_refused(sdl: str, reason: str) -> None:
    with pytest.raises(DefinitionError, match=reason):
        schema_of(sdl)


def test_a_resolver_for_a_field_that_is_not_there_is_refused(template: Path) -> None:
    template.write_text(TEMPLATE.replace("FieldName: room", "FieldName: rooms"))

    with pytest.raises(DefinitionError, match=r"Query\.rooms"):
        ApiSchema(read_definition(template, STACK))


# -- the product's own API ----------------------------------------------------------------------


def test_the_repository_s_api_is_one_that_can_be_served() -> None:
    path = REPOSITORY / "services" / "rooms" / "template.yaml"
    template = load_template(path)
    names = {name: name for name in template["Resources"]}
    given = {name: name for name in template["Parameters"]}
    stack = Stack("matinee-rooms", REGION, ACCOUNT, names, given)

    api = read_definition(path, stack)
    with ThreadPoolExecutor(1) as threads:
        engine = Engine(api, Functions(), Policies(), threads)

    fields = {
        (root.name, name)
        for root in engine.schema.object_types()
        if root.name in {"Query", "Mutation", "Subscription"}
        for name in root.fields
    }
    assert set(api.resolvers) == fields
    publishing = {(kind, name) for kind, name in fields if name.startswith("publish")}
    assert len(publishing) == 4
    for kind, name in publishing:
        assert set(engine.schema.access(kind, name).modes) == {AuthMode.IAM}
    for kind, name in fields - publishing:
        guests = {"Guests"} if f"{kind}.{name}" in FOR_GUESTS | ONES_OWN else set()
        permitted = {AuthMode.COGNITO: frozenset({"Users", *guests})}
        assert engine.schema.access(kind, name).modes == permitted, name
