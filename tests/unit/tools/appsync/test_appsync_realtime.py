"""The real-time protocol, message by message, with well-behaved clients and with others."""

import base64
import json
import time
from collections.abc import AsyncIterator, Mapping

import pytest

from tests.unit.tools.appsync.harness import (
    HOST,
    LAMBDA_JS,
    OTHER_FUNCTION,
    Endpoint,
    Pool,
    RealtimeClient,
    an_api,
    serve,
    sign,
    start_message,
)
from tools.appsync.api import DataSource, Resolver
from tools.appsync.service import Limits

NEWS = "subscription N($userId: ID!) { news(userId: $userId) { userId title } }"


def authorized(
    endpoint: Endpoint, sub: str = "ann", groups: object = ("Users",), **claims: object
) -> dict[str, object]:
    """Authorize a start as a user."""
    return {"host": HOST, "Authorization": endpoint.pool.token(sub, groups, **claims)}


def error_of(message: Mapping[str, object], subscription_id: str | None = "1") -> tuple[str, str]:
    """Take an error message apart."""
    assert message["type"] == "error"
    assert message.get("id") == subscription_id
    payload = message["payload"]
    assert isinstance(payload, dict)
    (error,) = payload["errors"]
    return error["errorType"], error["message"]


# -- the way of a subscription ------------------------------------------------------------------


async def test_a_subscription_is_acknowledged_delivers_and_completes(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        assert client.accepted["subprotocol"] == "graphql-ws"
        assert await client.init() == {
            "type": "connection_ack",
            "payload": {"connectionTimeoutMs": 300000},
        }
        started = await client.start(NEWS, authorized(endpoint), "s-1", userId="ann")
        assert started == {"type": "start_ack", "id": "s-1"}

        await endpoint.tell("ann", title="Heat")
        assert await client.receive() == {
            "id": "s-1",
            "type": "data",
            "payload": {"data": {"news": {"userId": "ann", "title": "Heat"}}},
        }

        await client.send({"type": "stop", "id": "s-1"})
        assert await client.receive() == {"type": "complete", "id": "s-1"}
        await endpoint.tell("ann")
        assert await client.hears_nothing()


@pytest.mark.parametrize("path", ["/graphql", "/graphql/realtime"])
@pytest.mark.parametrize("alphabet", ["standard", "url-safe"])
@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("place", ["query", "sub-protocol"])
async def test_a_connection_is_authorized_by_query_or_sub_protocol(
    endpoint: Endpoint, path: str, alphabet: str, padded: bool, place: str
) -> None:
    header = json.dumps(authorized(endpoint) | {"note": "ÿ>?>?" * 3}, ensure_ascii=False).encode()
    encode = base64.b64encode if alphabet == "standard" else base64.urlsafe_b64encode
    text = encode(header).decode()
    text = text if padded else text.rstrip("=")
    if place == "query":
        client = RealtimeClient(endpoint.app, f"header={text}&payload=e30=", path=path)
    else:
        client = RealtimeClient(endpoint.app, "", ("graphql-ws", f"header-{text}"), path)

    async with client:
        assert client.accepted["subprotocol"] == "graphql-ws"
        assert (await client.init())["type"] == "connection_ack"


async def test_a_start_without_connection_init_is_served(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        started = await client.start(NEWS, authorized(endpoint), userId="ann")

    assert started["type"] == "start_ack"


async def test_signs_of_life_are_sent_at_their_pace(pool: Pool) -> None:
    limits = Limits(keep_alive_seconds=0.02)
    async with serve(pool, limits=limits) as endpoint, endpoint.realtime() as client:
        await client.init()
        assert await client.receive() == {"type": "ka"}
        assert await client.receive() == {"type": "ka"}


async def test_signs_of_life_are_sent_between_the_data_too(pool: Pool) -> None:
    limits = Limits(keep_alive_seconds=0.1)
    async with serve(pool, limits=limits) as endpoint, endpoint.realtime() as client:
        await client.start(NEWS, authorized(endpoint), userId="ann")
        kinds: list[str] = []
        while "ka" not in kinds:
            assert len(kinds) < 100
            await endpoint.tell("ann")
            kinds.append((await client.receive())["type"])


async def test_a_closed_connection_leaves_nothing_behind(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await client.start(NEWS, authorized(endpoint), userId="ann")
        during = (await endpoint.http.get("/status")).json()
    after = (await endpoint.http.get("/status")).json()

    assert (during["connections"], during["subscriptions"]) == (1, 1)
    assert (after["connections"], after["subscriptions"]) == (0, 0)


# -- connections that are refused ---------------------------------------------------------------


async def refusal(client: RealtimeClient) -> dict[str, object]:
    """Send connection_init to an endpoint that refuses, and return the error."""
    async with client:
        answer = await client.init()
        await client.closed()
    assert answer["type"] == "connection_error"
    (error,) = answer["payload"]["errors"]
    assert isinstance(error, dict)
    return error


async def test_a_connection_needs_a_valid_token(endpoint: Endpoint) -> None:
    forged = endpoint.pool.token()[:-4] + "AAAA"

    error = await refusal(endpoint.realtime(forged))

    assert error == {
        "errorType": "UnauthorizedException",
        "message": "You are not authorized to make this call.",
        "errorCode": 401,
    }


async def test_an_expired_connection_token_is_reported_so(endpoint: Endpoint) -> None:
    expired = endpoint.pool.token(exp=int(time.time()) - 5)

    assert (await refusal(endpoint.realtime(expired)))["message"] == "Token has expired."


@pytest.mark.parametrize(
    "query",
    ["", "header=", "header=meow!", "header=W10=", "header=e30=", "header=bWVvdw==&payload=%00"],
)
async def test_a_connection_without_readable_headers_is_refused(
    endpoint: Endpoint, query: str
) -> None:
    error = await refusal(RealtimeClient(endpoint.app, query))

    assert error["message"] == "Required headers are missing."
    assert error["errorCode"] == 400


async def test_a_client_that_does_not_speak_the_sub_protocol_is_refused(endpoint: Endpoint) -> None:
    error = await refusal(RealtimeClient(endpoint.app, subprotocols=("graphql-transport-ws",)))

    assert error["message"] == "NoProtocolError"


async def test_a_refused_client_that_says_nothing_is_not_kept(pool: Pool) -> None:
    limits = Limits(init_seconds=0.02)
    async with serve(pool, limits=limits) as endpoint, RealtimeClient(endpoint.app) as client:
        assert (await client.closed())["code"] == 1008


# -- starts that are refused --------------------------------------------------------------------


async def test_nobody_listens_to_another_s_news(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        answer = await client.start(NEWS, authorized(endpoint), userId="bob")
        assert error_of(answer) == (
            "Unauthorized",
            "Not Authorized to access news on type Subscription",
        )
        await endpoint.tell("bob")
        assert await client.hears_nothing()


async def test_a_start_is_judged_by_its_own_token_not_by_the_connection_s(
    endpoint: Endpoint,
) -> None:
    async with endpoint.realtime(endpoint.pool.token("bob")) as client:
        hers = await client.start(NEWS, authorized(endpoint, "ann"), "1", userId="ann")
        his = await client.start(NEWS, authorized(endpoint, "ann"), "2", userId="bob")

    assert hers["type"] == "start_ack"
    assert error_of(his, "2")[0] == "Unauthorized"


async def test_a_forged_start_is_refused_and_the_connection_stays(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        forged = authorized(endpoint)
        forged["Authorization"] = str(forged["Authorization"])[:-4] + "AAAA"
        refused = await client.start(NEWS, forged, userId="ann")
        unsigned = await client.start(NEWS, {"host": HOST}, userId="ann")
        good = await client.start(NEWS, authorized(endpoint), userId="ann")

    assert error_of(refused)[0] == error_of(unsigned)[0] == "UnauthorizedException"
    assert good["type"] == "start_ack"


async def test_a_user_outside_the_group_may_not_subscribe(endpoint: Endpoint) -> None:
    outsider = authorized(endpoint, groups=["Guests"])

    async with endpoint.realtime() as client:
        answer = await client.start(NEWS, outsider, userId="ann")

    assert error_of(answer)[0] == "Unauthorized"


async def test_a_resolver_s_own_error_refuses_with_its_own_type(pool: Pool) -> None:
    code = """import { util } from '@aws-appsync/utils';
    export function request(ctx) { util.error('Not now.', 'Closed'); }
    export function response(ctx) { return null; }"""
    resolvers = {
        **an_api().resolvers,
        ("Subscription", "news"): Resolver(DataSource("N"), code, "c"),
    }
    async with serve(pool, an_api(resolvers=resolvers)) as endpoint, endpoint.realtime() as client:
        answer = await client.start(NEWS, authorized(endpoint), userId="ann")

    assert error_of(answer) == ("Closed", "Not now.")


async def test_only_subscriptions_are_started(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        query = await client.start("{ anyone }", authorized(endpoint))
        mutation = await client.start(
            'mutation { tell(userId: "ann") { userId } }', authorized(endpoint)
        )

    assert error_of(query)[0] == error_of(mutation)[0] == "UnsupportedOperation"
    assert endpoint.functions.calls == []


async def test_a_subscription_beside_the_schema_is_a_validation_error(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        unknown = await client.start("subscription { newz }", authorized(endpoint))
        double = await client.start(
            'subscription { news(userId: "ann") { title } allNews { title } }',
            authorized(endpoint),
        )
        nothing = await client.start(
            'subscription { news(userId: "ann") @skip(if: true) { title } }', authorized(endpoint)
        )

    (error,) = unknown["payload"]["errors"]
    assert error == {
        "message": "Validation error of type FieldUndefined: "
        "Field 'newz' in type 'Subscription' is undefined @ 'newz'"
    }
    assert double["type"] == nothing["type"] == "error"


async def test_an_id_in_use_is_refused_and_its_subscription_remains(
    endpoint: Endpoint,
) -> None:
    async with endpoint.realtime() as client:
        await client.start(NEWS, authorized(endpoint), userId="ann")
        again = await client.start(NEWS, authorized(endpoint), userId="ann")
        assert error_of(again)[0] == "DuplicatedOperationError"
        await endpoint.tell("ann")
        assert (await client.receive())["type"] == "data"
        assert await client.hears_nothing()


async def test_a_stopped_id_may_be_used_again(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await client.start(NEWS, authorized(endpoint), userId="ann")
        await client.send({"type": "stop", "id": "1"})
        await client.receive()
        again = await client.start(NEWS, authorized(endpoint), userId="ann")

    assert again["type"] == "start_ack"


async def test_a_connection_holds_so_many_subscriptions_and_no_more(pool: Pool) -> None:
    limits = Limits(subscriptions_per_connection=3)
    async with serve(pool, limits=limits) as endpoint, endpoint.realtime() as client:
        answers = [
            await client.start(NEWS, authorized(endpoint), str(number), userId="ann")
            for number in range(4)
        ]
        await client.send({"type": "stop", "id": "0"})
        await client.receive()
        replaced = await client.start(NEWS, authorized(endpoint), "new", userId="ann")

    assert {answer["type"] for answer in answers[:3]} == {"start_ack"}
    assert error_of(answers[3], "3")[0] == "MaxSubscriptionsReachedError"
    assert replaced["type"] == "start_ack"


def test_the_quotas_are_appsync_s() -> None:
    limits = Limits()

    assert limits.subscriptions_per_connection == 100
    assert limits.connection_timeout_seconds == 300
    assert limits.keep_alive_seconds == 60
    assert limits.resolver_seconds == 30


# -- messages that are none ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "error_type"),
    [
        ("meow", "BadRequestException"),
        ("[]", "BadRequestException"),
        ("[" * 50_000, "BadRequestException"),
        ("{}", "UnsupportedOperation"),
        ('{"type": "subscribe"}', "UnsupportedOperation"),
        ('{"type": {"a": 1}}', "UnsupportedOperation"),
        ('{"type": "start"}', "BadRequestException"),
        ('{"type": "start", "id": 7, "payload": {}}', "BadRequestException"),
        ('{"type": "start", "id": ""}', "BadRequestException"),
        (json.dumps({"type": "start", "id": "x" * 129}), "BadRequestException"),
        ('{"type": "stop"}', "BadRequestException"),
    ],
)
async def test_a_malformed_message_is_answered_and_the_connection_lives_on(
    endpoint: Endpoint, sent: str, error_type: str
) -> None:
    async with endpoint.realtime() as client:
        await client.send(sent)
        assert error_of(await client.receive(), None)[0] == error_type
        assert (await client.init())["type"] == "connection_ack"


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        [],
        {"query": NEWS, "variables": {"userId": "ann"}},
        {"data": {"query": NEWS}},
    ],
)
async def test_a_start_of_another_protocol_is_unsupported(
    endpoint: Endpoint, payload: object
) -> None:
    async with endpoint.realtime() as client:
        await client.send({"type": "start", "id": "1", "payload": payload})
        answer = await client.receive()

    assert error_of(answer) == (
        "UnsupportedOperation",
        "unknown not supported through the realtime channel",
    )


@pytest.mark.parametrize(
    "payload",
    [
        {"data": "{}"},
        {"data": "{}", "extensions": None},
        {"data": "{}", "extensions": {"authorization": "token"}},
        {"data": "{}", "extensions": {"authorization": {"Authorization": 7}}},
    ],
)
async def test_a_start_without_authorization_is_unauthorized(
    endpoint: Endpoint, payload: object
) -> None:
    async with endpoint.realtime() as client:
        await client.send({"type": "start", "id": "1", "payload": payload})
        assert error_of(await client.receive())[0] == "UnauthorizedException"


@pytest.mark.parametrize("data", ["", "meow", "[]", "{}", '{"query": 3}'])
async def test_a_start_with_unreadable_data_is_refused(endpoint: Endpoint, data: str) -> None:
    async with endpoint.realtime() as client:
        await client.send(start_message(data, authorized(endpoint)))
        assert error_of(await client.receive())[0] == "MalformedHttpRequestException"


async def test_a_giant_frame_ends_the_connection(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await client.send("x" * (256 * 1024 + 1))
        assert (await client.closed())["code"] == 1009


async def test_a_binary_frame_is_read_as_text(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await client.send_bytes(b'{"type": "connection_init"}')
        assert (await client.receive())["type"] == "connection_ack"
        assert (await client.receive())["type"] == "ka"
        await client.send_bytes(b"\xff\x00")
        assert error_of(await client.receive(), None)[0] == "BadRequestException"


async def test_stopping_what_never_ran_completes_it(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await client.send({"type": "stop", "id": "nothing"})
        assert await client.receive() == {"type": "complete", "id": "nothing"}


# -- time and pace ------------------------------------------------------------------------------


async def test_a_subscription_ends_when_its_token_expires(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        soon = authorized(endpoint, exp=int(time.time()) + 2)
        await client.start(NEWS, soon, "short", userId="ann")
        await client.start(NEWS, authorized(endpoint), "long", userId="ann")

        expired = await client.receive()
        await endpoint.tell("ann")

        assert error_of(expired, "short") == ("UnauthorizedException", "Token has expired.")
        assert (await client.receive())["id"] == "long"
        assert await client.hears_nothing()


async def test_a_client_that_does_not_read_is_cut_off_and_holds_up_nobody(pool: Pool) -> None:
    async with (
        serve(pool, limits=Limits(queued_messages=3)) as endpoint,
        endpoint.realtime() as slow,
        endpoint.realtime() as quick,
    ):
        await slow.start(NEWS, authorized(endpoint), userId="ann")
        await quick.start(NEWS, authorized(endpoint), userId="ann")
        slow.stalled = True

        for number in range(8):
            await endpoint.tell("ann", title=f"film {number}")
            delivered = await quick.receive()
            assert delivered["payload"]["data"]["news"]["title"] == f"film {number}"

        await slow.ended()
        status = (await endpoint.http.get("/status")).json()
        assert (status["connections"], status["subscriptions"]) == (1, 1)
        slow.stalled = False


# -- signatures ---------------------------------------------------------------------------------

ALL = "subscription { allNews { userId title } }"


async def test_a_signed_connection_and_a_signed_start_are_served(endpoint: Endpoint) -> None:
    header = sign("{}", f"https://{HOST}/graphql/connect") | {"host": HOST}
    data = json.dumps({"query": ALL})
    start = sign(data, f"https://{HOST}/graphql") | {"host": HOST}

    async with endpoint.realtime(header=header) as client:
        assert (await client.init())["type"] == "connection_ack"
        await client.send(start_message(data, start))
        assert await client.receive() == {"type": "start_ack", "id": "1"}
        await endpoint.tell("ann")
        assert (await client.receive())["payload"]["data"]["allNews"]["userId"] == "ann"


async def test_a_start_s_signature_covers_its_data(endpoint: Endpoint) -> None:
    header = sign("{}", f"https://{HOST}/graphql/connect") | {"host": HOST}
    signed = sign(json.dumps({"query": ALL}), f"https://{HOST}/graphql") | {"host": HOST}
    other = json.dumps({"query": "subscription { allNews { roomId } }"})

    async with endpoint.realtime(header=header) as client:
        await client.send(start_message(other, signed))
        assert error_of(await client.receive())[0] == "InvalidSignatureException"


async def test_a_signature_for_a_request_does_not_open_a_connection(endpoint: Endpoint) -> None:
    header = sign("{}", f"https://{HOST}/graphql") | {"host": HOST}

    error = await refusal(endpoint.realtime(header=header))

    assert error["errorType"] == "InvalidSignatureException"


async def test_a_role_without_a_policy_may_connect_and_not_subscribe(endpoint: Endpoint) -> None:
    connect = sign("{}", f"https://{HOST}/graphql/connect", OTHER_FUNCTION) | {"host": HOST}
    data = json.dumps({"query": ALL})
    start = sign(data, f"https://{HOST}/graphql", OTHER_FUNCTION) | {"host": HOST}

    async with endpoint.realtime(header=connect) as client:
        await client.send(start_message(data, start))
        assert error_of(await client.receive())[0] == "Unauthorized"


# -- subscriptions that a mutation ends ----------------------------------------------------------

UNTIL_LEFT_JS = """
import { extensions } from '@aws-appsync/utils';

export function request(ctx) {
  return { payload: null };
}

export function response(ctx) {
  const { sub } = ctx.identity;
  extensions.setSubscriptionInvalidationFilter({ filterGroup: [{ filters: [
    { fieldName: 'userId', operator: 'in', value: [sub, 'everybody'] },
    { fieldName: 'roomId', operator: 'eq', value: 'r1' },
  ] }] });
  return null;
}
"""
TELL_AND_END_JS = LAMBDA_JS.replace("{ util }", "{ extensions, util }").replace(
    "return data;",
    """if (data.title === 'Left') {
    extensions.invalidateSubscriptions({
      subscriptionField: 'allNews', payload: { userId: data.userId, roomId: data.roomId },
    });
  }
  return data;""",
)
ALL_NEWS = "subscription N { allNews { userId title } }"


@pytest.fixture
async def until_left(pool: Pool) -> AsyncIterator[Endpoint]:
    """An endpoint whose subscriptions to allNews end when their user has left."""
    api = an_api()
    resolvers = dict(api.resolvers)
    function = resolvers["Mutation", "tell"].data_source
    resolvers["Mutation", "tell"] = Resolver(function, TELL_AND_END_JS, "tell_and_end.js")
    resolvers["Subscription", "allNews"] = Resolver(
        DataSource("None"), UNTIL_LEFT_JS, "until_left.js"
    )
    async with serve(pool, an_api(resolvers=resolvers)) as endpoint:
        yield endpoint


async def test_a_mutation_ends_the_subscriptions_that_it_names(until_left: Endpoint) -> None:
    async with until_left.realtime() as ann, until_left.realtime() as bob:
        for client, user in ((ann, "ann"), (bob, "bob")):
            await client.init()
            await client.start(ALL_NEWS, authorized(until_left, user))

        await until_left.tell("ann", title="Left")

        for client in (ann, bob):
            assert (await client.receive())["payload"] == {
                "data": {"allNews": {"userId": "ann", "title": "Left"}}
            }
        assert await ann.receive() == {"type": "complete", "id": "1"}
        assert (await ann.closed())["code"] == 1000
        await until_left.tell("bob")
        assert (await bob.receive())["type"] == "data"


async def test_a_mutation_may_end_everybodys(until_left: Endpoint) -> None:
    async with until_left.realtime() as ann:
        await ann.init()
        await ann.start(ALL_NEWS, authorized(until_left, "ann"))

        await until_left.tell("everybody", title="Left")

        assert (await ann.receive())["type"] == "data"
        assert await ann.receive() == {"type": "complete", "id": "1"}
