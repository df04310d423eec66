"""The planner's function: who may start a refresh, and what they are told."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from catalog import bootstrap
from catalog.domain import ListProgress, ListState, PageTask, Run, Scope
from catalog.domain.errors import QueueUnavailable
from catalog.handlers import refresh_planner
from catalog.settings import PlannerSettings
from catalog.use_cases.plan_refresh import RefreshPlanner
from matinee.events.envelope import Trace
from matinee.observability import metrics
from tests.fakes.clock import FakeClock
from tests.fakes.refreshing import FakeWorkQueue

NOW = datetime(2026, 1, 31, 3, tzinfo=UTC)
RUN = "01a20068-ae55-7890-9c9f-b41d4385fbfa"


class FakeRefreshRuns:
    """The part of a `RefreshRecord` that a planner uses."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}

    def create(self, run: Run) -> None:
        self.runs.setdefault(run.id, run)

    def get_run(self, run_id: str) -> Run | None:
        return self.runs.get(run_id)

    def get_latest(self) -> Run | None:
        return list(self.runs.values())[-1] if self.runs else None


class BrokenQueue(FakeWorkQueue):
    """Takes three messages, then no more."""

    def send(self, pages: Any, trace: Trace) -> None:  # noqa: ANN401 - as the port has it
        super().send(pages[:3], trace)
        raise QueueUnavailable


class PlannerScenario:
    """The planner's function over fakes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.record, self.queue, self.now = FakeRefreshRuns(), FakeWorkQueue(), FakeClock(NOW)
        settings = PlannerSettings(
            stage="test",
            powertools_service_name="catalog",
            refreshes_table="t",
            refresh_queue_url="u",
        )
        monkeypatch.setattr(bootstrap, "planner_settings", lambda: settings)
        monkeypatch.setattr(bootstrap, "refresh_planner", lambda: self.planner)
        monkeypatch.setattr(refresh_planner, "utc_now", self.now)
        refresh_planner.handler.cache_clear()

    @property
    def planner(self) -> RefreshPlanner:
        return RefreshPlanner(self.record, self.queue, 20, self.now)  # type: ignore[arg-type]

    def invoke(self, event: dict[str, Any], request_id: str = RUN) -> dict[str, Any]:
        context = SimpleNamespace(
            function_name="f",
            memory_limit_in_mb=1,
            invoked_function_arn="arn",
            aws_request_id=request_id,
        )
        answer: dict[str, Any] = refresh_planner.handler(event, context)  # type: ignore[arg-type]
        return answer

    def ask(
        self,
        method: str,
        run_id: str | None = None,
        groups: str = "[Users Operators]",
        **body: object,
    ) -> tuple[int, dict[str, Any]]:
        path = "/media/refresh" + (f"/{run_id}" if run_id else "")
        claims = {
            "sub": "5f0c2a1e",
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "cognito:groups": groups,
        }
        answer = self.invoke(
            {
                "version": "2.0",
                "rawPath": path,
                "requestContext": {
                    "http": {"method": method, "path": path},
                    "stage": "$default",
                    "authorizer": {"jwt": {"claims": claims}},
                },
                "pathParameters": {"runId": run_id},
                "headers": {},
                "body": json.dumps(body),
            }
        )
        return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture
def scenario(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlannerScenario]:
    yield PlannerScenario(monkeypatch)
    metrics.clear_metrics()
    refresh_planner.handler.cache_clear()


def test_a_schedule_sends_one_message_for_each_list(scenario: PlannerScenario) -> None:
    answer = scenario.invoke({"refresh": "everything"})

    assert answer == {"runId": RUN, "lists": 41}
    tasks = [task for task, _ in scenario.queue.waiting]
    assert [task.key for task in tasks] == list(Scope.EVERYTHING.keys)
    assert {(task.page, task.pages) for task in tasks} == {(1, 20)}


def test_a_retried_invocation_continues_the_same_run(scenario: PlannerScenario) -> None:
    broken, scenario.queue = scenario.queue, BrokenQueue()
    with pytest.raises(QueueUnavailable):
        scenario.invoke({"refresh": "lists"})
    scenario.queue = broken
    scenario.now.advance(minutes=1)

    scenario.invoke({"refresh": "lists"})

    assert list(scenario.record.runs) == [RUN]
    assert len(scenario.queue) == 6
    assert {task.started_at for task, _ in scenario.queue.waiting} == {NOW}


def test_an_operator_chooses_the_number_of_pages(scenario: PlannerScenario) -> None:
    status, body = scenario.ask("POST", pages=2)

    assert (status, body["lists"]) == (200, 6)
    assert {task.pages for task, _ in scenario.queue.waiting} == {2}
    assert {task.run_id for task, _ in scenario.queue.waiting} == {body["runId"]}


def test_refuses_users_who_are_no_operators(scenario: PlannerScenario) -> None:
    for answer in (scenario.ask("POST", groups="[Users]"), scenario.ask("GET", RUN, "[Users]")):
        assert (answer[0], answer[1]["code"]) == (403, "Forbidden")

    assert len(scenario.queue) == 0


def test_refuses_a_second_run_with_the_id_of_the_first(scenario: PlannerScenario) -> None:
    _, first = scenario.ask("POST")

    status, body = scenario.ask("POST")

    assert (status, body["code"], body["runId"]) == (409, "RefreshRunning", first["runId"])


def test_a_run_that_never_started_blocks_no_other(scenario: PlannerScenario) -> None:
    scenario.ask("POST")
    scenario.now.advance(minutes=5)

    assert scenario.ask("POST")[0] == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scope": "favourites"}, "scope"),
        ({"pages": 0}, "pages"),
        ({"pages": 501}, "pages"),
        ({"pages": "2"}, "pages"),
        ({"userId": "somebody"}, "userId"),
    ],
)
def test_names_the_invalid_field_of_a_request(
    scenario: PlannerScenario, body: dict[str, Any], field: str
) -> None:
    status, answer = scenario.ask("POST", **body)

    assert status == 400
    assert list(answer["fields"]) == [field]
    assert len(scenario.queue) == 0


def test_a_report_adds_up_the_lists(scenario: PlannerScenario) -> None:
    scenario.ask("POST", pages=3)
    [run] = scenario.record.runs.values()
    lists = tuple(half_read(progress, number) for number, progress in enumerate(run.lists, start=1))
    scenario.record.runs[run.id] = Run(run.id, run.scope, 3, NOW, lists)
    scenario.now.advance(seconds=90)

    status, body = scenario.ask("GET", run.id)

    assert status == 200
    assert (body["state"], body["elapsed"], body["idle"]) == ("running", 90.0, 30.0)
    assert (body["pages"], body["pagesDone"], body["requests"]) == (18, 12, 21)
    assert (body["lists"], body["listsDone"], body["failures"]) == (6, 1, 12)
    assert len(body["details"]) == 6


def half_read(progress: ListProgress, number: int) -> ListProgress:
    """Return a list of which two pages are done and one has failed; the first is published."""
    return ListProgress(
        progress.key,
        ListState.PUBLISHED if number == 1 else ListState.RUNNING,
        3,
        done=2,
        failed=1,
        missed=1,
        requests=number,
        updated_at=NOW + timedelta(seconds=60),
    )


def test_returns_404_for_an_unknown_run_and_400_for_a_bad_id(
    scenario: PlannerScenario,
) -> None:
    assert scenario.ask("GET", RUN)[0] == 404
    status, body = scenario.ask("GET", "nonsense")
    assert (status, list(body["fields"])) == (400, ["runId"])


def test_a_task_id_names_run_list_and_page() -> None:
    task = PageTask(RUN, Scope.LISTS.keys[0], 7, 20, NOW)

    assert task.id == f"{RUN}/movie#trending/7"
