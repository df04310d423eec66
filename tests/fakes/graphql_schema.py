"""The GraphQL schema as AppSync gets it, with what AppSync declares by itself."""

from pathlib import Path

SCHEMA = Path(__file__).parents[2] / "contracts" / "graphql" / "schema.graphql"

APPSYNC = """
scalar AWSDateTime
directive @aws_iam on FIELD_DEFINITION | OBJECT
directive @aws_cognito_user_pools(cognito_groups: [String!]) on FIELD_DEFINITION | OBJECT
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
"""


def schema_text() -> str:
    """Return the schema's text."""
    return SCHEMA.read_text() + APPSYNC
