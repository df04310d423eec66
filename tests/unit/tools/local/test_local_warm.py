"""The first call of every function."""

import io
import json
import threading
from typing import Any, cast

from tools.local.warm import WARM_UP_EVENT, warm_up

PATIENCE_SECONDS = 10


class FakeLambda:
    """Functions by name; those in `broken` fail."""

    def __init__(self, broken: dict[str, bytes] | None = None) -> None:
        self.calls: list[str] = []
        self.events: list[object] = []
        self.broken = broken or {}
        self.meeting: threading.Barrier | None = None

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        if self.meeting and FunctionName == "rooms-1":
            self.meeting.wait(PATIENCE_SECONDS)
        self.calls.append(FunctionName)
        self.events.append(json.loads(Payload))
        if FunctionName in self.broken:
            body = io.BytesIO(self.broken[FunctionName])
            return {"FunctionError": "Unhandled", "Payload": body}
        return {"Payload": io.BytesIO(b"{}")}


class FakeAws:
    def __init__(self, functions: FakeLambda) -> None:
        self.lambda_ = functions


FUNCTIONS = {"Status": "status-1", "Rooms": "rooms-1", "Signup": "signup-1"}
ONCE = dict.fromkeys(FUNCTIONS, 1)


def aws(functions: FakeLambda) -> Any:  # noqa: ANN401 - stands for Aws
    return cast("Any", FakeAws(functions))


def test_every_function_is_called_once_with_the_agreed_event() -> None:
    functions = FakeLambda()
    result = warm_up(aws(functions), FUNCTIONS, ONCE)
    assert sorted(functions.calls) == ["rooms-1", "signup-1", "status-1"]
    assert functions.events == [WARM_UP_EVENT] * 3
    assert (result.warmed, result.failed) == (3, {})


def test_a_function_that_many_call_at_once_gets_its_first_calls_at_once() -> None:
    functions = FakeLambda()
    functions.meeting = threading.Barrier(3)  # nobody goes on before three have come
    result = warm_up(aws(functions), FUNCTIONS, ONCE | {"Rooms": 3})
    assert sorted(functions.calls) == [*["rooms-1"] * 3, "signup-1", "status-1"]
    assert result.warmed == 3


def test_a_function_that_cannot_start_is_told_by_its_logical_id() -> None:
    reason = b'{"errorType": "ImportError", "errorMessage": "No module named x"}'
    functions = FakeLambda({"rooms-1": reason, "signup-1": b"not json"})
    result = warm_up(aws(functions), FUNCTIONS, ONCE)
    assert result.failed == {"Rooms": "ImportError: No module named x", "Signup": "not json"}
    assert result.warmed == 1


def test_only_the_functions_asked_for_are_called() -> None:
    functions = FakeLambda()
    assert warm_up(aws(functions), FUNCTIONS, {"Signup": 1}).warmed == 1
    assert functions.calls == ["signup-1"]


def test_nothing_more_is_called_once_it_has_to_stop() -> None:
    functions, stop = FakeLambda(), threading.Event()
    stop.set()
    warm_up(aws(functions), FUNCTIONS, ONCE, stop)
    assert functions.calls == []
