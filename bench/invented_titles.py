"""Catalogues of any size and favourites in them, invented, for the recommender's measurements."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from matinee.media import MediaType, TitleKey
from recommender.adapters.model_writer import train
from recommender.domain.taste import ListEntry
from recommender.domain.titles import TitleFacts
from recommender.domain.training.cooccurrence import CooccurrenceCounts, FavouritesChange
from tools.evaluate.synthetic import Sizes, favourites, titles

USERS = 2_000
TITLES_OF_A_THEME = 250
OVERVIEW = "They are left with one night to find out what the letter meant. " * 4


class InventedTitles:
    """Titles that are made up when they are asked for: they take no memory."""

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        """Return facts of the usual length."""
        return {key: shown(key) for key in keys}

    def best(
        self,
        media_type: MediaType,  # noqa: ARG002 - the port's
        genre_id: int | None,  # noqa: ARG002
        limit: int,  # noqa: ARG002
    ) -> Sequence[TitleFacts]:
        """Return nothing: there is a model."""
        return ()

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:  # noqa: ARG002
        """Return nothing."""
        return ()


def shown(key: TitleKey) -> TitleFacts:
    """Invent a title."""
    return TitleFacts(
        key,
        title=f"Title {key.id}",
        overview=OVERVIEW,
        poster_path=f"/poster-{key.id}.jpg",
        backdrop_path=f"/backdrop-{key.id}.jpg",
        release_date=date(2001, 1, 1),
        genre_ids=(18, 35),
        original_language="en",
        vote_average=7.1,
        vote_count=900,
    )


def model_of(number: int, seed: int = 1) -> tuple[bytes, list[ListEntry]]:
    """Train on a catalogue of so many titles; returns the model and one user's favourites."""
    draw = random.Random(seed)
    sizes = Sizes(titles=number, users=USERS, themes=max(8, number // TITLES_OF_A_THEME))
    facts = [_facts(row) for row in titles(sizes, draw)]
    of_user: dict[int, list[TitleKey]] = {}
    for row in favourites(sizes, draw):
        key = TitleKey(MediaType.MOVIE, int(str(row["tmdbId"])))
        of_user.setdefault(int(str(row["userId"])), []).append(key)
    counts = CooccurrenceCounts().changed(FavouritesChange(after=keys) for keys in of_user.values())
    content = train(counts, facts, version=f"bench-{number}", trained_at=datetime.now(UTC))
    _, busiest = max((len(keys), user) for user, keys in of_user.items())
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return content, [ListEntry(key, moment) for key in of_user[busiest]]


def _facts(row: Mapping[str, object]) -> TitleFacts:
    plain = {name: value for name, value in row.items() if name not in {"id", "ml"}}
    plain["release_date"] = date.fromisoformat(str(row["release_date"]))
    for name in ("genre_ids", "keywords", "directors", "cast"):
        plain[name] = tuple(row[name])  # type: ignore[arg-type]
    return TitleFacts(TitleKey(MediaType.MOVIE, int(str(row["id"]))), **plain)  # type: ignore[arg-type]
