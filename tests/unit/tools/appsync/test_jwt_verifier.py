"""The verifier of Cognito's tokens, attacked the way that tokens are attacked."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import httpx
import pytest
import respx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwt
from jose.backends.base import Key
from jose.jwk import construct

from matinee.errors import Unauthorized, Unavailable
from matinee.principal import TokenUse
from tools.appsync.jwt import (
    KEYS_TTL_SECONDS,
    MAX_TOKEN_LENGTH,
    MIN_KEY_FETCH_INTERVAL_SECONDS,
    InvalidToken,
    TokenVerifier,
    keys_from,
)

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Matinee"
JWKS_URL = f"{ISSUER}/.well-known/jwks.json"
CLIENT = "2jd6lk0q4r8h3mv7c9pz1n5xat"
USER = "5f0c7a2b-3e4d-4c6b-8a8f-90692079c15f"
NO_KEYS = "The keys to verify tokens with cannot be had right now."


@cache
def key(name: str) -> Key:
    """One private key for each name; making one, and reading one, takes a while."""
    assert name
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return construct(made, "RS256")


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def jwk(name: str, **changes: object) -> dict[str, object]:
    public = key(name).public_key().to_dict()
    return {**public, "use": "sig", "kid": f"{name}/kid+=", **changes}


def access_claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    claims: dict[str, object] = {
        "sub": USER,
        "iss": ISSUER,
        "token_use": "access",
        "client_id": CLIENT,
        "scope": "aws.cognito.signin.user.admin",
        "username": USER,
        "cognito:groups": ["Users"],
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
        "jti": "b5c0",
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def id_claims(**changes: object) -> dict[str, object]:
    changes = {"token_use": "id", "aud": CLIENT, "client_id": None, "scope": None} | changes
    return access_claims(**changes)


def token(
    claims: Mapping[str, object] | None = None, *, signed_by: str = "pool", **header: object
) -> str:
    head: dict[str, Any] = {"kid": f"{signed_by}/kid+="} | header
    return jwt.encode(
        dict(access_claims() if claims is None else claims), key(signed_by), "RS256", headers=head
    )


class Pool:
    """A pool's key endpoint that counts how often it is asked, and may be down."""

    def __init__(self, *names: str) -> None:
        self.keys: list[dict[str, object]] = [jwk(name) for name in names]
        self.asked = 0
        self.down = False

    def __call__(self) -> Mapping[str, Any]:
        self.asked += 1
        if self.down:
            raise Unavailable
        return {"keys": self.keys}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def pool() -> Pool:
    return Pool("pool")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def verifier(pool: Pool, clock: Clock) -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, client_ids=[CLIENT], fetch_keys=pool, clock=clock)


@pytest.fixture
def refused(verifier: TokenVerifier) -> Callable[[str], None]:
    """Asserts that a token is refused, without saying why."""

    def check(text: str) -> None:
        with pytest.raises(InvalidToken) as refusal:
            verifier.verify(text)
        assert refusal.value.message == "The token is not valid"
        assert refusal.value.info == {}

    return check


# ── what is accepted ──────────────────────────────────────────────────────────────────────────────


def test_an_access_token_of_the_pool_answers_its_claims(verifier: TokenVerifier) -> None:
    claims = verifier.verify(token())
    assert claims["sub"] == USER
    assert claims["cognito:groups"] == ["Users"]


def test_an_id_token_is_accepted_where_id_tokens_are_due(pool: Pool) -> None:
    verifier = TokenVerifier(
        issuer=ISSUER, client_ids=[CLIENT], token_uses=[TokenUse.ID], fetch_keys=pool
    )
    assert verifier.verify(token(id_claims()))["aud"] == CLIENT


def test_any_client_of_the_pool_will_do_when_none_is_named(pool: Pool) -> None:
    verifier = TokenVerifier(issuer=ISSUER, fetch_keys=pool)
    assert verifier.verify(token(access_claims(client_id="another")))["client_id"] == "another"


def test_a_refusal_is_an_unauthorized_and_so_a_401() -> None:
    assert issubclass(InvalidToken, Unauthorized)
    assert InvalidToken.status == 401


# ── who signed it ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("algorithm", ["none", "nOnE", ""])
def test_an_unsigned_token_is_refused(algorithm: str, refused: Callable[[str], None]) -> None:
    header, payload, _ = token(alg=algorithm).split(".")
    refused(f"{header}.{payload}.")
    refused(f"{header}.{payload}")


@pytest.mark.parametrize("algorithm", ["HS256", "RS384", "PS256", "ES256", "rs256", None])
def test_takes_no_algorithm_but_rs256(algorithm: object, refused: Callable[[str], None]) -> None:
    refused(token(alg=algorithm))


def test_the_public_key_is_no_shared_secret(refused: Callable[[str], None]) -> None:
    secret = str(jwk("pool")["n"])
    refused(jwt.encode(access_claims(), secret, "HS256", headers={"kid": "pool/kid+="}))


def test_another_pools_key_under_our_key_id_proves_nothing(
    refused: Callable[[str], None],
) -> None:
    refused(token(signed_by="other", kid="pool/kid+="))


def test_another_pools_token_is_refused(refused: Callable[[str], None]) -> None:
    refused(token(access_claims(iss=ISSUER.replace("Matinee", "Other")), signed_by="other"))


@pytest.mark.parametrize(
    "key_id",
    [None, 7, 1.5, True, [], ["pool/kid+="], {"kid": "pool/kid+="}, "", "../../../etc/passwd"],
)
def test_a_key_id_that_is_none_of_ours_is_refused(
    key_id: object, refused: Callable[[str], None]
) -> None:
    refused(token(kid=key_id))


def test_a_token_without_a_key_id_is_refused(refused: Callable[[str], None]) -> None:
    refused(jwt.encode(access_claims(), key("pool"), "RS256"))


def test_a_key_for_encryption_verifies_nothing(pool: Pool, refused: Callable[[str], None]) -> None:
    pool.keys = [jwk("pool", use="enc")]
    refused(token())


def test_a_symmetric_key_in_the_key_set_verifies_nothing(
    pool: Pool, refused: Callable[[str], None]
) -> None:
    pool.keys = [{"kty": "oct", "kid": "pool/kid+=", "k": encoded(b"secret"), "alg": "HS256"}]
    refused(token())


# ── what it says ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exp": int(time.time()) - 1}, id="expired a second ago"),
        pytest.param({"exp": 0}, id="expired in 1970"),
        pytest.param({"exp": None}, id="never expires"),
        pytest.param({"exp": "soon"}, id="expires at no moment"),
        pytest.param({"exp": [4102444800]}, id="expires in a list"),
        pytest.param({"nbf": "later"}, id="valid from no moment"),
        pytest.param({"iat": None}, id="never issued"),
        pytest.param({"iat": "today"}, id="issued at no moment"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"iss": ""}, id="empty issuer"),
        pytest.param({"iss": ISSUER + "/"}, id="issuer with a slash"),
        pytest.param({"iss": ISSUER.upper()}, id="issuer in capitals"),
        pytest.param({"iss": ISSUER.replace("https", "http")}, id="issuer without TLS"),
        pytest.param({"iss": ISSUER.replace("Matinee", "Other")}, id="another pool"),
        pytest.param({"iss": [ISSUER, "https://elsewhere.example"]}, id="issuers in a list"),
        pytest.param({"client_id": "another"}, id="another client"),
        pytest.param({"client_id": None}, id="no client"),
        pytest.param({"client_id": None, "aud": CLIENT}, id="an audience instead of a client"),
        pytest.param({"sub": None}, id="nobody"),
        pytest.param({"sub": ""}, id="an empty user"),
        pytest.param({"sub": 7}, id="a user that is a number"),
        pytest.param({"sub": ["a", "b"]}, id="two users"),
        pytest.param({"token_use": None}, id="no use"),
        pytest.param({"token_use": "refresh"}, id="unknown use"),
        pytest.param({"token_use": "ACCESS"}, id="use in capitals"),
    ],
)
def test_a_signed_token_with_wrong_claims_is_refused(
    changes: dict[str, object], refused: Callable[[str], None]
) -> None:
    refused(token(access_claims(**changes)))


def test_a_token_that_is_not_valid_yet_is_refused(refused: Callable[[str], None]) -> None:
    refused(token(access_claims(nbf=int(time.time()) + 600)))


def test_an_id_token_is_refused_where_an_access_token_is_due(
    refused: Callable[[str], None],
) -> None:
    refused(token(id_claims()))
    refused(token(id_claims(client_id=CLIENT)))


def test_an_access_token_is_refused_where_an_id_token_is_due(pool: Pool) -> None:
    verifier = TokenVerifier(
        issuer=ISSUER, client_ids=[CLIENT], token_uses=[TokenUse.ID], fetch_keys=pool
    )
    for claims in (access_claims(), access_claims(aud=CLIENT)):
        with pytest.raises(InvalidToken):
            verifier.verify(token(claims))


def test_an_id_token_for_another_client_is_refused(pool: Pool) -> None:
    verifier = TokenVerifier(
        issuer=ISSUER, client_ids=[CLIENT], token_uses=list(TokenUse), fetch_keys=pool
    )
    with pytest.raises(InvalidToken):
        verifier.verify(token(id_claims(aud="another", client_id=CLIENT)))


# ── what became of it on the way ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "null",
        "Bearer",
        "é.é.é",
        "\x00.\x00.\x00",
        " ",
        "eyJ.eyJ.eyJ",
        f"{encoded(b'[]')}.{encoded(b'[]')}.",
        f"{encoded(b'null')}.{encoded(b'null')}.AAAA",
        f"{encoded(b'7')}.{encoded(b'7')}.AAAA",
        f"{encoded(b'{')}.{encoded(b'{')}.AAAA",
    ],
)
def test_what_is_no_token_at_all_is_refused(text: str, refused: Callable[[str], None]) -> None:
    refused(text)


def test_an_oversized_token_is_refused_before_anything_of_it_is_read(
    pool: Pool, refused: Callable[[str], None]
) -> None:
    refused(token(access_claims(filler="x" * MAX_TOKEN_LENGTH)))
    refused("." * 10_000_000)
    assert pool.asked == 0


def test_a_token_of_just_the_longest_length_is_read(verifier: TokenVerifier) -> None:
    room = MAX_TOKEN_LENGTH - len(token(access_claims(filler="")))
    long = token(access_claims(filler="x" * (room * 3 // 4 - 4)))
    assert MAX_TOKEN_LENGTH - 8 < len(long) <= MAX_TOKEN_LENGTH
    assert verifier.verify(long)["sub"] == USER


# ── the keys ──────────────────────────────────────────────────────────────────────────────────────


def test_the_keys_are_asked_for_once_and_then_kept(pool: Pool, verifier: TokenVerifier) -> None:
    signed = token()
    for _ in range(50):
        verifier.verify(signed)
    assert pool.asked == 1


def test_known_keys_are_not_asked_for_again_within_the_hour(
    pool: Pool, clock: Clock, verifier: TokenVerifier
) -> None:
    verifier.verify(token())
    clock.now += KEYS_TTL_SECONDS
    verifier.verify(token())
    assert pool.asked == 1


def test_invented_key_ids_are_not_looked_for_before_the_interval_is_over(
    pool: Pool, clock: Clock, verifier: TokenVerifier, refused: Callable[[str], None]
) -> None:
    verifier.verify(token())
    clock.now += MIN_KEY_FETCH_INTERVAL_SECONDS
    refused(token(signed_by="other"))
    assert pool.asked == 1


def test_nothing_is_asked_before_the_first_token(pool: Pool) -> None:
    TokenVerifier(issuer=ISSUER, fetch_keys=pool)
    assert pool.asked == 0


def test_a_key_that_the_pool_has_added_is_found_by_asking_again(
    pool: Pool, clock: Clock, verifier: TokenVerifier
) -> None:
    verifier.verify(token())
    pool.keys.append(jwk("new"))
    clock.now += MIN_KEY_FETCH_INTERVAL_SECONDS + 1
    assert verifier.verify(token(signed_by="new"))["sub"] == USER
    assert pool.asked == 2
    verifier.verify(token())
    assert pool.asked == 2


def test_an_unknown_key_id_is_looked_for_once(
    pool: Pool, clock: Clock, verifier: TokenVerifier, refused: Callable[[str], None]
) -> None:
    verifier.verify(token())
    clock.now += MIN_KEY_FETCH_INTERVAL_SECONDS + 1
    refused(token(signed_by="other"))
    assert pool.asked == 2


def test_a_flood_of_invented_key_ids_does_not_reach_the_pool(
    pool: Pool, clock: Clock, verifier: TokenVerifier, refused: Callable[[str], None]
) -> None:
    verifier.verify(token())
    clock.now += MIN_KEY_FETCH_INTERVAL_SECONDS + 1
    _, claims, signature = token().split(".")
    for invented in range(200):
        # The key is looked up before the signature, which therefore needs not be a valid one.
        head = {"alg": "RS256", "typ": "JWT", "kid": f"invented-{invented}"}
        refused(".".join((encoded(json.dumps(head).encode()), claims, signature)))
        clock.now += 0.01
    assert pool.asked == 2
    assert verifier.verify(token())["sub"] == USER


def test_a_withdrawn_key_is_trusted_for_an_hour_at_most(
    pool: Pool, clock: Clock, verifier: TokenVerifier, refused: Callable[[str], None]
) -> None:
    verifier.verify(token())
    pool.keys = [jwk("new")]
    clock.now += KEYS_TTL_SECONDS + 1
    refused(token())
    assert verifier.verify(token(signed_by="new"))["sub"] == USER


def test_a_pool_without_keys_is_unavailable_and_no_refusal(
    pool: Pool, verifier: TokenVerifier
) -> None:
    pool.down = True
    with pytest.raises(Unavailable) as failure:
        verifier.verify(token())
    assert failure.value.message == NO_KEYS


def test_the_verifier_recovers_as_soon_as_the_keys_can_be_had(
    pool: Pool, clock: Clock, verifier: TokenVerifier
) -> None:
    pool.down = True
    with pytest.raises(Unavailable):
        verifier.verify(token())
    pool.down = False
    clock.now += MIN_KEY_FETCH_INTERVAL_SECONDS + 1
    assert verifier.verify(token())["sub"] == USER


def test_a_broken_token_does_not_make_the_verifier_ask_for_keys(
    pool: Pool, refused: Callable[[str], None]
) -> None:
    refused("a.b.c")
    refused(token(alg="none"))
    refused(token(kid=7))
    assert pool.asked == 0


def test_while_the_keys_cannot_be_had_the_known_ones_are_trusted(
    pool: Pool, clock: Clock, verifier: TokenVerifier
) -> None:
    verifier.verify(token())
    pool.down = True
    clock.now += KEYS_TTL_SECONDS + 1
    assert verifier.verify(token())["sub"] == USER
    with pytest.raises(Unavailable):
        verifier.verify(token(signed_by="other"))


def test_a_pool_that_is_down_is_not_asked_for_each_token(
    pool: Pool, clock: Clock, verifier: TokenVerifier
) -> None:
    pool.down = True
    signed = token()
    for _ in range(100):
        with pytest.raises(Unavailable):
            verifier.verify(signed)
        clock.now += 0.01
    assert pool.asked == 1


@pytest.mark.parametrize("keys", [{}, {"keys": None}, {"keys": [7]}, {"keys": [{"kty": "RSA"}]}])
def test_a_key_set_that_is_none_is_unavailable(keys: dict[str, Any]) -> None:
    verifier = TokenVerifier(issuer=ISSUER, fetch_keys=lambda: keys)
    with pytest.raises(Unavailable) as failure:
        verifier.verify(token())
    assert failure.value.message == NO_KEYS


def test_an_id_token_from_the_hosted_sign_in_page_is_accepted(pool: Pool) -> None:
    # It has an at_hash (OpenID Connect Core 1.0, section 3.1.3.6), which only the client can check.
    verifier = TokenVerifier(issuer=ISSUER, token_uses=[TokenUse.ID], fetch_keys=pool)
    assert verifier.verify(token(id_claims(at_hash="77QmUPtjPfzWtF2AnpK9RQ")))["sub"] == USER


@pytest.mark.parametrize("changes", [{"aud": [CLIENT]}, {"aud": {}}, {"token_use": ["id"]}])
def test_a_list_where_one_text_is_due_is_refused(pool: Pool, changes: dict[str, object]) -> None:
    verifier = TokenVerifier(
        issuer=ISSUER, client_ids=[CLIENT], token_uses=[TokenUse.ID], fetch_keys=pool
    )
    with pytest.raises(InvalidToken):
        verifier.verify(token(id_claims(**changes)))


# ── the key endpoint ──────────────────────────────────────────────────────────────────────────────


def test_the_keys_come_from_the_pools_key_endpoint() -> None:
    with respx.mock as web:
        web.get(JWKS_URL).respond(json={"keys": [jwk("pool")]})
        verifier = TokenVerifier(issuer=ISSUER, client_ids=[CLIENT], fetch_keys=keys_from(JWKS_URL))
        assert verifier.verify(token())["sub"] == USER
        assert set(web.calls.last.request.extensions["timeout"].values()) == {3.0}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.ConnectError("refused"), id="refuses connections"),
        pytest.param(httpx.ReadTimeout("slow"), id="does not answer in time"),
        pytest.param(httpx.Response(500, json={"keys": []}), id="fails"),
        pytest.param(httpx.Response(404, json={"keys": []}), id="is not there"),
        pytest.param(
            httpx.Response(302, headers={"Location": "https://x.example"}, json={"keys": []}),
            id="moved",
        ),
        pytest.param(httpx.Response(200, text="<html>"), id="answers no JSON"),
    ],
)
def test_a_key_endpoint_that_does_not_work_is_unavailable(
    answer: httpx.Response | Exception,
) -> None:
    with respx.mock as web:
        web.get(JWKS_URL).mock(side_effect=[answer])
        with pytest.raises(Unavailable) as failure:
            keys_from(JWKS_URL)()
    assert failure.value.message == NO_KEYS
