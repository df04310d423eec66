"""What the functions have logged of the accounts of the file before: nothing that is secret."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.accounts import SECRETS_SAID, Visitor
from tools.client import Stack


@pytest.fixture(scope="module")
def lines(stack: Stack, aws: Callable[[str], Any]) -> list[str]:
    """Everything that every function has written, after one more account came and went."""
    visitor = Visitor(stack)
    visitor.sign_up()
    visitor.sign_in()
    visitor.post("/auth/signin", email=visitor.email, password="Wrong1password")
    visitor.signed_in("DELETE", "/auth/account")
    logs = aws("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    return [
        event["message"]
        for group in groups
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in page["events"]
    ]


def test_the_functions_of_accounts_say_what_they_did(lines: list[str]) -> None:
    said = "\n".join(lines)
    for message in ("answered", "refused", "authenticated", "warmed"):
        assert f'"message":"{message}"' in said


def test_no_line_holds_a_password_a_token_or_an_address(lines: list[str]) -> None:
    said = "\n".join(lines)
    assert len(SECRETS_SAID) >= 5
    for secret in SECRETS_SAID:
        assert secret not in said


def test_no_line_holds_a_part_of_a_token(lines: list[str]) -> None:
    said = "\n".join(lines)
    tokens = [secret for secret in SECRETS_SAID if secret.count(".") == 2]
    assert tokens
    for token in tokens:
        _, payload, signature = token.split(".")
        assert len(signature) < 20 or signature not in said
        assert len(payload) < 20 or payload not in said


def test_no_function_of_accounts_lacked_a_right(lines: list[str]) -> None:
    assert not [line for line in lines if "AccessDenied" in line or "not authorized" in line]
