"""Canonical genres: one set of genres in which films and series can be compared.

TMDB gives series genres that films do not have, and the other way round: who likes adventure films
likes series of "Action & Adventure". Every TMDB genre is therefore mapped to one or more canonical
genres: those of films, and those of series that have no counterpart among them.
"""

from collections.abc import Iterable, Mapping

from matinee.media import GENRES, MOVIE_GENRES, TV_GENRES, MediaType

_CANONICAL: Mapping[int, frozenset[int]] = {
    10759: frozenset({28, 12}),
    10762: frozenset({10751}),
    10763: frozenset({10763, 99}),
    10765: frozenset({878, 14}),
    10768: frozenset({10752, 36}),
}
"""The canonical genres of a genre that only series have."""

_IN_SERIES: Mapping[int, frozenset[int]] = {
    80: frozenset({80, 53}),
    9648: frozenset({9648, 53}),
    10766: frozenset({10766, 10749, 18}),
}
"""Series of crime and mystery are also thrillers: TMDB has no such genre for series."""

_TV_COUNTERPARTS: Mapping[int, tuple[int, ...]] = {
    28: (10759,),
    12: (10759,),
    14: (10765,),
    878: (10765,),
    36: (10768,),
    10752: (10768,),
    10751: (10751, 10762),
    53: (80, 9648),
    27: (9648, 10765),
    10749: (10766, 18),
    10402: (10767,),
    10770: (),
}
"""The genres of series nearest to a canonical genre that series do not have."""

_ALIASES = {
    "scifi": 878,
    "sciencefiction": 878,
    "sciencefictionfantasy": 10765,
    "romcom": 10749,
    "musical": 10402,
    "documentaries": 99,
    "kidsfamily": 10751,
    "children": 10751,
    "historical": 36,
}


def _normalize(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


_BY_NAME = {_normalize(name): genre for genre, name in GENRES.items()} | _ALIASES


def canonical_genres(genres: Iterable[int], media_type: MediaType | None = None) -> frozenset[int]:
    """Return the canonical genres of TMDB's genres."""
    found: set[int] = set()
    for genre in genres:
        found |= _CANONICAL.get(genre, {genre})
        if media_type is MediaType.TV:
            found |= _IN_SERIES.get(genre, frozenset())
    return frozenset(found)


def tmdb_genres(canonical: int, media_type: MediaType) -> tuple[int, ...]:
    """Return a media type's TMDB genres for a canonical genre, the nearest first."""
    if media_type is MediaType.MOVIE:
        return (canonical,) if canonical in MOVIE_GENRES else ()
    counterparts = _TV_COUNTERPARTS.get(canonical)
    if counterparts is not None:
        return counterparts
    return (canonical,) if canonical in TV_GENRES else ()


def parse_genres(texts: Iterable[str]) -> frozenset[int]:
    """Parse genres, each a TMDB id or an English name; other texts are ignored."""
    found: set[int] = set()
    for text in texts:
        genre = int(text) if text.isascii() and text.isdigit() else _BY_NAME.get(_normalize(text))
        if genre is not None and genre in GENRES:
            found.add(genre)
    return frozenset(found)
