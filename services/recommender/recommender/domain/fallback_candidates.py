"""What a store of titles has best for a taste: for when no model says what to look for in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recommender.domain.genres import genres_of
from recommender.domain.model import Model
from recommender.domain.profile import build_profile
from recommender.domain.taste import Taste
from recommender.domain.title_index import TitleIndex
from recommender.domain.titles import MediaType, TitleFacts, TitleKey, TitleStore, TitlesUnavailable
from recommender.domain.tuning import Tuning

TITLES_PER_GENRE = 100
_GENRES_READ = 5
_MAX_OWN_TITLES = 100


def fallback_candidates(
    taste: Taste, titles: TitleStore, media_types: frozenset[MediaType], tuning: Tuning
) -> list[TitleFacts]:
    """Return what a store has of the taste's own titles and of the genres it leans to."""
    found = dict(_own(taste, titles))
    strands = _strands(taste, TitleIndex(found.values()), tuning)[:_GENRES_READ]
    for media in sorted(media_types):
        genres = [genre for strand in strands for genre in genres_of(strand, media)]
        for genre in (*dict.fromkeys(genres), None):
            found |= {one.key: one for one in titles.best(media, genre, TITLES_PER_GENRE)}
    return list(found.values())


def limited_fallback_candidates(
    taste: Taste,
    titles: TitleStore,
    media_types: frozenset[MediaType],
    tuning: Tuning,
    learnt: Model | None,
) -> list[TitleFacts]:
    """Return the same of a store that takes its time: two questions for each media type.

    What it has answered before it fails is good; raises TitlesUnavailable when that is nothing.
    A model knows the genres of the taste's titles where the store does not.
    """
    found = dict(_own(taste, titles))
    strands = _strands(taste, learnt or TitleIndex(found.values()), tuning)
    heard = False
    for media, genre in _questions(strands, media_types):
        try:
            found |= {one.key: one for one in titles.best(media, genre, TITLES_PER_GENRE)}
        except TitlesUnavailable:
            if heard:
                break
            raise
        heard = True
    return list(found.values())


def _questions(
    strands: Sequence[int], media_types: frozenset[MediaType]
) -> Iterator[tuple[MediaType, int | None]]:
    """Go through the best genre of each media type, then what is best of all."""
    for media in sorted(media_types):
        genre = next((one for strand in strands for one in genres_of(strand, media)), None)
        if genre is not None:
            yield media, genre
    for media in sorted(media_types):
        yield media, None


def _own(taste: Taste, titles: TitleStore) -> Mapping[TitleKey, TitleFacts]:
    entries = (*taste.favourites, *taste.watchlist)[-_MAX_OWN_TITLES:]
    return titles.facts([entry.key for entry in entries]) if entries else {}


def _strands(taste: Taste, model: Model, tuning: Tuning) -> list[int]:
    """Return the strands to which a taste leans, the strongest first."""
    strands = build_profile(taste, model, tuning).strands
    return sorted((s for s in strands if strands[s] > 0), key=lambda s: (-strands[s], s))
