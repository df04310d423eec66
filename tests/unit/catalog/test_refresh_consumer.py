"""From a command to a refreshed page, within the time of an invocation."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from mypy_boto3_sqs import SQSClient

from catalog.adapters.tmdb.sync_client import SyncTmdbClient
from catalog.domain import (
    DiscoverQuery,
    Enrichment,
    ListKey,
    ListType,
    PageTask,
    Strategy,
    TitlePage,
)
from catalog.domain.deadline import Deadline
from catalog.domain.errors import TmdbRefused, TmdbUnavailable
from catalog.events.consumed import RefreshPageConsumer
from catalog.events.factory import refresh_page
from catalog.events.published import COMMANDS, RefreshPage
from catalog.ports import PageRequest
from catalog.use_cases.refresh_page import PageRefresher, UnknownRun
from matinee.events.consumer import Attempts, Backoff, Consumer, DeadLetterQueue, Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, detail
from matinee.events.idempotency import IdempotencyGuard
from matinee.media import MediaType, TitleKey
from tests.fakes.aws import FakeLambdaContext, FakeQueue, sqs_record
from tests.unit.catalog.fakes import a_title

NOW = datetime(2026, 1, 31, 3, tzinfo=UTC)
TRACE = Trace("a-refresh")
POPULAR = PageTask("run-1", ListKey(ListType.POPULAR, MediaType.MOVIE), 3, 20, NOW)
DRAMA = PageTask("run-1", ListKey(ListType.GENRE, MediaType.TV, 18), 2, 20, NOW)
A_PAGE = TitlePage((a_title(1), a_title(2)), 7, 140)


class FakePageRefresher:
    """Records what it is asked for; `fault` is what reading ends with."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.read_pages: list[PageTask] = []
        self.given_up: list[PageTask] = []
        self.traces: list[Trace] = []
        self.fault = fault

    def refresh(self, task: PageTask, trace: Trace) -> None:
        self.read_pages.append(task)
        self.traces.append(trace)
        if self.fault:
            raise self.fault

    def give_up(self, task: PageTask, _: Trace) -> None:
        self.given_up.append(task)


class FakeSource:
    """A `TitleSource` that takes two of the invocation's seconds for each question."""

    def __init__(self) -> None:
        self.clock = 0.0
        self.requests = 0
        self.left: list[float] = []

    async def list_page(self, _key: ListKey, _page: int, deadline: Deadline) -> TitlePage:
        self._take(deadline)
        return A_PAGE

    async def details(self, _: Sequence[TitleKey], deadline: Deadline) -> Enrichment:
        self._take(deadline)
        return Enrichment({})

    def _take(self, deadline: Deadline) -> None:
        self.left.append(deadline.remaining())
        self.requests += 1
        self.clock += 2


class FakePageCache:
    """Keeps pages."""

    def __init__(self) -> None:
        self.kept: list[tuple[PageRequest, TitlePage]] = []

    async def put(self, request: PageRequest, page: TitlePage) -> None:
        self.kept.append((request, page))


class NoGuard:
    """An idempotency guard that remembers nothing."""

    def begin(self, context: object) -> None:
        """Register an invocation."""

    def __call__(self, _key: str, action: Callable[[], None]) -> None:
        action()


def refresher(worker: FakePageRefresher) -> RefreshPageConsumer:
    return RefreshPageConsumer(cast("PageRefresher", worker))


@pytest.mark.parametrize("task", [POPULAR, DRAMA], ids=["a list", "a genre's list"])
def test_passes_a_command_s_page_to_the_use_case(task: PageTask) -> None:
    worker, sent = FakePageRefresher(), refresh_page(task, TRACE)
    received = COMMANDS.read(json.loads(detail(sent)))

    refresher(worker).handle(received)

    assert worker.read_pages == [task]
    assert worker.traces[0].correlation_id == "a-refresh"


def test_the_same_page_of_a_run_has_the_same_event_id() -> None:
    ids = [refresh_page(POPULAR, trace).metadata.event_id for trace in (TRACE, Trace("another"))]

    assert ids[0] == ids[1]
    assert refresh_page(DRAMA, TRACE).metadata.event_id != ids[0]


@pytest.mark.parametrize("fault", [UnknownRun(), TmdbRefused()], ids=["run", "request"])
def test_rejects_what_no_retry_can_change(fault: Exception) -> None:
    with pytest.raises(Unprocessable):
        refresher(FakePageRefresher(fault)).handle(refresh_page(POPULAR, TRACE))


def test_retries_a_transient_fault() -> None:
    with pytest.raises(TmdbUnavailable):
        refresher(FakePageRefresher(TmdbUnavailable())).handle(refresh_page(POPULAR, TRACE))


def test_rejects_a_list_that_does_not_exist() -> None:
    command = RefreshPage(
        run_id="run-1",
        started_at=NOW,
        list_type=ListType.GENRE,
        media_type=MediaType.MOVIE,
        page=1,
        pages=1,
    )
    envelope = cast(
        "Envelope[Contract]",
        Envelope.model_construct(metadata=refresh_page(POPULAR, TRACE).metadata, data=command),
    )

    with pytest.raises(Unprocessable, match="genre"):
        refresher(FakePageRefresher()).handle(envelope)
    with pytest.raises(ValueError, match="genre"):
        command.as_task()


def test_sends_a_rejected_command_to_the_dlq_with_its_reason() -> None:
    detail_of = json.loads(detail(refresh_page(POPULAR, TRACE)))
    detail_of["data"] |= {"genre_id": 28}
    queue, reader = FakeQueue(), refresher(FakePageRefresher())
    sqs = cast("SQSClient", queue)
    consumer = Consumer(
        contracts=COMMANDS,
        handle=reader.handle,
        guard=cast("IdempotencyGuard", NoGuard()),
        dead_letters=DeadLetterQueue("https://queue/dead", sqs),
        attempts=Attempts(8, reader.give_up),
        backoff=Backoff("https://queue/work", sqs),
    )
    record = sqs_record(json.dumps({"detail": detail_of}), "the-message")

    answer = consumer({"Records": [record]}, cast("LambdaContext", FakeLambdaContext()))

    assert answer == {"batchItemFailures": []}
    assert queue.reasons == ["popular with genre 28"]


def test_passes_a_given_up_page_to_the_use_case() -> None:
    worker = FakePageRefresher()

    refresher(worker).give_up(refresh_page(POPULAR, TRACE))

    assert worker.given_up == [POPULAR]


@pytest.fixture
def tmdb() -> Iterator[Any]:
    with asyncio.Runner() as runner:
        source = FakeSource()
        yield SyncTmdbClient(source, FakePageCache(), 40, runner, lambda: source.clock)


def test_a_page_and_its_details_share_one_deadline(tmdb: SyncTmdbClient) -> None:
    source = cast("FakeSource", tmdb.source)

    for _ in range(2):
        assert tmdb.page(POPULAR) == A_PAGE
        tmdb.details([TitleKey(MediaType.MOVIE, 1)])

    assert source.left == [40, 38, 40, 38]
    assert tmdb.requests == 4


def test_caches_only_pages_of_genres_for_rooms(tmdb: SyncTmdbClient) -> None:
    tmdb.page(POPULAR)
    tmdb.page(DRAMA)

    query = DiscoverQuery(MediaType.TV, (18,), Strategy.AND)
    assert cast("FakePageCache", tmdb.page_cache).kept == [(PageRequest(query, 2), A_PAGE)]
