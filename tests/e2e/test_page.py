"""The page of the running product, in a browser."""

import subprocess

import pytest

from tests.clients.browser import chromium
from tools.ops.client import Stack

BROWSER_SECONDS = 120


def document(url: str) -> str:
    """Return what a browser has made of a page after its scripts have run; fail on their errors."""
    shown = subprocess.run(
        [
            chromium(),
            *("--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"),
            *("--virtual-time-budget=30000", "--dump-dom", url),
        ],
        capture_output=True,
        text=True,
        timeout=BROWSER_SECONDS,
        check=True,
    )
    assert [line for line in shown.stderr.splitlines() if ":CONSOLE" in line] == []
    return shown.stdout


def test_the_page_shows_that_everything_answers(stack: Stack) -> None:
    page = document(f"{stack.emulator_url}/")
    assert "does not answer" not in page
    assert stack.graphql_url in page
    assert "demo@matinee.example" in page
    assert page.count("<img") > 1


@pytest.mark.parametrize(
    ("tool", "shown"), [("graphiql", 'class="graphiql-container"'), ("openapi", 'class="opblock')]
)
def test_a_tool_starts_without_the_network(tool: str, shown: str, stack: Stack) -> None:
    assert shown in document(f"{stack.emulator_url}/_matinee/{tool}")
