"""The settings of the refresh's worker are those of its queue and its timeout."""

from typing import Any

import pytest

from catalog.settings import WorkerSettings
from tests.template.stacks import Stacks


@pytest.fixture
def worker(stacks: Stacks) -> dict[str, Any]:
    properties: dict[str, Any] = dict(stacks.functions["RefreshWorkerFunction"])
    return properties


def test_the_worker_knows_its_number_of_attempts(stacks: Stacks, worker: dict[str, Any]) -> None:
    attempts = int(worker["Environment"]["Variables"]["REFRESH_ATTEMPTS"])

    assert attempts == stacks.queues["RefreshQueue"]["RedrivePolicy"]["maxReceiveCount"]


def test_tmdb_requests_leave_time_to_store_a_page(worker: dict[str, Any]) -> None:
    asking = WorkerSettings.model_fields["refresh_seconds"].default

    assert asking <= worker["Timeout"] - 15


def test_one_message_is_one_page(worker: dict[str, Any]) -> None:
    [source] = [event["Properties"] for event in worker["Events"].values()]

    assert source["BatchSize"] == 1
    assert 2 <= source["ScalingConfig"]["MaximumConcurrency"] <= 10


def test_only_schedules_and_operators_start_a_refresh(stacks: Stacks) -> None:
    routes = [
        route for route in stacks.routes.values() if route.function == "RefreshPlannerFunction"
    ]

    assert {route.path for route in routes} == {"/media/refresh", "/media/refresh/{runId}"}
    assert not any(route.is_public for route in routes)
