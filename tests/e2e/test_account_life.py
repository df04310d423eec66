"""The whole life of an account by HTTP, on the running product."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth.adapters.cognito.user_pool import CognitoUserPool
from auth.domain.rate_limits import SEND_CODE, SIGN_IN, VERIFY
from auth.events.published import PUBLISHED
from matinee.rate_limits import RateLimit
from tests.e2e.accounts import PASSWORD, SECRETS_SENT, Visitor, invented_email, items
from tests.e2e.conftest import Idle, eventually
from tools.local.mailbox import read_mails
from tools.ops.client import Stack

type Aws = Callable[[str], Any]
type Heard = list[dict[str, Any]]

EVENTS = Path(__file__).resolve().parents[2] / "events" / "auth"


@pytest.fixture
def visitor(stack: Stack) -> Visitor:
    return Visitor(stack)


@pytest.fixture
def ann(visitor: Visitor) -> Visitor:
    """Somebody with an account and a username, signed in."""
    assert visitor.sign_up(f"ann.{secrets.token_hex(4)}").status_code == 200
    assert visitor.sign_in().status_code == 200
    return visitor


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def sub(visitor: Visitor) -> str:
    return str(claims(visitor.tokens["AccessToken"])["sub"])


def mailed_code(visitor: Visitor) -> str:
    """Return the code of the last mail to somebody."""
    return read_mails(Path(visitor.stack.state), visitor.email)[-1].code or ""


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def profile(stack: Stack, aws: Aws, user_id: str) -> dict[str, Any]:
    found = [
        {name: next(iter(value.values())) for name, value in item.items()}
        for item in items(aws("dynamodb"), stack.outputs["UserProfilesTableName"])
        if item["sub"]["S"] == user_id
    ]
    return found[0] if found else {}


# ── coming in ─────────────────────────────────────────────────────────────────────────────────────


def test_an_account_from_sign_up_to_deletion(visitor: Visitor) -> None:
    name = f"Vera.{secrets.token_hex(4)}"
    other = f"vera_{secrets.token_hex(4)}"
    # In by the front door
    assert visitor.is_free(name)
    registered = visitor.sign_up(name)
    assert registered.status_code == 200
    assert registered.json()["message"] == "User registered successfully"
    assert not visitor.is_free(name.upper())
    signed_in = visitor.sign_in()
    assert list(signed_in.json()) == [
        "AccessToken",
        "IdToken",
        "RefreshToken",
        "ExpiresIn",
        "email",
    ]
    assert signed_in.headers["cache-control"] == "no-store"
    assert sub(visitor) == registered.json()["userSub"]
    assert claims(visitor.tokens["AccessToken"])["cognito:groups"] == ["Users"]
    # By username too, however it is written
    assert visitor.sign_in(username=name.swapcase()).status_code == 200
    # Staying in
    refreshed = visitor.post("/auth/refresh", refreshToken=visitor.tokens["RefreshToken"])
    assert refreshed.status_code == 200
    assert claims(refreshed.json()["AccessToken"])["sub"] == sub(visitor)
    assert refreshed.json()["ExpiresIn"] == signed_in.json()["ExpiresIn"] == 3600
    # Another name: the old one is free at once
    taken = visitor.signed_in("POST", "/auth/usernames", {"username": other})
    assert (taken.status_code, taken.json()) == (200, {"success": True})
    assert visitor.is_free(name)
    assert not visitor.is_free(other)
    visitor.sign_in()
    assert claims(visitor.tokens["IdToken"])["preferred_username"] == other
    # Another password: the old one and its sessions are over
    old = visitor.tokens["RefreshToken"]
    assert visitor.post("/auth/forgot-password", email=visitor.email).status_code == 200
    new = f"Bb2{secrets.token_urlsafe(12)}"
    reset = visitor.post(
        "/auth/reset-password", email=visitor.email, code=mailed_code(visitor), password=new
    )
    assert reset.status_code == 200
    assert code(visitor.sign_in()) == (401, "InvalidCredentials")
    assert code(visitor.post("/auth/refresh", RefreshToken=old)) == (401, "SessionExpired")
    visitor.password = new
    assert visitor.sign_in().status_code == 200
    # Out everywhere
    assert visitor.signed_in("POST", "/auth/signout").json() == {"message": "Signed out"}
    assert visitor.signed_in("POST", "/auth/signout").status_code == 200
    refused = visitor.post("/auth/refresh", RefreshToken=visitor.tokens["RefreshToken"])
    assert code(refused) == (401, "SessionExpired")
    # And gone
    visitor.sign_in()
    former = sub(visitor)
    assert visitor.signed_in("DELETE", "/auth/account").json() == {"message": "Account deleted"}
    assert visitor.signed_in("DELETE", "/auth/account").status_code == 200
    assert code(visitor.sign_in()) == (401, "InvalidCredentials")
    assert visitor.is_free(other)
    # A new beginning with the same address
    assert visitor.sign_up(other).status_code == 200
    assert visitor.sign_in().status_code == 200
    assert sub(visitor) != former


def test_an_address_registers_once_in_whatever_case(ann: Visitor) -> None:
    again = ann.post("/auth/signup", email=ann.email.upper(), password=PASSWORD)
    assert code(again) == (409, "EmailAlreadyRegistered")
    assert again.json()["error"] == "Email is already registered"


def test_the_same_sign_up_again_returns_the_same_account(ann: Visitor) -> None:
    name = claims(ann.tokens["IdToken"])["preferred_username"]
    for username in (name, None):
        again = ann.sign_up(username)
        assert (again.status_code, again.json().get("userSub")) == (200, sub(ann))
    other = ann.post("/auth/signup", email=ann.email, password=PASSWORD, username=name)
    assert code(other) == (409, "UsernameTaken")


def test_sign_up_without_a_username_assigns_one(visitor: Visitor, stack: Stack, aws: Aws) -> None:
    user_id = visitor.sign_up().json()["userSub"]
    kept = profile(stack, aws, user_id)
    assert kept["username"].startswith("viewer_")
    assert not visitor.is_free(kept["username"])
    assert visitor.email.split("-")[0] not in kept["username"]


def test_a_password_is_the_same_in_every_form(visitor: Visitor) -> None:
    visitor.password = f"Caf\u00e9-{secrets.token_hex(4)}-A1"
    assert visitor.sign_up().status_code == 200
    visitor.password = visitor.password.replace("\u00e9", "e\u0301")
    assert visitor.sign_in().status_code == 200
    refused = visitor.post("/auth/signup", email=invented_email("weak"), password=f"{PASSWORD} ")
    assert code(refused) == (400, "WeakPassword")
    assert refused.json()["error"] == "The password needs no space at its beginning or end"


def test_sign_in_records_the_login(ann: Visitor, stack: Stack, aws: Aws) -> None:
    before = profile(stack, aws, sub(ann))["lastLoginAt"]
    ann.sign_in()
    after = profile(stack, aws, sub(ann))
    assert after["lastLoginAt"] > before
    assert after["createdAt"] < before


@pytest.mark.parametrize("login", ["email", "username"])
def test_unknown_user_and_wrong_password_get_the_same_answer(ann: Visitor, login: str) -> None:
    unheard_of = {"email": invented_email("nobody"), "username": f"nobody.{secrets.token_hex(4)}"}
    wrong = ann.post("/auth/signin", email=ann.email, password="Wrong1password")
    unknown = ann.post("/auth/signin", password="Wrong1password", **{login: unheard_of[login]})
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
    assert code(wrong) == (401, "InvalidCredentials")


@pytest.mark.parametrize("path", ["/auth/forgot-password", "/auth/resend-code"])
def test_code_requests_do_not_reveal_accounts(ann: Visitor, path: str) -> None:
    known = ann.post(path, email=ann.email)
    unknown = ann.post(path, email=invented_email("nobody"))
    assert known.status_code == 200
    assert known.content == unknown.content


def test_wrong_code_and_unknown_address_get_the_same_answer(ann: Visitor) -> None:
    unknown = ann.post("/auth/signup", email=invented_email("nobody"), code="000000")
    assert code(unknown) == (400, "InvalidVerificationCode")
    ann.post("/auth/forgot-password", email=ann.email)
    answers = [
        ann.post("/auth/reset-password", email=email, code="000000", password=PASSWORD)
        for email in (ann.email, invented_email("nobody"))
    ]
    assert answers[0].content == answers[1].content
    assert code(answers[0]) == (400, "InvalidResetCode")


@pytest.fixture
def codes_are_asked_for(stack: Stack, aws: Aws) -> Iterator[None]:
    """The product as it is where mails are sent: nobody is confirmed automatically."""
    functions, name = aws("lambda"), stack.outputs["PreSignUpFunctionName"]
    usual = functions.get_function_configuration(FunctionName=name)["Environment"]
    without = {"Variables": usual["Variables"] | {"AUTO_CONFIRM": "false"}}
    functions.update_function_configuration(FunctionName=name, Environment=without)
    yield
    functions.update_function_configuration(FunctionName=name, Environment=usual)


@pytest.mark.usefixtures("codes_are_asked_for")
def test_a_user_signs_in_after_verification(visitor: Visitor, stack: Stack, aws: Aws) -> None:
    # Given somebody who has registered
    name = f"wait.{secrets.token_hex(4)}"
    user_id = visitor.sign_up(name).json()["userSub"]
    # Then they cannot sign in yet, and the username is still free
    assert code(visitor.sign_in()) == (403, "UserNotConfirmed")
    assert visitor.is_free(name)
    assert "confirmedAt" not in profile(stack, aws, user_id)
    # When they try a wrong code, request another, and try the right one
    wrong = visitor.post("/auth/signup", email=visitor.email, code="000000")
    assert code(wrong) == (400, "InvalidVerificationCode")
    assert visitor.post("/auth/resend-code", email=visitor.email).status_code == 200
    mailed = mailed_code(visitor)
    pasted = f" {mailed[:3]} {mailed[3:]} "
    verified = visitor.post("/auth/signup", email=visitor.email, code=pasted)
    assert verified.json() == {"message": "Email verified successfully", "email": visitor.email}
    # Then they are provisioned before their first sign-in
    kept = profile(stack, aws, user_id)
    assert (kept["username"], "confirmedAt" in kept) == (name, True)
    groups = aws("cognito-idp").admin_list_groups_for_user(
        UserPoolId=stack.user_pool_id, Username=user_id
    )["Groups"]
    assert [group["GroupName"] for group in groups] == ["Users"]
    assert visitor.sign_in().status_code == 200
    # And the same request again changes nothing, while another code is wrong
    again = visitor.post("/auth/signup", email=visitor.email, code=mailed)
    assert again.json() == verified.json()
    wrong = visitor.post("/auth/signup", email=visitor.email, code="000000")
    assert code(wrong) == (400, "InvalidVerificationCode")


@pytest.mark.usefixtures("codes_are_asked_for")
def test_the_first_to_verify_gets_a_contested_username(stack: Stack, aws: Aws) -> None:
    name = f"wish.{secrets.token_hex(4)}"
    slow, quick = Visitor(stack), Visitor(stack)
    ids = [person.sign_up(name).json()["userSub"] for person in (slow, quick)]
    for person in (quick, slow):
        person.post("/auth/signup", email=person.email, code=mailed_code(person)).raise_for_status()
    names = [profile(stack, aws, user_id)["username"] for user_id in ids]
    assert names[1] == name
    assert names[0].startswith(name[:14])
    assert slow.sign_in(username=names[0]).status_code == 200


def test_sign_in_completes_a_partial_provisioning(ann: Visitor, stack: Stack, aws: Aws) -> None:
    # Given a user who has lost their profile, username and group
    user_id, dynamodb = sub(ann), aws("dynamodb")
    lost = profile(stack, aws, user_id)
    dynamodb.delete_item(
        TableName=stack.outputs["UserProfilesTableName"], Key={"sub": {"S": user_id}}
    )
    dynamodb.delete_item(
        TableName=stack.outputs["UsernamesTableName"],
        Key={"username": {"S": lost["usernameKey"]}},
    )
    aws("cognito-idp").admin_remove_user_from_group(
        UserPoolId=stack.user_pool_id, Username=user_id, GroupName="Users"
    )
    # When they sign in
    assert ann.sign_in().status_code == 200
    # Then they have them, and their tokens name the group
    assert profile(stack, aws, user_id)["usernameKey"] == lost["usernameKey"]
    assert claims(ann.tokens["AccessToken"])["cognito:groups"] == ["Users"]


def test_a_client_with_a_secret_sends_its_hash(stack: Stack, aws: Aws) -> None:
    cognito = aws("cognito-idp")
    client = cognito.create_user_pool_client(
        UserPoolId=stack.user_pool_id,
        ClientName=f"secret-{secrets.token_hex(4)}",
        GenerateSecret=True,
        PreventUserExistenceErrors="ENABLED",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    pool = CognitoUserPool(
        cognito=cognito,
        pool_id=stack.user_pool_id,
        client_id=client["ClientId"],
        client_secret=client["ClientSecret"],
    )
    email = invented_email("secret")
    account = pool.register(email, PASSWORD, None).account
    session = pool.authenticate(email, PASSWORD)
    assert session.account.user_id == account.user_id
    assert pool.refresh(session.refresh_token).account.user_id == account.user_id
    proof = pool._secret_hash(email)["SecretHash"]
    digest = hmac.new(
        client["ClientSecret"].encode(), f"{email}{client['ClientId']}".encode(), hashlib.sha256
    ).digest()
    assert base64.b64decode(proof) == digest


# ── usernames ─────────────────────────────────────────────────────────────────────────────────────


def test_concurrent_claims_of_a_username_have_one_winner(stack: Stack) -> None:
    people = [Visitor(stack) for _ in range(4)]
    for person in people:
        person.sign_up()
        person.sign_in()
    name = f"race.{secrets.token_hex(4)}"
    with ThreadPoolExecutor(len(people)) as threads:
        answers = list(
            threads.map(
                lambda one: one.signed_in("POST", "/auth/usernames", {"username": name}), people
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {code(answer)[1] for answer in answers if answer.status_code == 409} == {"UsernameTaken"}


def test_a_taken_username_prevents_sign_up(ann: Visitor, stack: Stack, aws: Aws) -> None:
    name = profile(stack, aws, sub(ann))["username"]
    other = Visitor(stack)
    assert code(other.sign_up(name.upper())) == (409, "UsernameTaken")
    assert code(other.sign_in()) == (401, "InvalidCredentials")


@pytest.mark.parametrize("typed", ["ab", "a" * 21, "a%20b", "a%0Ab", "%F0%9F%91%BB" * 3])
def test_an_invalid_username_is_refused(visitor: Visitor, typed: str) -> None:
    assert code(visitor.call("GET", f"/auth/usernames/{typed}")) == (400, "InvalidInput")


def test_usernames_are_compared_in_normal_form(ann: Visitor) -> None:
    name = f"Ame\u0301lie_{secrets.token_hex(3)}"
    assert ann.signed_in("POST", "/auth/usernames", {"username": name}).status_code == 200
    assert not ann.is_free(name.replace("e\u0301", "\u00c9"))


# ── who may ───────────────────────────────────────────────────────────────────────────────────────

PROTECTED = [
    ("POST", "/auth/signout", None),
    ("POST", "/auth/usernames", {"username": "mallory"}),
    ("DELETE", "/auth/account", None),
]


@pytest.mark.parametrize(("method", "path", "body"), PROTECTED)
def test_identity_comes_from_the_token_alone(
    ann: Visitor, stack: Stack, method: str, path: str, body: object
) -> None:
    user_id = sub(ann)
    answer = httpx.request(
        method,
        f"{stack.rest_url}{path}",
        json=body or {"userId": user_id, "sub": user_id},
        headers={"x-user-id": user_id, "x-amzn-oidc-identity": user_id, "x-offline": "true"},
        timeout=30,
    )
    assert answer.status_code == 401


# ── against brute force ───────────────────────────────────────────────────────────────────────────


def from_elsewhere(stack: Stack, aws: Aws, body: dict[str, str], source: str) -> int:
    """Sign in as the gateway does it for somebody at another IP address; answers the status."""
    event = json.loads((EVENTS / "SigninFunction.http.valid.json").read_text())
    event["requestContext"]["http"]["sourceIp"] = source
    event["body"] = json.dumps(body)
    SECRETS_SENT.update((body["email"], source))
    status: int = invoke(stack, aws, "SigninFunction", event)["statusCode"]
    return status


def wait_for_a_window(limit: RateLimit) -> None:
    """Return while a window of a limit lasts for another minute: attempts count within one."""
    window = limit.window.total_seconds()
    left = window - time.time() % window
    if left < 60:
        time.sleep(left)


@pytest.mark.parametrize("known", [True, False])
def test_sign_in_attempts_are_limited_per_address(
    ann: Visitor, stack: Stack, *, known: bool
) -> None:
    wait_for_a_window(SIGN_IN)
    email = ann.email if known else invented_email("nobody")
    guesser = Visitor(stack, email=email, password="Wrong1password")
    statuses = [guesser.sign_in().status_code for _ in range(SIGN_IN.per_identifier + 1)]
    assert statuses == [401] * SIGN_IN.per_identifier + [429]
    refused = guesser.sign_in()
    assert 1 <= int(refused.headers["Retry-After"]) <= SIGN_IN.window.total_seconds()
    assert refused.json()["error"] == "Too many attempts. Please try again later."
    if known:
        assert code(ann.sign_in()) == (429, "TooManyAttempts")


def test_code_requests_are_limited(ann: Visitor) -> None:
    wait_for_a_window(SEND_CODE)
    paths = ["/auth/forgot-password", "/auth/resend-code"] * SEND_CODE.per_identifier
    statuses = [
        ann.post(path, email=ann.email).status_code
        for path in paths[: SEND_CODE.per_identifier + 1]
    ]
    assert statuses == [200] * SEND_CODE.per_identifier + [429]


def test_code_attempts_are_limited(stack: Stack) -> None:
    wait_for_a_window(VERIFY)
    guesser = Visitor(stack)
    statuses = [
        guesser.post("/auth/signup", email=guesser.email, code="000000").status_code
        for _ in range(VERIFY.per_identifier + 1)
    ]
    assert statuses == [400] * VERIFY.per_identifier + [429]


def test_attempts_are_limited_per_caller(stack: Stack, aws: Aws) -> None:
    def attempt(source: str) -> int:
        body = {"email": invented_email("spray"), "password": "Wrong1password"}
        return from_elsewhere(stack, aws, body, source)

    def window() -> float:
        return time.time() // SIGN_IN.window.total_seconds()

    for _ in range(2):  # a second time if a window of the limit ended meanwhile
        began = window()
        source = f"198.51.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
        with ThreadPoolExecutor(2) as threads:
            statuses = list(threads.map(attempt, [source] * (SIGN_IN.per_source + 5)))
        if window() == began:
            break
    assert (statuses.count(401), statuses.count(429)) == (SIGN_IN.per_source, 5)


def test_counters_store_no_address(ann: Visitor, stack: Stack, aws: Aws) -> None:
    ann.sign_in()
    ann.post("/auth/forgot-password", email=ann.email)
    counters = json.dumps(items(aws("dynamodb"), stack.outputs["AuthAttemptsTableName"]))
    assert "signin#address#" in counters
    assert "@" not in counters
    assert "127.0.0.1" not in counters


# ── what is told ──────────────────────────────────────────────────────────────────────────────────


async def test_account_events_carry_ids_only_and_come_once(
    visitor: Visitor, wiretap: Callable[[], Heard], idle: Idle
) -> None:
    name = f"told.{secrets.token_hex(4)}"
    user_id = visitor.sign_up(name).json()["userSub"]
    visitor.sign_in()
    visitor.sign_in()
    visitor.signed_in("DELETE", "/auth/account")

    def mine() -> Heard:
        return [event for event in wiretap() if event["detail"]["data"].get("user_id") == user_id]

    async def all_told() -> bool:
        return len([event for event in mine() if event["source"] == "matinee.auth"]) >= 3

    assert await eventually(all_told)
    await idle()
    told = [event for event in mine() if event["source"] == "matinee.auth"]
    assert sorted(event["detail-type"] for event in told) == [
        "UserConfirmed",
        "UserDeleted",
        "UserRegistered",
    ]
    for event in told:
        PUBLISHED.read(event["detail"])
        assert event["detail"]["data"] == {"user_id": user_id}
        assert event["detail"]["metadata"]["correlation_id"] == visitor.correlation_id
        for personal in (visitor.email, name):
            assert personal not in json.dumps(event)


# ── going ─────────────────────────────────────────────────────────────────────────────────────────


def test_deletion_leaves_only_an_id(ann: Visitor, stack: Stack, aws: Aws) -> None:
    user_id, name = sub(ann), profile(stack, aws, sub(ann))["username"]
    ann.signed_in("DELETE", "/auth/account")
    assert set(profile(stack, aws, user_id)) == {"sub", "deletingSince", "deletedAt", "ttl"}
    dynamodb, cognito = aws("dynamodb"), aws("cognito-idp")
    everything = json.dumps(
        [
            items(dynamodb, stack.outputs[table])
            for table in ("UserProfilesTableName", "UsernamesTableName", "AuthOutboxTableName")
        ]
    )
    assert ann.email not in everything
    assert name not in everything
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_get_user(UserPoolId=stack.user_pool_id, Username=user_id)


def test_a_token_that_outlives_its_account_restores_nothing(
    ann: Visitor, stack: Stack, aws: Aws
) -> None:
    user_id = sub(ann)
    ann.signed_in("DELETE", "/auth/account")
    ghost = ann.signed_in("POST", "/auth/usernames", {"username": f"ghost.{user_id[:4]}"})
    assert code(ghost) == (401, "AccountGone")
    refused = ann.post("/auth/refresh", RefreshToken=ann.tokens["RefreshToken"])
    assert code(refused) == (401, "SessionExpired")
    assert ann.is_free(f"ghost.{user_id[:4]}")
    assert "email" not in profile(stack, aws, user_id)


def test_the_sweep_finishes_an_interrupted_deletion(ann: Visitor, stack: Stack, aws: Aws) -> None:
    # Given a deletion that ended after its first step, a while ago
    user_id = sub(ann)
    name = profile(stack, aws, user_id)["username"]
    aws("dynamodb").update_item(
        TableName=stack.outputs["UserProfilesTableName"],
        Key={"sub": {"S": user_id}},
        UpdateExpression="SET deleting = :yes, deletingSince = :then, cognitoUsername = :pool",
        ExpressionAttributeValues={
            ":yes": {"S": "yes"},
            ":then": {"S": "2026-01-01T00:00:00.000Z"},
            ":pool": {"S": user_id},
        },
    )
    # Then the user cannot sign in, although the pool still has them
    assert code(ann.sign_in()) == (401, "InvalidCredentials")
    # When the sweep comes
    answer = aws("lambda").invoke(
        FunctionName=stack.outputs["AccountFunctionName"], Payload=b'{"sweep": true}'
    )
    assert json.loads(answer["Payload"].read()) == {"unfinished": 0}
    # Then nothing of theirs is left
    assert set(profile(stack, aws, user_id)) == {"sub", "deletingSince", "deletedAt", "ttl"}
    assert ann.is_free(name)
    assert ann.sign_up(name).status_code == 200


# ── the user pool's triggers ──────────────────────────────────────────────────────────────────────


def invoke(stack: Stack, aws: Aws, function: str, event: dict[str, Any]) -> dict[str, Any]:
    answer = aws("lambda").invoke(
        FunctionName=stack.outputs[f"{function}Name"], Payload=json.dumps(event).encode()
    )
    read: dict[str, Any] = json.loads(answer["Payload"].read())
    return read


def triggered(stack: Stack, sample: str, user_id: str, email: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{sample}.json").read_text())
    event |= {"userPoolId": stack.user_pool_id, "userName": user_id}
    event["request"]["userAttributes"] |= {
        "sub": user_id,
        "email": email,
        "preferred_username": f"trig.{user_id[:6]}",
    }
    SECRETS_SENT.add(email)
    return event


def test_triggers_provision_users_of_the_pool_itself(stack: Stack, aws: Aws) -> None:
    # Given somebody whose app talks to the pool, which calls its triggers
    email, name = invented_email("native"), f"trig.{secrets.token_hex(3)}"
    SECRETS_SENT.add(email)
    user_id = aws("cognito-idp").sign_up(
        ClientId=stack.client_id,
        Username=email,
        Password=PASSWORD,
        UserAttributes=[
            {"Name": "email", "Value": email},
            {"Name": "preferred_username", "Value": name},
        ],
    )["UserSub"]
    # Then they are provisioned at once
    kept = profile(stack, aws, user_id)
    assert kept["username"] == name
    assert "lastLoginAt" not in kept
    person = Visitor(stack, email=email, password=PASSWORD)
    assert person.sign_in().status_code == 200
    assert claims(person.tokens["AccessToken"])["cognito:groups"] == ["Users"]
    # And triggers that come again change nothing
    for function, sample in (
        ("PostConfirmationFunction", "PostConfirmationFunction.cognito.confirmed"),
        ("PostAuthenticationFunction", "PostAuthenticationFunction.cognito.authenticated"),
    ):
        event = triggered(stack, sample, user_id, email)
        assert invoke(stack, aws, function, event) == event
    after = profile(stack, aws, user_id)
    assert after | {"lastLoginAt": ""} == kept | {"lastLoginAt": ""}


def test_the_pool_refuses_a_user_under_deletion(ann: Visitor, stack: Stack, aws: Aws) -> None:
    user_id = sub(ann)
    ann.signed_in("DELETE", "/auth/account")
    event = triggered(stack, "PostAuthenticationFunction.cognito.authenticated", user_id, ann.email)
    answer = invoke(stack, aws, "PostAuthenticationFunction", event)
    assert "This account has been deleted" in answer["errorMessage"]
