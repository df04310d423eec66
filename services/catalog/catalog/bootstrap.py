"""The one place where the service is put together."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random, SystemRandom

import boto3
import httpx
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

from catalog.deadline import Deadline
from catalog.domain import Discovery, Taste
from catalog.pace import Pace
from catalog.page_memory import RememberedPages
from catalog.rate_limit import DynamoRequestRate
from catalog.secret import SecretApiKey
from catalog.service import SmartDiscovery
from catalog.settings import DiscoverSettings
from catalog.tmdb import LIMITS, TIMEOUT, TmdbPages
from matinee.clock import utc_now

QUICK = Config(
    connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 1, "mode": "standard"}
)
"""For the rate table, which may be done without."""

PATIENT = Config(
    connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 2, "mode": "standard"}
)
"""For the secret, which may not."""


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


def smart_discovery(settings: DiscoverSettings, http: httpx.AsyncClient) -> SmartDiscovery:
    """Put the use case together over an HTTP client whose base is TMDB's address."""
    random: Random = SystemRandom()
    rate = DynamoRequestRate(
        dynamodb=boto3.client("dynamodb", config=QUICK),
        table=settings.rate_table,
        pace=Pace.of(settings.tmdb_requests_per_second),
        now=utc_now,
        monotonic=time.monotonic,
    )
    key = SecretApiKey(SecretsProvider(boto_config=PATIENT), settings.tmdb_secret_arn)
    pages = TmdbPages(http=http, key=key, rate=rate, random=random, now=utc_now)
    remembered = RememberedPages(pages, settings.pages_kept_seconds, time.monotonic)
    return SmartDiscovery(remembered, random)


@cache
def discoverer() -> Callable[[Taste], Discovery]:
    """Answer this instance's discoverer, made from its environment when first asked for."""
    settings = DiscoverSettings.load()
    http = httpx.AsyncClient(base_url=str(settings.tmdb_base_url), timeout=TIMEOUT, limits=LIMITS)
    return Discoverer(smart_discovery(settings, http), settings.discovery_seconds, asyncio.Runner())
