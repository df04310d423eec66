"""What the functions have logged while all the other tests ran: this file comes last."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import MakePeople
from tools.client import Person


@pytest.fixture
async def lines(people: MakePeople, aws: Callable[[str], Any]) -> list[str]:
    """Everything that every function has written, after one more evening of two people."""
    ada, boris = await people("Ada", "Boris")
    room = await ada.create_room()
    await boris.join_room(room["code"])
    for person in (ada, boris):
        await person.vote(room["id"], room["candidates"][0]["id"])
    logs = aws("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    return [
        event["message"]
        for group in groups
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in page["events"]
    ]


def test_every_function_that_answers_says_so(lines: list[str]) -> None:
    assert [line for line in lines if '"answered"' in line and '"correlation_id"' in line]


def test_no_line_holds_a_token_or_an_address(lines: list[str], everybody: list[Person]) -> None:
    text = "\n".join(lines)
    assert everybody
    for person in everybody:
        assert person.token not in text
        assert person.token.rsplit(".", 1)[1] not in text
        assert person.email not in text


def test_no_function_lacked_a_right_that_it_needs(lines: list[str]) -> None:
    """The product enforces IAM here too: a role that is too narrow shows as a refusal."""
    assert not [line for line in lines if "AccessDenied" in line or "not authorized" in line]
