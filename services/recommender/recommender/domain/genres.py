"""TMDB's genres, of films and of series, and one language in which both can be compared.

Series have genres that films have not, and the other way round: a taste for films of adventure is
a taste for series of "Action & Adventure". Every genre is therefore read as one or more *strands*,
which are the films' genres and those of TV that have no likeness among them.
"""

from collections.abc import Iterable, Mapping

from recommender.domain.titles import MediaType

MOVIE_GENRES: Mapping[int, str] = {
    28: "Action",
    12: "Adventure",
    16: "Animation",
    35: "Comedy",
    80: "Crime",
    99: "Documentary",
    18: "Drama",
    10751: "Family",
    14: "Fantasy",
    36: "History",
    27: "Horror",
    10402: "Music",
    9648: "Mystery",
    10749: "Romance",
    878: "Science Fiction",
    10770: "TV Movie",
    53: "Thriller",
    10752: "War",
    37: "Western",
}

TV_GENRES: Mapping[int, str] = {
    10759: "Action & Adventure",
    16: "Animation",
    35: "Comedy",
    80: "Crime",
    99: "Documentary",
    18: "Drama",
    10751: "Family",
    10762: "Kids",
    9648: "Mystery",
    10763: "News",
    10764: "Reality",
    10765: "Sci-Fi & Fantasy",
    10766: "Soap",
    10767: "Talk",
    10768: "War & Politics",
    37: "Western",
}

GENRES = {**MOVIE_GENRES, **TV_GENRES}
NAMES: Mapping[MediaType, Mapping[int, str]] = {
    MediaType.MOVIE: MOVIE_GENRES,
    MediaType.TV: TV_GENRES,
}

_STRANDS: Mapping[int, frozenset[int]] = {
    10759: frozenset({28, 12}),
    10762: frozenset({10751}),
    10763: frozenset({10763, 99}),
    10765: frozenset({878, 14}),
    10768: frozenset({10752, 36}),
}
"""What a genre that only series have says in the films' terms."""

_NEAR_ON_TV: Mapping[int, tuple[int, ...]] = {
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
"""Where a strand that series have not is found among them."""

_IN_SERIES: Mapping[int, frozenset[int]] = {
    80: frozenset({80, 53}),
    9648: frozenset({9648, 53}),
    10766: frozenset({10766, 10749, 18}),
}
"""Series of crime and mystery are where a taste for thrillers is met: TV has no such genre."""

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


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


_BY_NAME = {_plain(name): genre for genre, name in GENRES.items()} | _ALIASES


def strands(genres: Iterable[int], media_type: MediaType | None = None) -> frozenset[int]:
    """Return what genres say in the common language."""
    found: set[int] = set()
    for genre in genres:
        found |= _STRANDS.get(genre, {genre})
        if media_type is MediaType.TV:
            found |= _IN_SERIES.get(genre, frozenset())
    return frozenset(found)


def genres_of(strand: int, media_type: MediaType) -> tuple[int, ...]:
    """Return the genres of a media type in which a strand is found, the nearest first."""
    if media_type is MediaType.MOVIE:
        return (strand,) if strand in MOVIE_GENRES else ()
    near = _NEAR_ON_TV.get(strand)
    return near if near is not None else (strand,) if strand in TV_GENRES else ()


def named(texts: Iterable[str]) -> frozenset[int]:
    """Return the genres that texts name, each a TMDB id or an English name; others are ignored."""
    found = set()
    for text in texts:
        genre = int(text) if text.isascii() and text.isdigit() else _BY_NAME.get(_plain(text))
        if genre in GENRES:
            found.add(genre)
    return frozenset(found)


def name_of(genre: int) -> str | None:
    """Return a genre's English name."""
    return GENRES.get(genre)
