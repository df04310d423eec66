"""Invented films and series of every kind, and a model trained on invented users."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from matinee.media import MediaType, TitleKey
from matinee.questionnaire import Maturity
from recommender.adapters.model_file import read_model
from recommender.adapters.model_writer import train
from recommender.domain.model import Model
from recommender.domain.taste import ListEntry
from recommender.domain.titles import TitleFacts, TitlesUnavailable
from recommender.domain.training.cooccurrence import CooccurrenceCounts, FavouritesChange
from tools.evaluate.files import Catalogue
from tools.evaluate.synthetic import Cinema

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MOVIE, TV = MediaType.MOVIE, MediaType.TV
KEYWORDS = (
    *("heist", "superhero", "anti hero", "plot twist", "violence", "female nudity", "profanity"),
    *("slow burn", "cliffhanger", "open ending", "dead animal", "jump scare", "black and white"),
    *("dystopia", "spy", "slasher", "film noir", "coming of age", "satire", "biography", "cia"),
    *("disaster", "cyberpunk", "psychological thriller", "period drama", "friendship", "road"),
    *("robot", "musical", "ensemble cast", "nonlinear timeline", "paris", "winter", "chess"),
)


def film(id_: int, title: str | None = None, **facts: object) -> TitleFacts:
    """Return a film with ordinary facts."""
    return _title(MOVIE, id_, title or f"Film {id_}", facts)


def series(id_: int, title: str | None = None, **facts: object) -> TitleFacts:
    """Return a series with ordinary facts."""
    return _title(TV, id_, title or f"Series {id_}", facts)


def liked(title: TitleFacts | TitleKey, days_ago: float = 0) -> ListEntry:
    """Return an entry of a list."""
    added = NOW - timedelta(days=days_ago)
    if isinstance(title, TitleKey):
        return ListEntry(title, added)
    return ListEntry(title.key, added, title.title, title.genre_ids)


@dataclass(slots=True)
class InMemoryTitles:
    """A title store in memory that can be closed, and that records its calls."""

    titles: Sequence[TitleFacts] = ()
    fresh: Sequence[TitleFacts] = ()
    closed: bool = False
    asked: list[str] = field(default_factory=list)

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        """Return the facts of titles."""
        self._ask("facts")
        wanted = set(keys)
        return {title.key: title for title in self.titles if title.key in wanted}

    def best(self, media_type: MediaType, genre_id: int | None, limit: int) -> Sequence[TitleFacts]:
        """Return the best of a genre."""
        self._ask("best")
        return Catalogue({title.key: title for title in self.titles}).best(
            media_type, genre_id, limit
        )

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:
        """Return the new titles."""
        self._ask("new")
        return [title for title in self.fresh if title.key.media_type is media_type][:limit]

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.closed:
            raise TitlesUnavailable


@cache
def cinema() -> tuple[TitleFacts, ...]:
    """Return 900 films and 500 series, in which every property occurs with every other."""
    titles = Cinema(900, 500, words=KEYWORDS, people=120, even=True).titles()
    draw = random.Random(5)  # noqa: S311 - invented certifications
    return tuple(replace(title, maturity=draw.choice((None, *Maturity))) for title in titles)


@cache
def learnt() -> Model:
    """Return a model of invented users, who like titles of two genres each."""
    draw = random.Random(11)  # noqa: S311 - invented users
    by_genre: dict[int, list[TitleKey]] = {}
    for title in cinema():
        for genre in title.genre_ids:
            by_genre.setdefault(genre, []).append(title.key)
    users = []
    for _ in range(250):
        first, second = draw.sample(sorted(by_genre), 2)
        theirs = by_genre[first] + by_genre[second]
        users.append(
            FavouritesChange(after=draw.sample(theirs, min(len(theirs), draw.randint(5, 25))))
        )
    return model_of(cinema(), users)


def model_of(titles: Iterable[TitleFacts], users: Iterable[FavouritesChange]) -> Model:
    """Train and read a model."""
    counts = CooccurrenceCounts().changed(users)
    return read_model(train(counts, titles, version="v1", trained_at=NOW))


def _title(media: MediaType, id_: int, title: str, facts: Mapping[str, object]) -> TitleFacts:
    ordinary: dict[str, object] = {
        "genre_ids": (18,),
        "release_date": date(2000, 6, 1),
        "original_language": "en",
        "popularity": 20.0,
        "vote_average": 7.0,
        "vote_count": 1000,
        "runtime": 110 if media is MOVIE else 45,
    }
    return TitleFacts(TitleKey(media, id_), title, **{**ordinary, **facts})  # type: ignore[arg-type]
