"""One stack of decorators: every line correlated, every metric flushed, nothing personal."""

import gc
import json
import os
import random
import subprocess
import sys
from io import StringIO
from typing import Any, cast

import pytest
import snapshot_restore_py
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.observability import correlate, count, entry_point, logger
from matinee.settings import LAMBDA_VARIABLE
from tests.fakes.aws import FakeLambdaContext

CONTEXT = cast("LambdaContext", FakeLambdaContext())


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    stream = StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    return stream


def lines(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_handler_is_given_the_event_and_its_answer_is_answered() -> None:
    @entry_point(prepare=dict)
    def double(event: dict[str, Any], _: LambdaContext) -> int:
        return int(event["n"]) * 2

    assert double({"n": 21}, CONTEXT) == 42


def test_every_line_carries_the_correlation_id_and_the_function(log: StringIO) -> None:
    @entry_point(prepare=dict)
    def work(_: dict[str, Any], __: LambdaContext) -> None:
        correlate("thread-1")
        logger.info("worked")

    work({}, CONTEXT)

    [line] = [line for line in lines(log) if line["message"] == "worked"]
    assert line["correlation_id"] == "thread-1"
    assert line["function_name"] == "function"
    assert line["timestamp"].endswith("+0000")


def test_one_invocation_s_thread_does_not_reach_the_next(log: StringIO) -> None:
    @entry_point(prepare=dict)
    def work(event: dict[str, Any], _: LambdaContext) -> None:
        if "thread" in event:
            correlate(event["thread"])
        logger.info("worked")

    work({"thread": "thread-1"}, CONTEXT)
    work({}, CONTEXT)

    first, second = [line for line in lines(log) if line["message"] == "worked"]
    assert first["correlation_id"] == "thread-1"
    assert not second.get("correlation_id")


def test_what_is_counted_is_flushed(capsys: pytest.CaptureFixture[str]) -> None:
    @entry_point(prepare=dict)
    def work(_: dict[str, Any], __: LambdaContext) -> None:
        count("RoomsOpened")
        count("UsersNotified", 3)

    work({}, CONTEXT)

    metrics = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert metrics["RoomsOpened"] == [1.0]
    assert metrics["UsersNotified"] == [3.0]
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Matinee/tests"


def test_what_is_counted_before_a_failure_is_flushed_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @entry_point(prepare=dict)
    def work(_: dict[str, Any], __: LambdaContext) -> None:
        count("Refused")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work({}, CONTEXT)

    assert '"Refused":[1.0]' in capsys.readouterr().out


def test_an_invocation_that_counts_nothing_warns_of_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    quiet = entry_point(prepare=dict)(lambda _, __: None)

    quiet({}, CONTEXT)

    assert "_aws" not in capsys.readouterr().out


def test_a_warm_up_asks_nothing_of_the_handler(log: StringIO) -> None:
    asked: list[dict[str, Any]] = []
    handler = entry_point(prepare=dict)(lambda event, _: asked.append(event))

    assert handler({"warmup": True}, CONTEXT) == {"warmed": True}
    assert asked == []
    assert [line["message"] for line in lines(log)] == ["warmed"]


def test_the_event_is_not_logged(log: StringIO) -> None:
    @entry_point(prepare=dict)
    def work(_: dict[str, Any], __: LambdaContext) -> None:
        logger.info("worked")

    work({"password": "correct horse"}, CONTEXT)

    assert lines(log)
    assert "correct horse" not in log.getvalue()


def test_on_lambda_a_function_is_prepared_while_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setenv(LAMBDA_VARIABLE, "on-demand")

    @entry_point(prepare=lambda: made.append("client"))
    def work(_: dict[str, Any], __: LambdaContext) -> int:
        return len(made)

    assert made == ["client"]
    assert work({}, CONTEXT) == 1
    gc.unfreeze()


@pytest.mark.parametrize("variables", [{}, {LAMBDA_VARIABLE: "on-demand"}])
def test_the_collector_rests_while_a_function_starts(variables: dict[str, str]) -> None:
    program = """
import gc, matinee.start
during = gc.isenabled()
from matinee.observability import entry_point
entry_point(prepare=lambda: print(gc.isenabled()))
print(during, gc.isenabled(), gc.get_freeze_count() > 0)
"""
    environment = {key: value for key, value in os.environ.items() if key != LAMBDA_VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | variables | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    prepared = ["False"] if variables else []
    assert done.stdout.splitlines() == [*prepared, f"False True {bool(variables)}"]


def test_elsewhere_nothing_is_made_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.delenv(LAMBDA_VARIABLE, raising=False)

    @entry_point(prepare=lambda: made.append("client"))
    def work(_: dict[str, Any], __: LambdaContext) -> int:
        return len(made)

    assert work({}, CONTEXT) == 0


def test_instances_of_a_snapshot_draw_numbers_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def restored(state: object) -> float:
        random.setstate(cast("Any", state))
        for hook, arguments, named in cast("Any", snapshot_restore_py.get_after_restore()):
            hook(*arguments, **named)
        return random.random()  # noqa: S311 - what must not repeat

    monkeypatch.setattr(snapshot_restore_py, "_after_restore_registry", [])
    monkeypatch.setenv(LAMBDA_VARIABLE, "snap-start")
    entry_point(prepare=dict)
    gc.unfreeze()

    snapshot = random.getstate()
    assert restored(snapshot) != restored(snapshot)


def test_without_snapshots_nothing_waits_for_a_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_restore_py, "_after_restore_registry", [])
    monkeypatch.setenv(LAMBDA_VARIABLE, "on-demand")
    entry_point(prepare=dict)
    gc.unfreeze()

    assert list(snapshot_restore_py.get_after_restore()) == []
