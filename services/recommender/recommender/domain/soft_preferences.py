"""Soft preferences: what a user would like, as points, and places among the candidates.

A soft preference gives points within personalization. Preferred genres, also those that moods and
the like imply, are part of the genre profile besides: see `profile.stated_genre_weights`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from matinee.media import MediaType
from recommender.domain.acclaim import Acclaim, Fit
from recommender.domain.genres import canonical_genres
from recommender.domain.preferences import Preferences
from recommender.domain.profile import rated_genre_weights
from recommender.domain.title_vector import Facet
from recommender.domain.titles import Traits
from recommender.domain.tuning import Tuning
from recommender.domain.vocabulary import (
    AESTHETICS,
    CHARACTERS,
    MOODS,
    RUNTIMES,
    STORIES,
    SUBGENRES,
    Meaning,
    era_years,
    language_codes,
)

type Sources = tuple[tuple[Facet, int | str], ...]


@dataclass(frozen=True, slots=True)
class SoftPreference:
    """One preference. `fit` is -1 to 1; `points` are given for meeting it in full.

    `reason` is a sentence that is true of a title that meets it; `sources` find such titles.
    """

    points: float
    fit: Fit
    reason: Callable[[Traits], str | None] = lambda _: None
    sources: Sources = ()


def soft_preferences(
    stated: Preferences, now: datetime, tuning: Tuning
) -> tuple[SoftPreference, ...]:
    """Return the soft preferences that are stated, the most specific first."""
    return (
        *_people(stated, tuning),
        *_keywords(stated, tuning),
        *_languages(stated, tuning),
        *_meanings(stated, tuning),
        *_eras(stated, tuning),
        *_acclaim(stated, now, tuning),
        *_runtimes(stated, tuning),
        *_foreign(stated, now, tuning),
        *_media_type(stated, tuning),
        *_genres(stated, tuning),
    )


def _people(stated: Preferences, tuning: Tuning) -> Iterator[SoftPreference]:
    def preference(
        name: str, role: str, people: Callable[[Traits], frozenset[str]]
    ) -> SoftPreference:
        sentence = f"{role} {name.title()}, whom you named as a favourite"
        return SoftPreference(
            tuning.person_points,
            lambda title: float(name in people(title)),
            lambda title: sentence if name in people(title) else None,
            ((Facet.PERSON, name),),
        )

    for name in stated.directors:
        yield preference(name, "Directed by", lambda title: title.directors)
    for name in stated.actors:
        yield preference(name, "With", lambda title: title.cast)


def _keywords(stated: Preferences, tuning: Tuning) -> Iterator[SoftPreference]:
    def preference(word: str) -> SoftPreference:
        def fit(title: Traits) -> float:
            if word in title.keywords:
                return 1.0
            partly = any(f" {word} " in f" {keyword} " for keyword in title.keywords)
            return tuning.partial_keyword if partly else 0.0

        sentence = f"Matches your keyword “{word}”"
        return SoftPreference(
            tuning.keyword_points,
            fit,
            lambda title: sentence if fit(title) else None,
            ((Facet.KEYWORD, word),),
        )

    yield from map(preference, stated.keywords)


def _languages(stated: Preferences, tuning: Tuning) -> Iterator[SoftPreference]:
    if codes := language_codes(stated.languages):
        yield SoftPreference(
            tuning.language_points,
            lambda title: _sign(title.language, title.language in codes),
            lambda title: "In a language that you prefer" if title.language in codes else None,
            tuple((Facet.LANGUAGE, code) for code in sorted(codes)),
        )


def _meanings(stated: Preferences, tuning: Tuning) -> Iterator[SoftPreference]:
    def preference(points: float, meaning: Meaning) -> SoftPreference:
        sources = tuple((Facet.KEYWORD, word) for word in sorted(meaning.keywords))
        return SoftPreference(points, lambda title: _match(title, meaning, tuning), sources=sources)

    for answers, meanings, points in (
        (stated.subgenres, SUBGENRES, tuning.subgenre_points),
        (stated.moods, MOODS, tuning.mood_points),
        (stated.aesthetics, AESTHETICS, tuning.aesthetic_points),
        (stated.stories, STORIES, tuning.story_points),
        (stated.characters, CHARACTERS, tuning.character_points),
    ):
        known = [meanings[answer] for answer in answers if answer in meanings]
        yield from (preference(points, meaning) for meaning in known)


def _match(title: Traits, meaning: Meaning, tuning: Tuning) -> float:
    by_genre = 0.0
    if meaning.genres:
        shared = meaning.genres & canonical_genres(title.genres, title.key.media_type)
        by_genre = min(1.0, len(shared) / min(2, len(meaning.genres)))
    if not meaning.keywords:
        return by_genre
    by_keyword = bool(meaning.keywords & title.keywords)
    return tuning.meaning_by_genre * by_genre + (1 - tuning.meaning_by_genre) * by_keyword


def _eras(stated: Preferences, tuning: Tuning) -> Iterator[SoftPreference]:
    eras = [span for era in stated.eras if (span := era_years(era)) is not None]
    years = {y for first, last in eras for y in range(max(first, 1900), min(last, 2040) + 1)}

    def is_within(title: Traits) -> bool:
        return any(first <= (title.year or 0) <= last for first, last in eras)

    if eras:
        yield SoftPreference(
            tuning.era_points,
            lambda title: _sign(title.year, is_within(title)),
            lambda title: f"From {title.year}, an era that you like" if is_within(title) else None,
            tuple((Facet.YEAR, year) for year in sorted(years)),
        )


def _acclaim(stated: Preferences, now: datetime, tuning: Tuning) -> Iterator[SoftPreference]:
    rules = Acclaim(tuning, now.year)
    fits = rules.acclaim_answers()
    for answer in stated.acclaim:
        if answer in fits:
            yield SoftPreference(tuning.acclaim_points, fits[answer])
    fits = rules.discovery_answers()
    for answer in stated.discovery:
        if answer in fits:
            sources = tuple((Facet.YEAR, year) for year in rules.years(answer))
            yield SoftPreference(tuning.discovery_points, fits[answer], sources=sources)


def _runtimes(stated: Preferences, tuning: Tuning) -> Iterator[SoftPreference]:
    ranges = [RUNTIMES[answer] for answer in stated.runtime if answer in RUNTIMES]

    def is_within(title: Traits) -> bool:
        preferred = (minutes[title.key.media_type] for minutes in ranges)
        return any(low <= (title.runtime or 0) <= high for low, high in preferred)

    if ranges:
        yield SoftPreference(
            tuning.runtime_points, lambda title: _sign(title.runtime, is_within(title))
        )


def _foreign(stated: Preferences, now: datetime, tuning: Tuning) -> Iterator[SoftPreference]:
    rules = Acclaim(tuning, now.year)
    for answer in stated.international:
        if (fit := rules.foreign(answer)) is not None:
            yield SoftPreference(tuning.international_points, _if_foreign(fit))


def _if_foreign(fit: Fit) -> Fit:
    return lambda title: 0.0 if title.language in {None, "en"} else fit(title)


def _media_type(stated: Preferences, tuning: Tuning) -> Iterator[SoftPreference]:
    types = {"movie": MediaType.MOVIE, "movies": MediaType.MOVIE, "tv": MediaType.TV}
    if (preferred := types.get(stated.content_type or "")) is not None:
        yield SoftPreference(
            tuning.media_type_points,
            lambda title: 1.0 if title.key.media_type is preferred else -1.0,
            sources=((Facet.MEDIA, preferred.value),),
        )


def _genres(stated: Preferences, tuning: Tuning) -> Iterator[SoftPreference]:
    weights = rated_genre_weights(stated)
    highest = max(1.0, *weights.values()) if weights else 1.0

    def fit(title: Traits) -> float:
        genres = canonical_genres(title.genres, title.key.media_type)
        total = sum(weights.get(genre, 0.0) for genre in genres)
        return max(-1.0, min(1.0, total / highest / 2))

    if weights:
        yield SoftPreference(tuning.genre_points, fit)


def _sign(value: object, matches: bool) -> float:  # noqa: FBT001 - two facts of one title
    """Return 1 for a match, -1 for none, 0 when the value is not known."""
    return 0.0 if value is None else 1.0 if matches else -1.0
