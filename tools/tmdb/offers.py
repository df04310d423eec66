"""What a title's details can have appended beside its credits: videos, translations, providers.

All of it is invented, and the same for the same title: what a catalogue of a seed says never
changes, but for who streams a title, which POST /__control can change. Shapes:
developer.themoviedb.org/reference/{movie,tv}-{videos,translations} and -watch-providers.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from random import Random
from types import MappingProxyType
from typing import Any, Final

from tools.tmdb.catalogue.titles import MediaType, Title
from tools.tmdb.regions import LANGUAGES

type Json = dict[str, Any]

PROVIDERS: Final[dict[int, str]] = {
    8: "Netflix",
    9: "Amazon Prime Video",
    337: "Disney Plus",
    350: "Apple TV+",
    39: "Now TV",
    11: "MUBI",
    192: "YouTube",
    2: "Apple TV",
}
"""TMDB's own ids and names of some."""

STREAMING: Final = (8, 9, 337, 350, 39, 11)
_SHOPS: Final = (2, 192)
OFFERED_IN: Final = ("US", "GB", "DE", "ES", "FR", "IT", "BR", "NL", "SE", "PL")
_TRANSLATED: Final = {
    "de": "DE", "es": "ES", "fr": "FR", "it": "IT", "pt": "BR", "nl": "NL", "pl": "PL",
    "sv": "SE", "tr": "TR", "uk": "UA", "ru": "RU", "ja": "JP", "ko": "KR", "zh": "CN",
}  # fmt: skip
_MANY_VOTES: Final = 50
"""A title that few have seen is hardly translated, offered and advertised."""


def videos(title: Title, languages: frozenset[str]) -> Json:
    """Return the trailer and a clip, if their language is one of those asked for."""
    chance = _chance(title, "videos")
    if title.vote_count < _MANY_VOTES or chance.random() < 0.1:  # noqa: PLR2004
        return {"results": []}
    kinds = (("Clip", False), ("Trailer", True))
    shown = [
        {
            "iso_639_1": title.language,
            "iso_3166_1": title.countries[0] if title.countries else "US",
            "name": f"{title.title} - {kind}",
            "key": _digest(title, kind, 6),
            "site": "YouTube",
            "size": 1080,
            "type": kind,
            "official": official,
            "published_at": f"{title.released or '2020-01-01'}T12:00:00.000Z",
            "id": _digest(title, kind, 12),
        }
        for kind, official in kinds
    ]  # fmt: skip
    return {"results": shown if title.language in languages else []}


def translations(title: Title) -> Json:
    """Return title and overview in some languages; a title that is the same is empty, as TMDB's.

    Nobody translates anything here: a text says which language it stands for.
    """
    called = "title" if title.media_type is MediaType.MOVIE else "name"
    chance = _chance(title, "translations")
    rows = [_translation(title, "en", "US", {called: title.title, "overview": title.overview})]
    for language, country in _TRANSLATED.items():
        if title.vote_count < _MANY_VOTES or chance.random() < 0.2:  # noqa: PLR2004
            continue
        named = "" if chance.random() < 0.3 else f"{title.title} ({language})"  # noqa: PLR2004
        overview = f"[{language}] {title.overview}" if title.overview else ""
        texts = {called: named, "overview": overview}
        rows.append(_translation(title, language, country, texts))
    return {"translations": rows}


type Changed = Mapping[str, Sequence[int]]
"""Who streams a title by country, where that was changed."""


def watch_providers(title: Title, changed: Changed = MappingProxyType({})) -> Json:
    """Return by country where a title is streamed, rented and sold, as JustWatch says it."""
    countries = dict.fromkeys((*_countries(title), *changed))
    return {"results": {country: _offers(title, country, changed) for country in countries}}


def streamed(title: Title, country: str) -> frozenset[int]:
    """Return the ids of the providers in whose subscription a title is in a country."""
    if title.vote_count < _MANY_VOTES:
        return frozenset()
    chance = _chance(title, country)
    return frozenset(provider for provider in STREAMING if chance.random() < 0.22)  # noqa: PLR2004


def offered(
    title: Title, country: str, changed: Changed = MappingProxyType({})
) -> Mapping[str, frozenset[int]]:
    """Return the ids of a title's providers in a country by kind of offer."""
    if country not in changed and country not in _countries(title):
        return {}
    now = frozenset(changed[country]) if country in changed else streamed(title, country)
    return {
        "flatrate": now,
        "rent": frozenset(_SHOPS),
        "buy": frozenset(_SHOPS),
    }


def _countries(title: Title) -> tuple[str, ...]:
    return OFFERED_IN if title.vote_count >= _MANY_VOTES else ()


def _offers(title: Title, country: str, changed: Changed) -> Json:
    place = f"{title.media_type}/{title.id}"
    offers: Json = {"link": f"https://www.themoviedb.org/{place}/watch?locale={country}"}
    for kind, ids in offered(title, country, changed).items():
        if ids:
            offers[kind] = [_provider(id_, rank) for rank, id_ in enumerate(sorted(ids))]
    return offers


def _provider(id_: int, rank: int) -> Json:
    return {
        "logo_path": f"/p{id_}.svg",
        "provider_id": id_,
        "provider_name": PROVIDERS[id_],
        "display_priority": rank,
    }


def _translation(title: Title, language: str, country: str, texts: Json) -> Json:
    english, own = LANGUAGES[language]
    data = {"homepage": "", "tagline": "", **texts}
    if title.media_type is MediaType.MOVIE:
        data["runtime"] = title.runtime
    return {
        "iso_3166_1": country,
        "iso_639_1": language,
        "name": own,
        "english_name": english,
        "data": data,
    }


def _digest(title: Title, about: str, size: int) -> str:
    name = f"{title.media_type}/{title.id}/{about}"
    return blake2b(name.encode(), digest_size=size).hexdigest()


def _chance(title: Title, about: str) -> Random:
    return Random(f"{title.media_type}/{title.id}/{about}")  # noqa: S311 - invented offers
