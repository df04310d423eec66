"""What the refresh's worker is told of its queue and its time is what the template gives it."""

from typing import Any

import pytest

from catalog.settings import WorkerSettings
from tests.template.stacks import Stacks


@pytest.fixture
def worker(stacks: Stacks) -> dict[str, Any]:
    properties: dict[str, Any] = dict(stacks.functions["RefreshWorkerFunction"])
    return properties


def test_the_worker_knows_which_attempt_is_the_last(stacks: Stacks, worker: dict[str, Any]) -> None:
    told = int(worker["Environment"]["Variables"]["REFRESH_ATTEMPTS"])

    assert told == stacks.queues["RefreshQueue"]["RedrivePolicy"]["maxReceiveCount"]


def test_a_page_s_requests_leave_time_to_store_what_they_bring(worker: dict[str, Any]) -> None:
    asking = WorkerSettings.model_fields["refresh_seconds"].default

    assert asking <= worker["Timeout"] - 15


def test_one_message_is_one_page(worker: dict[str, Any]) -> None:
    [source] = [event["Properties"] for event in worker["Events"].values()]

    assert source["BatchSize"] == 1
    assert 2 <= source["ScalingConfig"]["MaximumConcurrency"] <= 10


def test_nothing_but_the_schedules_and_operators_begins_a_refresh(stacks: Stacks) -> None:
    routes = [
        route for route in stacks.routes.values() if route.function == "RefreshPlannerFunction"
    ]

    assert {route.path for route in routes} == {"/media/refresh", "/media/refresh/{runId}"}
    assert not any(route.is_public for route in routes)
