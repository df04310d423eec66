"""The catalogue: two shelves of titles, the people in them and the words that describe them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from tools.tmdb.catalogue.collection import TitleCollection
from tools.tmdb.catalogue.titles import MediaType, Person, Title

AS_OF: Final = date(2026, 9, 30)
"""The catalogue's own today: fixed, so that a seed gives the same catalogue on every day."""


class Catalogue:
    """Everything that the stand-in knows; immutable once made.

    ``movie`` and ``tv`` are separate id spaces: film 550 and series 550 may both exist. An id may
    stand once in its own. ``people`` and ``keywords`` name the ids that titles refer to.
    """

    def __init__(
        self,
        titles: Iterable[Title],
        *,
        people: Iterable[Person] = (),
        keywords: Mapping[int, str] | None = None,
        seed: int = 0,
        as_of: date = AS_OF,
    ) -> None:
        by_type: dict[MediaType, list[Title]] = {MediaType.MOVIE: [], MediaType.TV: []}
        for title in titles:
            by_type[title.media_type].append(title)
        self.seed = seed
        self.as_of = as_of
        self.movies = TitleCollection(by_type[MediaType.MOVIE], seed=seed)
        self.series = TitleCollection(by_type[MediaType.TV], seed=seed)
        self.people: dict[int, Person] = {person.id: person for person in people}
        self.keywords: dict[int, str] = dict(keywords or {})
        self._trending: dict[tuple[str, str], list[Title | Person]] = {}

    def __len__(self) -> int:
        return len(self.movies) + len(self.series)

    def titles_of(self, media_type: MediaType) -> TitleCollection:
        """Return the films or the series."""
        return self.movies if media_type is MediaType.MOVIE else self.series

    def trending(self, kind: str, window: str) -> list[Title | Person]:
        """Return what is talked about, most first.

        ``kind`` is "movie", "tv" or "all" (both, and people among them, as TMDB does);
        ``window`` is "day" or "week".
        """
        known = self._trending.get((kind, window))
        if known is None:
            known = self._trending[kind, window] = self._rank(kind, window)
        return known

    def warm(self) -> None:
        """Build every index now rather than at the first request that needs it."""
        self.movies.warm()
        self.series.warm()
        for window in ("day", "week"):
            for kind in ("movie", "tv", "all"):
                self.trending(kind, window)

    def _rank(self, kind: str, window: str) -> list[Title | Person]:
        scored: list[tuple[float, Title | Person]] = []
        if kind != "tv":
            scored += self.movies.trending(window, self.as_of)
        if kind != "movie":
            scored += self.series.trending(window, self.as_of)
        if kind == "all":
            scored += [(p.popularity, p) for p in self.people.values() if p.popularity > 0]
        scored.sort(key=lambda pair: -pair[0])
        return [entry for _, entry in scored]
