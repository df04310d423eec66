"""Requests for recommendations, as a client sends them and as they are resolved for one user.

Clients name titles by TMDB's id alone, which a film and a series may share. Which of the two is
meant follows from the media type that is asked for, the user's own lists, and the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from matinee.media import MediaType, TitleKey
from recommender.domain.model import Model
from recommender.domain.taste import ListEntry, Taste

DEFAULT_LIMIT = 6
MAX_ITEMS = 50
ALL_MEDIA_TYPES = frozenset(MediaType)


@dataclass(frozen=True, slots=True)
class EntityRef:
    """A reference to a title; without a media type it may be a film or a series."""

    id: int
    media_type: MediaType | None = None

    def keys(self, media_types: frozenset[MediaType]) -> tuple[TitleKey, ...]:
        """Return the titles of these media types that may be meant."""
        types = (self.media_type,) if self.media_type else sorted(media_types)
        return tuple(TitleKey(media_type, self.id) for media_type in types)


@dataclass(frozen=True, slots=True)
class ResolvedRequest:
    """A request whose titles are known by their keys.

    `media_types` None leaves the choice to the preference contentType. `favourites`, `watchlist`
    and `preferences` complete what is stored, and take its place when it cannot be decode_titles.
    `exclude` is never recommended. Another `seed` gives another, equally stable, selection.
    """

    media_types: frozenset[MediaType] | None = None
    limit: int = DEFAULT_LIMIT
    exclude: frozenset[TitleKey] = frozenset()
    favourites: tuple[ListEntry, ...] = ()
    watchlist: tuple[ListEntry, ...] = ()
    preferences: Mapping[str, object] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RecommendationRequest:
    """A client's request. `shown` are the titles of earlier pages, from its cursor."""

    media_types: frozenset[MediaType] | None = None
    limit: int = DEFAULT_LIMIT
    exclude: tuple[EntityRef, ...] = ()
    favourites: tuple[EntityRef, ...] = ()
    watchlist: tuple[EntityRef, ...] = ()
    preferences: Mapping[str, object] = field(default_factory=dict)
    seed: int = 0
    shown: frozenset[TitleKey] = frozenset()

    def resolve(self, taste: Taste | None, model: Model | None) -> ResolvedRequest:
        """Return the request with each title that is meant, given the user's taste."""
        stored = {entry.key for entry in (*taste.favourites, *taste.watchlist)} if taste else set()
        types = self.media_types or ALL_MEDIA_TYPES
        named = (*self.exclude, *self.favourites, *self.watchlist)
        excluded = {key for title in named for key in title.keys(types)}
        return ResolvedRequest(
            media_types=self.media_types,
            limit=self.limit,
            exclude=frozenset(excluded) | self.shown,
            favourites=tuple(_entries(self.favourites, stored, types, model)),
            watchlist=tuple(_entries(self.watchlist, stored, types, model)),
            preferences=self.preferences,
            seed=self.seed,
        )


def _entries(
    named: Iterable[EntityRef],
    stored: set[TitleKey],
    types: frozenset[MediaType],
    model: Model | None,
) -> Iterator[ListEntry]:
    for title in named:
        in_lists = [key for key in title.keys(ALL_MEDIA_TYPES) if key in stored]
        yield from map(ListEntry, in_lists or _best_known(title.keys(types), model))


def _best_known(keys: tuple[TitleKey, ...], model: Model | None) -> tuple[TitleKey, ...]:
    """Return the key that the model ranks highest; all of them when it knows none."""
    if model is None or len(keys) == 1:
        return keys
    known = {key: number for key in keys if (number := model.number(key)) is not None}
    return (min(known, key=known.__getitem__),) if known else keys
