"""What a client asks for, in its own words, and what that means for one user.

Clients name titles by TMDB's number alone, which a film and a series may share. Which of the two is
meant is told by the media type that is asked for, by what the user has in his lists, and else by
which of them is known.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from recommender.domain.model import Model
from recommender.domain.recommendation import DEFAULT_LIMIT, ResolvedRequest
from recommender.domain.taste import ListEntry, Taste
from recommender.domain.titles import MediaType, TitleKey

MAX_SHOWN_TITLES = 400
"""So many titles a cursor can remember."""

_BITS = 7
_MORE = 1 << _BITS
EVERYTHING = frozenset(MediaType)


@dataclass(frozen=True, slots=True)
class EntityRef:
    """A title as a client names it; without a media type it may be a film or a series."""

    id: int
    media_type: MediaType | None = None

    def keys(self, media_types: frozenset[MediaType]) -> tuple[TitleKey, ...]:
        """Return what it can be among some media types."""
        types = (self.media_type,) if self.media_type else sorted(media_types)
        return tuple(TitleKey(media_type, self.id) for media_type in types)


@dataclass(frozen=True, slots=True)
class RecommendationRequest:
    """A question for recommendations as a client puts it. `shown` is what its cursor remembers."""

    media_types: frozenset[MediaType] | None = None
    limit: int = DEFAULT_LIMIT
    exclude: tuple[EntityRef, ...] = ()
    favourites: tuple[EntityRef, ...] = ()
    watchlist: tuple[EntityRef, ...] = ()
    preferences: Mapping[str, object] = field(default_factory=dict)
    seed: int = 0
    shown: frozenset[TitleKey] = frozenset()

    def request(self, taste: Taste | None, model: Model | None) -> ResolvedRequest:
        """Return the question in the domain's words, given what is known of the user."""
        stored = {entry.key for entry in (*taste.favourites, *taste.watchlist)} if taste else set()
        types = self.media_types or EVERYTHING
        named = (*self.exclude, *self.favourites, *self.watchlist)
        unwanted = {key for title in named for key in title.keys(types)}
        return ResolvedRequest(
            media_types=self.media_types,
            limit=self.limit,
            exclude=frozenset(unwanted) | self.shown,
            favourites=tuple(_liked(self.favourites, stored, types, model)),
            watchlist=tuple(_liked(self.watchlist, stored, types, model)),
            preferences=self.preferences,
            seed=self.seed,
        )


def _liked(
    named: Iterable[EntityRef],
    stored: set[TitleKey],
    types: frozenset[MediaType],
    model: Model | None,
) -> Iterator[ListEntry]:
    for title in named:
        likely = [key for key in title.keys(EVERYTHING) if key in stored]
        yield from map(ListEntry, likely or _best_known(title.keys(types), model))


def _best_known(keys: tuple[TitleKey, ...], model: Model | None) -> tuple[TitleKey, ...]:
    """Return the one of best standing of those that the model knows; all when it knows none."""
    if model is None or len(keys) == 1:
        return keys
    known = {key: number for key in keys if (number := model.number(key)) is not None}
    return (min(known, key=known.__getitem__),) if known else keys


def written(shown: Iterable[TitleKey]) -> str:
    """Write a set of titles as a short text: the differences of their sorted numbers."""
    numbers = sorted(key.id << 1 | (key.media_type is MediaType.TV) for key in shown)
    content = bytearray()
    before = 0
    for number in numbers:
        rest, before = number - before, number
        while rest >= _MORE:
            content.append(rest & (_MORE - 1) | _MORE)
            rest >>= _BITS
        content.append(rest)
    return base64.urlsafe_b64encode(bytes(content)).decode().rstrip("=")


def read(text: str) -> frozenset[TitleKey]:
    """Read what `written` wrote; raises ValueError for any other text."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        message = "is no list of titles"
        raise ValueError(message) from error
    keys = set()
    number = rest = shift = 0
    for byte in content:
        rest |= (byte & (_MORE - 1)) << shift
        shift += _BITS
        if not byte & _MORE:
            number, rest, shift = number + rest, 0, 0
            keys.add(TitleKey(MediaType.TV if number & 1 else MediaType.MOVIE, number >> 1))
    return frozenset(keys)
