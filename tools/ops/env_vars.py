"""The functions' environment variables as they are deployed, for `sam local invoke --env-vars`.

On a laptop SAM puts logical ids where a template refers to a resource, and nothing where it takes
an attribute: no function would find its tables.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from tools.ops.events.environment import Environment
from tools.ops.inventory import Inventory

FUNCTION = "AWS::Lambda::Function"
_PRIVATE = 0o600


def variables(environment: Environment, parts: Inventory) -> dict[str, Mapping[str, str]]:
    """Return each function's variables, by its logical id."""
    functions = environment.client("lambda")
    return {
        name: functions.get_function_configuration(FunctionName=physical)
        .get("Environment", {})
        .get("Variables", {})
        for name, physical in parts.of(FUNCTION).items()
    }


def write_variables(found: Mapping[str, Mapping[str, str]], path: Path) -> None:
    """Write them as SAM reads them; for their owner alone, as an API key may be among them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=_PRIVATE)
    path.chmod(_PRIVATE)
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
