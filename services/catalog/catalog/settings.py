"""The environment of this service's functions."""

from typing import Annotated

from pydantic import Field, HttpUrl

from matinee.settings import EdgeSettings, Settings


class TmdbSettings(Settings):
    """What every function that asks TMDB needs. The rate is that of all of them together."""

    tmdb_base_url: HttpUrl
    tmdb_secret_arn: Annotated[str, Field(min_length=1)]
    tmdb_requests_per_second: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] = 40.0
    rate_table: Annotated[str, Field(min_length=1)]


class AnswersSettings(TmdbSettings):
    """What every function needs that keeps TMDB's answers for others."""

    answers_table: Annotated[str, Field(min_length=1)]


class DiscoverSettings(AnswersSettings):
    """Read once, when the function's first event arrives."""

    discovery_seconds: Annotated[float, Field(gt=0, le=9, allow_inf_nan=False)] = 4.0
    pages_kept_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 600.0


class CacheSettings(Settings):
    """What every function that reads the cache needs."""

    media_table: Annotated[str, Field(min_length=1)]


class StoreSettings(CacheSettings):
    """What every function that stores titles needs."""

    outbox_table: Annotated[str, Field(min_length=1)]


class MediaSettings(EdgeSettings, AnswersSettings, StoreSettings):
    """What the public interface needs. An answer comes within `media_seconds`."""

    media_seconds: Annotated[float, Field(gt=0, le=5.5, allow_inf_nan=False)] = 5.0


class PlannerSettings(EdgeSettings):
    """What the planner of refreshes needs. `refresh_pages` are read of each list."""

    refreshes_table: Annotated[str, Field(min_length=1)]
    refresh_queue_url: Annotated[str, Field(min_length=1)]
    refresh_pages: Annotated[int, Field(ge=1, le=500)] = 20


class WorkerSettings(AnswersSettings, StoreSettings):
    """What a worker of the refresh needs.

    `refresh_seconds` are given to one page's requests, below the function's timeout;
    `refresh_attempts` is the queue's maxReceiveCount.
    """

    refreshes_table: Annotated[str, Field(min_length=1)]
    refresh_queue_url: Annotated[str, Field(min_length=1)]
    refresh_attempts: Annotated[int, Field(ge=1)]
    refresh_seconds: Annotated[float, Field(gt=0, le=300, allow_inf_nan=False)] = 40.0
    idempotency_table: Annotated[str, Field(min_length=1)]
    dead_letter_url: Annotated[str, Field(min_length=1)]
