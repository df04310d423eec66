"""TMDB's genres by name. Films and series have different ones; both count for a user's taste."""

from collections.abc import Mapping

GENRES: Mapping[int, str] = {
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
    10759: "Action & Adventure",
    10762: "Kids",
    10763: "News",
    10764: "Reality",
    10765: "Sci-Fi & Fantasy",
    10766: "Soap",
    10767: "Talk",
    10768: "War & Politics",
}

_IDS = {name.casefold(): genre_id for genre_id, name in GENRES.items()} | {"sci-fi": 878}


def genre_id(given: int | str) -> int:
    """Return a genre's id, of its id, of that in digits or of its name in any case.

    Raises ValueError, written for people.
    """
    text = str(given).strip()
    found = int(text) if text.isascii() and text.isdecimal() else _IDS.get(text.casefold())
    if found is None or found not in GENRES:
        message = "is no genre of TMDB's, neither by id nor by its English name"
        raise ValueError(message)
    return found
