"""What the catalog service needs of the world, named by role."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from catalog.deadline import Deadline
from catalog.domain import Page, Query


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page of a question. Pages count from 1 to 500."""

    query: Query
    page: int


class TitlePages(Protocol):
    """Where pages of titles come from."""

    async def fetch(self, requests: Sequence[PageRequest], deadline: Deadline) -> Sequence[Page]:
        """Answer the pages in the order of the requests, fetched at the same time.

        Raises TmdbUnavailable or TmdbRateLimited, at the deadline at the latest.
        """


class RequestRate(Protocol):
    """The rate of requests to TMDB that every instance of every function shares."""

    async def reserve(self, requests: int, deadline: Deadline) -> Sequence[float]:
        """Take a place for each of some requests; answers how long each waits, in seconds.

        Raises TmdbRateLimited when the last place lies behind the deadline.
        """

    async def pause(self, seconds: float) -> None:
        """Let nobody have a place for a while, because TMDB said so."""


class ApiKey(Protocol):
    """The key to TMDB."""

    async def __call__(self) -> str:
        """Answer the key; raises TmdbKeyRefused when there is none to be had."""
