"""Fallback candidates: a store's best titles for a taste, when no model can rank its titles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from matinee.media import MediaType, TitleKey
from recommender.domain.genres import tmdb_genres
from recommender.domain.model import Model
from recommender.domain.profile import build_profile
from recommender.domain.taste import Taste
from recommender.domain.title_index import TitleIndex
from recommender.domain.titles import TitleFacts, TitleStore, TitlesUnavailable
from recommender.domain.tuning import Tuning

TITLES_PER_GENRE = 100
_MAX_GENRES = 5
_MAX_OWN_TITLES = 100


def fallback_candidates(
    taste: Taste, titles: TitleStore, media_types: frozenset[MediaType], tuning: Tuning
) -> list[TitleFacts]:
    """Return the taste's own titles and the best of the genres that it prefers."""
    found = dict(_own_titles(taste, titles))
    preferred = _preferred_genres(taste, TitleIndex(found.values()), tuning)[:_MAX_GENRES]
    for media in sorted(media_types):
        genres = [genre for canonical in preferred for genre in tmdb_genres(canonical, media)]
        for genre in (*dict.fromkeys(genres), None):
            found |= {one.key: one for one in titles.best(media, genre, TITLES_PER_GENRE)}
    return list(found.values())


def limited_fallback_candidates(
    taste: Taste,
    titles: TitleStore,
    media_types: frozenset[MediaType],
    tuning: Tuning,
    model: Model | None,
) -> list[TitleFacts]:
    """Return the same from a slow store, with two requests for each media type.

    What it returned before it failed is used; raises TitlesUnavailable when that is nothing.
    The model, if there is one, knows the genres of titles that the store does not.
    """
    found = dict(_own_titles(taste, titles))
    preferred = _preferred_genres(taste, model or TitleIndex(found.values()), tuning)
    has_responded = False
    for media, genre in _limited_queries(preferred, media_types):
        try:
            found |= {one.key: one for one in titles.best(media, genre, TITLES_PER_GENRE)}
        except TitlesUnavailable:
            if has_responded:
                break
            raise
        has_responded = True
    return list(found.values())


def _limited_queries(
    preferred: Sequence[int], media_types: frozenset[MediaType]
) -> Iterator[tuple[MediaType, int | None]]:
    """Yield the most preferred genre of each media type, then each media type as a whole."""
    for media in sorted(media_types):
        genres = (genre for canonical in preferred for genre in tmdb_genres(canonical, media))
        genre = next(genres, None)
        if genre is not None:
            yield media, genre
    for media in sorted(media_types):
        yield media, None


def _own_titles(taste: Taste, titles: TitleStore) -> Mapping[TitleKey, TitleFacts]:
    entries = (*taste.favourites, *taste.watchlist)[-_MAX_OWN_TITLES:]
    return titles.facts([entry.key for entry in entries]) if entries else {}


def _preferred_genres(taste: Taste, model: Model, tuning: Tuning) -> list[int]:
    """Return the canonical genres that a taste prefers, the most preferred first."""
    weights = build_profile(taste, model, tuning).genres
    return sorted((g for g in weights if weights[g] > 0), key=lambda g: (-weights[g], g))
