"""What the supervisor says."""

import contextlib
import io
import json
import threading
from types import SimpleNamespace

import pytest

from tools.local import console
from tools.local.console import Console, ready_text

PATIENCE_SECONDS = 10

STACK = {
    "rest_url": "http://127.0.0.1:4566/_aws/execute-api/abc",
    "graphql_url": "http://127.0.0.1:4567/graphql",
    "realtime_url": "ws://127.0.0.1:4567/graphql/realtime",
    "graphql_tls_url": "https://localhost:4569/graphql",
    "ca_file": ".local/tls/ca.pem",
    "emulator_url": "http://127.0.0.1:4566",
    "tmdb_url": "http://127.0.0.1:4568/3",
    "region": "eu-west-1",
    "user_pool_id": "eu-west-1_abc",
    "client_id": "client",
}


def text(demo: tuple[str, str] | None = ("demo@matinee.example", "Pass-word1")) -> str:
    return ready_text(STACK, demo, ".local/logs", stand_in=True)


def test_when_ready_every_url_and_id_is_shown() -> None:
    shown = text()
    assert all(value in shown for value in STACK.values())
    assert "make demo" in shown
    assert ".local/logs" in shown


def test_the_sign_in_that_is_shown_works_as_it_stands() -> None:
    shown = text()
    body = shown.split("-d '")[1].split("'")[0]
    assert json.loads(body) == {"email": "demo@matinee.example", "password": "Pass-word1"}
    assert f"{STACK['rest_url']}/auth/signin" in shown


def test_without_a_demo_user_none_is_promised() -> None:
    shown = text(demo=None)
    assert "demo user" not in shown
    assert "signin" not in shown


def test_a_plain_log_gets_one_line_for_each_step_with_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SimpleNamespace(monotonic=iter([100.0, 101.5]).__next__)
    monkeypatch.setattr(console, "time", clock)
    stream = io.StringIO()
    with Console(stream).step("AWS emulator") as step:
        step.detail = "empty"
    assert stream.getvalue().split() == ["1.5", "s", "AWS", "emulator", "empty"]


def test_a_step_that_fails_is_not_reported_as_done() -> None:
    stream = io.StringIO()
    with contextlib.suppress(ZeroDivisionError), Console(stream).step("AWS emulator"):
        _ = 1 / 0
    assert stream.getvalue() == ""


class Told(io.StringIO):
    """A log that knows when a line has come that contains a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.come = threading.Event()

    def write(self, text: str) -> int:
        written = super().write(text)
        if self.text in self.getvalue():
            self.come.set()
        return written


def test_a_log_is_told_again_and_again_how_far_a_long_step_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(console, "STILL_SECONDS", 0.01)
    log = Told("deployment 3 of 7 (")
    with Console(log).step("deployment") as step:
        step.detail = "3 of 7"
        assert log.come.wait(PATIENCE_SECONDS)


def test_a_terminal_shows_how_far_a_step_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    terminal = Told("deployment ... 3 of 7")
    with Console(terminal).step("deployment") as step:
        step.detail = "3 of 7"
        assert terminal.come.wait(PATIENCE_SECONDS)


def test_brackets_in_a_message_are_shown_as_they_are() -> None:
    stream = io.StringIO()
    Console(stream).warn("Unrecognized resource types: [AWS::Nope]")
    assert stream.getvalue() == "Unrecognized resource types: [AWS::Nope]\n"


class ClosedTerminal(io.StringIO):
    def write(self, _text: str) -> int:
        raise BrokenPipeError


def test_a_terminal_that_was_closed_stops_nothing() -> None:
    console = Console(ClosedTerminal())
    with console.step("stop"):
        pass
    console.say("Saving what the stack holds.")
