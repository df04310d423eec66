"""An invented cinema of any size: tastes that can be learnt, and no real title or person.

python -m tools.evaluate.synthetic --into FOLDER [--titles N] [--users N] [--seed N]

writes it as files of an evaluation. Titles belong to themes. A theme leans to two genres; a user
likes three themes and, within them, well-known titles more often. A title is made of its number
alone, so that a store of 100,000 takes no memory. The data say nothing of real quality: they show
that the path works, that what can be learnt is, and what it costs. The stand-in for TMDB has a
catalogue of its own (tools/tmdb): what a server shows, not what a taste is learnt from.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from matinee.media import MOVIE_GENRES, TV_GENRES, MediaType, TitleKey
from recommender.domain.titles import TitleFacts

MEDIAN_FAVOURITES = 30
TEST_SHARE = 0.2
THEMES_OF_A_USER = 3
_BEGIN = 1_500_000_000
SPREAD = 0.9


@dataclass(slots=True)
class Cinema:
    """Films 1 to `films` and series 1 to `series`. A TitleStore.

    As many words and people as in TMDB's catalogue, unless told otherwise: `people` act, and half
    as many direct. A lower number is better known, and some words and people are met far more
    often than others; in an `even` one any title may have anything.
    """

    films: int
    series: int = 0
    themes: int = 60
    words: Sequence[str] = tuple(f"word {number}" for number in range(14_000))
    people: int = 0
    even: bool = False
    reads: int = 0
    shown: dict[TitleKey, TitleFacts] = field(default_factory=dict)
    """Titles that were asked for: made once, so that their making is not measured."""

    def __post_init__(self) -> None:
        """Employ as many people as TMDB's titles of this number have."""
        self.people = self.people or len(self)

    def __len__(self) -> int:
        return self.films + self.series

    def key(self, place: int) -> TitleKey:
        """Return the key of the title at a place: films first, the best known first."""
        if place < self.films:
            return TitleKey(MediaType.MOVIE, place + 1)
        return TitleKey(MediaType.TV, place - self.films + 1)

    def titles(self) -> Iterator[TitleFacts]:
        """Yield all titles."""
        return map(self.title, map(self.key, range(len(self))))

    def title(self, key: TitleKey) -> TitleFacts:
        """Return a title."""
        draw = random.Random(f"{key.media_type}{key.id}")  # noqa: S311 - invented, no secrets
        is_film = key.media_type is MediaType.MOVIE
        genres = sorted(MOVIE_GENRES if is_film else TV_GENRES)
        theme = random.Random((key.id - 1) % self.themes)  # noqa: S311
        own = (draw if self.even else theme).sample(genres, 2)
        others = draw.sample(genres, draw.randint(0, 1))
        words = min(9, len(self.words) // 10)
        known = draw.random() ** 3 if self.even else 1 / key.id**0.5
        return TitleFacts(
            key,
            f"{'Film' if is_film else 'Series'} {key.id}",
            overview="It begins as it ends. " * 12,
            poster_path=f"/{key.id:027}.jpg",
            backdrop_path=f"/backdrop-{key.id:018}.jpg",
            release_date=date(draw.randint(1930, 2025), draw.randint(1, 12), 1),
            genre_ids=tuple(dict.fromkeys((*own[: draw.randint(1, 2)], *others))),
            original_language=draw.choice(("en", "en", "en", "fr", "ko", "ja")),
            popularity=round(300 * known + draw.random() * 10, 3),
            vote_average=round(min(9.0, max(2.0, draw.gauss(6.4, 1.0))), 1),
            vote_count=int(30_000 * known * draw.random()) + 5,
            runtime=draw.randint(70, 190) if is_film else draw.randint(20, 70),
            keywords=tuple(
                self.words[self._one_of(len(self.words), 3, draw)] for _ in range(words)
            ),
            directors=(f"Director {self._one_of(self.people // 2, 2, draw) + 1}",),
            cast=tuple(f"Actor {self._one_of(self.people, 2, draw) + 1}" for _ in range(5)),
        )

    def _one_of(self, number: int, lean: int, draw: random.Random) -> int:
        return int(number * draw.random() ** (1 if self.even else lean))

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        """Return the facts of titles; one read of a table."""
        self.reads += 1
        for key in keys:
            if key not in self.shown:
                self.shown[key] = self.title(key)
        return {key: self.shown[key] for key in keys}

    def best(self, media_type: MediaType, genre_id: int | None, limit: int) -> Sequence[TitleFacts]:
        """Return none: with a model it is not asked."""
        raise NotImplementedError

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:  # noqa: ARG002 - none is
        """Return none."""
        self.reads += 1
        return ()

    def histories(self, users: int, seed: int = 1) -> Iterator[list[TitleKey]]:
        """Yield users' favourites, oldest first."""
        draw = random.Random(seed)  # noqa: S311
        for _ in range(users):
            wanted = int(min(500, MEDIAN_FAVOURITES * draw.lognormvariate(0, SPREAD))) + 1
            liked = draw.sample(range(self.themes), THEMES_OF_A_USER)
            places = {
                self._one_of(len(self), 3, draw) // self.themes * self.themes + theme
                for theme in draw.choices(liked, k=wanted)
            }.intersection(range(len(self)))
            yield [self.key(place) for place in sorted(places, key=lambda _: draw.random())]


def write(folder: Path, cinema: Cinema, users: int, seed: int = 1) -> tuple[Path, Path]:
    """Write catalogue.jsonl and favourites.csv, each user's last fifth held out; returns where."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue, favourites = folder / "catalogue.jsonl", folder / "favourites.csv"
    with catalogue.open("w", encoding="utf-8") as file:
        for title in cinema.titles():
            row = {**asdict(title), **asdict(title.key)}
            file.write(json.dumps(row, default=str) + "\n")
    with favourites.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["userId", "tmdbId", "timestamp", "split"])
        for user, liked in enumerate(cinema.histories(users, seed), start=1):
            known = len(liked) - max(1, int(TEST_SHARE * len(liked)))
            for place, key in enumerate(liked):
                split = "train" if place < known else "test"
                writer.writerow([user, key.id, _BEGIN + 1000 * user + place, split])
    return catalogue, favourites


def main() -> int:
    """Run; returns the exit code."""
    options = argparse.ArgumentParser(
        prog="python -m tools.evaluate.synthetic", description=__doc__
    )
    options.add_argument("--into", type=Path, required=True)
    options.add_argument("--titles", type=int, default=400)
    options.add_argument("--users", type=int, default=120)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    for path in write(given.into, Cinema(given.titles, themes=8), given.users, given.seed):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
