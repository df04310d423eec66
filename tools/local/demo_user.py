"""The user that `make run` shows: signed up through the REST API like anybody else."""

from dataclasses import dataclass
from typing import Any

import httpx
from botocore.exceptions import ClientError

from tools.local.emulator import Aws
from tools.local.patience import patient_sync_client

USERS_GROUP = "Users"


class DemoUserError(Exception):
    """The demo user could not be made; the message says at which step."""


@dataclass(frozen=True, slots=True)
class DemoUser:
    """The account to try the product with."""

    email: str = "demo@matinee.example"
    password: str = "Matinee-2026!"  # noqa: S105 - of an invented user on a laptop


def ensure_demo_user(aws: Aws, rest_url: str, user_pool_id: str) -> DemoUser:
    """Sign up, confirm and group the demo user unless all of it was done. Raises DemoUserError."""
    user = DemoUser()
    try:
        status = _status(aws, user_pool_id, user)
        if status is None:
            _post(rest_url, {"email": user.email, "password": user.password})
            status = _status(aws, user_pool_id, user)
        if status != "CONFIRMED":
            aws.cognito.admin_confirm_sign_up(UserPoolId=user_pool_id, Username=user.email)
        groups = aws.cognito.admin_list_groups_for_user(
            UserPoolId=user_pool_id, Username=user.email
        )["Groups"]
        if USERS_GROUP not in {group.get("GroupName") for group in groups}:
            aws.cognito.admin_add_user_to_group(
                UserPoolId=user_pool_id, Username=user.email, GroupName=USERS_GROUP
            )
    except ClientError as error:
        raise DemoUserError(str(error)) from error
    return user


def _status(aws: Aws, user_pool_id: str, user: DemoUser) -> str | None:
    try:
        answer = aws.cognito.admin_get_user(UserPoolId=user_pool_id, Username=user.email)
    except aws.cognito.exceptions.UserNotFoundException:
        return None
    return answer.get("UserStatus")


def _post(rest_url: str, body: dict[str, Any]) -> None:
    try:
        with patient_sync_client() as http:
            answer = http.post(f"{rest_url}/auth/signup", json=body)
    except httpx.HTTPError as error:
        raise DemoUserError(f"POST /auth/signup failed: {error}") from error
    if answer.is_error:
        text = answer.text[:300]
        raise DemoUserError(f"POST /auth/signup answered {answer.status_code}: {text}")
