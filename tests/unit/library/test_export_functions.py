"""What other services store of a user, through their functions: data, refusals and faults."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from library.adapters.lambda_.exports import AccountExport, ExportFunction, RoomsExport
from library.domain.errors import AccountDeleted, ExportUnavailable


class Client:
    """A client of Lambda that answers one thing and keeps what it was asked."""

    def __init__(self, answer: object, *, failed: bool = False) -> None:
        self.answer, self.failed = answer, failed
        self.asked: list[dict[str, Any]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert FunctionName == "export"
        self.asked.append(json.loads(Payload))
        if isinstance(self.answer, Exception):
            raise self.answer
        body = io.BytesIO(json.dumps(self.answer).encode())
        return {"Payload": body} | ({"FunctionError": "Unhandled"} if self.failed else {})


def function(client: Client) -> ExportFunction:
    return ExportFunction("export", client)  # type: ignore[arg-type]


def test_the_account_is_one_part() -> None:
    client = Client({"data": {"email": "ann@example.com"}})

    assert AccountExport(function(client))("ann", None) == (
        {"account": {"email": "ann@example.com"}},
        None,
    )
    assert client.asked == [{"userId": "ann"}]


def test_rooms_continue_where_they_say() -> None:
    part = {"rooms": [{"id": "r"}], "matches": [], "decisions": [], "what comes next year": []}
    client = Client({"data": {**part, "next": "rooms:r"}})
    export = RoomsExport(function(client))

    assert export("ann", None) == (part, "rooms:r")
    export("ann", "rooms:r")
    assert client.asked == [{"userId": "ann"}, {"userId": "ann", "cursor": "rooms:r"}]


@pytest.mark.parametrize("code", ["AccountGone", "AccountDeleted"])
def test_a_deleted_account_is_told_as_such(code: str) -> None:
    with pytest.raises(AccountDeleted):
        function(Client({"error": {"type": code}})).invoke({})


@pytest.mark.parametrize(
    "client",
    [
        lambda: Client({"error": {"type": "AccountsUnavailable"}}),
        lambda: Client({"errorMessage": "boom"}, failed=True),
        lambda: Client(ReadTimeoutError(endpoint_url="https://example.com")),
    ],
)
def test_everything_else_may_be_asked_again(client: Callable[[], Client]) -> None:
    with pytest.raises(ExportUnavailable):
        function(client()).invoke({})
