"""Lists as they would be served: trainer, model's bytes, reader, recommend()."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from matinee.media import MediaType, TitleKey
from recommender.adapters.model_file import read_model
from recommender.adapters.model_writer import train
from recommender.domain.model import Model
from recommender.domain.recommend import recommend
from recommender.domain.recommendation import Recommendations
from recommender.domain.requests import ResolvedRequest
from recommender.domain.taste import ListEntry, Taste
from recommender.domain.training.cooccurrence import CooccurrenceCounts, FavouritesChange
from recommender.domain.tuning import TUNED, Tuning
from tools.evaluate.files import Catalogue, Histories

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""A fixed day: the same files give the same lists."""

FILMS = frozenset({MediaType.MOVIE})


@dataclass(frozen=True, slots=True)
class Served:
    """A trained model and the titles beside it."""

    catalogue: Catalogue
    model: Model | None
    tuning: Tuning = TUNED

    def answer(
        self, favourites: Sequence[ListEntry], limit: int, exclude: Iterable[TitleKey] = ()
    ) -> Recommendations:
        """Return what a user with these favourites would be served."""
        return self.recommend(Taste(favourites=tuple(favourites)), limit, exclude)

    def recommend(
        self, taste: Taste, limit: int, exclude: Iterable[TitleKey] = ()
    ) -> Recommendations:
        """Return what a user with this taste would be served."""
        return recommend(
            ResolvedRequest(media_types=FILMS, limit=limit, exclude=frozenset(exclude)),
            taste,
            model=self.model,
            projection=self.catalogue,
            catalogue=None,
            now=NOW,
            tuning=self.tuning,
        )

    def lists(
        self, histories: Histories, limit: int, latest: int | None = None
    ) -> Iterator[tuple[int, list[int]]]:
        """Yield all users' lists; `latest` leaves only so many of their favourites known.

        What is left out so is excluded: a favourite that is not known is no test of the others.
        """
        for user, favourites in histories.train.items():
            known = favourites[-latest:] if latest else favourites
            hidden = (entry.key for entry in favourites[: len(favourites) - len(known)])
            yield user, [item.key.id for item in self.answer(known, limit, hidden).items]


def learn(catalogue: Catalogue, histories: Iterable[Histories]) -> bytes:
    """Return the model that the trainer makes of all the favourites."""
    changes = (
        FavouritesChange(after=[entry.key for entry in favourites])
        for one in histories
        for favourites in one.train.values()
    )
    return train(
        CooccurrenceCounts().changed(changes),
        catalogue.titles.values(),
        version="evaluation",
        trained_at=NOW,
    )


def serve(catalogue: Catalogue, histories: Iterable[Histories], tuning: Tuning = TUNED) -> Served:
    """Train, and open what was trained as a request would."""
    return Served(catalogue, read_model(learn(catalogue, histories)), tuning)
