"""Cold triggers of user pools, as slow as AWS may be, while a test asks for it.

A trigger's first call starts a process, which takes seconds where many start. The emulator's
functions are warm. Here a parameter says how many seconds each call of a trigger takes longer:

    aws ssm put-parameter --name /matinee/local/cold-trigger-seconds --type String --value 5
"""

import importlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from tools.local.patches.wrap import wrap

COLD_TRIGGER_SECONDS = "/matinee/local/cold-trigger-seconds"
"""The name of the parameter; without it no call takes longer."""


def apply(_port: int) -> None:
    """Delay the calls that user pools make of functions."""
    functions = importlib.import_module("ministack.services.lambda_svc")
    parameters = importlib.import_module("ministack.services.ssm")._parameters  # noqa: SLF001
    wrap(
        functions,
        "_execute_function_with_config_scope",
        lambda call: starting_cold(call, lambda: _asked_for(parameters), time.sleep),
    )


def starting_cold(
    call: Callable[..., Any], seconds: Callable[[], float], sleep: Callable[[float], None]
) -> Callable[..., Any]:
    """Sleep before each call whose event is a trigger's."""

    def called(function: Mapping[str, Any], event: Any) -> Any:  # noqa: ANN401
        if isinstance(event, dict) and "triggerSource" in event and seconds():
            sleep(seconds())
        return call(function, event)

    return called


def _asked_for(parameters: Any) -> float:  # noqa: ANN401 - the emulator's own dict
    """Return the parameter's value, whatever account and region the current call is for."""
    for (_, _, name), parameter in parameters.all_items():
        if name == COLD_TRIGGER_SECONDS:
            return float(parameter["Value"])
    return 0.0
