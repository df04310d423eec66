"""Wishes for a kind of title: acclaimed, new, short, foreign, a film or a series."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from recommender.domain.model import Facet
from recommender.domain.preferences import Preferences
from recommender.domain.quality import believed_rating
from recommender.domain.titles import MediaType, Traits
from recommender.domain.wish import SoftPreference


def wished_kinds(stated: Preferences, now: datetime) -> Iterator[SoftPreference]:
    """Go through the wishes that preferences set."""
    yield from _acclaim(stated)
    yield from _discovery(stated, now)
    yield from _runtime(stated)
    yield from _international(stated)
    yield from _media(stated)


def _acclaim(stated: Preferences) -> Iterator[SoftPreference]:
    for answer in stated.acclaim:
        if (met := _ACCLAIM.get(answer)) is not None:
            yield SoftPreference(16, met)


def _high(title: Traits) -> float:
    return _between(believed_rating(title), 6.3, 8.0)


def _hidden(title: Traits) -> float:
    return _high(title) if title.popularity < 50 and title.vote_count < 3000 else -0.5  # noqa: PLR2004


def _cult(title: Traits) -> float:
    return _high(title) if 20 <= title.popularity <= 80 else -0.5  # noqa: PLR2004


def _between(value: float, least: float, most: float) -> float:
    return min(1.0, max(0.0, (value - least) / (most - least)))


_ACCLAIM: dict[str, Callable[[Traits], float]] = {
    "awardwinning": _high,
    "criticallyacclaimed": _high,
    "underrated": _hidden,
    "hiddengems": _hidden,
    "blockbuster": lambda title: _between(title.popularity, 0, 100),
    "cultclassic": _cult,
}


def _discovery(stated: Preferences, now: datetime) -> Iterator[SoftPreference]:
    rules: dict[str, Callable[[Traits], float]] = {
        "trending": lambda title: _between(title.popularity, 0, 100),
        "hiddengems": _hidden,
        "awardwinning": _high,
        "classics": lambda title: _high(title) if title.year and title.year < 1980 else 0.0,  # noqa: PLR2004
        "newreleases": lambda title: _between(title.year or 0, now.year - 5, now.year - 3),
    }
    places: dict[str, tuple[tuple[Facet, int | str], ...]] = {
        "newreleases": tuple((Facet.YEAR, now.year - ago) for ago in range(-1, 4)),
        "classics": tuple((Facet.YEAR, year) for year in range(1920, 1980)),
    }
    for answer in stated.discovery:
        if (met := rules.get(answer)) is not None:
            yield SoftPreference(22, met, sources=places.get(answer, ()))


_RUNTIMES: dict[str, dict[MediaType, tuple[int, int]]] = {
    "short": {MediaType.MOVIE: (1, 95), MediaType.TV: (1, 30)},
    "medium": {MediaType.MOVIE: (90, 130), MediaType.TV: (25, 50)},
    "long": {MediaType.MOVIE: (125, 999), MediaType.TV: (45, 999)},
}
"""Minutes of a film, and of an episode."""


def _runtime(stated: Preferences) -> Iterator[SoftPreference]:
    spans = [_RUNTIMES[answer] for answer in stated.runtime if answer in _RUNTIMES]
    if spans:
        yield SoftPreference(10, lambda title: _long_enough(title, spans))


def _long_enough(title: Traits, spans: list[dict[MediaType, tuple[int, int]]]) -> float:
    minutes = title.runtime
    if minutes is None:
        return 0.0
    wanted = (span[title.key.media_type] for span in spans)
    return 1.0 if any(least <= minutes <= most for least, most in wanted) else -1.0


_MUCH_SEEN = 1000
"""A foreign title with so many votes has most probably been dubbed."""


def _international(stated: Preferences) -> Iterator[SoftPreference]:
    rules: dict[str, Callable[[Traits], float]] = {
        "veryopen": lambda foreign: 1.0,  # noqa: ARG005 - whichever it is
        "someopen": lambda foreign: _high(foreign) * 0.5,
        "dubbedonly": lambda foreign: 0.0 if foreign.vote_count >= _MUCH_SEEN else -1.0,
        "englishpreferred": lambda foreign: -1.0,  # noqa: ARG005 - whichever it is
    }
    for answer in stated.international:
        if (rule := rules.get(answer)) is not None:
            yield SoftPreference(
                10,
                lambda title, rule=rule: (  # type: ignore[misc]
                    0.0 if title.language in {None, "en"} else rule(title)
                ),
            )


def _media(stated: Preferences) -> Iterator[SoftPreference]:
    types = {"movie": MediaType.MOVIE, "movies": MediaType.MOVIE, "tv": MediaType.TV}
    if (wanted := types.get(stated.content_type or "")) is not None:
        yield SoftPreference(
            12,
            lambda title: 1.0 if title.key.media_type is wanted else -1.0,
            sources=((Facet.MEDIA, wanted.value),),
        )
