"""What can be changed while the stand-in runs: its faults, and who streams what."""

from random import Random
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tools.tmdb.offers import PROVIDERS

type Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]


def _is_known(ids: list[int]) -> list[int]:
    if unknown := set(ids) - PROVIDERS.keys():
        message = f"no such provider: {sorted(unknown)}; there are {sorted(PROVIDERS)}"
        raise ValueError(message)
    return ids


type Providers = Annotated[list[int], AfterValidator(_is_known)]


class FaultSettings(BaseModel):
    """What POST /__control sets and GET /__control shows. Everything off is the normal state.

    Faults strike requests below ``path_prefix`` only; the rate limit holds for all of /3.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    latency_ms: float = Field(default=0, ge=0, le=600_000, description="added to every answer")
    jitter_ms: float = Field(
        default=0, ge=0, le=600_000, description="the latency varies by up to this, both ways"
    )
    error_rate: float = Field(default=0, ge=0, le=1, description="share of failed answers")
    error_status: Literal[429, 500, 503, 504] = Field(
        default=500, description="HTTP status of those, and of fail_next"
    )
    fail_next: int = Field(default=0, ge=0, description="so many requests fail, then no more")
    retry_after: int = Field(
        default=1, ge=0, description="seconds in Retry-After of a 429 by error_rate or fail_next"
    )
    down: bool = Field(default=False, description="503, status_code 9, to everything")
    hang: bool = Field(default=False, description="accept and do not answer")
    hang_seconds: float = Field(
        default=60, gt=0, le=3_600, description="how long; then 504, status_code 24"
    )
    malformed_rate: float = Field(
        default=0, ge=0, le=1, description="share of 200s whose body is cut, empty or HTML"
    )
    rate_limit: float = Field(
        default=40, ge=0, le=1_000_000, description="requests a second; 0: no limit"
    )
    path_prefix: str = Field(default="/3/", description="where the faults strike")
    seed: int = Field(default=1, description="of the faults' chances; setting it starts anew")
    providers: dict[
        Annotated[str, Field(pattern="^(movie|tv)/[1-9][0-9]*$")], dict[Country, Providers]
    ] = Field(
        default={},
        description="who streams a title from now on, by country, instead of what the seed says",
    )


class Faults:
    """The present settings and the chances drawn under them."""

    def __init__(self, rate_limit: float, seed: int) -> None:
        self._initial = FaultSettings(rate_limit=rate_limit, seed=seed)
        self.reset()

    def reset(self) -> None:
        """Return to the settings of the start, and to the beginning of the chances."""
        self.settings = self._initial
        self._random = Random(self._initial.seed)  # noqa: S311 - chances, not secrets

    def change(self, changes: dict[str, Any]) -> frozenset[str]:
        """Change some of the settings and return which. ValidationError: a bad name or value."""
        wanted = FaultSettings.model_validate({**self.settings.model_dump(), **changes})
        self.settings = wanted
        if "seed" in changes:
            self._random = Random(wanted.seed)  # noqa: S311 - chances, not secrets
        return frozenset(changes)

    def strikes(self, path: str) -> bool:
        """Return whether faults concern this path."""
        return path.startswith(self.settings.path_prefix)

    def latency(self) -> float:
        """Return how many seconds the next answer is held back."""
        now = self.settings
        spread = self._random.uniform(-now.jitter_ms, now.jitter_ms) if now.jitter_ms else 0.0
        return max(0.0, now.latency_ms + spread) / 1_000

    def fails(self) -> bool:
        """Return whether the next answer is an error, and count it if it was ordered."""
        if self.settings.fail_next:
            self.settings = self.settings.model_copy(
                update={"fail_next": self.settings.fail_next - 1}
            )
            return True
        return bool(self.settings.error_rate) and self._random.random() < self.settings.error_rate

    def malforms(self) -> bool:
        """Return whether the next good answer is corrupted."""
        rate = self.settings.malformed_rate
        return bool(rate) and self._random.random() < rate

    def corrupt(self, body: bytes) -> tuple[bytes, str]:
        """Return what is sent instead of ``body``, and its content type: never valid JSON."""
        kind = self._random.randrange(3)
        if kind == 0:
            return body[: len(body) // 2], "application/json;charset=utf-8"
        if kind == 1:
            return b"", "application/json;charset=utf-8"
        return b"<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html"
