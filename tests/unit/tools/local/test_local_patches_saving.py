"""The emulator's state is the same, however it is written."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from tools.local.patches import saving

persistence: Any = importlib.import_module("ministack.core.persistence")

STATE = {"tables": {"rooms": [{"pk": {"S": "é"}, "n": 1.5}]}, "bytes": b"\x00\x01", "pair": (1, 2)}


def test_a_state_is_written_at_once_as_it_was_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persistence, "PERSIST_STATE", True)
    monkeypatch.setattr(persistence, "STATE_DIR", str(tmp_path))
    monkeypatch.setattr(persistence, "json", json)
    persistence.save_state("pieces", STATE)

    saving.apply(0)
    monkeypatch.setattr(json, "dump", None)  # by which it would be written in pieces
    persistence.save_state("whole", STATE)

    whole = (tmp_path / "whole.json").read_text()
    assert whole == (tmp_path / "pieces.json").read_text()
    assert persistence.load_state("whole") == persistence.load_state("pieces")
