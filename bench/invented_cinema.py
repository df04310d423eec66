"""An invented cinema of any size: titles with as many words and people as TMDB's, and users.

A title is made of its number alone, so that a store of 100,000 needs no memory of its own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from matinee.media import MOVIE_GENRES, TV_GENRES, MediaType, TitleKey
from recommender.domain.taste import ListEntry, Taste
from recommender.domain.titles import TitleFacts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
THEMES = 60
WORDS = 14_000
PEOPLE_PER_TITLE = 1.5
"""Different people for each title of a catalogue, as among TMDB's."""

SHARE_OF_SERIES = 4
"""One title in so many is a series."""

MEDIAN_FAVOURITES = 30
_SPREAD = 0.9


@dataclass(slots=True)
class Cinema:
    """Titles 0 to `size`; a lower number is better known. A domain.titles.Titles."""

    size: int
    reads: int = 0
    shown: dict[TitleKey, TitleFacts] = field(default_factory=dict)
    """Titles that were asked for: made once, so that their making is not measured."""

    def title(self, number: int) -> TitleFacts:
        """Return a title."""
        draw = random.Random(number)
        key = self.key(number)
        genres = sorted(MOVIE_GENRES if key.media_type is MediaType.MOVIE else TV_GENRES)
        theme = number % THEMES
        people = int(self.size * PEOPLE_PER_TITLE)
        own = random.Random(theme).sample(genres, 2)
        known = 1 / (1 + number) ** 0.5
        return TitleFacts(
            key,
            f"Title {number}",
            overview="It begins as it ends. " * 12,
            poster_path=f"/{number:027}.jpg",
            release_date=date(draw.randint(1935, 2025), draw.randint(1, 12), 1),
            genre_ids=tuple(dict.fromkeys((draw.choice(own), *draw.sample(genres, 2)))),
            original_language=draw.choice(("en", "en", "en", "fr", "ko", "ja", "es", "de")),
            popularity=round(300 * known + draw.random() * 10, 3),
            vote_average=round(min(9.0, max(2.0, draw.gauss(6.4, 1.0))), 1),
            vote_count=int(30_000 * known * draw.random()) + 5,
            runtime=draw.randint(75, 170),
            keywords=tuple(f"word {int(WORDS * draw.random() ** 3)}" for _ in range(9)),
            directors=(f"person {int(people * draw.random() ** 2)}",),
            cast=tuple(f"person {int(people * draw.random() ** 2)}" for _ in range(5)),
        )

    def key(self, number: int) -> TitleKey:
        """Return a title's key."""
        is_series = number % SHARE_OF_SERIES == SHARE_OF_SERIES - 1
        return TitleKey(MediaType.TV if is_series else MediaType.MOVIE, number)

    def titles(self) -> Iterator[TitleFacts]:
        """Yield all titles."""
        return map(self.title, range(self.size))

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        """Return the facts of titles; one read of a table."""
        self.reads += 1
        for key in keys:
            if key not in self.shown:
                self.shown[key] = self.title(key.id)
        return {key: self.shown[key] for key in keys}

    def best(self, media_type: MediaType, genre_id: int | None, limit: int) -> Sequence[TitleFacts]:
        """Return none: with a model it is not asked."""
        raise NotImplementedError

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:  # noqa: ARG002 - none is
        """Return none."""
        self.reads += 1
        return ()

    def histories(self, users: int, seed: int = 1) -> Iterator[list[TitleKey]]:
        """Yield users' favourites, oldest first: three themes each, known titles more."""
        draw = random.Random(seed)
        for _ in range(users):
            wanted = int(min(500, MEDIAN_FAVOURITES * draw.lognormvariate(0, _SPREAD))) + 1
            themes = draw.sample(range(THEMES), 3)
            numbers = {
                min(self.size - 1, int(self.size * draw.random() ** 3) // THEMES * THEMES + theme)
                for theme in draw.choices(themes, k=wanted)
            }
            yield [self.key(number) for number in sorted(numbers, key=lambda _: draw.random())]

    def tastes(self, users: int) -> list[Taste]:
        """Return users' tastes, of others than those of `histories`."""
        return [
            Taste(
                tuple(
                    ListEntry(key, NOW - timedelta(hours=age), f"Title {key.id}")
                    for age, key in enumerate(favourites)
                )
            )
            for favourites in self.histories(users, seed=2)
        ]
