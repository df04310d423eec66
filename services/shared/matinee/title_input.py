"""Which title a request is about: one reader for every route, spelling and place.

The original's clients, TMDB and this product itself name a title in several ways. All of them are
read here, and nothing is guessed: what cannot be read is an error, and so are two names of one
thing that disagree.
"""

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from matinee.errors import InvalidInput
from matinee.media import MAX_MEDIA_ID, MediaType

ID_NAMES = ("mediaId", "media_id", "movieId", "movie_id")
"""`id` is read if none of them has a value: a match, for example, has an `id` of its own."""

TYPE_NAMES = ("mediaType", "media_type", "type")

_MAX_DIGITS = len(str(MAX_MEDIA_ID))

_MIN_SIMILARITY = 0.84
"""Above it a name is a misspelt one of ours: mediaTyp and movie_ids are, imdb_id is not."""

_SERIES_KINDS = frozenset(
    {"scripted", "miniseries", "reality", "documentary", "news", "talk show", "video"}
)
"""The values of `type` in TMDB's details of a series."""

_SERIES_FIELDS = ("first_air_date", "firstAirDate", "original_name", "originalName")
_FILM_FIELDS = ("release_date", "releaseDate", "original_title", "originalTitle")


def whole_number(value: object) -> object:
    """Return a whole number, given as one or in ASCII digits; raise ValueError otherwise."""
    if isinstance(value, str):
        text = value.strip()
        if text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS:
            return int(text)
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    message = "must be a whole number, or one in digits"
    raise ValueError(message)


def _any_case(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


MediaTypeName = Annotated[MediaType, BeforeValidator(_any_case)]
"""`movie` or `tv`, in any case."""

MediaTypes = Annotated[Literal["movie", "tv", "both"], BeforeValidator(_any_case)]
"""`movie`, `tv` or `both`, in any case."""

MediaId = Annotated[
    int,
    BeforeValidator(whole_number),
    Field(ge=1, le=MAX_MEDIA_ID),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MAX_MEDIA_ID},
                {"type": "string", "pattern": "^[0-9]{1,10}$"},
            ],
            "description": "TMDB's id of the film or series, as a number or in digits.",
        }
    ),
]


def read_names(given: Mapping[str, Any], *, is_row: bool = False) -> dict[str, Any]:
    """Return a request's values with one name each for what identifies its title.

    `mediaId` and `mediaType` are absent where the request has none. In a title's whole row (with
    `is_row`) the type may follow from the fields that only films or only series have. Raises
    InvalidInput when two names of one thing disagree.
    """
    values = {name: value for name, value in given.items() if value is not None}
    other_id = values.pop("id", None)
    media_id = _take(values, "mediaId", ID_NAMES)
    media_type = _take(values, "mediaType", TYPE_NAMES)
    if media_type is None and is_row:
        media_type = _type_by_fields(values)
    found = {"mediaId": other_id if media_id is None else media_id, "mediaType": media_type}
    return values | {name: value for name, value in found.items() if value is not None}


def merge_names(query: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Merge what `read_names` found in both places; raise InvalidInput if they disagree."""
    for name in ("mediaId", "mediaType"):
        if name in query and name in body and _canonical(query[name]) != _canonical(body[name]):
            raise InvalidInput.at(name, "is another one in the query string than in the body")
    return {**query, **body}


def is_misspelt(name: str, known: Iterable[str] = ("mediaId", "movieId", "mediaType")) -> bool:
    """Return whether an unknown field of a title is probably meant to be a known one."""
    return any(
        SequenceMatcher(None, _plain(name), _plain(one)).ratio() >= _MIN_SIMILARITY for one in known
    )


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _canonical(value: object) -> object:
    """Return an id or a type in the one form in which equal ones compare equal."""
    text = str(value).strip().lower()
    if text in _SERIES_KINDS:
        return "tv"
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS else text


def _take(values: dict[str, Any], name: str, spellings: tuple[str, ...]) -> object:
    """Remove all spellings of a name; return their value, or None if they have none."""
    given = {one: values.pop(one) for one in spellings if one in values}
    found = {one: value for one, value in given.items() if value != ""}
    if len({_canonical(value) for value in found.values()}) > 1:
        raise InvalidInput.at(name, f"{' and '.join(found)} are not the same")
    value = next(iter(found.values()), None)
    return "tv" if _canonical(value) == "tv" else value


def _type_by_fields(values: Mapping[str, Any]) -> str | None:
    is_film = any(values.get(name) for name in _FILM_FIELDS)
    is_series = any(values.get(name) for name in _SERIES_FIELDS) or (
        "name" in values and "title" not in values and not is_film
    )
    if is_film and is_series:
        reason = "is needed: some of these fields are a film's, others a series'"
        raise InvalidInput.at("mediaType", reason)
    return "tv" if is_series else None
