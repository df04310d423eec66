"""The one place where the service is put together."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from random import SystemRandom

import boto3
import httpx
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

from catalog.adapters.dynamodb.leases import DynamoClaims
from catalog.adapters.dynamodb.lists import DynamoLists
from catalog.adapters.dynamodb.media_cache import DynamoMediaCache
from catalog.adapters.dynamodb.refresh_runs import DynamoRefreshRecord
from catalog.adapters.dynamodb.response_cache import DynamoAnswers
from catalog.adapters.dynamodb.titles import DynamoTitleStore
from catalog.adapters.sqs.work_queue import SqsWorkQueue
from catalog.adapters.tmdb import LIMITS, TIMEOUT, TmdbClient, TmdbPages, TmdbTitles
from catalog.adapters.tmdb.api_key import SecretApiKey
from catalog.adapters.tmdb.discover_page_cache import SharedShelves
from catalog.adapters.tmdb.single_flight import AskedOnce
from catalog.adapters.tmdb.throttle.gcra import Pace
from catalog.adapters.tmdb.throttle.limiter import SharedRequestRate
from catalog.adapters.tmdb.throttle.priority import INTERACTIVE, PUBLIC, REFRESH, Lane
from catalog.adapters.tmdb.throttle.public_quota import PUBLIC_SHARE, AdmittedRate
from catalog.adapters.tmdb.throttle.table import RateTable
from catalog.api.browsing import Browsing
from catalog.domain import Discovery, Taste
from catalog.domain.deadline import Deadline
from catalog.events.consumed import BlockingTmdb, Refresher
from catalog.events.published import COMMANDS, PUBLISHED
from catalog.ports import PageKeeper, RequestRate, TitlePages
from catalog.settings import (
    AnswersSettings,
    CacheSettings,
    DiscoverSettings,
    MediaSettings,
    PlannerSettings,
    StoreSettings,
    TmdbSettings,
    WorkerSettings,
)
from catalog.use_cases.browse_media import SEARCH_SERVED_FOR, Media
from catalog.use_cases.discover_candidates import SmartDiscovery
from catalog.use_cases.plan_refresh import Planner
from catalog.use_cases.refresh_page import PageWorker
from matinee.clock import utc_now
from matinee.events.consumer import Attempts, Consumer, DeadLetterQueue
from matinee.events.idempotency import IdempotencyGuard
from matinee.events.relay import Relay, RelaySettings, build_relay
from matinee.secrets import Secret

QUICK = Config(
    connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 1, "mode": "standard"}
)
"""For a room's rate and the kept answers, which may be done without."""

PATIENT = Config(
    connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 2, "mode": "standard"}
)
"""For the secret, which may not, and for who does not go on without the rate."""


CALLS = Config(
    connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"}
)
"""For our own tables where somebody waits: a function of ten seconds answers for itself."""


@dataclass(frozen=True, slots=True)
class Discoverer:
    """Smart Discovery for a function that is called one event at a time.

    One event loop serves all events of an instance, so that connections to TMDB stay open.
    """

    discovery: SmartDiscovery
    seconds: float
    runner: asyncio.Runner

    def __call__(self, taste: Taste) -> Discovery:
        """Discover within `seconds` from now; see `SmartDiscovery`."""
        deadline = Deadline.after(self.seconds, time.monotonic)
        return self.runner.run(self.discovery.discover(taste, deadline))


def tmdb_http(settings: TmdbSettings) -> httpx.AsyncClient:
    """Return the connections to TMDB; they belong to the event loop that uses them first."""
    return httpx.AsyncClient(base_url=str(settings.tmdb_base_url), timeout=TIMEOUT, limits=LIMITS)


def tmdb_client(settings: TmdbSettings, http: httpx.AsyncClient, lane: Lane) -> TmdbClient:
    """Put together what asks TMDB in one lane, over an HTTP client whose base is its address.

    What the public causes has to be admitted first, to a share of the rate.
    """
    limit = settings.tmdb_requests_per_second
    rate: RequestRate = shared_rate(settings, host_of(settings), limit, lane)
    if lane is PUBLIC:
        bucket = f"{host_of(settings)}#public"
        rate = AdmittedRate(shared_rate(settings, bucket, limit * PUBLIC_SHARE, lane), rate)
    return TmdbClient(
        http=http,
        key=SecretApiKey(Secret(SecretsProvider(boto_config=PATIENT), settings.tmdb_secret_arn)),
        rate=rate,
        random=SystemRandom(),
        now=utc_now,
        lane=lane,
    )


def shared_rate(
    settings: TmdbSettings, bucket: str, requests_per_second: float, lane: Lane
) -> SharedRequestRate:
    """Return a rate that all instances share, for one lane."""
    table = RateTable(
        dynamodb=boto3.client("dynamodb", config=QUICK if lane.fails_open else PATIENT),
        table=settings.rate_table,
        bucket=bucket,
        now=utc_now,
        monotonic=time.monotonic,
    )
    return SharedRequestRate(table, Pace.of(requests_per_second), lane, random=SystemRandom())


def host_of(settings: TmdbSettings) -> str:
    """Return whose rate, circuit and pages they are: those of another TMDB are others."""
    url = settings.tmdb_base_url
    return f"{url.host}:{url.port}"


def title_source(settings: TmdbSettings, http: httpx.AsyncClient) -> TmdbTitles:
    """Return TMDB's lists and details for the refresh, which lets everybody else go first."""
    return TmdbTitles(tmdb_client(settings, http, REFRESH))


def answer_table(settings: AnswersSettings) -> DynamoAnswers:
    """Return where TMDB's answers are kept for everybody."""
    return DynamoAnswers(boto3.client("dynamodb", config=QUICK), settings.answers_table, utc_now)


def shelves(settings: AnswersSettings, pages: TitlePages, remembered_for: float) -> SharedShelves:
    """Return the pages of /discover that all instances share."""
    return SharedShelves(
        pages=pages,
        answers=answer_table(settings),
        source=host_of(settings),
        now=utc_now,
        monotonic=time.monotonic,
        remembered_for=remembered_for,
    )


def page_keeper(settings: AnswersSettings, http: httpx.AsyncClient) -> PageKeeper:
    """Return where the refresh keeps the pages of the genres' lists for rooms."""
    return shelves(settings, TmdbPages(tmdb_client(settings, http, REFRESH)), 0)


def smart_discovery(settings: DiscoverSettings, http: httpx.AsyncClient) -> SmartDiscovery:
    """Put the use case together over an HTTP client whose base is TMDB's address."""
    pages = TmdbPages(tmdb_client(settings, http, INTERACTIVE))
    return SmartDiscovery(shelves(settings, pages, settings.pages_kept_seconds), SystemRandom())


@cache
def discoverer() -> Callable[[Taste], Discovery]:
    """Return this instance's discoverer, made from its environment when first asked for."""
    settings = DiscoverSettings.load()
    discovery = smart_discovery(settings, tmdb_http(settings))
    return Discoverer(discovery, settings.discovery_seconds, asyncio.Runner())


def media_cache(settings: CacheSettings) -> DynamoMediaCache:
    """Return what is cached."""
    return DynamoMediaCache(settings.media_table, boto3.client("dynamodb", config=CALLS), utc_now)


def title_store(settings: StoreSettings) -> DynamoTitleStore:
    """Return where titles are stored and announced."""
    return DynamoTitleStore(
        settings.media_table,
        settings.outbox_table,
        boto3.client("dynamodb", config=CALLS),
        media_cache(settings),
    )


@cache
def media_settings() -> MediaSettings:
    """Return the public interface's environment."""
    return MediaSettings.load()


@cache
def browsing() -> Browsing:
    """Return the public interface's use cases, over connections of their own."""
    settings = media_settings()
    return Browsing(media(settings, tmdb_http(settings)), settings.media_seconds, asyncio.Runner())


def media(settings: MediaSettings, http: httpx.AsyncClient) -> Media:
    """Put the public catalogue together over an HTTP client whose base is TMDB's address."""
    titles = TmdbTitles(tmdb_client(settings, http, PUBLIC))
    answers = answer_table(settings)
    return Media(
        cache=media_cache(settings),
        store=title_store(settings),
        titles=titles,
        finder=titles,
        lookups=AskedOnce(answers, utc_now, served_for=timedelta(0)),
        searches=AskedOnce(answers, utc_now, served_for=SEARCH_SERVED_FOR),
        source=host_of(settings),
        now=utc_now,
    )


@cache
def planner_settings() -> PlannerSettings:
    """Return the planner's environment."""
    return PlannerSettings.load()


@cache
def planner() -> Planner:
    """Return what begins refreshes."""
    settings = planner_settings()
    return Planner(
        record=DynamoRefreshRecord(
            settings.refreshes_table, boto3.client("dynamodb", config=CALLS), utc_now
        ),
        queue=SqsWorkQueue(settings.refresh_queue_url, boto3.client("sqs")),
        pages=settings.refresh_pages,
        now=utc_now,
    )


@cache
def refresh_worker() -> Consumer:
    """Return the refresh's worker behind its queue."""
    settings = WorkerSettings.load()
    dynamodb, sqs, http = boto3.client("dynamodb"), boto3.client("sqs"), tmdb_http(settings)
    refresher = Refresher(
        PageWorker(
            tmdb=BlockingTmdb(
                source=title_source(settings, http),
                keeper=page_keeper(settings, http),
                seconds=settings.refresh_seconds,
                runner=asyncio.Runner(),
            ),
            cache=media_cache(settings),
            store=title_store(settings),
            lists=DynamoLists(
                table=settings.media_table,
                refreshes=settings.refreshes_table,
                outbox=settings.outbox_table,
                dynamodb=dynamodb,
                now=utc_now,
            ),
            record=DynamoRefreshRecord(settings.refreshes_table, dynamodb, utc_now),
            claims=DynamoClaims(settings.refreshes_table, dynamodb, utc_now),
            queue=SqsWorkQueue(settings.refresh_queue_url, sqs),
            now=utc_now,
        )
    )
    return Consumer(
        contracts=COMMANDS,
        handle=refresher.handle,
        guard=IdempotencyGuard(settings.idempotency_table, "refresh"),
        dead_letters=DeadLetterQueue(settings.dead_letter_url, sqs),
        attempts=Attempts(
            settings.refresh_queue_url, settings.refresh_attempts, refresher.give_up, sqs
        ),
    )


@cache
def relay() -> Relay:
    """Return the relay from the outbox to the bus."""
    return build_relay(PUBLISHED, RelaySettings.load())
