"""Candidates as their reader sees them: with details, in their language, for their country.

The catalog is asked only for what a request selects beyond the room's own copy of its candidates,
or for another language than English.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from matinee.graphql import Call
from matinee.languages import (
    DEFAULT_LANGUAGE,
    accepted_languages,
    country_of,
)
from matinee.media import TitleKey
from rooms.api.schemas import ShownArguments, movie_types
from rooms.domain.card import Card, Reader
from rooms.domain.room import Movie
from rooms.ports import CardReader

MAX_LANGUAGES = 5

CREDIT = "JustWatch"
"""The source of where to watch a title, to be named wherever it is shown."""

PLAIN = frozenset({
    "id", "title", "overview", "posterPath", "releaseDate", "voteAverage", "voteCount", "genreIds",
    "mediaType", "reason", "__typename",
})  # fmt: skip
"""What a room has of its candidates."""


def reader_of(call: Call) -> Reader:
    """Return who looks: by the arguments, else by Accept-Language. Raises InvalidInput."""
    names = ShownArguments.model_fields
    given = call.read(ShownArguments, {name: call.arguments.get(name) for name in names})
    tags = [given.language] if given.language else accepted_languages(_accept_language(call))
    return Reader(_languages(tags), given.country or country_of(tags))


def show_movies(
    cards: CardReader, call: Call, movies: Sequence[Movie], below: str = ""
) -> list[dict[str, Any]]:
    """Return candidates as the schema's Movie; `below` is the path at which they are selected."""
    return show_all(cards, call, [movies], below)[0]


def show_all(
    cards: CardReader, call: Call, lists: Sequence[Sequence[Movie]], below: str
) -> list[list[dict[str, Any]]]:
    """Return the candidates of several rooms, whose cards are asked for together."""
    reader = reader_of(call)
    found: Mapping[TitleKey, Card] = {}
    if reader.languages or _selects_details(call.selection, below):
        keys = {TitleKey(movie.media_type, movie.id) for movies in lists for movie in movies}
        found = cards.find(keys, reader, call.trace.correlation_id) if keys else {}
    return [[_shown(movie, found, reader) for movie in movies] for movies in lists]


def _shown(movie: Movie, cards: Mapping[TitleKey, Card], reader: Reader) -> dict[str, Any]:
    card = cards.get(TitleKey(movie.media_type, movie.id))
    [shown] = movie_types([card.translate(movie) if card else movie])
    return shown | _details(card, reader)


def _details(card: Card | None, reader: Reader) -> dict[str, Any]:
    if card is None:
        return {"language": DEFAULT_LANGUAGE, "directors": [], "cast": []}
    trailer, providers = card.trailer, card.providers
    return {
        "language": card.language,
        "runtime": card.runtime,
        "directors": list(card.directors),
        "cast": list(card.cast),
        "trailer": trailer and {"site": trailer.site, "key": trailer.key},
        "certification": card.certification,
        "whereToWatch": None
        if providers is None
        else {
            "country": reader.country,
            "providers": [{"id": each.id, "name": each.name} for each in providers],
            "credit": CREDIT,
        },
    }


def _selects_details(selection: Collection[str], below: str) -> bool:
    """Return whether more is selected than a room has, under whatever alias."""
    start = f"{below}/" if below else ""
    fields = (path.removeprefix(start) for path in selection if path.startswith(start))
    return any(field not in PLAIN for field in fields)


def _languages(tags: Sequence[str]) -> tuple[str, ...]:
    """Return languages without regions, up to English, which every title has."""
    languages = list(dict.fromkeys(tag.partition("-")[0].lower() for tag in tags))
    known = [language for language in languages if len(language) == len(DEFAULT_LANGUAGE)]
    if DEFAULT_LANGUAGE in known:
        known = known[: known.index(DEFAULT_LANGUAGE)]
    return tuple(known[:MAX_LANGUAGES])


def _accept_language(call: Call) -> str:
    headers = (call.event.get("request") or {}).get("headers") or {}
    return str(headers.get("accept-language") or "")
