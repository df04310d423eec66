"""GraphQL over HTTP: what is asked, what is answered, in AppSync's shapes."""

import asyncio
import gc
import json
import threading

import pytest
from graphql import DocumentNode, build_client_schema, get_introspection_query, parse

from tests.unit.tools.appsync.harness import Endpoint, Pool, an_api, serve
from tools.appsync.api import DataSource, GraphqlApi, Resolver
from tools.appsync.documents import GraphqlRequest, Operation
from tools.appsync.execution import Engine
from tools.appsync.service import Definition, Limits

ROOM = "query R($id: ID!) { room(id: $id) { id code kind films { id title year } } }"


async def test_a_query_reaches_its_function_and_answers_what_was_selected(
    endpoint: Endpoint,
) -> None:
    told = await endpoint.ask(ROOM, id="r7")

    assert told == {
        "data": {
            "room": {
                "id": "r7",
                "code": "ABCDEF",
                "kind": "MOVIE",
                "films": [
                    {"id": 1, "title": "Alien", "year": 1979},
                    {"id": 2, "title": "Heat", "year": None},
                ],
            }
        }
    }


async def test_the_resolver_sees_what_appsync_shows_it(endpoint: Endpoint) -> None:
    query = """query R($id: ID!, $after: ID) {
        room(id: $id, after: $after) { ...parts alias: note(loud: true) } }
        fragment parts on Room { id films { title } }"""

    await endpoint.ask(query, id="r7")

    (seen,) = endpoint.functions.calls
    assert seen["arguments"] == {"id": "r7", "after": None}
    assert seen["info"]["fieldName"] == "room"
    assert seen["info"]["parentTypeName"] == "Query"
    assert seen["info"]["variables"] == {"id": "r7"}
    assert seen["info"]["selectionSetList"] == ["id", "films", "films/title", "alias"]
    assert "...parts" in seen["info"]["selectionSetGraphQL"]
    assert seen["source"] is None
    assert seen["request"]["headers"]["host"] == "127.0.0.1:4567"


async def test_a_users_identity_has_the_shape_of_cognito_user_pools(endpoint: Endpoint) -> None:
    token = endpoint.pool.token("ann", username="ann@example.com")

    await endpoint.ask(ROOM, token, id="r7")

    identity = endpoint.functions.calls[0]["identity"]
    assert identity["sub"] == "ann"
    assert identity["username"] == "ann@example.com"
    assert identity["issuer"].endswith("/eu-west-1_pool")
    assert identity["groups"] == ["Users"]
    assert identity["defaultAuthStrategy"] == "ALLOW"
    assert identity["claims"]["client_id"] == "apps"
    assert len(identity["sourceIp"]) == 1


async def test_a_function_s_typed_error_becomes_the_field_s_error(endpoint: Endpoint) -> None:
    error = {
        "message": "The room is full.",
        "type": "RoomFull",
        "info": {"capacity": 2},
        "data": {"id": "r7", "unasked": 1},
    }
    endpoint.functions.answers["room"] = lambda _: {"error": error}

    told = await endpoint.ask(ROOM, id="r7")

    assert told == {
        "data": {"room": None},
        "errors": [
            {
                "path": ["room"],
                "data": {"id": "r7"},
                "errorType": "RoomFull",
                "errorInfo": {"capacity": 2},
                "locations": [{"line": 1, "column": 21, "sourceName": None}],
                "message": "The room is full.",
            }
        ],
    }


async def test_an_error_of_a_non_null_field_is_reported_once(endpoint: Endpoint) -> None:
    error = {"message": "No such room.", "type": "RoomNotFound"}
    endpoint.functions.answers["mustRoom"] = lambda _: {"error": error}

    told = await endpoint.ask('{ mustRoom(id: "r7") { id } }')

    assert told["data"] is None
    assert [each["errorType"] for each in told["errors"]] == ["RoomNotFound"]


async def test_what_a_function_dies_of_never_reaches_the_client(endpoint: Endpoint) -> None:
    del endpoint.functions.answers["room"]

    answer = await endpoint.post(ROOM, id="r7")

    assert "secret of the inside" not in answer.text
    assert answer.json()["errors"][0]["errorType"] == "InternalError"


async def test_a_null_where_none_may_be_is_reported_in_appsync_s_words(endpoint: Endpoint) -> None:
    endpoint.functions.answers["room"] = lambda _: {"data": {"id": "r7", "films": []}}

    told = await endpoint.ask('{ room(id: "r7") { id code } }')

    assert told["data"] == {"room": None}
    assert told["errors"] == [
        {
            "path": ["room", "code"],
            "locations": None,
            "message": "Cannot return null for non-nullable type: 'String' "
            "within parent 'Room' (/room/code)",
        }
    ]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("id", 2**31), ("seen", "2024-05-01T10:00:00"), ("seen", "yesterday"), ("year", "x")],
)
async def test_a_value_that_its_type_cannot_hold_is_an_error_of_its_field(
    endpoint: Endpoint, field: str, wrong: object
) -> None:
    film = {"id": 1, "title": "Alien", "seen": None, "year": None, field: wrong}
    endpoint.functions.answers["room"] = lambda _: {"data": {"films": [film]}}

    told = await endpoint.ask(f'{{ room(id: "r7") {{ films {{ {field} }} }} }}')

    assert told["errors"][0]["path"][:4] == ["room", "films", 0, field]
    assert told["errors"][0]["message"].startswith(f"Can't serialize value (/room/films/0/{field})")


async def test_the_stash_reaches_the_response_handler(
    pool: Pool,
) -> None:
    code = """
    export function request(ctx) { ctx.stash.greeting = 'hi'; return { payload: ctx.args.id }; }
    export function response(ctx) { return ctx.stash.greeting + ' ' + ctx.result; }"""
    sdl = "type Query { greet(id: ID!): String }"
    resolver = Resolver(DataSource("None"), code, "greet.js")
    async with serve(pool, an_api(sdl=sdl, resolvers={("Query", "greet"): resolver})) as endpoint:
        told = await endpoint.ask('{ greet(id: "ann") }')

    assert told == {"data": {"greet": "hi ann"}}


async def test_appended_errors_stand_beside_the_data(pool: Pool) -> None:
    code = """
    import { util } from '@aws-appsync/utils';
    export function request(ctx) { util.appendError('Old.', 'Stale'); return { payload: 1 }; }
    export function response(ctx) { return 'value'; }"""
    resolver = Resolver(DataSource("None"), code, "warn.js")
    api = an_api(sdl="type Query { a: String }", resolvers={("Query", "a"): resolver})
    async with serve(pool, api) as endpoint:
        told = await endpoint.ask("{ a }")

    assert told["data"] == {"a": "value"}
    assert [(each["path"], each["errorType"]) for each in told["errors"]] == [(["a"], "Stale")]


async def test_code_that_crashes_says_nothing_of_its_inside(pool: Pool) -> None:
    code = """
    export function request(ctx) { return { payload: ctx.nothing.secret }; }
    export function response(ctx) { return null; }"""
    resolver = Resolver(DataSource("None"), code, "crash.js")
    api = an_api(sdl="type Query { a: String }", resolvers={("Query", "a"): resolver})
    async with serve(pool, api) as endpoint:
        told = await endpoint.ask("{ a }")

    assert told["errors"][0]["errorType"] == "Code"
    assert "secret" not in json.dumps(told)


# -- requests that are none ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "Request body is empty."),
        (b"meow", "Unable to parse GraphQL query."),
        (b"{}", "Unable to parse GraphQL query."),
        (b"[]", "Unable to parse GraphQL query."),
        (b'{"query": 1}', "Unable to parse GraphQL query."),
        (b'{"query": "{ anyone }", "variables": []}', "Unable to parse GraphQL query."),
        (b"\xff\xfe", "Unable to parse GraphQL query."),
        (b"[" * 8_000, "Unable to parse GraphQL query."),
    ],
)
async def test_a_malformed_body_is_a_400(endpoint: Endpoint, body: bytes, message: str) -> None:
    headers = {"Authorization": endpoint.pool.token()}

    answer = await endpoint.http.post("/graphql", content=body, headers=headers)

    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"] == "MalformedHttpRequestException"
    assert answer.json() == {
        "errors": [{"errorType": "MalformedHttpRequestException", "message": message}]
    }


async def test_an_operation_that_is_not_there_is_a_400(endpoint: Endpoint) -> None:
    content = {"query": "query A { anyone }", "operationName": "B"}
    headers = {"Authorization": endpoint.pool.token()}

    answer = await endpoint.http.post("/graphql", json=content, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "Unknown operation named 'B'."


async def test_two_operations_need_a_name(endpoint: Endpoint) -> None:
    headers = {"Authorization": endpoint.pool.token()}
    query = "query A { anyone } query B { other: anyone }"

    nameless = await endpoint.http.post("/graphql", json={"query": query}, headers=headers)
    named = await endpoint.http.post(
        "/graphql", json={"query": query, "operationName": "B"}, headers=headers
    )

    assert nameless.status_code == 400
    assert named.json() == {"data": {"other": "hello"}}


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(pool: Pool) -> None:
    async with serve(pool, limits=Limits(body_bytes=1000)) as endpoint:
        answer = await endpoint.post("{ anyone } #" + "x" * 1000)

    assert answer.status_code == 413


async def test_a_subscription_over_http_is_refused(endpoint: Endpoint) -> None:
    answer = await endpoint.post('subscription { news(userId: "ann") { title } }')

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["errorType"] == "UnsupportedOperation"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "{ nothing }",
            "Validation error of type FieldUndefined: "
            "Field 'nothing' in type 'Query' is undefined @ 'nothing'",
        ),
        (
            '{ room(id: "1") { films { nope } } }',
            "Validation error of type FieldUndefined: "
            "Field 'nope' in type 'Film' is undefined @ 'room/films/nope'",
        ),
        (
            "{ room { id } }",
            "Validation error of type MissingFieldArgument: Missing field argument id @ 'room'",
        ),
        (
            '{ room(id: "1", colour: 2) { id } }',
            "Validation error of type UnknownArgument: Unknown field argument colour @ 'room'",
        ),
        (
            '{ room(id: "1") }',
            "Validation error of type SubSelectionRequired: "
            "Sub selection required for type Room of field room @ 'room'",
        ),
    ],
)
async def test_a_query_beside_the_schema_is_a_validation_error(
    endpoint: Endpoint, query: str, message: str
) -> None:
    told = await endpoint.ask(query)

    assert told["data"] is None
    (error,) = told["errors"]
    assert error["message"] == message
    assert error["path"] is None
    assert error["locations"][0]["sourceName"] is None
    assert endpoint.functions.calls == []


async def test_a_syntax_error_says_where(endpoint: Endpoint) -> None:
    told = await endpoint.ask("{ anyone ")

    assert told["errors"][0]["message"].startswith("Invalid Syntax")
    assert told["errors"][0]["locations"] == [{"line": 1, "column": 10, "sourceName": None}]


async def test_a_missing_variable_is_reported_as_appsync_does(endpoint: Endpoint) -> None:
    told = await endpoint.ask(ROOM)

    assert told["errors"][0]["message"] == (
        "Variable 'id' has coerced Null value for NonNull type 'ID!'"
    )


async def test_integers_have_32_bits(endpoint: Endpoint) -> None:
    query = 'query R($n: Int) { room(id: "1", limit: $n) { id } }'

    assert (await endpoint.ask(query, n=2**31 - 1))["data"]["room"]
    assert "errors" in await endpoint.ask(query, n=2**31)


@pytest.mark.parametrize("text", ["2024-02-30T10:00:00Z", "2024-05-01", "2024-05-01T10:00:00"])
async def test_a_date_time_must_be_one_and_have_an_offset(endpoint: Endpoint, text: str) -> None:
    told = await endpoint.ask("query W($at: AWSDateTime) { when(at: $at) }", at=text)

    assert told["data"] is None
    assert text in told["errors"][0]["message"]
    assert endpoint.functions.calls == []


async def test_json_arrives_parsed(endpoint: Endpoint) -> None:
    query = 'query W($f: AWSJSON) { when(at: "2024-05-01T10:00:00+02:00", facts: $f) }'

    told = await endpoint.ask(query, f='{"a": [1]}')

    assert json.loads(told["data"]["when"])["facts"] == {"a": [1]}


# -- defences -----------------------------------------------------------------------------------


async def test_a_deeply_nested_query_is_refused_and_the_endpoint_lives_on(
    endpoint: Endpoint,
) -> None:
    answer = await endpoint.post("{room" * 1300 + "}" * 1300)

    assert answer.status_code in {200, 400}  # the parser's limit depends on the interpreter's
    assert answer.json().get("data") is None
    assert "errors" in answer.json()
    assert (await endpoint.ask("{ anyone }"))["data"] == {"anyone": "hello"}


async def test_the_depth_limit_counts_fields_also_of_introspection(pool: Pool) -> None:
    async with serve(pool, an_api(query_depth_limit=2)) as endpoint:
        fits = await endpoint.ask('{ room(id: "1") { id } }')
        deep = await endpoint.ask(
            '{ room(id: "1") { ...f } } fragment f on Room { films { title } }'
        )
        schema = await endpoint.ask("{ __schema { types { name } } }")

    assert fits["data"]["room"] == {"id": "1"}
    for refused in (deep, schema):
        assert "depth of 3 exceeds the limit of 2" in refused["errors"][0]["message"]


DOUBLING = "".join(f"fragment f{n} on Room {{ ...f{n + 1} ...f{n + 1} }} " for n in range(25))
DOUBLED = '{ room(id: "1") { ...f0 } } fragment f25 on Room { id } ' + DOUBLING


@pytest.mark.parametrize(
    ("query", "what"),
    [
        (DOUBLED, "fields and fragments"),
        ("{ anyone } fragment unused on Query { " + "anyone " * 401 + "}", "fields and fragments"),
        ("{ " + "anyone " * 401 + "}", "fields and fragments"),
        ("{ " + " ".join(f"a{n}: anyone" for n in range(51)) + "}", "aliases"),
        ("{ " + "anyone @skip(if: false) " * 51 + "}", "directives"),
    ],
)
async def test_a_query_that_is_costly_to_validate_is_refused_before(
    endpoint: Endpoint, query: str, what: str
) -> None:
    told = await endpoint.ask(query)

    assert told["data"] is None
    assert f" {what}, fragments spread; the limit is " in told["errors"][0]["message"]
    assert endpoint.functions.calls == []


async def test_tools_can_ask_for_the_whole_schema(endpoint: Endpoint) -> None:
    told = await endpoint.ask(get_introspection_query(input_value_deprecation=True))

    assert build_client_schema(told["data"]).get_type("Film") is not None


async def test_fragments_inside_one_another_are_refused(endpoint: Endpoint) -> None:
    told = await endpoint.ask(
        "{ ...a } fragment a on Query { ...b } fragment b on Query { anyone ...a ...c }"
    )

    kinds = " ".join(error["message"] for error in told["errors"])
    assert "FragmentCycle" in kinds
    assert "UndefinedFragment" in kinds


async def test_resolvers_beyond_the_limit_do_not_run(pool: Pool) -> None:
    async with serve(pool, an_api(resolver_count_limit=2)) as endpoint:
        told = await endpoint.ask("{ a: anyone b: anyone c: anyone d: anyone }")
        again = await endpoint.ask("{ anyone }")

    assert told["data"] == {"a": "hello", "b": "hello", "c": None, "d": None}
    assert [error["errorType"] for error in told["errors"]] == ["ResolverExecutionLimitReached"] * 2
    assert len(endpoint.functions.calls) == 3
    assert again["data"] == {"anyone": "hello"}


async def test_a_document_is_validated_once_and_a_wrong_one_refused_each_time(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = []

    def counted(query: str, max_tokens: int) -> DocumentNode:
        parsed.append(query)
        return parse(query, max_tokens=max_tokens)

    monkeypatch.setattr("tools.appsync.documents.parse", counted)

    right = [await endpoint.ask("{ anyone }") for _ in range(2)]
    wrong = [await endpoint.ask("{ nonsense }") for _ in range(2)]

    assert len(parsed) == 1 + 2
    assert [answer["data"] for answer in right] == [{"anyone": "hello"}] * 2
    assert wrong[0]["errors"] == wrong[1]["errors"]


async def test_a_query_is_validated_while_others_are_answered(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    others_are_answered = threading.Event()
    prepare, waiting, waited = Engine.prepare, [], []

    def slowly(engine: Engine, request: GraphqlRequest) -> Operation:
        if "slow" in request.query:
            waiting.append(request)
            waited.append(others_are_answered.wait(20))
        return prepare(engine, request)

    monkeypatch.setattr(Engine, "prepare", slowly)
    slow = asyncio.create_task(endpoint.ask("{ slow: anyone }"))
    while not waiting:
        await asyncio.sleep(0.01)
    await endpoint.ask("{ anyone }")
    others_are_answered.set()

    assert (await slow)["data"] == {"slow": "hello"}
    assert waited == [True]


async def test_an_answer_is_completed_while_others_are_answered(endpoint: Endpoint) -> None:
    others_are_answered = threading.Event()
    waiting, waited = [], []
    scalar = endpoint.app.state.service.engine.schema.graphql.type_map["AWSDateTime"]
    serialize = scalar.serialize

    def slowly(value: object) -> object:
        waiting.append(value)
        waited.append(others_are_answered.wait(20))
        return serialize(value)

    scalar.serialize = slowly
    slow = asyncio.create_task(endpoint.ask('{ room(id: "1") { films { seen } } }'))
    while not waiting:
        await asyncio.sleep(0.01)
    await endpoint.ask("{ anyone }")
    others_are_answered.set()

    assert (await slow)["data"]["room"]["films"][0] == {"seen": "2024-05-01T10:00:00.123Z"}
    assert waited == [True]


async def test_introspection_shows_the_schema_unless_it_is_switched_off(pool: Pool) -> None:
    query = "{ __schema { queryType { name } } }"

    async with serve(pool) as endpoint:
        shown = await endpoint.ask(query)
    async with serve(pool, an_api(introspection=False)) as endpoint:
        hidden = await endpoint.ask(query)

    assert shown == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
    assert hidden["data"] is None


async def test_a_resolver_that_takes_too_long_is_given_up(
    pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    given_up, ended = threading.Event(), threading.Event()

    def fail_late(_: object) -> object:
        given_up.wait(20)
        ended.set()
        raise RuntimeError

    async with serve(pool, limits=Limits(resolver_seconds=0.05)) as endpoint:
        endpoint.functions.answers["anyone"] = fail_late

        told = await endpoint.ask("{ anyone }")
        given_up.set()
        await asyncio.to_thread(ended.wait, 20)

    assert told["data"] == {"anyone": None}
    assert told["errors"][0]["errorType"] == "ExecutionTimeout"
    gc.collect()
    assert [record for record in caplog.records if record.name == "asyncio"] == []


async def test_requests_are_answered_side_by_side(endpoint: Endpoint) -> None:
    all_there = threading.Barrier(8, timeout=20)

    def together(_: object) -> dict[str, str]:
        all_there.wait()
        return {"data": "together"}

    endpoint.functions.answers["anyone"] = together

    told = await asyncio.gather(*(endpoint.ask("{ anyone }") for _ in range(8)))

    assert told == [{"data": {"anyone": "together"}}] * 8


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_other_methods_than_post_are_explained(endpoint: Endpoint, method: str) -> None:
    answer = await endpoint.http.request(method, "/graphql?query={anyone}")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    if method != "HEAD":
        assert "requested by POST" in answer.json()["errors"][0]["message"]


async def test_defaults_of_the_schema_are_ignored_as_on_appsync(endpoint: Endpoint) -> None:
    await endpoint.ask('{ room(id: "1") { id } }')
    refused = await endpoint.ask("mutation { open(input: {kind: TV}) { id } }")
    own = await endpoint.ask('query ($n: Int = 3) { room(id: "1", limit: $n) { id } }')

    assert [call["arguments"] for call in endpoint.functions.calls] == [
        {"id": "1"},
        {"id": "1", "limit": 3},
    ]
    assert "'RoomInput.genres' of required type" in refused["errors"][0]["message"]
    assert own["data"]["room"] == {"id": "1"}


async def test_a_browser_may_ask_from_any_origin(endpoint: Endpoint) -> None:
    preflight = await endpoint.http.options(
        "/graphql",
        headers={
            "Origin": "http://localhost:3000",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-amz-user-agent",
        },
    )
    refused = await endpoint.http.post("/graphql", headers={"Origin": "http://localhost:3000"})

    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert preflight.headers["access-control-max-age"] == "172800"
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "x-amzn-ErrorType" in refused.headers["access-control-expose-headers"]


async def test_status_and_the_front_page_need_no_authorization(endpoint: Endpoint) -> None:
    status = (await endpoint.http.get("/status")).json()
    about = (await endpoint.http.get("/")).json()

    assert status["status"] == "ok"
    assert status["apiId"] == "api1"
    assert about["realtime"] == "ws://127.0.0.1:4567/graphql/realtime"


async def test_a_field_without_a_resolver_is_null(endpoint: Endpoint) -> None:
    assert await endpoint.ask("{ unresolved }") == {"data": {"unresolved": None}}


async def test_a_changed_definition_is_taken_up_and_a_broken_one_is_not(pool: Pool) -> None:
    current: dict[str, GraphqlApi] = {"api": an_api()}
    definition = Definition(lambda: current["api"], lambda: id(current["api"]))
    async with serve(pool, definition) as endpoint:
        before = await endpoint.ask("{ added: __typename another }")
        sdl = an_api().sdl.replace("anyone: String", "anyone: String another: String")
        current["api"] = an_api(sdl=sdl)
        after = await endpoint.ask("{ another }")
        current["api"] = an_api(sdl="type Query { broken")
        broken = await endpoint.ask("{ another }")

    assert before["data"] is None
    assert after == broken == {"data": {"another": None}}
