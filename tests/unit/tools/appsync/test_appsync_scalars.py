"""AppSync's scalars: what they take and what they refuse."""

import pytest
from graphql import GraphQLError, GraphQLScalarType

from tests.unit.tools.appsync.harness import REGION
from tools.appsync.api import GraphqlApi
from tools.appsync.schema import ApiSchema

SCHEMA = ApiSchema(GraphqlApi("a", "arn", REGION, "type Query { a: AWSJSON }", {}))


def scalar(name: str) -> GraphQLScalarType:
    found = SCHEMA.graphql.type_map[name]
    assert isinstance(found, GraphQLScalarType)
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWSDate", "2024-02-29"),
        ("AWSDate", "2024-02-29Z"),
        ("AWSDate", "2024-02-29+02:00"),
        ("AWSTime", "10:00"),
        ("AWSTime", "10:00:00.123456789"),
        ("AWSTime", "10:00:00-07:30:15"),
        ("AWSDateTime", "2024-02-29T10:00Z"),
        ("AWSDateTime", "2024-02-29T10:00:00.1Z"),
        ("AWSDateTime", "2024-02-29T10:00:00.123456789+02:00"),
        ("AWSTimestamp", -1),
        ("AWSEmail", "ann@example.com"),
        ("AWSURL", "https://example.com/a?b#c"),
        ("AWSPhone", "+34 600-000-000"),
        ("AWSIPAddress", "127.0.0.1"),
        ("AWSIPAddress", "10.0.0.0/8"),
        ("AWSIPAddress", "::1"),
    ],
)
def test_a_valid_value_is_taken_both_ways(name: str, value: object) -> None:
    assert scalar(name).parse_value(value) == value
    assert scalar(name).serialize(value) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWSDate", "2023-02-29"),
        ("AWSDate", "20240229"),
        ("AWSDate", ""),
        ("AWSTime", "25:00"),
        ("AWSTime", ""),
        ("AWSTime", "10:00:00.1234567890"),
        ("AWSDateTime", "2024-02-29"),
        ("AWSDateTime", "2024-02-29T10:00:00"),
        ("AWSDateTime", "2024-02-29TZ"),
        ("AWSDateTime", "2024-02-29 10:00:00Z"),
        ("AWSDateTime", "2024-02-30T10:00:00Z"),
        ("AWSDateTime", "2024-02-29T24:30:00Z"),
        ("AWSDateTime", 1700000000),
        ("AWSTimestamp", "1700000000"),
        ("AWSTimestamp", True),
        ("AWSTimestamp", 1.5),
        ("AWSEmail", "ann@example"),
        ("AWSEmail", "ann example@example.com"),
        ("AWSURL", "example.com"),
        ("AWSPhone", "call me"),
        ("AWSIPAddress", "256.0.0.1"),
    ],
)
def test_an_invalid_value_is_refused_both_ways(name: str, value: object) -> None:
    for check in (scalar(name).parse_value, scalar(name).serialize):
        with pytest.raises(GraphQLError):
            check(value)


def test_json_is_text_outside_and_a_value_inside() -> None:
    assert scalar("AWSJSON").parse_value('{"a": [1]}') == {"a": [1]}
    assert scalar("AWSJSON").serialize({"a": [1]}) == '{"a": [1]}'
    assert scalar("AWSJSON").serialize("not json") == '"not json"'
    assert scalar("AWSJSON").serialize('{"a": 1}') == '{"a": 1}'
    for wrong in ("{", {"a": 1}, 7):
        with pytest.raises(GraphQLError):
            scalar("AWSJSON").parse_value(wrong)
