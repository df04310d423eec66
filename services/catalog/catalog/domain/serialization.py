"""Titles as bytes: the form in which TMDB's responses are cached.

Fields may be added to a title, and titles of an older version can still be read; bytes that cannot
be read at all count as absent.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from catalog.domain.discover_query import TitlePage
from catalog.domain.resolution import Match, Matches
from catalog.domain.titles import CachedTitle, Facts, Provider, Title, Trailer, Translation
from matinee.clock import from_iso, iso
from matinee.media import MediaType

_FIELDS = {field.name for field in fields(Title)}


def serialize_pages(pages: Sequence[TitlePage]) -> bytes:
    """Encode pages as JSON."""
    return _encode(
        [
            {
                "titles": [asdict(title) for title in page.titles],
                "of": (page.total_pages, page.total_results),
            }
            for page in pages
        ]
    )


def deserialize_pages(body: bytes) -> Sequence[TitlePage] | None:
    """Parse what `serialize_pages` encoded; return None for anything else."""
    try:
        rows = json.loads(body)
        return [
            TitlePage(tuple(_title(title) for title in row["titles"]), *map(int, row["of"]))
            for row in rows
        ]
    except (ValueError, TypeError, KeyError):
        return None


def serialize_title(cached: CachedTitle) -> bytes:
    """Encode a title with its details as JSON."""
    return _encode(
        {
            "title": asdict(cached.title),
            "facts": asdict(cached.facts),
            "cached_at": iso(cached.cached_at),
        }
    )


def deserialize_title(body: bytes) -> CachedTitle | None:
    """Parse what `serialize_title` encoded; return None for anything else."""
    try:
        row = json.loads(body)
        return CachedTitle(
            _title(row["title"]), read_facts(row["facts"]), from_iso(row["cached_at"])
        )
    except (ValueError, TypeError, KeyError):
        return None


def read_facts(values: Mapping[str, Any]) -> Facts:
    """Parse facts that `asdict` made; what an older version did not have is absent."""
    trailer = values.get("trailer")
    return Facts(
        runtime=values.get("runtime"),
        keywords=tuple(values.get("keywords") or ()),
        directors=tuple(values.get("directors") or ()),
        cast=tuple(values.get("cast") or ()),
        trailer=Trailer(**trailer) if trailer else None,
        providers=_providers(values.get("providers")),
        translations={
            language: Translation(**texts)
            for language, texts in (values.get("translations") or {}).items()
        },
        certifications=values.get("certifications") or {},
    )


def serialize_matches(matches: Matches) -> bytes:
    """Encode what a lookup found as JSON."""
    found = [
        {"title": asdict(match.title), "original_name": match.original_name}
        for match in matches.found
    ]
    return _encode({"found": found, "is_other": matches.is_other})


def deserialize_matches(body: bytes) -> Matches | None:
    """Parse what `serialize_matches` encoded; return None for anything else."""
    try:
        row = json.loads(body)
        found = tuple(Match(_title(one["title"]), one["original_name"]) for one in row["found"])
        return Matches(found, row["is_other"])
    except (ValueError, TypeError, KeyError):
        return None


def _providers(
    countries: Mapping[str, Any] | None,
) -> Mapping[str, tuple[Provider, ...]] | None:
    if countries is None:
        return None
    return {
        country: tuple(Provider(**provider) for provider in providers)
        for country, providers in countries.items()
    }


def _encode(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _title(values: dict[str, Any]) -> Title:
    known: dict[str, Any] = {name: values[name] for name in _FIELDS & values.keys()}
    known["genre_ids"] = tuple(known["genre_ids"])
    known["media_type"] = MediaType(known["media_type"])
    return Title(**known)
