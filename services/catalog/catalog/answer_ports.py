"""What rooms and the public interface need of the world, named by role: TMDB's answers, kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from catalog.domain import MediaType, Page, Query
from catalog.domain.deadline import Deadline
from catalog.ports import TitlePages


@dataclass(frozen=True, slots=True)
class Shelf:
    """The pages of one question that are at hand, by number. Those in `old` need not be fresh."""

    fresh: Mapping[int, Page]
    old: Mapping[int, Page]


class ShelvedPages(TitlePages, Protocol):
    """Pages of titles, many of which are at hand."""

    async def shelf(self, query: Query) -> Shelf:
        """Return what is at hand; nobody is asked."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer of TMDB and when it was given."""

    body: bytes
    fetched_at: datetime


class AnswerTable(Protocol):
    """Where answers are kept for all instances, and claims to ask for them."""

    async def read(self, question: str) -> KeptAnswer | None:
        """Return what is kept for a question of one page."""

    async def read_all(self, question: str) -> Mapping[int, KeptAnswer]:
        """Return every page that is kept for a question."""

    async def keep(self, question: str, page: int, body: bytes, kept_for: timedelta) -> KeptAnswer:
        """Keep an answer; its claim is over. Answers it as others will read it."""

    async def claim(self, question: str, until: datetime) -> tuple[bool, KeptAnswer | None]:
        """Try to be the one who asks; tells whether that is so, and what was kept until then."""

    async def release(self, question: str, until: datetime) -> None:
        """Give a claim back without an answer, unless somebody else has it by now."""


class TitleSearch(Protocol):
    """TMDB's own search."""

    async def search(
        self, media_types: Sequence[MediaType], text: str, page: int, deadline: Deadline
    ) -> Sequence[Page]:
        """Return a page of what a text finds among each media type, asked at the same time.

        Raises TmdbUnavailable or TmdbRateLimited, at the deadline at the latest.
        """
