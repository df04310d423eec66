"""Invented files in the format of an evaluation: tastes that can be learnt, and no real person.

python -m tools.evaluate.synthetic --into FOLDER [--titles N] [--users N] [--seed N]

Titles belong to themes. A theme leans to two genres and has keywords and people of its own; a user
likes two themes and, within them, well-known titles more often. The data say nothing of real
quality: they show that the path works, and that what can be learnt is.
"""

import argparse
import csv
import json
import random
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matinee.media import MOVIE_GENRES

TEST_SHARE = 0.2
_BEGIN = 1_500_000_000
_WORDS = ("Amber", "Balcony", "Cinder", "Distant", "Evening", "Garden", "Harbour", "Lantern")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much to invent."""

    titles: int = 400
    users: int = 120
    themes: int = 8
    favourites: tuple[int, int] = (6, 30)


def titles(sizes: Sizes, draw: random.Random) -> list[dict[str, Any]]:
    """Invent a catalogue; the lower an id, the better known is the title."""
    genres = [draw.sample(sorted(MOVIE_GENRES), 2) for _ in range(sizes.themes)]
    return [_title(number, sizes, genres[number % sizes.themes], draw) for number in _ids(sizes)]


def favourites(sizes: Sizes, draw: random.Random) -> Iterator[Mapping[str, object]]:
    """Invent users' favourites, oldest first, the last fifth held out."""
    of_theme = [[n for n in _ids(sizes) if n % sizes.themes == t] for t in range(sizes.themes)]
    for user in range(1, sizes.users + 1):
        liked = [number for theme in draw.sample(of_theme, 2) for number in theme]
        known = [1 / (1 + place) ** 0.5 for place in range(len(liked))]
        wanted = draw.randint(*sizes.favourites)
        chosen = list(dict.fromkeys(draw.choices(liked, known, k=3 * wanted)))[:wanted]
        held_out = max(1, int(TEST_SHARE * len(chosen)))
        for place, number in enumerate(chosen):
            yield {
                "userId": user,
                "tmdbId": number,
                "timestamp": _BEGIN + 1000 * user + place,
                "split": "train" if place < len(chosen) - held_out else "test",
            }


def write(folder: Path, sizes: Sizes, seed: int = 1) -> tuple[Path, Path]:
    """Write catalogue.jsonl and favourites.csv; returns where."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue, liked = folder / "catalogue.jsonl", folder / "favourites.csv"
    draw = random.Random(seed)  # noqa: S311 - invented films, no secrets
    with catalogue.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(title) + "\n" for title in titles(sizes, draw))
    with liked.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["userId", "tmdbId", "timestamp", "split"])
        writer.writeheader()
        writer.writerows(favourites(sizes, draw))
    return catalogue, liked


def main() -> int:
    """Run; returns the exit code."""
    options = argparse.ArgumentParser(
        prog="python -m tools.evaluate.synthetic", description=__doc__
    )
    options.add_argument("--into", type=Path, required=True)
    options.add_argument("--titles", type=int, default=Sizes().titles)
    options.add_argument("--users", type=int, default=Sizes().users)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    for path in write(given.into, Sizes(given.titles, given.users), given.seed):
        print(path)
    return 0


def _ids(sizes: Sizes) -> range:
    return range(1, sizes.titles + 1)


def _title(number: int, sizes: Sizes, genres: list[int], draw: random.Random) -> dict[str, Any]:
    theme, year = number % sizes.themes, draw.randint(1950, 2024)
    others = draw.sample(sorted(MOVIE_GENRES), draw.randint(0, 1))
    return {
        "id": number,
        "title": f"{' '.join(draw.sample(_WORDS, 2))} {number}",
        "release_date": f"{year}-{draw.randint(1, 12):02}-15",
        "genre_ids": list(dict.fromkeys((*genres[: draw.randint(1, 2)], *others))),
        "original_language": draw.choice(("en", "en", "en", "fr", "ko")),
        "popularity": round(300 / (1 + number) + draw.random(), 3),
        "vote_average": round(draw.uniform(4.5, 8.5), 1),
        "vote_count": int(20_000 / (1 + number)),
        "runtime": draw.randint(75, 170),
        "keywords": [f"theme {theme}", f"motif {draw.randint(1, 60)}"],
        "directors": [f"Director {theme}-{draw.randint(1, 4)}"],
        "cast": [f"Actor {theme}-{n}" for n in draw.sample(range(1, 13), 3)],
        "ml": True,
    }


if __name__ == "__main__":
    sys.exit(main())
