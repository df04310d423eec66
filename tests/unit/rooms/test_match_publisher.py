"""How a match is published: one signed mutation that selects everything."""

import json
from collections.abc import Callable

import httpx
import pytest
from botocore.credentials import Credentials
from graphql import GraphQLObjectType, build_ast_schema, parse

from matinee.errors import Unavailable
from rooms.adapters.appsync.match_publisher import MUTATION, AppSyncMatchPublisher
from tests.fakes.graphql_schema import schema_text

URL = "https://api.example.com/graphql"
KEYS = Credentials("AKIDEXAMPLE", "secret-key", "session-token")


def publisher(
    answer: Callable[[httpx.Request], httpx.Response], keys: Credentials = KEYS
) -> AppSyncMatchPublisher:
    http = httpx.Client(transport=httpx.MockTransport(answer))
    return AppSyncMatchPublisher(URL, "eu-west-1", lambda: keys, http)


def taken(request: httpx.Request) -> httpx.Response:
    del request
    return httpx.Response(200, json={"data": {"publishUserMatch": {"userId": "ann"}}})


def sent(keys: Credentials = KEYS) -> httpx.Request:
    requests: list[httpx.Request] = []

    def remember(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return taken(request)

    publisher(remember, keys).publish("ann", "room-1", 101, "thread-1")
    [request] = requests
    return request


def test_it_sends_user_room_and_title_alone() -> None:
    body = json.loads(sent().content)

    assert body["variables"] == {"input": {"userId": "ann", "roomId": "room-1", "movieId": 101}}
    assert body["query"] == MUTATION


def test_it_selects_every_field() -> None:
    schema = build_ast_schema(parse(schema_text()), assume_valid=True)
    event_type = schema.get_type("UserMatchEvent")
    assert isinstance(event_type, GraphQLObjectType)
    selected = MUTATION.rsplit("{", 1)[1].split("}")[0].split()

    assert set(selected) == set(event_type.fields)


def test_it_is_signed_for_appsync_in_the_region() -> None:
    authorization = sent().headers["authorization"]

    assert authorization.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-west-1/appsync/aws4_request" in authorization
    assert "secret-key" not in authorization


def test_the_session_token_is_sent() -> None:
    assert sent().headers["x-amz-security-token"] == "session-token"


def test_without_a_session_there_is_no_token() -> None:
    assert "x-amz-security-token" not in sent(Credentials("a", "b")).headers


def test_the_correlation_id_is_sent() -> None:
    assert sent().headers["x-correlation-id"] == "thread-1"


def test_it_is_json() -> None:
    assert sent().headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
def test_an_error_response_raises_unavailable(status: int) -> None:
    with pytest.raises(Unavailable):
        publisher(lambda _: httpx.Response(status)).publish("ann", "room-1", 101, "t")


def test_a_graphql_error_raises_unavailable() -> None:
    answer = {"data": None, "errors": [{"errorType": "MatchNotFound", "message": "no"}]}

    with pytest.raises(Unavailable):
        publisher(lambda _: httpx.Response(200, json=answer)).publish("ann", "room-1", 101, "t")


def test_a_response_that_is_no_json_raises_unavailable() -> None:
    with pytest.raises(Unavailable):
        publisher(lambda _: httpx.Response(200, text="<html>")).publish("ann", "room-1", 101, "t")


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("down"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("?")]
)
def test_an_unreachable_api_raises_unavailable(fault: Exception) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise fault

    with pytest.raises(Unavailable):
        publisher(fail).publish("ann", "room-1", 101, "t")
