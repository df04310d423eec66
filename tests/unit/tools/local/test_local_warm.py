"""The first call of functions that were deployed anew."""

import io
import json
from typing import Any, cast

from tools.local.warm import WARM_UP_EVENT, failing


class FakeLambda:
    """Functions by name; those in `broken` fail."""

    def __init__(self, broken: dict[str, bytes] | None = None) -> None:
        self.calls: list[str] = []
        self.events: list[object] = []
        self.broken = broken or {}

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803
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


def aws(functions: FakeLambda) -> Any:  # noqa: ANN401 - stands for Aws
    return cast("Any", FakeAws(functions))


def test_every_function_is_called_once_with_the_agreed_event() -> None:
    functions = FakeLambda()
    assert failing(aws(functions), FUNCTIONS) == {}
    assert sorted(functions.calls) == ["rooms-1", "signup-1", "status-1"]
    assert functions.events == [WARM_UP_EVENT] * 3


def test_a_function_that_cannot_start_is_told_by_its_logical_id() -> None:
    reason = b'{"errorType": "ImportError", "errorMessage": "No module named x"}'
    functions = FakeLambda({"rooms-1": reason, "signup-1": b"not json"})
    failed = failing(aws(functions), FUNCTIONS)
    assert failed == {"Rooms": "ImportError: No module named x", "Signup": "not json"}
