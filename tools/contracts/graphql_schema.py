"""contracts/graphql/schema.graphql as graphql-core reads it: AppSync's own words are added."""

from pathlib import Path

from graphql import GraphQLSchema, build_ast_schema, parse

_APPSYNC = """
scalar AWSDate
scalar AWSTime
scalar AWSDateTime
scalar AWSTimestamp
scalar AWSEmail
scalar AWSJSON
scalar AWSURL
scalar AWSPhone
scalar AWSIPAddress
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_api_key on OBJECT | FIELD_DEFINITION
directive @aws_lambda on OBJECT | FIELD_DEFINITION
directive @aws_oidc on OBJECT | FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION
directive @aws_auth(cognito_groups: [String!]) on FIELD_DEFINITION
directive @aws_subscribe(mutations: [String!]) on FIELD_DEFINITION
"""


def read_schema(path: Path) -> GraphQLSchema:
    """Read and validate a schema. Raises GraphQLError, or TypeError when it contradicts itself."""
    return build_ast_schema(parse(path.read_text(encoding="utf-8") + _APPSYNC))
