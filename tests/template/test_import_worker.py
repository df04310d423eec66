"""The settings of the imports' worker are those of its queue, and of the function that it asks."""

from typing import Any

import pytest

from catalog.settings import ResolveSettings
from tests.template.stacks import Stacks


@pytest.fixture
def worker(stacks: Stacks) -> dict[str, Any]:
    properties: dict[str, Any] = dict(stacks.functions["ImportWorkerFunction"])
    return properties


def test_the_worker_knows_its_number_of_attempts(stacks: Stacks, worker: dict[str, Any]) -> None:
    attempts = int(worker["Environment"]["Variables"]["IMPORT_ATTEMPTS"])

    assert attempts == stacks.queues["ImportQueue"]["RedrivePolicy"]["maxReceiveCount"]


def test_a_lookup_leaves_time_to_add_its_titles(stacks: Stacks, worker: dict[str, Any]) -> None:
    asking = ResolveSettings.model_fields["resolve_seconds"].default
    resolve = stacks.functions["ResolveFunction"]["Timeout"]

    assert asking <= resolve - 5
    assert resolve + 1 <= worker["Timeout"] - 20


def test_one_message_is_one_part(worker: dict[str, Any]) -> None:
    [source] = [event["Properties"] for event in worker["Events"].values()]

    assert source["BatchSize"] == 1
    assert 2 <= source["ScalingConfig"]["MaximumConcurrency"] <= 5
