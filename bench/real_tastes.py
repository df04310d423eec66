"""Real people's tastes, from files of an evaluation (tools/evaluate/files.py).

Half of the users form groups. The product's model is trained on the other half alone, and scores a
film for somebody by their favourites that are not in the room: it has not seen what it is to find.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from bench.tastes import RANKED, Group, Likes
from matinee.media import TitleKey
from recommender.adapters.model_file import StoredModel, read_model
from recommender.domain.group_deck import own_scores
from recommender.domain.taste import ListEntry, Taste
from tools.evaluate.files import Catalogue, Histories, read_catalogue, read_favourites
from tools.evaluate.served import learn

WELL_KNOWN = 400
"""Rooms have some of so many films: those that most of the other half have as favourites."""

WILLING, MISTAKES = 0.3, 0.1
"""The share of a room that `willing` users say yes to besides favourites, and wrong votes."""


@dataclass(frozen=True)
class RealTastes:
    """Draws groups: yes is a favourite, and nothing else.

    `models` are what the other half's favourites teach, and (for `willing` users) what their own
    half's do: who is willing also says yes to the films that fit all their favourites best by the
    latter. `is_ranked`: the room's own order is the most well-known film first, for all.
    """

    favourites: Sequence[Sequence[ListEntry]]
    well_known: Sequence[TitleKey]
    models: tuple[bytes, bytes]
    is_willing: bool = False
    is_ranked: bool = False

    @cached_property
    def scoring(self) -> StoredModel:
        """The model that scores: of other people than those in the rooms."""
        return read_model(self.models[0])

    @cached_property
    def willing(self) -> StoredModel:
        """The model of what people are willing to see."""
        return read_model(self.models[1])

    def __call__(self, draw: random.Random, users: int, films: int) -> Group:
        """Draw."""
        people = draw.sample(self.favourites, users)
        places = draw.sample(range(len(self.well_known)), films)
        room = [self.well_known[place] for place in (sorted(places) if self.is_ranked else places)]
        liked = [{entry.key for entry in person}.intersection(room) for person in people]
        likes: Likes = [[key in own for key in room] for own in liked]
        if self.is_willing:
            likes = [
                self._votes(draw, room, person, own)
                for person, own in zip(people, liked, strict=True)
            ]
        return Group(likes, lambda: [self._scores(room, person) for person in people])

    def _scores(self, room: Sequence[TitleKey], person: Sequence[ListEntry]) -> dict[int, float]:
        known = tuple(entry for entry in person if entry.key not in room)
        return _by_place(room, own_scores(Taste(favourites=known), room, self.scoring))

    def _votes(
        self,
        draw: random.Random,
        room: Sequence[TitleKey],
        person: Sequence[ListEntry],
        liked: set[TitleKey],
    ) -> Sequence[bool]:
        scores = own_scores(Taste(favourites=tuple(person)), room, self.willing)
        fitting = sorted(room, key=lambda key: -scores.get(key, 0.0))[: int(WILLING * len(room))]
        wanted = liked.union(fitting)
        return [(key in wanted) != (draw.random() < MISTAKES) for key in room]


def read_real_tastes(folder: Path) -> Mapping[str, RealTastes]:
    """Read the files of a folder, and train."""
    catalogue = read_catalogue(next(folder.glob("catalogue.jsonl*")))
    whole = read_favourites(next(folder.glob("favourites.csv*")))
    everybody = {
        user: [entry for entry in (*known, *whole.test.get(user, ())) if _is_in(entry, catalogue)]
        for user, known in whole.train.items()
    }
    halves = [dict(sorted(everybody.items())[first::2]) for first in (0, 1)]
    counts = Counter(entry.key for one in halves[1].values() for entry in one)
    well_known = sorted(counts, key=lambda key: (-counts[key], key))[:WELL_KNOWN]
    others, own = (learn(catalogue, [Histories(half)]) for half in reversed(halves))
    tastes = RealTastes(list(halves[0].values()), well_known, (others, own))
    return {
        "favourites": tastes,
        f"favourites, {RANKED}": replace(tastes, is_ranked=True),
        "favourites and what fits": replace(tastes, is_willing=True),
    }


def _is_in(entry: ListEntry, catalogue: Catalogue) -> bool:
    return entry.key in catalogue.titles


def _by_place(room: Sequence[TitleKey], scores: Mapping[TitleKey, float]) -> dict[int, float]:
    return {place: scores[key] for place, key in enumerate(room) if key in scores}
