"""Users whose app talks to the user pool itself, with aws-amplify, are users like any others."""

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.node import run_node
from tests.e2e.accounts import SECRETS_SENT, Visitor, invented_email, items
from tests.e2e.conftest import eventually
from tools.local.mailbox import FILE
from tools.local.patches.cold_triggers import COLD_TRIGGER_SECONDS
from tools.ops.client import Stack

type Aws = Callable[[str], Any]


@pytest.fixture
def codes_are_asked_for(stack: Stack, aws: Aws) -> Iterator[None]:
    """The product as it is with VERIFY=1."""
    functions, name = aws("lambda"), stack.outputs["PreSignUpFunctionName"]
    usual = functions.get_function_configuration(FunctionName=name)["Environment"]
    without = {"Variables": usual["Variables"] | {"AUTO_CONFIRM": "false"}}
    functions.update_function_configuration(FunctionName=name, Environment=without)
    yield
    functions.update_function_configuration(FunctionName=name, Environment=usual)


def live(stack: Stack, email: str, username: str, **options: str) -> dict[str, Any]:
    """Live through an account's life in Node; returns what was seen."""
    SECRETS_SENT.update((email, "Popcorn4two", "Popcorn4three"))
    seen: dict[str, Any] = json.loads(
        run_node(
            "amplify_auth.js",
            env={
                "ENDPOINT": stack.emulator_url,
                "USER_POOL_ID": stack.user_pool_id,
                "CLIENT_ID": stack.client_id,
                "MAILBOX": str(Path(stack.state) / FILE),
                "EMAIL": email,
                "USERNAME": username,
                **options,
            },
        )
    )
    SECRETS_SENT.update(seen[step]["token"] for step in ("signedIn", "refreshed", "last"))
    return seen


def profile(stack: Stack, aws: Aws, user_id: str) -> dict[str, Any]:
    found = [
        item
        for item in items(aws("dynamodb"), stack.outputs["UserProfilesTableName"])
        if item["sub"]["S"] == user_id
    ]
    return found[0] if found else {}


@pytest.mark.usefixtures("codes_are_asked_for")
def test_amplify_lives_through_an_accounts_life(stack: Stack, aws: Aws) -> None:
    email, username = invented_email("amplify"), f"amp.{secrets.token_hex(4)}"
    seen = live(stack, email, username)
    # The address is verified by the code of a mail
    assert (seen["next"], seen["wrongCode"]) == ("CONFIRM_SIGN_UP", "CodeMismatchException")
    assert seen["confirmed"]
    assert seen["attributes"]["email_verified"] == "true"
    # The password is proven by SRP, and each refusal is one of the password alone
    assert seen["wrongPassword"] == seen["oldPassword"] == "NotAuthorizedException"
    assert seen["signedOut"]
    # The first tokens open everything already
    for step in ("signedIn", "refreshed", "last"):
        assert seen[step]["access"]["sub"] == seen["userId"]
        assert seen[step]["access"]["cognito:groups"] == ["Users"]
        assert seen[step]["id"]["preferred_username"] == username
    # And the user has all that one of our routes has
    kept = profile(stack, aws, seen["userId"])
    assert kept["username"] == {"S": username}
    assert kept["lastLoginAt"]["S"] >= kept["confirmedAt"]["S"]
    assert not Visitor(stack).is_free(username)
    favourites = httpx.get(
        f"{stack.rest_url}/user/favourites",
        headers={"Authorization": f"Bearer {seen['last']['token']}"},
        timeout=60,
    )
    assert favourites.status_code == 200


@pytest.mark.usefixtures("codes_are_asked_for")
async def test_a_deletion_by_the_pool_is_noticed_and_told(
    stack: Stack, aws: Aws, wiretap: Callable[[], list[dict[str, Any]]]
) -> None:
    # Given a user who has deleted their account with Amplify
    email, username = invented_email("amplify"), f"amp.{secrets.token_hex(4)}"
    seen = live(stack, email, username, DELETE="yes")
    assert seen["afterDeletion"] == "NotAuthorizedException"
    user_id = seen["userId"]
    aws("dynamodb").update_item(
        TableName=stack.outputs["UserProfilesTableName"],
        Key={"sub": {"S": user_id}},
        UpdateExpression="SET createdAt = :then",
        ExpressionAttributeValues={":then": {"S": "2026-01-01T00:00:00.000Z"}},
    )
    # When the schedule comes
    answer = aws("lambda").invoke(
        FunctionName=stack.outputs["AccountFunctionName"], Payload=b'{"reconcile": true}'
    )
    assert json.loads(answer["Payload"].read()) == {"deleted": 1}

    # Then the account is deleted here, too, and everybody is told
    async def told() -> bool:
        return any(
            event["detail-type"] == "UserDeleted" and event["detail"]["data"]["user_id"] == user_id
            for event in wiretap()
        )

    assert await eventually(told)
    assert set(profile(stack, aws, user_id)) == {"sub", "deletingSince", "deletedAt", "ttl"}
    assert Visitor(stack).is_free(username)


def test_a_sign_up_outlasts_cold_triggers(stack: Stack, aws: Aws) -> None:
    ssm, visitor = aws("ssm"), Visitor(stack)
    ssm.put_parameter(Name=COLD_TRIGGER_SECONDS, Type="String", Value="5")
    try:
        answer = visitor.post("/auth/signup", email=visitor.email, password=visitor.password)
    finally:
        ssm.delete_parameter(Name=COLD_TRIGGER_SECONDS)
    assert answer.status_code == 200
    assert visitor.sign_in().status_code == 200
