"""The way from an HTTP API request to a use case and back."""

import base64
import io
import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from pydantic import BaseModel, ConfigDict, Field

from matinee.errors import (
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    MatineeError,
    NotFound,
    PreconditionFailed,
    RateLimited,
    Unauthorized,
    Unavailable,
)
from matinee.events.envelope import CORRELATION_HEADER
from matinee.http.api import HttpApi, json_response, not_modified
from matinee.http.problem import problem
from matinee.observability import entry_point, logger
from matinee.validation import MAX_REPORTED_FIELDS

APP = "https://app.example"
BETA = "https://beta.example"


class Seat(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=1)


class Booking(BaseModel):
    model_config = ConfigDict(extra="forbid")

    film: str
    seats: list[Seat] = []


class Programme(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=20, ge=1, le=100)


class SeatTaken(Conflict):
    title = "Somebody sits there"


class Fails:
    """What the route of the test's API raises, if anything."""

    with_error: Exception | None = None


@pytest.fixture
def fails() -> Fails:
    return Fails()


@pytest.fixture
def api(fails: Fails) -> HttpApi:
    api = HttpApi((APP, BETA))

    @api.routes.post("/bookings")
    def book() -> Response[str]:
        booking = api.read_body(Booking)
        if fails.with_error:
            raise fails.with_error
        return json_response({"booked": booking.film}, HTTPStatus.CREATED)

    @api.routes.get("/programme")
    def programme() -> Response[str]:
        limit = api.read_query(Programme).limit
        tag = {"ETag": f'"{limit}"'}
        if api.header("If-None-Match") == tag["ETag"]:
            return not_modified(tag)
        return json_response({"limit": limit}, headers=tag)

    return api


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is written to the log during the test."""
    stream = io.StringIO()
    usual = logger.registered_handler.setStream(stream)  # type: ignore[attr-defined]
    yield stream
    logger.registered_handler.setStream(usual)  # type: ignore[attr-defined]


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def request(
    body: str | None = '{"film": "Amélie"}',
    *,
    path: str = "/bookings",
    method: str = "POST",
    is_base64: bool = False,
    **headers: str,
) -> dict[str, Any]:
    """A request as an HTTP API gives it to a function (payload 2.0)."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "origin": APP}
        | {name.replace("_", "-"): value for name, value in headers.items()},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "203.0.113.7"},
            "requestId": "UZk2ljpfDoEEMRw=",
            "stage": "$default",
        },
        "isBase64Encoded": is_base64,
    }
    return event if body is None else event | {"body": body}


def served(api: HttpApi, event: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    response = api.handle(event, LambdaContext())
    body = json.loads(response["body"]) if response.get("body") else None
    return response["statusCode"], response["headers"], body


# ── answers ───────────────────────────────────────────────────────────────────────────────────────


def test_a_use_cases_answer_is_the_body(api: HttpApi) -> None:
    status, headers, body = served(api, request())
    assert (status, body) == (201, {"booked": "Amélie"})
    assert headers["Content-Type"] == "application/json"


def test_a_body_in_base64_is_read_like_any_other(api: HttpApi) -> None:
    encoded = base64.b64encode('{"film": "Amélie"}'.encode()).decode()
    assert served(api, request(encoded, is_base64=True))[2] == {"booked": "Amélie"}


# ── query strings and conditions ──────────────────────────────────────────────────────────────────


def asked(query: dict[str, str] | None = None) -> dict[str, Any]:
    event = request(None, path="/programme", method="GET")
    return event | ({"queryStringParameters": query} if query else {})


def test_a_query_string_is_read_as_its_model(api: HttpApi) -> None:
    assert served(api, asked())[2] == {"limit": 20}
    assert served(api, asked({"limit": "7"}))[2] == {"limit": 7}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": "1,2"}, "limit"),
        ({"offset": "1"}, "offset"),
    ],
)
def test_a_wrong_parameter_is_named(api: HttpApi, query: dict[str, str], field: str) -> None:
    status, _, body = served(api, asked(query))
    assert (status, body["code"], list(body["fields"])) == (400, "InvalidInput", [field])


@pytest.mark.parametrize("spelling", ["if-none-match", "If-None-Match", "IF-NONE-MATCH"])
def test_what_the_client_has_already_is_not_sent_again(api: HttpApi, spelling: str) -> None:
    event = asked()
    event["headers"][spelling] = '"20"'
    status, headers, body = served(api, event)
    assert (status, headers["ETag"], body) == (304, '"20"', None)
    assert headers["Access-Control-Allow-Origin"] == APP


# ── errors ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid(), 400),
        (Unauthorized(), 401),
        (Forbidden(), 403),
        (NotFound(), 404),
        (Conflict(), 409),
        (Gone(), 410),
        (PreconditionFailed(), 412),
        (RateLimited(), 429),
        (Unavailable(), 503),
    ],
)
def test_each_branch_of_the_error_tree_has_its_status(
    api: HttpApi, fails: Fails, error: MatineeError, status: int
) -> None:
    fails.with_error = error
    answered, headers, body = served(api, request())
    assert answered == body["status"] == status
    assert headers["Content-Type"] == "application/problem+json"


def test_a_problem_says_what_happened_to_people_and_to_programs(api: HttpApi, fails: Fails) -> None:
    fails.with_error = SeatTaken("Seat 7 is taken", seat=7)
    status, _, body = served(api, request())
    assert status == 409
    assert body == {
        "type": "urn:matinee:problem:SeatTaken",
        "title": "Somebody sits there",
        "status": 409,
        "detail": "Seat 7 is taken",
        "error": "Seat 7 is taken",
        "code": "SeatTaken",
        "seat": 7,
    }


@pytest.mark.parametrize(("seconds", "header"), [(0.0, "1"), (0.4, "1"), (2.6, "3"), (60, "60")])
def test_who_asks_too_often_is_told_in_whole_seconds_when_to_come_back(
    seconds: float, header: str
) -> None:
    assert problem(RateLimited(retry_after=seconds)).headers["Retry-After"] == header


def test_what_nobody_expected_is_a_500_that_says_nothing_of_the_inside(
    api: HttpApi, fails: Fails, log: io.StringIO
) -> None:
    fails.with_error = RuntimeError("the table rooms-prod is on fire")
    status, headers, body = served(api, request())
    assert status == body["status"] == 500
    assert headers["Content-Type"] == "application/problem+json"
    assert "fire" not in json.dumps(body)
    (unexpected,) = (line for line in lines(log) if line["level"] == "ERROR")
    assert "RuntimeError" in unexpected["exception"]


INTERNAL: Any = {
    "Error": {"Code": "InternalServerError"},
    "ResponseMetadata": {"HTTPStatusCode": 500},
}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ReadTimeoutError(endpoint_url="https://dynamodb"), 503),
        (EndpointConnectionError(endpoint_url="https://dynamodb"), 503),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "Query"), 503),
        (ClientError(INTERNAL, "Query"), 503),
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "Query"), 500),
    ],
    ids=["timeout", "no connection", "throttled", "internal", "refused"],
)
def test_what_aws_cannot_do_now_is_a_503(
    api: HttpApi, fails: Fails, error: Exception, status: int
) -> None:
    fails.with_error = error
    answered, _, body = served(api, request())
    assert answered == body["status"] == status
    assert "dynamodb" not in json.dumps(body)


@pytest.mark.parametrize(("method", "path"), [("POST", "/elsewhere"), ("DELETE", "/bookings")])
def test_a_path_or_a_method_without_a_route_is_a_problem_too(
    api: HttpApi, method: str, path: str
) -> None:
    status, headers, body = served(api, request(method=method, path=path))
    assert (status, body["code"]) == (404, "RouteNotFound")
    assert headers["Content-Type"] == "application/problem+json"


# ── bodies ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="absent"),
        pytest.param("", id="empty"),
        pytest.param("film=Amelie", id="a form"),
        pytest.param('{"film": "Amé', id="cut off"),
        pytest.param('{"film": "Amelie"} {}', id="two of them"),
        pytest.param("[]", id="a list"),
        pytest.param('"film"', id="a text"),
        pytest.param("7", id="a number"),
        pytest.param("null", id="null"),
        pytest.param('{"film": ' + "9" * 5000 + "}", id="a number of 5,000 digits"),
        pytest.param(json.dumps({"film": "x" * 70_000}), id="70,000 characters"),
    ],
)
def test_a_body_that_is_no_json_object_is_a_400(api: HttpApi, body: str | None) -> None:
    status, _, answered = served(api, request(body))
    assert (status, answered["code"]) == (400, "MalformedBody")


def test_a_route_may_take_longer_bodies_than_others() -> None:
    api = HttpApi((APP,))

    @api.routes.post("/bookings")
    def book() -> Response[str]:
        return json_response({"booked": len(api.read_body(Booking, max_characters=80_000).film)})

    assert served(api, request(json.dumps({"film": "x" * 70_000})))[2] == {"booked": 70_000}
    status, _, refused = served(api, request(json.dumps({"film": "x" * 80_000})))
    assert (status, refused["code"]) == (400, "MalformedBody")
    assert refused["detail"] == "The body may have at most 80000 characters"


@pytest.mark.parametrize(("body", "has"), [(None, False), ("", False), ("{}", True)])
def test_whether_there_is_a_body_can_be_asked(body: str | None, has: bool) -> None:
    api = HttpApi((APP,))

    @api.routes.delete("/bookings")
    def cancel() -> Response[str]:
        return json_response({"body": api.has_body})

    assert served(api, request(body, method="DELETE"))[2] == {"body": has}


@pytest.mark.parametrize("raw", [b"\xff\xfe", '{"film": "Amélie"}'.encode("latin-1")])
def test_a_body_that_is_no_utf_8_is_a_400(api: HttpApi, raw: bytes) -> None:
    body = base64.b64encode(raw).decode()
    assert served(api, request(body, is_base64=True))[2]["code"] == "MalformedBody"


@pytest.mark.parametrize("body", ["[" * 60_000, '{"film": ' + "[" * 30_000 + "]" * 30_000 + "}"])
def test_a_body_that_is_nested_too_deep_is_a_400(api: HttpApi, body: str) -> None:
    assert served(api, request(body))[2]["code"] == "MalformedBody"


def test_base64_that_is_none_is_a_400(api: HttpApi) -> None:
    assert served(api, request("%%%", is_base64=True))[0] == 400


def test_each_wrong_field_is_named_with_its_reason(api: HttpApi) -> None:
    body = {"film": 7, "seats": [{"number": 1}, {"number": 0}], "userId": "somebody-else"}
    status, _, answered = served(api, request(json.dumps(body)))
    assert (status, answered["code"]) == (400, "InvalidInput")
    assert set(answered["fields"]) == {"film", "seats.1.number", "userId"}
    for field, reason in answered["fields"].items():
        assert f"{field}: {reason}" in answered["detail"]


def test_of_very_many_wrong_fields_some_are_named(api: HttpApi) -> None:
    evil = {f"{number}{'🎬' * 3000}": 1 for number in range(5)}
    evil |= {f"field {number}": 1 for number in range(500)}

    status, _, answered = served(api, request(json.dumps({"film": "x"} | evil, ensure_ascii=False)))

    assert (status, len(answered["fields"])) == (400, MAX_REPORTED_FIELDS)
    assert answered["detail"].endswith("; and 485 more")
    assert len(json.dumps(answered)) < 20_000


def test_a_missing_field_is_named(api: HttpApi) -> None:
    assert served(api, request("{}"))[2]["fields"] == {"film": "Field required"}


def test_a_refused_value_is_not_repeated_in_the_answer(api: HttpApi) -> None:
    answered = served(api, request('{"film": {"secret": "hunter2"}}'))[2]
    assert "hunter2" not in json.dumps(answered)


# ── what is asked about an answer, and what an answer says of its request ────────────────────────


def test_head_is_answered_as_get_without_the_body(api: HttpApi) -> None:
    status, headers, body = served(api, request(None, path="/programme"))
    got = served(api, request(None, path="/programme", method="GET"))
    asked = served(api, request(None, path="/programme", method="HEAD"))
    assert (status, body["code"]) == (404, "RouteNotFound")
    assert asked[0] == got[0] == 200
    assert asked[2] is None
    assert {**asked[1], CORRELATION_HEADER: ""} == {**got[1], CORRELATION_HEADER: ""}
    assert headers["Content-Type"] == "application/problem+json"


def test_head_of_what_is_refused_is_refused(api: HttpApi) -> None:
    event = request(None, path="/programme", method="HEAD") | {
        "queryStringParameters": {"limit": "0"}
    }
    assert served(api, event)[::2] == (400, None)


@pytest.mark.parametrize("error", [None, SeatTaken(), RuntimeError("inside")])
def test_every_answer_says_its_requests_correlation_id(
    api: HttpApi, fails: Fails, error: Exception | None
) -> None:
    fails.with_error = error
    given = served(api, request(x_correlation_id="evening-42"))[1]
    invalid = served(api, request(x_correlation_id="two words"))[1]
    assert given[CORRELATION_HEADER] == "evening-42"
    assert invalid[CORRELATION_HEADER] == api.trace.correlation_id != "two words"


# ── origins ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("origin", [APP, BETA])
@pytest.mark.parametrize(
    ("error", "status"),
    [(None, 201), (SeatTaken(), 409), (RateLimited(), 429), (RuntimeError("inside"), 500)],
)
def test_an_allowed_origin_may_read_every_answer(
    api: HttpApi, fails: Fails, origin: str, error: Exception | None, status: int
) -> None:
    fails.with_error = error
    answered, headers, _ = served(api, request(origin=origin))
    assert answered == status
    assert headers["Access-Control-Allow-Origin"] == origin


def test_a_page_may_read_what_an_answer_says_of_itself(api: HttpApi, fails: Fails) -> None:
    fails.with_error = None
    _, headers, _ = served(api, request())
    assert set(headers["Access-Control-Expose-Headers"].split(",")) == {
        "Age",
        "Deprecation",
        "ETag",
        "Link",
        "Link-Template",
        "Retry-After",
        "X-Correlation-Id",
    }


def test_a_page_may_send_its_credentials(api: HttpApi) -> None:
    for event in (request(), request(None, method="OPTIONS"), request(path="/elsewhere")):
        _, headers, _ = served(api, event)
        assert headers["Access-Control-Allow-Credentials"] == "true"


def test_no_credentials_are_allowed_to_every_origin() -> None:
    api = HttpApi(())
    api.routes.post("/bookings")(lambda: json_response({}))
    _, headers, _ = served(api, request(origin="https://elsewhere.example"))
    assert "Access-Control-Allow-Credentials" not in headers


def test_an_allowed_origin_may_read_that_there_is_no_route(api: HttpApi) -> None:
    _, headers, _ = served(api, request(path="/elsewhere"))
    assert headers["Access-Control-Allow-Origin"] == APP


def test_a_foreign_origin_may_read_nothing(api: HttpApi) -> None:
    _, headers, _ = served(api, request(origin="https://elsewhere.example"))
    assert "Access-Control-Allow-Origin" not in headers


def test_every_origin_may_read_when_none_is_named() -> None:
    api = HttpApi(())
    api.routes.post("/bookings")(lambda: json_response({}))
    _, headers, _ = served(api, request(origin="https://elsewhere.example"))
    assert headers["Access-Control-Allow-Origin"] in ("*", "https://elsewhere.example")


def test_a_browser_that_asks_first_is_told_what_it_may_send(api: HttpApi) -> None:
    status, headers, _ = served(api, request(None, method="OPTIONS"))
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == APP
    assert "POST" in headers["Access-Control-Allow-Methods"]
    allowed = headers["Access-Control-Allow-Headers"]
    assert {"Authorization", "Content-Type", "X-Correlation-Id"} <= set(allowed.split(","))


@pytest.mark.parametrize("error", [None, SeatTaken(), RuntimeError("inside")])
def test_an_answer_that_one_origin_may_read_is_kept_for_no_other(
    api: HttpApi, fails: Fails, error: Exception | None
) -> None:
    fails.with_error = error
    assert served(api, request())[1]["Vary"] == "Origin"
    assert "Vary" not in served(HttpApi(()), request())[1]


# ── what may be kept ──────────────────────────────────────────────────────────────────────────────


def signed_in(event: dict[str, Any]) -> dict[str, Any]:
    event["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": "ann"}, "scopes": []}}
    return event


@pytest.mark.parametrize("error", [None, SeatTaken(), RuntimeError("inside")])
def test_what_somebody_signed_in_is_answered_is_kept_by_no_browser(
    api: HttpApi, fails: Fails, error: Exception | None
) -> None:
    fails.with_error = error
    assert served(api, signed_in(request()))[1]["Cache-Control"] == "no-store"
    assert "Cache-Control" not in served(api, request())[1]


def test_a_route_may_say_that_its_answer_can_be_kept() -> None:
    api = HttpApi((APP,))
    kept = {"Cache-Control": "private, max-age=60"}
    api.routes.post("/bookings")(lambda: json_response({}, headers=kept))
    assert served(api, signed_in(request()))[1]["Cache-Control"] == "private, max-age=60"


# ── the thread through the log ────────────────────────────────────────────────────────────────────


def test_the_requests_correlation_id_is_on_its_log_line(api: HttpApi, log: io.StringIO) -> None:
    served(api, request(x_correlation_id="thread-1"))
    assert [line["correlation_id"] for line in lines(log)] == ["thread-1"]


@pytest.mark.parametrize("given", ["", "x" * 129, "two\nlines", "bell\x07"])
def test_a_correlation_id_that_cannot_be_used_is_replaced(
    api: HttpApi, log: io.StringIO, given: str
) -> None:
    served(api, request(x_correlation_id=given))
    (line,) = lines(log)
    assert len(line["correlation_id"]) == 36
    assert line["correlation_id"] != given


def test_a_refusal_is_logged_by_its_code(api: HttpApi, fails: Fails, log: io.StringIO) -> None:
    fails.with_error = SeatTaken("Seat 7 is taken")
    served(api, request())
    assert [line.get("code") for line in lines(log)] == ["SeatTaken", None]


def test_two_requests_without_a_correlation_id_have_two(api: HttpApi, log: io.StringIO) -> None:
    served(api, request())
    served(api, request())
    assert len({line["correlation_id"] for line in lines(log)}) == 2


def test_a_request_without_headers_is_served(api: HttpApi) -> None:
    served(api, request() | {"headers": None})
    assert api.trace.correlation_id


@pytest.mark.parametrize("error", [None, SeatTaken("Seat 7 is taken")])
def test_neither_body_nor_token_is_logged(
    api: HttpApi, fails: Fails, log: io.StringIO, error: MatineeError | None
) -> None:
    fails.with_error = error
    served(api, request('{"film": "hunter2"}', authorization="Bearer secret-token"))
    assert lines(log)
    assert "hunter2" not in log.getvalue()
    assert "secret-token" not in log.getvalue()


def test_a_handler_that_counts_nothing_warns_of_nothing(api: HttpApi) -> None:
    class Context(LambdaContext):
        function_name = "Bookings"
        memory_limit_in_mb = 128
        invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:Bookings"
        aws_request_id = "UZk2ljpfDoEEMRw="

    assert entry_point(prepare=dict)(api.handle)(request(), Context())["statusCode"] == 201
