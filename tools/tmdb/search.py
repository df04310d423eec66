"""/search: titles, and people, that hold every word asked for."""

from collections.abc import Iterator

from tools.tmdb.catalogue.collection import TitleCollection
from tools.tmdb.catalogue.folding import folded
from tools.tmdb.catalogue.store import Catalogue
from tools.tmdb.catalogue.titles import MediaType, Person, Title
from tools.tmdb.discovery import year
from tools.tmdb.errors import QueryMissingError
from tools.tmdb.parameters import Parameters


def search(
    collection: TitleCollection, media_type: MediaType, parameters: Parameters
) -> list[Title]:
    """Return the titles in which every word of ``query`` begins a word, the best match first.

    A title that is the query comes first, then those that begin with it, then the rest; each by
    popularity. Case and accents do not matter, and the original title counts too.

    QueryMissingError: no query. TmdbError 5: a year that is none.
    """
    query = parameters.text("query")
    if not query:
        raise QueryMissingError
    words = [_needle(word) for word in folded(query).split()]
    if not words:
        return []
    rows = _allowed(collection, media_type, parameters)
    whole = " ".join(folded(query).split())
    ranked: tuple[list[Title], list[Title], list[Title]] = ([], [], [])
    for position in _matching(collection, words):
        if rows >> position & 1:
            title = collection.titles[position]
            ranked[_rank(title, whole)].append(title)
    return [*ranked[0], *ranked[1], *ranked[2]]


def search_all(catalogue: Catalogue, parameters: Parameters) -> list[Title | Person]:
    """Return films, series and people, ranked as one list. Raises as `search` does."""
    found: list[Title | Person] = [
        title
        for media_type in MediaType
        for title in search(catalogue.titles_of(media_type), media_type, parameters)
    ]
    words = folded(parameters.text("query")).split()
    found += [
        person
        for person in catalogue.people.values()
        if words and all(_needle(word) in f" {folded(person.name)}" for word in words)
    ]
    return sorted(found, key=lambda entry: (_rank(entry, " ".join(words)), -entry.popularity))


def _needle(word: str) -> str:
    """Return what to look for: a Latin word begins a word, other scripts match anywhere."""
    return f" {word}" if word.isascii() else word


def _matching(collection: TitleCollection, words: list[str]) -> Iterator[int]:
    first, *others = sorted(words, key=len, reverse=True)
    for position, text in enumerate(collection.folded_titles):
        if first in text and all(word in text for word in others):
            yield position


def _rank(entry: Title | Person, whole: str) -> int:
    given = (entry.name,) if isinstance(entry, Person) else (entry.title, entry.original_title)
    names = [folded(name) for name in given]
    if whole in names:
        return 0
    return 1 if any(name.startswith(whole) for name in names) else 2


def _allowed(collection: TitleCollection, media_type: MediaType, parameters: Parameters) -> int:
    rows = collection.everything
    if not parameters.flag("include_adult"):
        rows &= ~collection.adult
    first = "primary_release_year" if media_type is MediaType.MOVIE else "first_air_date_year"
    for name in ("year", first):
        number = parameters.integer(name)
        if number is not None:
            rows &= collection.by_released.between(*year(number))
    return rows
