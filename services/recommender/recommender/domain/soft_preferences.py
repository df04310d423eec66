"""What a user would like: wishes that a title meets more or less, and where such titles are found.

A wish gives points within personalization. Genres that are wished for, also those that moods and
the like imply, form the genre profile besides: see `wished_strands`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from recommender.domain.genres import named, strands
from recommender.domain.model import Facet
from recommender.domain.preferences import Preferences
from recommender.domain.titles import Traits
from recommender.domain.vocabulary import (
    AESTHETICS,
    CHARACTERS,
    ERAS,
    MOODS,
    STORIES,
    SUBGENRES,
    Meaning,
    language_codes,
)
from recommender.domain.wish import SoftPreference
from recommender.domain.wished_kinds import wished_kinds

NEUTRAL = 5.5
"""Between the ratings 1 and 10 of a genre: neither liked nor disliked."""


def wishes(stated: Preferences, now: datetime) -> tuple[SoftPreference, ...]:
    """Return the wishes that preferences set, those that say most first."""
    return (
        *_people(stated),
        *_keywords(stated),
        *_languages(stated),
        *_meanings(stated),
        *_eras(stated),
        *wished_kinds(stated, now),
        *_genres(stated),
    )


def stated_genre_weights(stated: Preferences) -> dict[int, float]:
    """Return how much each strand of genres is wished for, -1 to 1."""
    weights: dict[int, float] = {}
    for said, meanings, weight in (
        (stated.characters, CHARACTERS, 0.2),
        (stated.stories, STORIES, 0.2),
        (stated.aesthetics, AESTHETICS, 0.3),
        (stated.moods, MOODS, 0.5),
        (stated.subgenres, SUBGENRES, 0.3),
    ):
        for answer in said:
            for strand in meanings.get(answer, Meaning()).strands:
                weights[strand] = max(weights.get(strand, 0.0), weight)
    for genre, rating in stated.genre_ratings:
        for strand in strands(named((genre,))):
            weights[strand] = (rating - NEUTRAL) / (10 - NEUTRAL)
    for strand in strands(named(stated.favorite_genres)):
        weights[strand] = max(weights.get(strand, 0.0), 1.0)
    return weights


def _people(stated: Preferences) -> Iterator[SoftPreference]:
    for role, names in (("directors", stated.directors), ("cast", stated.actors)):
        for name in names:
            yield SoftPreference(
                24,
                lambda title, role=role, name=name: float(name in getattr(title, role)),  # type: ignore[misc]
                lambda title, role=role, name=name: (  # type: ignore[misc]
                    f"{'Directed by' if role == 'directors' else 'With'} {name.title()}, "
                    "whom you named as a favourite"
                    if name in getattr(title, role)
                    else None
                ),
                ((Facet.PERSON, name),),
            )


def _keywords(stated: Preferences) -> Iterator[SoftPreference]:
    for word in stated.keywords:
        yield SoftPreference(
            20,
            lambda title, word=word: _about(title, word),  # type: ignore[misc]
            lambda title, word=word: (  # type: ignore[misc]
                f"Matches your keyword “{word}”" if _about(title, word) else None
            ),
            ((Facet.KEYWORD, word),),
        )


def _about(title: Traits, word: str) -> float:
    if word in title.keywords:
        return 1.0
    parted = f" {word} "
    return 0.7 if any(parted in f" {one} " for one in title.keywords) else 0.0


def _languages(stated: Preferences) -> Iterator[SoftPreference]:
    if codes := language_codes(stated.languages):
        yield SoftPreference(
            14,
            lambda title: _either(title.language is None, title.language in codes),
            lambda title: "In a language that you prefer" if title.language in codes else None,
            tuple((Facet.LANGUAGE, code) for code in sorted(codes)),
        )


def _meanings(stated: Preferences) -> Iterator[SoftPreference]:
    for said, meanings, points in (
        (stated.subgenres, SUBGENRES, 36),
        (stated.moods, MOODS, 12),
        (stated.aesthetics, AESTHETICS, 14),
        (stated.stories, STORIES, 16),
        (stated.characters, CHARACTERS, 16),
    ):
        for answer in said:
            if (meaning := meanings.get(answer)) is not None:
                yield SoftPreference(
                    points,
                    lambda title, meaning=meaning: _means(title, meaning),  # type: ignore[misc]
                    sources=tuple((Facet.KEYWORD, word) for word in sorted(meaning.keywords)),
                )


def _means(title: Traits, meaning: Meaning) -> float:
    by_genre = 0.0
    if meaning.strands:
        shared = meaning.strands & strands(title.genres, title.key.media_type)
        by_genre = len(shared) / min(2, len(meaning.strands))
    if not meaning.keywords:
        return min(1.0, by_genre)
    return 0.2 * min(1.0, by_genre) + 0.8 * bool(meaning.keywords & title.keywords)


def _eras(stated: Preferences) -> Iterator[SoftPreference]:
    spans = [span for era in stated.eras if (span := _span(era)) is not None]
    if spans:
        years = sorted({y for a, b in spans for y in range(max(a, 1900), min(b, 2040) + 1)})
        yield SoftPreference(
            12,
            lambda title: _either(
                title.year is None, any(a <= (title.year or 0) <= b for a, b in spans)
            ),
            lambda title: (
                f"From {title.year}, an era that you like"
                if any(a <= (title.year or 0) <= b for a, b in spans)
                else None
            ),
            tuple((Facet.YEAR, year) for year in years),
        )


def _span(era: str) -> tuple[int, int] | None:
    if era in ERAS:
        return ERAS[era]
    digits = era.removesuffix("s")
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in {2, 4}:
        return None
    decade = int(digits)
    if len(digits) == 2:  # noqa: PLR2004 - "90s"
        decade += 1900 if decade >= 30 else 2000  # noqa: PLR2004 - "20s" is this century's
    return decade, decade + 9


def _either(unknown: bool, yes: bool) -> float:  # noqa: FBT001 - two facts of one title
    return 0.0 if unknown else 1.0 if yes else -1.0


def _genres(stated: Preferences) -> Iterator[SoftPreference]:
    weights = stated_genre_weights(
        Preferences(favorite_genres=stated.favorite_genres, genre_ratings=stated.genre_ratings)
    )
    if weights:
        most = max(1.0, *weights.values())
        yield SoftPreference(
            14,
            lambda title: max(
                -1.0,
                min(
                    1.0,
                    sum(
                        weights.get(strand, 0.0)
                        for strand in strands(title.genres, title.key.media_type)
                    )
                    / most
                    / 2,
                ),
            ),
        )
