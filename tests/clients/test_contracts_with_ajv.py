"""The event contracts as teams that use JavaScript read them: ajv, and AsyncAPI's own parser."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.node import NodeFailed, run_node
from tests.contract.breaking import rewrite, rewrite_json
from tools.contracts.paths import ROOT

CONTRACTS = ROOT / "contracts"
VOTE_CAST = Path("events/rooms/VoteCast")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the contracts, in which a test may break something."""
    return Path(shutil.copytree(CONTRACTS, tmp_path / "contracts"))


def judged(events: list[dict[str, Any]], folder: Path) -> str:
    (folder / "live.json").write_text(json.dumps(events))
    return run_node("contracts.mjs", str(CONTRACTS), str(folder / "live.json"))


def test_schemas_examples_and_the_asyncapi_document_are_valid() -> None:
    assert "events and their examples are valid" in run_node("contracts.mjs", str(CONTRACTS))


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (
            lambda folder: rewrite(
                folder / VOTE_CAST / "1.0.example.json", '"vote": true', '"vote": "yes"'
            ),
            "vote must be boolean",
        ),
        (
            lambda folder: rewrite_json(
                folder / VOTE_CAST / "1.0.json", lambda schema: schema.update(ge=1)
            ),
            'unknown keyword: "ge"',
        ),
        (
            lambda folder: rewrite(folder / "asyncapi.yaml", "action: send", "action: shout"),
            "asyncapi.yaml: operations",
        ),
    ],
)
def test_what_is_not_valid_is_found(
    copy: Path, break_it: Callable[[Path], object], reason: str
) -> None:
    break_it(copy)

    with pytest.raises(NodeFailed, match=reason):
        run_node("contracts.mjs", str(copy))


def test_a_live_event_fits_every_minor_version_of_its_contract(tmp_path: Path) -> None:
    event = json.loads((CONTRACTS / VOTE_CAST / "1.0.example.json").read_text())
    event["detail"]["metadata"]["schema_version"] = "1.7"
    event["detail"]["data"]["later"] = 1
    assert "1 live" in judged([event], tmp_path)

    event["detail"]["metadata"]["schema_version"] = "2.0"
    with pytest.raises(NodeFailed, match="schema_version must match pattern"):
        judged([event], tmp_path)
    with pytest.raises(NodeFailed, match="has no contract"):
        judged([event | {"detail-type": "VoteCounted"}], tmp_path)
