"""TMDB's genres by name. Films and series have different ones; a user may name either."""

from matinee.media import GENRES

_IDS = {name.casefold(): genre_id for genre_id, name in GENRES.items()} | {"sci-fi": 878}


def genre_id(given: int | str) -> int:
    """Return a genre's id, given the id, its digits, or the English name in any case.

    Raises ValueError with a message for people.
    """
    text = str(given).strip()
    found = int(text) if text.isascii() and text.isdecimal() else _IDS.get(text.casefold())
    if found is None or found not in GENRES:
        message = "is no genre of TMDB's, neither by id nor by its English name"
        raise ValueError(message)
    return found
