"""The discovery function's environment."""

from typing import Annotated

from pydantic import Field, HttpUrl

from matinee.settings import Settings


class DiscoverSettings(Settings):
    """Read once, when the function's first event arrives."""

    tmdb_base_url: HttpUrl
    tmdb_secret_arn: Annotated[str, Field(min_length=1)]
    tmdb_requests_per_second: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] = 40.0
    rate_table: Annotated[str, Field(min_length=1)]
    discovery_seconds: Annotated[float, Field(gt=0, le=9, allow_inf_nan=False)] = 4.0
    pages_kept_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 600.0
