"""Who may ask what: tokens, signatures, groups and policies, and everybody who tries without."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from jose import jwt

from matinee.errors import Unavailable
from tests.unit.tools.appsync.harness import (
    HOST,
    ISSUER,
    NOTIFIER,
    OTHER_FUNCTION,
    Endpoint,
    Pool,
    an_api,
    serve,
    sign,
)
from tools.appsync.authentication import Authenticator
from tools.appsync.cognito import PoolTokens
from tools.appsync.errors import Unauthenticated
from tools.appsync.jwt import TokenVerifier
from tools.appsync.sigv4 import Credential, SignedRequest

ROOM = '{ room(id: "r1") { id } }'
TELL = 'mutation { tell(userId: "ann") { userId title } }'


def told(answer: httpx.Response) -> tuple[int, str, str]:
    """Take a refusal apart: status, type and message."""
    assert set(answer.json()) == {"errors"}
    (error,) = answer.json()["errors"]
    assert answer.headers["x-amzn-errortype"] == error["errorType"]
    return answer.status_code, error["errorType"], error["message"]


# -- tokens -------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", ["access", "id"])
@pytest.mark.parametrize("prefix", ["", "Bearer "])
async def test_access_and_id_tokens_are_taken_bare_or_as_bearer(
    endpoint: Endpoint, use: str, prefix: str
) -> None:
    token = endpoint.pool.token(token_use=use, aud="apps")

    answer = await endpoint.ask(ROOM, prefix + token)

    assert answer == {"data": {"room": {"id": "r1"}}}


async def test_without_authorization_nothing_is_answered(endpoint: Endpoint) -> None:
    answer = await endpoint.http.post("/graphql", json={"query": ROOM})

    assert told(answer) == (
        401,
        "UnauthorizedException",
        "Valid authorization header not provided.",
    )


async def test_authorization_comes_before_the_body_is_looked_at(endpoint: Endpoint) -> None:
    answer = await endpoint.http.post("/graphql", content=b"meow")

    assert answer.status_code == 401


@pytest.mark.parametrize("token", ["meow", "a.b.c", "Basic dXNlcjpwYXNz", "...", "é", "x" * 9000])
async def test_what_is_no_token_is_said_to_be_none(endpoint: Endpoint, token: str) -> None:
    headers = {b"Authorization": token.encode()}

    answer = await endpoint.http.post("/graphql", json={"query": ROOM}, headers=headers)

    assert told(answer)[:2] == (401, "UnauthorizedException")
    assert endpoint.functions.calls == []


async def test_an_expired_token_is_reported_so(endpoint: Endpoint) -> None:
    token = endpoint.pool.token(exp=int(time.time()) - 1)

    assert told(await endpoint.post(ROOM, token)) == (
        401,
        "UnauthorizedException",
        "Token has expired.",
    )


def unsigned(pool: Pool) -> str:
    """Make an alg=none token."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": pool.key_id}).encode())
    body = pool.token().split(".")[1]
    return f"{header.decode().rstrip('=')}.{body}."


def signed_with_the_public_key(pool: Pool) -> str:
    """Make an HS256 token whose secret is the pool's public key."""
    claims = jwt.get_unverified_claims(pool.token())
    secret = base64.b64encode(pool.public.encode()).decode()
    return jwt.encode(claims, secret, "HS256", headers={"kid": pool.key_id})


def tampered(pool: Pool) -> str:
    """Put other claims under a genuine signature."""
    header, body, signature = pool.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["sub"] = "bob"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{header}.{forged}.{signature}"


@pytest.mark.parametrize(
    "make",
    [
        unsigned,
        signed_with_the_public_key,
        tampered,
        lambda pool: Pool(pool.key_id).token(),
        lambda _: Pool("nobody-s-key").token(),
        lambda pool: pool.token(iss="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other"),
        lambda pool: pool.token(token_use="refresh"),
        lambda pool: pool.token(token_use=None),
        lambda pool: pool.token(sub=None),
        lambda pool: pool.token(exp=None),
    ],
    ids=[
        "alg-none",
        "hs256-with-public-key",
        "tampered",
        "another-key-of-the-same-id",
        "unknown-key",
        "another-pool",
        "refresh-token",
        "no-use",
        "no-sub",
        "never-expires",
    ],
)
async def test_a_token_that_the_pool_did_not_make_for_this_is_refused(
    endpoint: Endpoint, make: Callable[[Pool], str]
) -> None:
    answer = await endpoint.post(ROOM, make(endpoint.pool))

    assert told(answer)[:2] == (401, "UnauthorizedException")
    assert endpoint.functions.calls == []


async def test_a_client_pattern_names_whose_tokens_are_taken(pool: Pool) -> None:
    async with serve(pool, client_id_pattern="apps") as endpoint:
        ours = await endpoint.post(ROOM, pool.token())
        theirs = await endpoint.post(ROOM, pool.token(client_id="apps-of-others"))
        their_id = await endpoint.post(ROOM, pool.token(token_use="id", aud="x", client_id=None))

    assert ours.status_code == 200
    assert told(theirs)[0] == told(their_id)[0] == 401


async def test_a_new_key_of_the_pool_is_fetched_when_a_token_names_it(endpoint: Endpoint) -> None:
    rotated = Pool("key-2")
    endpoint.published_keys.append(rotated.jwk)

    assert (await endpoint.ask(ROOM, rotated.token()))["data"] == {"room": {"id": "r1"}}


def test_an_unavailable_pool_is_not_the_client_s_fault(
    pool: Pool,
) -> None:
    def silent() -> dict[str, object]:
        raise Unavailable

    tokens = PoolTokens(TokenVerifier(issuer=ISSUER, fetch_keys=silent))

    with pytest.raises(Unauthenticated) as refused:
        tokens.verify(pool.token())
    assert refused.value.status == 500


# -- fields -------------------------------------------------------------------------------------


async def test_a_user_outside_the_group_gets_null_without_the_resolver(
    endpoint: Endpoint,
) -> None:
    answer = await endpoint.ask(ROOM, endpoint.pool.token(groups=["Guests"]))

    assert answer == {
        "data": {"room": None},
        "errors": [
            {
                "path": ["room"],
                "data": None,
                "errorType": "Unauthorized",
                "errorInfo": None,
                "locations": [{"line": 1, "column": 3, "sourceName": None}],
                "message": "Not Authorized to access room on type Query",
            }
        ],
    }
    assert endpoint.functions.calls == []


async def test_a_user_without_any_group_is_in_none(endpoint: Endpoint) -> None:
    answer = await endpoint.ask(ROOM, endpoint.pool.token(groups=None))

    assert answer["errors"][0]["errorType"] == "Unauthorized"


async def test_a_field_without_directives_is_open_to_the_default_mode_only(
    endpoint: Endpoint,
) -> None:
    as_user = await endpoint.ask("{ anyone }", endpoint.pool.token(groups=None))
    as_function = (await endpoint.post_signed("{ anyone }")).json()

    assert as_user == {"data": {"anyone": "hello"}}
    assert as_function["errors"][0]["message"] == "Not Authorized to access anyone on type Query"


async def test_the_other_fields_of_a_request_are_answered_all_the_same(endpoint: Endpoint) -> None:
    outsider = endpoint.pool.token(groups=[])

    answer = await endpoint.ask('{ anyone room(id: "r1") { id } }', outsider)

    assert answer["data"] == {"anyone": "hello", "room": None}
    assert [error["path"] for error in answer["errors"]] == [["room"]]


async def test_a_user_may_not_read_an_iam_field_of_a_readable_type(endpoint: Endpoint) -> None:
    answer = await endpoint.ask('{ room(id: "r1") { films { id secret } } }')

    assert answer["data"]["room"]["films"] == [{"id": 1, "secret": None}, {"id": 2, "secret": None}]
    assert {error["message"] for error in answer["errors"]} == {
        "Not Authorized to access secret on type Film"
    }


async def test_a_returned_type_must_be_open_to_the_caller_too(endpoint: Endpoint) -> None:
    as_user = await endpoint.ask("{ forBoth { id } }")
    as_function = (await endpoint.post_signed("{ forBoth { id } }")).json()

    assert as_user["data"] == {"forBoth": {"id": "r1"}}
    assert as_function["data"] == {"forBoth": None}
    assert as_function["errors"][0]["message"] == "Not Authorized to access id on type Room"


async def test_aws_auth_counts_only_while_there_is_no_second_mode(pool: Pool) -> None:
    sdl = 'type Query { anyone: String @aws_auth(cognito_groups: ["Admins"]) }'
    resolver = {("Query", "anyone"): an_api().resolvers["Query", "anyone"]}
    alone = an_api(sdl=sdl, resolvers=resolver, additional_modes=frozenset())
    beside = an_api(sdl=sdl, resolvers=resolver)

    async with serve(pool, alone) as endpoint:
        guarded = await endpoint.ask("{ anyone }")
    async with serve(pool, beside) as endpoint:
        open_to_all = await endpoint.ask("{ anyone }")

    assert guarded["errors"][0]["errorType"] == "Unauthorized"
    assert open_to_all == {"data": {"anyone": "hello"}}


# -- signatures ---------------------------------------------------------------------------------


async def test_the_notifier_may_publish(endpoint: Endpoint) -> None:
    answer = await endpoint.post_signed(TELL)

    assert answer.json() == {"data": {"tell": {"userId": "ann", "title": "Alien"}}}
    identity = endpoint.functions.calls[0]["identity"]
    assert identity["userArn"] == NOTIFIER.user_arn
    assert identity["accountId"] == NOTIFIER.account_id
    assert "sub" not in identity


async def test_a_user_never_publishes(endpoint: Endpoint) -> None:
    answer = await endpoint.ask(TELL, endpoint.pool.token(groups=["Users", "Admins"]))

    assert answer["data"] == {"tell": None}
    assert answer["errors"][0]["message"] == "Not Authorized to access tell on type Mutation"
    assert endpoint.functions.calls == []


async def test_a_role_without_a_policy_for_the_field_does_not_publish(endpoint: Endpoint) -> None:
    answer = (await endpoint.post_signed(TELL, OTHER_FUNCTION)).json()

    assert answer["data"] == {"tell": None}
    assert answer["errors"][0]["errorType"] == "Unauthorized"
    assert endpoint.functions.calls == []


async def test_a_policy_is_asked_about_the_field_s_own_arn(endpoint: Endpoint) -> None:
    endpoint.policies.allowed = {
        (source, arn.replace("fields/tell", "fields/told"))
        for source, arn in endpoint.policies.allowed
    }

    answer = (await endpoint.post_signed(TELL)).json()

    assert answer["errors"][0]["errorType"] == "Unauthorized"


def altered(**changes: str | None) -> Credential:
    """Return the notifier's credential with something else in it."""
    parts = {
        name: getattr(NOTIFIER, name)
        for name in ("access_key_id", "secret_access_key", "session_token")
    }
    return Credential(
        **(parts | changes), account_id="1", user_arn="arn", user_id="x", policy_sources=()
    )


BODY = json.dumps({"query": TELL})


def minutes_ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")


def without(name: str, headers: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key.lower() != name}


@pytest.mark.parametrize(
    ("headers", "error_type"),
    [
        (
            lambda: sign(BODY, credential=altered(secret_access_key="guessed")),
            "InvalidSignatureException",
        ),
        (lambda: sign(BODY.replace("ann", "bob")), "InvalidSignatureException"),
        (lambda: sign(BODY, f"http://{HOST}/other"), "InvalidSignatureException"),
        (lambda: sign(BODY, "http://elsewhere/graphql"), "InvalidSignatureException"),
        (lambda: sign(BODY, region="us-east-1"), "InvalidSignatureException"),
        (lambda: sign(BODY, service="execute-api"), "InvalidSignatureException"),
        (lambda: sign(BODY, at=minutes_ago(6)), "InvalidSignatureException"),
        (lambda: sign(BODY, at=minutes_ago(-6)), "InvalidSignatureException"),
        (
            lambda: sign(BODY) | {"X-Amz-Date": minutes_ago(1)},
            "InvalidSignatureException",
        ),
        (
            lambda: sign(BODY, credential=altered(access_key_id="AKIANOBODY")),
            "UnrecognizedClientException",
        ),
        (
            lambda: sign(BODY, credential=altered(session_token="stolen")),
            "UnrecognizedClientException",
        ),
        (lambda: without("x-amz-security-token", sign(BODY)), "UnrecognizedClientException"),
        (lambda: without("x-amz-date", sign(BODY)), "IncompleteSignatureException"),
        (
            lambda: {"Authorization": "AWS4-HMAC-SHA256 Credential=x"},
            "IncompleteSignatureException",
        ),
        (
            lambda: sign(BODY, headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}),
            "InvalidSignatureException",
        ),
    ],
    ids=[
        "wrong-secret",
        "another-body",
        "another-path",
        "another-host",
        "another-region",
        "another-service",
        "six-minutes-old",
        "from-the-future",
        "date-changed",
        "unknown-key",
        "another-token",
        "token-left-out",
        "no-date",
        "incomplete",
        "unsigned-body",
    ],
)
async def test_a_signature_that_does_not_fit_is_refused(
    endpoint: Endpoint, headers: Callable[[], dict[str, str]], error_type: str
) -> None:
    sent = without("host", headers())

    answer = await endpoint.http.post("/graphql", content=BODY, headers=sent)

    assert told(answer)[:2] == (403, error_type)
    assert endpoint.functions.calls == []


@pytest.mark.parametrize("header", ["host", "x-amz-date", "x-amz-security-token"])
async def test_a_signature_must_speak_of_host_date_and_token(
    endpoint: Endpoint, header: str
) -> None:
    headers = sign(BODY, leaving_out=header)
    assert header not in headers["Authorization"].split("SignedHeaders=")[1]

    answer = await endpoint.http.post("/graphql", content=BODY, headers=headers)

    assert told(answer)[:2] == (403, "InvalidSignatureException")


async def test_a_signature_of_a_header_that_was_not_sent_is_refused(endpoint: Endpoint) -> None:
    headers = without("x-note", sign(BODY, headers={"X-Note": "signed"}))

    answer = await endpoint.http.post("/graphql", content=BODY, headers=headers)

    assert told(answer)[:2] == (403, "InvalidSignatureException")


async def test_a_signature_four_minutes_old_is_still_good(endpoint: Endpoint) -> None:
    headers = sign(BODY, at=minutes_ago(4))

    answer = await endpoint.http.post("/graphql", content=BODY, headers=headers)

    assert answer.status_code == 200


async def test_headers_that_were_not_signed_do_not_matter(endpoint: Endpoint) -> None:
    headers = sign(BODY) | {"User-Agent": "someone", "X-Forwarded-For": "10.0.0.1"}

    answer = await endpoint.http.post("/graphql", content=BODY, headers=headers)

    assert answer.json()["data"]["tell"]["userId"] == "ann"


async def test_a_query_string_is_part_of_what_is_signed(endpoint: Endpoint) -> None:
    headers = sign(BODY, f"http://{HOST}/graphql?b=2&a=1%202")

    same = await endpoint.http.post("/graphql?b=2&a=1%202", content=BODY, headers=headers)
    other = await endpoint.http.post("/graphql?b=3&a=1%202", content=BODY, headers=headers)

    assert same.status_code == 200
    assert other.status_code == 403


def test_an_api_without_a_mode_takes_none_of_its_proofs(pool: Pool) -> None:
    authenticator = Authenticator(tokens=None, signatures=None)
    for authorization in (sign(BODY)["Authorization"], pool.token()):
        request = SignedRequest("POST", "/graphql", "", {"authorization": authorization}, b"")
        with pytest.raises(Unauthenticated):
            authenticator.authenticate(request, "127.0.0.1")
