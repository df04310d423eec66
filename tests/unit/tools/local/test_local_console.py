"""What the supervisor says."""

import contextlib
import io
import json

from tools.local.console import Console, ready_text

STACK = {
    "rest_url": "http://127.0.0.1:4566/_aws/execute-api/abc",
    "graphql_url": "http://127.0.0.1:4567/graphql",
    "realtime_url": "ws://127.0.0.1:4567/graphql/realtime",
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


def test_a_plain_log_gets_one_line_for_each_step_with_its_time() -> None:
    stream = io.StringIO()
    with Console(stream).step("AWS emulator") as step:
        step.detail = "empty"
    assert stream.getvalue().split() == ["0.0", "s", "AWS", "emulator", "empty"]


def test_a_step_that_fails_is_not_reported_as_done() -> None:
    stream = io.StringIO()
    with contextlib.suppress(ZeroDivisionError), Console(stream).step("AWS emulator"):
        _ = 1 / 0
    assert stream.getvalue() == ""


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
