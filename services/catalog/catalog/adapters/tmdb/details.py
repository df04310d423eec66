"""TMDB's details of one title, with what is appended to them.

The title itself must be valid. Everything else is parsed one by one: a person without a name is
left out, and details without credits have no people. All of it is bounded, as an item is.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from catalog.adapters.tmdb.rows import MAX_NUMBER, GenreIds, TmdbRow
from catalog.domain import (
    TRANSLATED_LANGUAGES,
    Details,
    Facts,
    Provider,
    Trailer,
    Translation,
)
from matinee.media import TitleKey
from matinee.text import clean_text

MAX_KEYWORDS = 20
MAX_CAST = 5
MAX_DIRECTORS = 5
MAX_NAME_CHARACTERS = 200
MAX_RUNTIME_MINUTES = 100_000
MAX_COUNTRIES = 250
"""All of ISO 3166-1: JustWatch knows 140, and they come in the order of the alphabet."""

MAX_PROVIDERS = 40
"""Of a country: those that TMDB shows first. More than any title has: else another order at TMDB
would look as if one had gone."""

MAX_PROVIDER_NAME_CHARACTERS = 50
MAX_CERTIFICATION_CHARACTERS = 20
MAX_TRANSLATED_TITLE_CHARACTERS = 200
MAX_TRANSLATED_OVERVIEW_CHARACTERS = 600
"""A longer overview is cut: TMDB's have at most 1,000, most of them 300."""

STREAMED = ("flatrate", "free", "ads")
"""The offers that count: with a subscription, for free, with advertising."""

TRAILER_SITES = ("YouTube", "Vimeo")
_VIDEO_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_THEATRICAL = 3
_COUNTRY = re.compile(r"[A-Z]{2}")
_PRIMARY_COUNTRIES = {"ar": "SA", "da": "DK", "hi": "IN", "ja": "JP", "ko": "KR", "sv": "SE"}
_PRIMARY_COUNTRIES |= {"uk": "UA", "zh": "CN"}
"""Whose translation counts, of several in a language; for the others, the language's namesake."""


def _genre_ids(value: object) -> object:
    """Return the ids of `genres`: [{id, name}], the form that details have."""
    if not isinstance(value, list):
        return value
    return [genre.get("id") if isinstance(genre, Mapping) else genre for genre in value]


class _DetailsRow(TmdbRow):
    """A title in its details: like a row of a list except for its genres."""

    genre_ids: Annotated[GenreIds, BeforeValidator(_genre_ids)] = Field(validation_alias="genres")


class TmdbDetails(BaseModel):
    """The response to /movie/{id} or /tv/{id}."""

    model_config = ConfigDict(extra="allow")

    @classmethod
    def parse(cls, body: bytes, key: TitleKey) -> Details:
        """Parse a response's body; raise pydantic's ValidationError when it is not that title."""
        response = cls.model_validate_json(body)
        row = _DetailsRow.model_validate(response.model_extra)
        if row.id != key.id:
            raise ValidationError.from_exception_data("another title", [])
        return Details(row.as_title(key.media_type), response.facts())

    def facts(self) -> Facts:
        """Return what lists do not contain."""
        values: dict[str, Any] = self.model_extra or {}
        credits_ = _mapping(values.get("credits"))
        cast = sorted(_rows(credits_.get("cast")), key=_billing)
        directors = [row for row in _rows(credits_.get("crew")) if row.get("job") == "Director"]
        keywords = _mapping(values.get("keywords"))
        return Facts(
            runtime=_minutes(values),
            keywords=_names(keywords.get("keywords") or keywords.get("results"), MAX_KEYWORDS),
            directors=_names(values.get("created_by") or directors, MAX_DIRECTORS),
            cast=_names(cast, MAX_CAST),
            trailer=_trailer(_rows(_mapping(values.get("videos")).get("results"))),
            providers=_providers(_mapping(values.get("watch/providers")).get("results")),
            translations=_translations(
                _rows(_mapping(values.get("translations")).get("translations"))
            ),
            certifications=_certifications(values),
        )


def _trailer(videos: Iterable[Mapping[str, Any]]) -> Trailer | None:
    """Return the best trailer: in English, official, and the first of these."""
    usable = [
        video
        for video in videos
        if video.get("type") == "Trailer"
        and video.get("site") in TRAILER_SITES
        and isinstance(key := video.get("key"), str)
        and _VIDEO_KEY.fullmatch(key)
    ]
    best = min(
        usable,
        key=lambda video: (
            video.get("iso_639_1") != "en",
            video.get("official") is not True,
            str(video.get("published_at")),
        ),
        default=None,
    )
    return Trailer(best["site"], best["key"]) if best else None


def _providers(countries: object) -> Mapping[str, tuple[Provider, ...]] | None:
    """Return who streams a title, with or without a subscription, by country; None if unknown."""
    if not isinstance(countries, Mapping):
        return None
    found = {}
    for country, offers in countries.items():
        rows = [row for kind in STREAMED for row in _rows(_mapping(offers).get(kind))]
        named = {row["provider_id"]: name for row in rows if (name := _provider_name(row))}
        providers = tuple(Provider(*each) for each in islice(named.items(), MAX_PROVIDERS))
        if providers and _COUNTRY.fullmatch(country):
            found[country] = providers
    return dict(islice(sorted(found.items()), MAX_COUNTRIES))


def _certifications(values: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what the board of each country says: of a film's releases in cinemas, if any."""
    said: dict[str, str] = {}
    for row in _rows(_mapping(values.get("content_ratings")).get("results")):
        said[str(row.get("iso_3166_1"))] = _board(row.get("rating"))
    for row in _rows(_mapping(values.get("release_dates")).get("results")):
        releases = sorted(_rows(row.get("release_dates")), key=_is_elsewhere)
        found = (_board(release.get("certification")) for release in releases)
        said[str(row.get("iso_3166_1"))] = next(filter(None, found), "")
    known = [each for each in sorted(said.items()) if each[1] and _COUNTRY.fullmatch(each[0])]
    return dict(known[:MAX_COUNTRIES])


def _is_elsewhere(release: Mapping[str, Any]) -> bool:
    return release.get("type") != _THEATRICAL


def _board(value: object) -> str:
    return _cut(value, MAX_CERTIFICATION_CHARACTERS)


def _provider_name(row: Mapping[str, Any]) -> str:
    """Return the name of a provider, "" for one without a valid id."""
    id_, name = row.get("provider_id"), row.get("provider_name")
    if isinstance(id_, bool) or not isinstance(id_, int) or not 0 < id_ <= MAX_NUMBER:
        return ""
    return clean_text(name)[:MAX_PROVIDER_NAME_CHARACTERS] if isinstance(name, str) else ""


def _translations(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Translation]:
    found: dict[str, Translation] = {}
    for row in rows:
        language, data = row.get("iso_639_1"), _mapping(row.get("data"))
        if not isinstance(language, str) or language not in TRANSLATED_LANGUAGES:
            continue
        title = _cut(data.get("title") or data.get("name"), MAX_TRANSLATED_TITLE_CHARACTERS)
        overview = _cut(data.get("overview"), MAX_TRANSLATED_OVERVIEW_CHARACTERS)
        primary = _PRIMARY_COUNTRIES.get(language, language.upper())
        if (title or overview) and (language not in found or row.get("iso_3166_1") == primary):
            found[language] = Translation(title, overview)
    return dict(sorted(found.items()))


def _cut(value: object, characters: int) -> str:
    return clean_text(value)[:characters] if isinstance(value, str) else ""


def _minutes(values: Mapping[str, Any]) -> int | None:
    """Return the runtime of a film or of a series' episode; TMDB writes an unknown one as 0."""
    lengths = [values.get("runtime"), *(_list(values.get("episode_run_time")))]
    known: Iterable[int] = (
        minutes
        for minutes in lengths
        if isinstance(minutes, int)
        and not isinstance(minutes, bool)
        and 0 < minutes <= MAX_RUNTIME_MINUTES
    )
    return next(iter(known), None)


def _names(rows: object, limit: int) -> tuple[str, ...]:
    names = (row.get("name") for row in _rows(rows))
    texts = (name.strip()[:MAX_NAME_CHARACTERS] for name in names if isinstance(name, str))
    return tuple(islice(dict.fromkeys(text for text in texts if text), limit))


def _billing(row: Mapping[str, Any]) -> float:
    order = row.get("order")
    return order if isinstance(order, int) else float("inf")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in _list(value) if isinstance(row, Mapping)]
