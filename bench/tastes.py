"""Invented people's tastes: who likes which of a room's films."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

type Likes = Sequence[Sequence[bool]]
"""One row for each user, in it one entry for each film."""

type Scores = Sequence[Mapping[int, float]]
"""For each user how well the films suit them, as far as that is known."""


@dataclass(frozen=True, slots=True)
class Group:
    """People of a room. Their scores are computed for groups that need them."""

    likes: Likes
    scores: Callable[[], Scores] = tuple


type Model = Callable[[random.Random, int, int], Group]
"""Draws so many users and their tastes for so many films."""

RANKED = "the best known first"
"""Real tastes in rooms whose own order is that."""

GENRES = 12
GENRES_OF_A_FILM = 2


@dataclass(frozen=True, slots=True)
class Independent:
    """Everybody likes each film with the same probability, whatever anybody else thinks of it."""

    liking: float

    def __call__(self, draw: random.Random, users: int, films: int) -> Group:
        """Draw."""
        return Group([[draw.random() < self.liking for _ in range(films)] for _ in range(users)])


@dataclass(frozen=True, slots=True)
class Alike:
    """Films are good or bad for all, people have their genres, and the rest is chance.

    A liking is a sum of three normal variables that has variance 1; who likes more than a limit
    says yes, so that `liking` of all votes are yes. `quality` and `genre` are the shares of the
    variance that the film's quality and the user's taste in its genres explain.
    """

    liking: float
    quality: float = 0.35
    genre: float = 0.25

    def __call__(self, draw: random.Random, users: int, films: int) -> Group:
        """Draw."""
        limit = NormalDist().inv_cdf(1 - self.liking)
        noise = (1 - self.quality - self.genre) ** 0.5
        qualities = [draw.gauss(0, self.quality**0.5) for _ in range(films)]
        genres = [draw.sample(range(GENRES), GENRES_OF_A_FILM) for _ in range(films)]
        spread = (self.genre / GENRES_OF_A_FILM) ** 0.5
        likes = []
        for _ in range(users):
            tastes = [draw.gauss(0, spread) for _ in range(GENRES)]
            likes.append(
                [
                    quality + sum(tastes[genre] for genre in own) + draw.gauss(0, noise) > limit
                    for quality, own in zip(qualities, genres, strict=True)
                ]
            )
        return Group(likes)


def unanimous(likes: Likes) -> bool:
    """Return whether there is a film that all like."""
    return any(all(film) for film in zip(*likes, strict=True))
