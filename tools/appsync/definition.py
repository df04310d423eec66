"""Reads the API's definition: its template, the files that it names, and what was deployed of it.

The template says which resolver code belongs to which field; the stack's resources say which
function, pool and API its names have become.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from tools.appsync.api import AuthMode, DataSource, GraphqlApi, Resolver
from tools.appsync.errors import DefinitionError
from tools.local.intrinsics import Scope, UnresolvedError, effective_parameters
from tools.local.template import Template, TemplateError, load_template

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_API = "AWS::AppSync::GraphQLApi"
_SCHEMA = "AWS::AppSync::GraphQLSchema"
_DATA_SOURCE = "AWS::AppSync::DataSource"
_RESOLVER = "AWS::AppSync::Resolver"

type Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stack:
    """What a stack's deployment gave: physical ids by logical id, and the parameters' values."""

    name: str
    region: str
    account: str
    physical_ids: Mapping[str, str]
    parameters: Mapping[str, str]
    function_names: tuple[str, ...] = ()


def read_stack(cloudformation: "CloudFormationClient", name: str, region: str) -> Stack:
    """Read a deployed stack from CloudFormation. Raises DefinitionError when there is none."""
    try:
        described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        resources = [each for page in pages for each in page["StackResourceSummaries"]]
    except (ClientError, BotoCoreError, IndexError) as error:
        raise DefinitionError(f"the stack {name} cannot be read: {error}") from error
    parameters = {
        each["ParameterKey"]: each.get("ParameterValue", "")
        for each in described.get("Parameters", [])
    }
    return Stack(
        name=name,
        region=region,
        account=described["StackId"].split(":")[4],
        physical_ids={
            each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in resources
        },
        parameters=parameters,
        function_names=tuple(
            each.get("PhysicalResourceId", "")
            for each in resources
            if each["ResourceType"] == "AWS::Lambda::Function"
        ),
    )


def read_definition(template_path: Path, stack: Stack) -> GraphqlApi:
    """Join the API of a template with its deployment. Raises DefinitionError."""
    try:
        return _Reader(load_template(template_path), template_path.parent, stack).api()
    except (TemplateError, UnresolvedError, KeyError, OSError) as error:
        raise DefinitionError(f"{template_path.name}: {error}") from error


class SourceFiles:
    """The files that a definition is made of: a change of any of them changes the API."""

    def __init__(self, template_path: Path) -> None:
        self._template = template_path
        self._files = [template_path]

    def find(self) -> None:
        """List the files that the template names now. Raises DefinitionError."""
        try:
            resources = load_template(self._template)["Resources"].values()
        except TemplateError as error:
            raise DefinitionError(str(error)) from error
        named = {
            resource["Properties"].get(key)
            for resource in resources
            if resource.get("Type") in {_SCHEMA, _RESOLVER}
            for key in ("DefinitionS3Location", "CodeS3Location")
        }
        local = sorted(name for name in named if isinstance(name, str))
        self._files = [self._template, *(self._template.parent / name for name in local)]

    def stamp(self) -> object:
        """Return what differs as soon as one of the files has been written or removed."""
        return [
            path.stat().st_mtime_ns if path.exists() else None  # an editor may be writing it
            for path in self._files
        ]


class _Reader:
    def __init__(self, template: Template, folder: Path, stack: Stack) -> None:
        self._resources: Mapping[str, Any] = template["Resources"]
        self._folder = folder
        self._stack = stack
        self._scope = Scope(
            template=template,
            parameters=effective_parameters(template, stack.parameters),
            physical_ids=stack.physical_ids,
            region=stack.region,
            account=stack.account,
            stack_name=stack.name,
        )

    def api(self) -> GraphqlApi:
        logical_id, properties = self._only(_API)
        # The emulator's id of an API is the API's id; on AWS it would be the ARN.
        api_id = self._stack.physical_ids[logical_id].rsplit("/", 1)[-1]
        pool = self._scope.resolve(properties.get("UserPoolConfig")) or {}
        providers = properties.get("AdditionalAuthenticationProviders", [])
        introspection = self._scope.resolve(properties.get("IntrospectionConfig", "ENABLED"))
        return GraphqlApi(
            api_id=api_id,
            arn=f"arn:aws:appsync:{self._stack.region}:{self._stack.account}:apis/{api_id}",
            region=self._stack.region,
            sdl=self._text(self._only(_SCHEMA)[1], "Definition"),
            resolvers=self._resolvers(),
            default_mode=AuthMode(properties["AuthenticationType"]),
            additional_modes=frozenset(AuthMode(each["AuthenticationType"]) for each in providers),
            user_pool_id=pool.get("UserPoolId"),
            client_id_pattern=pool.get("AppIdClientRegex"),
            introspection=introspection != "DISABLED",
            query_depth_limit=int(self._scope.resolve(properties.get("QueryDepthLimit", 0))),
            resolver_count_limit=int(self._scope.resolve(properties.get("ResolverCountLimit", 0))),
        )

    def _resolvers(self) -> dict[tuple[str, str], Resolver]:
        sources = self._data_sources()
        resolvers = {}
        for logical_id, properties in self._all(_RESOLVER):
            if properties.get("Kind", "UNIT") != "UNIT":
                raise DefinitionError(f"{logical_id}: pipelines are not served locally")
            if (properties.get("Runtime") or {}).get("Name") != "APPSYNC_JS":
                raise DefinitionError(f"{logical_id}: only APPSYNC_JS resolvers are served locally")
            source = _name(properties["DataSourceName"])
            if source not in sources:
                raise DefinitionError(f"{logical_id}: there is no data source {source}")
            resolvers[properties["TypeName"], properties["FieldName"]] = Resolver(
                data_source=sources[source],
                code=self._text(properties, "Code"),
                origin=str(properties.get("CodeS3Location", logical_id)),
            )
        return resolvers

    def _data_sources(self) -> dict[str, DataSource]:
        """Map every data source by its name, and by its logical id for those who !GetAtt it."""
        sources = {}
        for logical_id, properties in self._all(_DATA_SOURCE):
            name = str(properties["Name"])
            match properties["Type"]:
                case "NONE":
                    source = DataSource(name)
                case "AWS_LAMBDA":
                    function = _name(properties["LambdaConfig"]["LambdaFunctionArn"])
                    source = DataSource(name, self._stack.physical_ids[function])
                case other:
                    raise DefinitionError(f"{logical_id}: {other} is not served locally")
            sources[name] = sources[logical_id] = source
        return sources

    def _all(self, resource_type: str) -> list[tuple[str, Properties]]:
        return [
            (logical_id, resource["Properties"])
            for logical_id, resource in self._resources.items()
            if resource.get("Type") == resource_type and self._scope.exists(logical_id)
        ]

    def _only(self, resource_type: str) -> tuple[str, Properties]:
        found = self._all(resource_type)
        if len(found) != 1:
            raise DefinitionError(f"one {resource_type} is needed, {len(found)} are there")
        return found[0]

    def _text(self, properties: Properties, inline: str) -> str:
        """Return code that stands in the template, or in a file beside it."""
        if inline in properties:
            return str(properties[inline])
        location = self._folder / str(properties[f"{inline}S3Location"])
        return location.read_text(encoding="utf-8")


def _name(reference: object) -> str:
    """Return what a name, !Ref, !GetAtt or !Sub of one thing refers to: its logical id."""
    if isinstance(reference, str):
        return reference
    if isinstance(reference, dict) and len(reference) == 1:
        ((_, argument),) = reference.items()
        if isinstance(argument, list):
            return str(argument[0])
        if isinstance(argument, str):
            return argument.removeprefix("${").removesuffix("}").partition(".")[0]
    raise DefinitionError(f"what {reference!r} refers to is not known")
