"""A page of the original's shape in a real browser, which enforces what CORS allows it."""

import json
from typing import Any

import pytest

from tests.clients.browser import chromium
from tests.clients.node import run_node
from tests.e2e.accounts import Visitor
from tools.ops.client import Stack

ALLOWED = "http://localhost:5173"
FOREIGN = "http://localhost:5174"


@pytest.fixture(scope="module")
def visitor(stack: Stack) -> Visitor:
    visitor = Visitor(stack)
    visitor.sign_up().raise_for_status()
    visitor.sign_in().raise_for_status()
    return visitor


def visit(visitor: Visitor, origin: str) -> dict[str, Any]:
    """Return what a page of an origin sees of the API, which it calls with credentials."""
    credentials = json.dumps({"email": visitor.email, "password": visitor.password})
    seen = run_node(
        "page.mjs", chromium(), origin, visitor.stack.rest_url, env={"VISITOR": credentials}
    )
    read: dict[str, Any] = json.loads(seen)
    return read


def test_a_page_uses_the_library_with_credentials(visitor: Visitor) -> None:
    seen = visit(visitor, ALLOWED)

    assert seen["origin"] == ALLOWED
    assert (seen["signIn"], seen["added"], seen["removed"]) == (200, 200, 200)
    assert seen["favourites"] == ["Fight Club"]
    refusals = [seen[name] for name in ("signedOut", "refused", "nowhere")]
    assert [(one["status"], one["body"]["message"]) for one in refusals] == [
        (401, "Unauthorized"),
        (401, "Unauthorized"),
        (404, "Not Found"),
    ]
    assert all(one["correlation"] for one in (*refusals, seen["head"]))
    assert seen["head"].keys() == {"status", "correlation"}
    assert seen["head"]["status"] == 200


def test_a_page_of_another_origin_is_blocked(visitor: Visitor) -> None:
    assert visit(visitor, FOREIGN) == {"origin": FOREIGN, "blocked": True}
