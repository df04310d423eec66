"""The environment of the service's functions."""

from typing import Annotated

from pydantic import Field, HttpUrl

from matinee.events.consumer import ConsumerSettings
from matinee.settings import EdgeSettings, Settings

type Name = Annotated[str, Field(min_length=1)]


class TmdbSettings(Settings):
    """Every function that uses TMDB. The rate is that of all of them together."""

    tmdb_base_url: HttpUrl
    tmdb_secret_arn: Name
    tmdb_requests_per_second: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] = 40.0
    rate_table: Name

    @property
    def tmdb_host(self) -> str:
        """The host and port, which separate rates, circuits and responses of different TMDBs."""
        return f"{self.tmdb_base_url.host}:{self.tmdb_base_url.port}"


class ResponseCacheSettings(TmdbSettings):
    """Every function that shares TMDB's responses with others."""

    answers_table: Name


class DiscoverSettings(ResponseCacheSettings):
    """DiscoverFunction. `pages_kept_seconds` is how long an instance keeps pages in memory."""

    discovery_seconds: Annotated[float, Field(gt=0, le=9, allow_inf_nan=False)] = 4.0
    pages_kept_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 600.0


class StoreSettings(Settings):
    """Every function that stores titles."""

    media_table: Name
    outbox_table: Name


class MediaSettings(EdgeSettings, ResponseCacheSettings, StoreSettings):
    """MediaFunction. A response takes at most `media_seconds`."""

    media_seconds: Annotated[float, Field(gt=0, le=5.5, allow_inf_nan=False)] = 5.0


class ResolveSettings(ResponseCacheSettings):
    """ResolveFunction. A response takes at most `resolve_seconds`."""

    media_table: Name
    resolve_seconds: Annotated[float, Field(gt=0, le=25, allow_inf_nan=False)] = 20.0


class CardSettings(Settings):
    """CardsFunction."""

    media_table: Name


class RefreshSettings(Settings):
    """Every function of the refresh."""

    refreshes_table: Name
    refresh_queue_url: Name


class PlannerSettings(EdgeSettings, RefreshSettings):
    """RefreshPlannerFunction. `refresh_pages` are read of each list."""

    refresh_pages: Annotated[int, Field(ge=1, le=500)] = 20


class WatchedTitlesSettings(ConsumerSettings):
    """WatchedTitlesFunction."""

    refreshes_table: Name


class WatchedRefresherSettings(TmdbSettings, StoreSettings):
    """WatchedRefresherFunction. `watched_seconds` is the time for one batch's requests."""

    refreshes_table: Name
    watched_seconds: Annotated[float, Field(gt=0, le=50, allow_inf_nan=False)] = 40.0


class WorkerSettings(ResponseCacheSettings, StoreSettings, RefreshSettings, ConsumerSettings):
    """RefreshWorkerFunction.

    `refresh_seconds` is the time for one page's requests, below the function's timeout;
    `refresh_attempts` is the queue's maxReceiveCount.
    """

    refresh_attempts: Annotated[int, Field(ge=1)]
    refresh_seconds: Annotated[float, Field(gt=0, le=300, allow_inf_nan=False)] = 40.0
