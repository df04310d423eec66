"""Saving the state, in one piece.

Where a laptop differs from a region: the emulator's state is written while it is used. It writes
JSON in small pieces, by Python's own encoder. Here each file is encoded at once, for a quarter of
the processor time.
"""

import importlib
import json
from types import SimpleNamespace
from typing import TextIO


def apply(_port: int) -> None:
    """Give the emulator's persistence a JSON module that writes at once."""
    persistence = importlib.import_module("ministack.core.persistence")
    vars(persistence).update(json=SimpleNamespace(**vars(json) | {"dump": dump}))


def dump(value: object, file: TextIO, **options: object) -> None:
    """Write a value as json.dump does."""
    file.write(json.dumps(value, **options))  # type: ignore[arg-type]
