"""The composition root: each function's object graph, built from its environment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache, partial
from random import SystemRandom
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from matinee.clock import utc_now

if TYPE_CHECKING:
    import httpx

    from catalog.adapters.dynamodb.response_cache import DynamoResponseCache
    from catalog.adapters.tmdb import TmdbClient
    from catalog.adapters.tmdb.discover_page_cache import DiscoverPageCache
    from catalog.adapters.tmdb.throttle.limiter import SharedRateLimiter
    from catalog.adapters.tmdb.throttle.priority import RequestPriority
    from catalog.api.deadline_runner import DeadlineRunner
    from catalog.domain import Discovery, RoomCriteria
    from catalog.domain.resolution import TitleRef
    from catalog.ports import DiscoverPageSource, RateLimiter, TitleRepository
    from catalog.settings import (
        DiscoverSettings,
        MediaSettings,
        PlannerSettings,
        ResponseCacheSettings,
        TmdbSettings,
        WorkerSettings,
    )
    from catalog.use_cases.browse_media import MediaBrowser
    from catalog.use_cases.discover_candidates import SmartDiscovery
    from catalog.use_cases.plan_refresh import RefreshPlanner
    from catalog.use_cases.refresh_page import PageRefresher
    from catalog.use_cases.refresh_watched import WatchedRefresher
    from catalog.use_cases.resolve_titles import Resolutions
    from matinee.events.consumer import Consumer
    from matinee.events.relay import Relay


OPTIONAL_CALLS = Config(
    connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 1, "mode": "standard"}
)
"""For a room's rate and the cached responses: without them the function still works."""

REQUIRED_CALLS = Config(
    connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 2, "mode": "standard"}
)
"""For the secret, and for the rate of requests that are not sent without it."""

TABLE_CALLS = Config(
    connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"}
)
"""For our own tables where a client waits: the function's timeout is ten seconds."""

NO_OUTBOX = ""
"""Of a function that only reads titles."""

REFRESH_BACKOFF = (10, 2)
"""Seconds, and a factor: TMDB is given time, and the list waits for each of its pages."""


def tmdb_http(settings: TmdbSettings) -> httpx.AsyncClient:
    """Return the connections to TMDB; they belong to the event loop that uses them first."""
    import httpx

    from catalog.adapters.tmdb import LIMITS, TIMEOUT

    return httpx.AsyncClient(base_url=str(settings.tmdb_base_url), timeout=TIMEOUT, limits=LIMITS)


def tmdb_client(
    settings: TmdbSettings, http: httpx.AsyncClient, priority: RequestPriority
) -> TmdbClient:
    """Return a client of one priority; the public's requests have a quota of the rate."""
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    from catalog.adapters.tmdb import TmdbClient
    from catalog.adapters.tmdb.api_key import SecretApiKey
    from catalog.adapters.tmdb.throttle.priority import PUBLIC
    from catalog.adapters.tmdb.throttle.public_quota import PUBLIC_SHARE, PublicQuota
    from matinee.secrets import Secret

    host, limit = settings.tmdb_host, settings.tmdb_requests_per_second
    limiter: RateLimiter = rate_limiter(settings, host, limit, priority)
    if priority is PUBLIC:
        quota = rate_limiter(settings, f"{host}#public", limit * PUBLIC_SHARE, priority)
        limiter = PublicQuota(quota, limiter)
    secrets = SecretsProvider(boto_config=REQUIRED_CALLS)
    return TmdbClient(
        http=http,
        key=SecretApiKey(Secret(secrets, settings.tmdb_secret_arn)),
        limiter=limiter,
        random=SystemRandom(),
        now=utc_now,
        priority=priority,
    )


def rate_limiter(
    settings: TmdbSettings, bucket: str, requests_per_second: float, priority: RequestPriority
) -> SharedRateLimiter:
    """Return a rate limiter that all instances share, for one priority."""
    from catalog.adapters.tmdb.throttle.gcra import Gcra
    from catalog.adapters.tmdb.throttle.limiter import SharedRateLimiter
    from catalog.adapters.tmdb.throttle.table import RateTable

    config = OPTIONAL_CALLS if priority.fails_open else REQUIRED_CALLS
    table = RateTable(
        dynamodb=boto3.client("dynamodb", config=config),
        table=settings.rate_table,
        bucket=bucket,
        now=utc_now,
        monotonic=time.monotonic,
    )
    rate = Gcra.for_limit(requests_per_second)
    return SharedRateLimiter(table, rate, priority, random=SystemRandom())


def response_cache(settings: ResponseCacheSettings) -> DynamoResponseCache:
    """Return the cache of TMDB's responses."""
    from catalog.adapters.dynamodb.response_cache import DynamoResponseCache

    client = boto3.client("dynamodb", config=OPTIONAL_CALLS)
    return DynamoResponseCache(client, settings.answers_table, utc_now)


def discover_pages(
    settings: ResponseCacheSettings, pages: DiscoverPageSource, memory_ttl: float
) -> DiscoverPageCache:
    """Return the pages of /discover that all instances share."""
    from catalog.adapters.tmdb.discover_page_cache import DiscoverPageCache

    return DiscoverPageCache(
        pages=pages,
        cache=response_cache(settings),
        source=settings.tmdb_host,
        now=utc_now,
        monotonic=time.monotonic,
        memory_ttl=memory_ttl,
    )


def smart_discovery(settings: DiscoverSettings, http: httpx.AsyncClient) -> SmartDiscovery:
    """Return the use case over an HTTP client whose base is TMDB's address."""
    from catalog.adapters.tmdb import TmdbPages
    from catalog.adapters.tmdb.throttle.priority import INTERACTIVE
    from catalog.use_cases.discover_candidates import SmartDiscovery

    pages = TmdbPages(tmdb_client(settings, http, INTERACTIVE))
    cached = discover_pages(settings, pages, settings.pages_kept_seconds)
    return SmartDiscovery(cached, SystemRandom())


@cache
def discoverer() -> Callable[[RoomCriteria], Discovery]:
    """Return what finds a room's candidates within the function's time."""
    from catalog.api.deadline_runner import DeadlineRunner
    from catalog.settings import DiscoverSettings

    settings = DiscoverSettings.load()
    discovery = smart_discovery(settings, tmdb_http(settings))
    run = DeadlineRunner(settings.discovery_seconds, asyncio.Runner())
    return lambda criteria: run(partial(discovery.discover, criteria))


@cache
def resolver() -> Callable[[Sequence[TitleRef]], Resolutions]:
    """Return what resolves rows of imports within the function's time."""
    from catalog.adapters.dynamodb.titles import DynamoTitles
    from catalog.adapters.tmdb import TmdbTitles
    from catalog.adapters.tmdb.throttle.priority import IMPORT
    from catalog.api.deadline_runner import DeadlineRunner
    from catalog.settings import ResolveSettings
    from catalog.use_cases.resolve_titles import ResolveTitles

    settings = ResolveSettings.load()
    dynamodb = boto3.client("dynamodb", config=TABLE_CALLS)
    client = tmdb_client(settings, tmdb_http(settings), IMPORT)
    titles = ResolveTitles(
        stored=DynamoTitles(settings.media_table, NO_OUTBOX, dynamodb, utc_now),
        finder=TmdbTitles(client),
        cache=response_cache(settings),
        source=settings.tmdb_host,
    )
    run = DeadlineRunner(settings.resolve_seconds, asyncio.Runner())
    return lambda refs: run(partial(titles.resolve, refs))


@cache
def stored_titles() -> TitleRepository:
    """Return the cached titles, to be read alone."""
    from catalog.adapters.dynamodb.titles import DynamoTitles
    from catalog.settings import CardSettings

    settings = CardSettings.load()
    dynamodb = boto3.client("dynamodb", config=TABLE_CALLS)
    return DynamoTitles(settings.media_table, NO_OUTBOX, dynamodb, utc_now)


@cache
def media_settings() -> MediaSettings:
    """Return MediaFunction's environment."""
    from catalog.settings import MediaSettings

    return MediaSettings.load()


@cache
def media_runner() -> DeadlineRunner:
    """Return the event loop of MediaFunction's requests to TMDB."""
    from catalog.api.deadline_runner import DeadlineRunner

    return DeadlineRunner(media_settings().media_seconds, asyncio.Runner())


@cache
def media_browser() -> MediaBrowser:
    """Return the use cases of the public catalogue."""
    from catalog.adapters.dynamodb.lists import DynamoLists
    from catalog.adapters.dynamodb.titles import DynamoTitles
    from catalog.adapters.tmdb import TmdbTitles
    from catalog.adapters.tmdb.single_flight import SingleFlightCache
    from catalog.adapters.tmdb.throttle.priority import PUBLIC
    from catalog.use_cases.browse_media import SEARCH_TTL, MediaBrowser

    settings = media_settings()
    dynamodb = boto3.client("dynamodb", config=TABLE_CALLS)
    titles = TmdbTitles(tmdb_client(settings, tmdb_http(settings), PUBLIC))
    responses = response_cache(settings)
    return MediaBrowser(
        stored=DynamoTitles(settings.media_table, settings.outbox_table, dynamodb, utc_now),
        lists=DynamoLists(settings.media_table, dynamodb, utc_now),
        tmdb=titles,
        tmdb_search=titles,
        lookups=SingleFlightCache(responses, utc_now, stale_ttl=timedelta(0)),
        searches=SingleFlightCache(responses, utc_now, stale_ttl=SEARCH_TTL),
        source=settings.tmdb_host,
        now=utc_now,
    )


@cache
def planner_settings() -> PlannerSettings:
    """Return the planner's environment."""
    from catalog.settings import PlannerSettings

    return PlannerSettings.load()


@cache
def refresh_planner() -> RefreshPlanner:
    """Return the use case that starts refreshes."""
    from catalog.adapters.dynamodb.refresh_runs import DynamoRefreshRuns
    from catalog.adapters.sqs.work_queue import SqsWorkQueue
    from catalog.use_cases.plan_refresh import RefreshPlanner

    settings = planner_settings()
    dynamodb = boto3.client("dynamodb", config=TABLE_CALLS)
    return RefreshPlanner(
        runs=DynamoRefreshRuns(settings.refreshes_table, dynamodb, utc_now),
        queue=SqsWorkQueue(settings.refresh_queue_url, boto3.client("sqs")),
        pages=settings.refresh_pages,
        now=utc_now,
    )


@cache
def refresh_worker() -> Consumer:
    """Return the consumer of the refresh's work queue."""
    from catalog.events.consumed import CONSUMERS, RefreshPageConsumer
    from catalog.settings import WorkerSettings
    from matinee.events.consumer import Attempts, Backoff, build_consumer

    settings = WorkerSettings.load()
    commands = RefreshPageConsumer(page_refresher(settings))
    return build_consumer(
        "refresh",
        CONSUMERS["RefreshWorkerFunction"],
        commands.handle,
        settings,
        attempts=Attempts(settings.refresh_attempts, commands.give_up),
        backoff=Backoff(settings.queue_url, boto3.client("sqs"), *REFRESH_BACKOFF),
    )


def page_refresher(settings: WorkerSettings) -> PageRefresher:
    """Return the use case that refreshes a page."""
    from catalog.adapters.dynamodb.leases import DynamoLeases
    from catalog.adapters.dynamodb.lists import DynamoListVersions
    from catalog.adapters.dynamodb.refresh_runs import DynamoRefreshRuns
    from catalog.adapters.dynamodb.titles import DynamoTitles
    from catalog.adapters.sqs.work_queue import SqsWorkQueue
    from catalog.adapters.tmdb import TmdbPages, TmdbTitles
    from catalog.adapters.tmdb.sync_client import SyncTmdbClient
    from catalog.adapters.tmdb.throttle.priority import REFRESH
    from catalog.use_cases.refresh_page import PageRefresher

    http, dynamodb = tmdb_http(settings), boto3.client("dynamodb")
    client = tmdb_client(settings, http, REFRESH)
    runs = DynamoRefreshRuns(settings.refreshes_table, dynamodb, utc_now)
    return PageRefresher(
        tmdb=SyncTmdbClient(
            source=TmdbTitles(client),
            page_cache=discover_pages(settings, TmdbPages(client), memory_ttl=0),
            seconds=settings.refresh_seconds,
            runner=asyncio.Runner(),
        ),
        titles=DynamoTitles(
            settings.media_table,
            settings.outbox_table,
            boto3.client("dynamodb", config=TABLE_CALLS),
            utc_now,
        ),
        versions=DynamoListVersions(
            table=settings.media_table,
            refreshes=settings.refreshes_table,
            outbox=settings.outbox_table,
            dynamodb=dynamodb,
            now=utc_now,
        ),
        runs=runs,
        lists=runs,
        pages=runs,
        leases=DynamoLeases(settings.refreshes_table, dynamodb, utc_now),
        queue=SqsWorkQueue(settings.refresh_queue_url, boto3.client("sqs")),
        now=utc_now,
    )


@cache
def watched_titles() -> Consumer:
    """Return the consumer that learns which titles are on watchlists."""
    from catalog.adapters.dynamodb.watched_titles import DynamoWatchedTitles
    from catalog.events.consumed import CONSUMERS, add_watched_titles
    from catalog.settings import WatchedTitlesSettings
    from matinee.events.consumer import build_consumer

    settings = WatchedTitlesSettings.load()
    watched = DynamoWatchedTitles(settings.refreshes_table, boto3.client("dynamodb"), utc_now)
    return build_consumer(
        "watched-titles",
        CONSUMERS["WatchedTitlesFunction"],
        add_watched_titles(watched),
        settings,
    )


@cache
def watched_refresher() -> WatchedRefresher:
    """Return the use case that refreshes titles on watchlists."""
    from catalog.adapters.dynamodb.titles import DynamoTitles
    from catalog.adapters.dynamodb.watched_titles import SHARDS, DynamoWatchedTitles
    from catalog.adapters.tmdb import TmdbTitles
    from catalog.adapters.tmdb.throttle.priority import REFRESH
    from catalog.api.deadline_runner import DeadlineRunner
    from catalog.settings import WatchedRefresherSettings
    from catalog.use_cases.refresh_watched import WatchedRefresher

    settings = WatchedRefresherSettings.load()
    dynamodb = boto3.client("dynamodb")
    source = TmdbTitles(tmdb_client(settings, tmdb_http(settings), REFRESH))
    run = DeadlineRunner(settings.watched_seconds, asyncio.Runner())
    return WatchedRefresher(
        fetch=lambda keys: run(partial(source.details, keys)),
        titles=DynamoTitles(settings.media_table, settings.outbox_table, dynamodb, utc_now),
        watched=DynamoWatchedTitles(settings.refreshes_table, dynamodb, utc_now),
        shards=SHARDS,
        now=utc_now,
    )


@cache
def relay() -> Relay:
    """Return the relay from the outbox to the bus."""
    from catalog.events.published import PUBLISHED
    from matinee.events.relay import RelaySettings, build_relay

    return build_relay(PUBLISHED, RelaySettings.load())
