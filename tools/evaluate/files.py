"""The two files of an evaluation: a catalogue (JSON lines) and favourites (CSV), gzipped or not.

Catalogue: `id`, `title`, `release_date`, `genre_ids`, `original_language`, `popularity`,
`vote_average`, `vote_count`, `runtime`, `keywords`, `directors`, `cast`; a line whose `ml` is
false is not part of the evaluation. `media_type` is "movie" unless given.
Favourites: `userId,tmdbId,timestamp,split`, oldest first within a user; split train or test.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from matinee.media import MediaType, TitleKey
from recommender.domain.quality import popularity_prior
from recommender.domain.taste import ListEntry
from recommender.domain.titles import TitleFacts


@dataclass(frozen=True, slots=True)
class Histories:
    """Every user's favourites, oldest first: those known, and those held out."""

    train: Mapping[int, Sequence[ListEntry]]
    test: Mapping[int, Sequence[ListEntry]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The catalogue's titles as the projection holds them; a domain.titles.Titles."""

    titles: Mapping[TitleKey, TitleFacts]
    fresh: Sequence[TitleFacts] = ()
    """What is taken for new."""

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        """Return the facts of titles."""
        return {key: self.titles[key] for key in keys if key in self.titles}

    def best(self, media_type: MediaType, genre_id: int | None, limit: int) -> Sequence[TitleFacts]:
        """Return the best titles of a genre."""
        fitting = (
            title
            for title in self.titles.values()
            if title.key.media_type is media_type
            and (genre_id is None or genre_id in title.genre_ids)
        )
        return sorted(fitting, key=lambda title: (-popularity_prior(title, 0, 0), title.key))[
            :limit
        ]

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:
        """Return what is taken for new."""
        return [title for title in self.fresh if title.key.media_type is media_type][:limit]

    def with_new(self, most: int, histories: Iterable[Histories]) -> Catalogue:
        """Return the same with the latest titles that nobody has as a favourite taken for new."""
        liked = {
            entry.key
            for one in histories
            for favourites in one.train.values()
            for entry in favourites
        }
        unknown = [
            title for title in self.titles.values() if title.release_date and title.key not in liked
        ]
        latest = sorted(unknown, key=lambda title: (title.release_date, title.key), reverse=True)
        return replace(self, fresh=latest[:most])


def read_catalogue(path: Path) -> Catalogue:
    """Read the titles that take part."""
    with _opened(path) as file:
        rows = (json.loads(line) for line in file)
        titles = (_title(row) for row in rows if row.get("ml", True))
        return Catalogue({title.key: title for title in titles})


def read_favourites(path: Path) -> Histories:
    """Read users' favourites."""
    train: dict[int, list[ListEntry]] = {}
    test: dict[int, list[ListEntry]] = {}
    with _opened(path) as file:
        for place, row in enumerate(csv.DictReader(file)):
            added = datetime.fromtimestamp(int(row["timestamp"]), UTC)
            in_order = added + timedelta(microseconds=place)
            entry = ListEntry(TitleKey(MediaType.MOVIE, int(row["tmdbId"])), in_order)
            part = train if row["split"] == "train" else test
            part.setdefault(int(row["userId"]), []).append(entry)
    return Histories(train, test)


def write_lists(path: Path, lists: Iterable[tuple[int, Sequence[int]]]) -> None:
    """Write users' lists, best first, as evaluate.py reads them."""
    with path.open("w", encoding="utf-8") as file:
        for user, items in lists:
            file.write(json.dumps({"userId": user, "items": list(items)}) + "\n")


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield file
    else:
        with path.open(encoding="utf-8", newline="") as file:
            yield file


def _title(row: Mapping[str, Any]) -> TitleFacts:
    released = row.get("release_date")
    return TitleFacts(
        TitleKey(MediaType(row.get("media_type", "movie")), row["id"]),
        row["title"],
        release_date=date.fromisoformat(released) if released else None,
        genre_ids=tuple(row.get("genre_ids") or ()),
        original_language=row.get("original_language"),
        popularity=row.get("popularity") or 0.0,
        vote_average=row.get("vote_average") or 0.0,
        vote_count=row.get("vote_count") or 0,
        runtime=row.get("runtime"),
        keywords=tuple(row.get("keywords") or ()),
        directors=tuple(row.get("directors") or ()),
        cast=tuple(row.get("cast") or ()),
    )
