"""A user's account, as ExportAccountFunction returns it."""

from typing import cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from auth.domain.account import Account, Profile
from auth.domain.errors import AccountGone
from auth.domain.username import Username
from auth.handlers import export_account
from auth.use_cases.export_account import ExportAccount
from tests.fakes.aws import FakeLambdaContext
from tests.fakes.clock import NOON

CONTEXT = cast("LambdaContext", FakeLambdaContext())

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")


class Users:
    """One user, one whose address is not verified, and one who is being deleted."""

    def find(self, user_id: str) -> Profile | None:
        account = Account(user_id, f"{user_id}@example.com")
        match user_id:
            case "ann":
                return Profile(account, NOON, Username("Ann.Frames"), NOON, NOON, "Ann")
            case "bob":
                return Profile(account, NOON)
            case "cleo":
                raise AccountGone
        return None


@pytest.fixture(autouse=True)
def users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_account, "export_account", lambda: ExportAccount(Users()))  # type: ignore[arg-type]


def test_an_account_is_exported_whole() -> None:
    at = "2026-01-31T12:00:00.000Z"
    assert export_account.handler({"userId": "ann"}, CONTEXT)["data"] == {
        "userId": "ann",
        "email": "ann@example.com",
        "username": "Ann.Frames",
        "displayName": "Ann",
        "avatar": None,
        "createdAt": at,
        "confirmedAt": at,
        "lastLoginAt": at,
    }


def test_what_is_not_known_yet_is_null() -> None:
    data = export_account.handler({"userId": "bob"}, CONTEXT)["data"]

    assert [name for name, value in data.items() if value is None] == [
        "username",
        "displayName",
        "avatar",
        "confirmedAt",
        "lastLoginAt",
    ]


@pytest.mark.parametrize("user_id", ["cleo", "nobody"])
def test_a_deleted_account_is_gone(user_id: str) -> None:
    answer = export_account.handler({"userId": user_id}, CONTEXT)

    assert answer["error"]["type"] == "AccountGone"
