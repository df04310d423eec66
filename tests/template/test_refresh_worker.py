"""What the refresh's worker is told of its queue and its time is what the template gives it."""

from typing import Any

import pytest

from catalog.settings import WorkerSettings
from tests.template.stack import Stack
from tools.contracts.paths import ROOT


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack((ROOT / "template.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def worker(stack: Stack) -> dict[str, Any]:
    properties: dict[str, Any] = dict(stack.functions["RefreshWorkerFunction"])
    return properties


def test_the_worker_knows_which_attempt_is_the_last(stack: Stack, worker: dict[str, Any]) -> None:
    told = int(worker["Environment"]["Variables"]["REFRESH_ATTEMPTS"])

    assert told == stack.queues["RefreshQueue"]["RedrivePolicy"]["maxReceiveCount"]


def test_a_page_s_requests_leave_time_to_store_what_they_bring(worker: dict[str, Any]) -> None:
    asking = WorkerSettings.model_fields["refresh_seconds"].default

    assert asking <= worker["Timeout"] - 15


def test_one_message_is_one_page(worker: dict[str, Any]) -> None:
    [source] = [event["Properties"] for event in worker["Events"].values()]

    assert source["BatchSize"] == 1
    assert 2 <= source["ScalingConfig"]["MaximumConcurrency"] <= 10


def test_nothing_but_the_schedules_and_operators_begins_a_refresh(stack: Stack) -> None:
    planner = stack.functions["RefreshPlannerFunction"]
    routes = [
        event["Properties"] for event in planner["Events"].values() if event["Type"] == "HttpApi"
    ]

    assert {route["Path"] for route in routes} == {"/media/refresh", "/media/refresh/{runId}"}
    assert all(route["Auth"]["Authorizer"] == "AccessToken" for route in routes)
