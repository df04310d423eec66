"""Query strings as TMDB reads them: unknown names are ignored, bad values are refused.

Where TMDB's documentation does not say what a bad value does (a word where a number belongs, an
order that does not exist), it is refused with status_code 5, so that a client's slip shows.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from tools.tmdb.errors import INVALID_DATE, INVALID_PAGE, INVALID_PARAMETERS, TmdbError

PAGE_SIZE: Final = 20
LAST_PAGE: Final = 500
_TRUE: Final = "true"


class Parameters:
    """The query parameters of one request, read by type. An empty value counts as left out."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = query

    def text(self, name: str) -> str:
        """Return the value without surrounding space, "" when left out."""
        return self._query.get(name, "").strip()

    def flag(self, name: str) -> bool:
        """Return whether the value is "true" in any case; anything else is false."""
        return self.text(name).lower() == _TRUE

    def page(self) -> int:
        """Return ``page``, 1 when left out. TmdbError 22: not an integer between 1 and 500."""
        if "page" not in self._query:
            return 1
        text = self.text("page")
        if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= LAST_PAGE:
            raise TmdbError(INVALID_PAGE)
        return int(text)

    def integer(self, name: str) -> int | None:
        """Return a whole number. TmdbError 5: not one."""
        text = self.text(name)
        try:
            return int(text) if text else None
        except ValueError as wrong:
            raise TmdbError(INVALID_PARAMETERS) from wrong

    def number(self, name: str) -> float | None:
        """Return a number. TmdbError 5: not one."""
        text = self.text(name)
        try:
            value = float(text) if text else None
        except ValueError as wrong:
            raise TmdbError(INVALID_PARAMETERS) from wrong
        if value is not None and value != value:  # noqa: PLR0124 - only "nan" differs from itself
            raise TmdbError(INVALID_PARAMETERS)
        return value

    def day(self, name: str) -> date | None:
        """Return a date. TmdbError 23: not YYYY-MM-DD."""
        text = self.text(name)[:10]
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as wrong:
            raise TmdbError(INVALID_DATE) from wrong

    def alternatives(self, name: str) -> list[list[str]]:
        """Return what must hold: every group, and of each group any one.

        A comma is AND, a pipe is OR: "18,16" is [[18], [16]] and "18|16" is [[18, 16]].
        """
        groups = [
            [part.strip() for part in group.split("|") if part.strip()]
            for group in self.text(name).split(",")
        ]
        return [group for group in groups if group]

    def id_alternatives(self, name: str) -> list[list[int]]:
        """Return ``alternatives`` as numbers. TmdbError 5: something is not a number."""
        try:
            return [[int(part) for part in group] for group in self.alternatives(name)]
        except ValueError as wrong:
            raise TmdbError(INVALID_PARAMETERS) from wrong

    def video_languages(self) -> frozenset[str]:
        """Return the languages of the videos to show: the request's own and those included."""
        own = self.text("language")[:2] or "en"
        included = self.text("include_video_language").split(",")
        return frozenset({own, *(code for code in map(str.strip, included) if code)})
