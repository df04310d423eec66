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
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from matinee.errors import Unauthorized, Unavailable
from matinee.principal import TokenUse
from tools.appsync.jwt import (
    KEYS_ASKED_AT_MOST_EVERY,
    KEYS_LIVE_FOR,
    LONGEST_TOKEN,
    InvalidToken,
    TokenVerifier,
    keys_of,
)

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Matinee"
JWKS_URL = f"{ISSUER}/.well-known/jwks.json"
CLIENT = "2jd6lk0q4r8h3mv7c9pz1n5xat"
USER = "5f0c7a2b-3e4d-4c6b-8a8f-90692079c15f"


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    """One key pair for each name; making one takes a while."""
    assert name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def number(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def jwk(name: str, **changes: object) -> dict[str, object]:
    public = key(name).public_key().public_numbers()
    parts = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": f"{name}/kid+="}
    return {**parts, "n": number(public.n), "e": number(public.e), **changes}


def pem(name: str) -> bytes:
    return (
        key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


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


def parts_of(header: Mapping[str, object], claims: Mapping[str, object]) -> str:
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))


def token(
    claims: Mapping[str, object] | None = None, *, signed_by: str = "pool", **header: object
) -> str:
    head = {"alg": "RS256", "kid": f"{signed_by}/kid+="} | header
    signed = parts_of(head, access_claims() if claims is None else claims)
    signature = key(signed_by).sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{encoded(signature)}"


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


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_an_unsigned_token_is_refused(algorithm: str, refused: Callable[[str], None]) -> None:
    unsigned = parts_of({"alg": algorithm, "kid": "pool/kid+="}, access_claims())
    refused(f"{unsigned}.")
    refused(f"{unsigned}.{encoded(b'signature')}")
    refused(unsigned)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("secret", ["pem", "pem without its last newline", "modulus"])
def test_the_public_key_is_no_shared_secret(
    algorithm: str, secret: str, refused: Callable[[str], None]
) -> None:
    secrets = {
        "pem": pem("pool"),
        "pem without its last newline": pem("pool").rstrip(),
        "modulus": str(jwk("pool")["n"]).encode(),
    }
    digests = {"HS256": hashes.SHA256(), "HS384": hashes.SHA384(), "HS512": hashes.SHA512()}
    signed = parts_of({"alg": algorithm, "kid": "pool/kid+="}, access_claims())
    mac = hmac.HMAC(secrets[secret], digests[algorithm])
    mac.update(signed.encode())
    refused(f"{signed}.{encoded(mac.finalize())}")


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256", None])
def test_no_other_algorithm_is_taken(algorithm: object, refused: Callable[[str], None]) -> None:
    refused(token(alg=algorithm))


def test_an_rsa_pss_signature_is_no_rs256_signature(refused: Callable[[str], None]) -> None:
    signed = parts_of({"alg": "RS256", "kid": "pool/kid+="}, access_claims())
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
    signature = key("pool").sign(signed.encode(), pss, hashes.SHA256())
    refused(f"{signed}.{encoded(signature)}")


def test_another_pools_key_under_our_key_id_proves_nothing(
    refused: Callable[[str], None],
) -> None:
    refused(token(signed_by="other", kid="pool/kid+="))


def test_another_pools_token_is_refused(refused: Callable[[str], None]) -> None:
    refused(token(access_claims(iss=ISSUER.replace("Matinee", "Other")), signed_by="other"))


def test_a_key_in_the_tokens_own_header_is_not_used(refused: Callable[[str], None]) -> None:
    refused(token(signed_by="other", kid="pool/kid+=", jwk=jwk("other", kid="pool/kid+=")))


@pytest.mark.parametrize("parameter", ["jku", "x5u"])
def test_an_address_of_keys_in_the_header_is_never_asked(
    parameter: str, refused: Callable[[str], None]
) -> None:
    header: dict[str, Any] = {parameter: "https://elsewhere.example/keys"}
    with respx.mock(assert_all_called=False) as web:
        elsewhere = web.get("https://elsewhere.example/keys").respond(json={"keys": [jwk("other")]})
        refused(token(signed_by="other", **header))
        refused(token(signed_by="other", kid="pool/kid+=", **header))
    assert not elsewhere.called


@pytest.mark.parametrize(
    "key_id",
    [None, 7, 1.5, True, [], ["pool/kid+="], {"kid": "pool/kid+="}, "", "../../../etc/passwd"],
)
def test_a_key_id_that_is_none_of_ours_is_refused(
    key_id: object, refused: Callable[[str], None]
) -> None:
    refused(token(kid=key_id))


def test_a_token_without_a_key_id_is_refused(refused: Callable[[str], None]) -> None:
    signed = parts_of({"alg": "RS256"}, access_claims())
    signature = key("pool").sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    refused(f"{signed}.{encoded(signature)}")


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
def test_a_well_signed_token_that_does_not_say_what_it_must_is_refused(
    changes: dict[str, object], refused: Callable[[str], None]
) -> None:
    refused(token(access_claims(**changes)))


def test_a_token_that_is_not_valid_yet_is_refused(refused: Callable[[str], None]) -> None:
    refused(token(access_claims(nbf=int(time.time()) + 600)))


def test_a_token_that_is_valid_from_a_moment_ago_is_accepted(verifier: TokenVerifier) -> None:
    assert verifier.verify(token(access_claims(nbf=int(time.time()) - 1)))["sub"] == USER


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


def test_a_changed_payload_is_refused(refused: Callable[[str], None]) -> None:
    header, _, signature = token().split(".")
    forged = encoded(json.dumps(access_claims(sub="somebody-else")).encode())
    refused(f"{header}.{forged}.{signature}")


def test_a_changed_header_is_refused(refused: Callable[[str], None]) -> None:
    _, payload, signature = token().split(".")
    header = encoded(json.dumps({"alg": "RS256", "kid": "pool/kid+=", "typ": "JWT"}).encode())
    refused(f"{header}.{payload}.{signature}")


def test_each_changed_byte_of_the_signature_is_noticed(refused: Callable[[str], None]) -> None:
    signed, _, signature = token().rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    for place in (0, 1, len(raw) // 2, len(raw) - 1):
        changed = bytearray(raw)
        changed[place] ^= 1
        refused(f"{signed}.{encoded(bytes(changed))}")


def test_a_truncated_token_is_refused_wherever_it_was_cut(refused: Callable[[str], None]) -> None:
    whole = token()
    for length in (*range(0, len(whole) - 1, 53), len(whole) - 3):
        refused(whole[:length])


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


def test_a_scheme_before_the_token_is_refused(refused: Callable[[str], None]) -> None:
    refused(f"Bearer {token()}")


def test_more_than_three_parts_are_refused(refused: Callable[[str], None]) -> None:
    refused(f"{token()}.AAAA")
    refused(f"{token()}.")


@pytest.mark.parametrize("claims", [["sub"], "sub", 7, None])
def test_a_signed_payload_that_is_no_object_is_refused(
    claims: object, refused: Callable[[str], None]
) -> None:
    head = encoded(json.dumps({"alg": "RS256", "kid": "pool/kid+="}).encode())
    signed = f"{head}.{encoded(json.dumps(claims).encode())}"
    signature = key("pool").sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    refused(f"{signed}.{encoded(signature)}")


def test_an_oversized_token_is_refused_before_anything_of_it_is_read(
    pool: Pool, refused: Callable[[str], None]
) -> None:
    refused(token(access_claims(filler="x" * LONGEST_TOKEN)))
    refused("." * 10_000_000)
    assert pool.asked == 0


def test_a_token_of_just_the_longest_length_is_read(verifier: TokenVerifier) -> None:
    room = LONGEST_TOKEN - len(token(access_claims(filler="")))
    long = token(access_claims(filler="x" * (room * 3 // 4 - 4)))
    assert LONGEST_TOKEN - 8 < len(long) <= LONGEST_TOKEN
    assert verifier.verify(long)["sub"] == USER


# ── the keys ──────────────────────────────────────────────────────────────────────────────────────


def test_the_keys_are_asked_for_once_and_then_kept(pool: Pool, verifier: TokenVerifier) -> None:
    for _ in range(50):
        verifier.verify(token())
    assert pool.asked == 1


def test_nothing_is_asked_before_the_first_token(pool: Pool) -> None:
    TokenVerifier(issuer=ISSUER, fetch_keys=pool)
    assert pool.asked == 0


def test_a_key_that_the_pool_has_added_is_found_by_asking_again(
    pool: Pool, clock: Clock, verifier: TokenVerifier
) -> None:
    verifier.verify(token())
    pool.keys.append(jwk("new"))
    clock.now += KEYS_ASKED_AT_MOST_EVERY + 1
    assert verifier.verify(token(signed_by="new"))["sub"] == USER
    assert pool.asked == 2
    verifier.verify(token())
    assert pool.asked == 2


def test_an_unknown_key_id_is_looked_for_once(
    pool: Pool, clock: Clock, verifier: TokenVerifier, refused: Callable[[str], None]
) -> None:
    verifier.verify(token())
    clock.now += KEYS_ASKED_AT_MOST_EVERY + 1
    refused(token(signed_by="other"))
    assert pool.asked == 2


def test_a_flood_of_invented_key_ids_does_not_reach_the_pool(
    pool: Pool, clock: Clock, verifier: TokenVerifier, refused: Callable[[str], None]
) -> None:
    verifier.verify(token())
    clock.now += KEYS_ASKED_AT_MOST_EVERY + 1
    for invented in range(200):
        refused(token(kid=f"invented-{invented}"))
        clock.now += 0.01
    assert pool.asked == 2
    assert verifier.verify(token())["sub"] == USER


def test_a_key_that_the_pool_has_withdrawn_is_trusted_for_an_hour_at_most(
    pool: Pool, clock: Clock, verifier: TokenVerifier, refused: Callable[[str], None]
) -> None:
    verifier.verify(token())
    pool.keys = [jwk("new")]
    clock.now += KEYS_LIVE_FOR + 1
    refused(token())
    assert verifier.verify(token(signed_by="new"))["sub"] == USER


def test_a_pool_whose_keys_cannot_be_had_is_unavailable_and_not_a_refusal(
    pool: Pool, verifier: TokenVerifier
) -> None:
    pool.down = True
    with pytest.raises(Unavailable):
        verifier.verify(token())


def test_the_verifier_recovers_as_soon_as_the_keys_can_be_had(
    pool: Pool, clock: Clock, verifier: TokenVerifier
) -> None:
    pool.down = True
    with pytest.raises(Unavailable):
        verifier.verify(token())
    pool.down = False
    clock.now += KEYS_ASKED_AT_MOST_EVERY + 1
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
    clock.now += KEYS_LIVE_FOR + 1
    assert verifier.verify(token())["sub"] == USER
    with pytest.raises(Unavailable):
        verifier.verify(token(signed_by="other"))


def test_a_pool_that_is_down_is_not_asked_for_each_token(
    pool: Pool, clock: Clock, verifier: TokenVerifier
) -> None:
    pool.down = True
    for _ in range(100):
        with pytest.raises(Unavailable):
            verifier.verify(token())
        clock.now += 0.01
    assert pool.asked == 1


@pytest.mark.parametrize("keys", [{}, {"keys": None}, {"keys": [7]}, {"keys": [{"kty": "RSA"}]}])
def test_a_key_set_that_is_none_is_unavailable(keys: dict[str, Any]) -> None:
    verifier = TokenVerifier(issuer=ISSUER, fetch_keys=lambda: keys)
    with pytest.raises(Unavailable):
        verifier.verify(token())


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
        verifier = TokenVerifier(issuer=ISSUER, client_ids=[CLIENT], fetch_keys=keys_of(JWKS_URL))
        assert verifier.verify(token())["sub"] == USER


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
        with pytest.raises(Unavailable):
            keys_of(JWKS_URL)()
