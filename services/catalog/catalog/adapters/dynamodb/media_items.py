"""Keys and items of the MediaCache table.

    mediaId                          mediaType   content
    550                              movie       a title with its details
    list#movie#popular               head        the published version of a list
    list#movie#popular#<version>     000021      a row of that version, by rank

A row contains what TMDB's list says of the title, so that a part of a list is one query. A title's
providers, translations and certifications are compressed together: they say the same in many
countries and languages, and nobody looks for them.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from catalog.domain import CachedTitle, ListKey, Title
from catalog.domain.serialization import read_facts
from matinee.clock import epoch_seconds, from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.media import MediaType, TitleKey

HEAD = "head"
_RANK_DIGITS = 6
_LOCAL = ("providers", "translations", "certifications")

type Values = Mapping[str, Any]


def title_key(key: TitleKey) -> Item:
    """Return the key of a title."""
    return to_item({"mediaId": str(key.id), "mediaType": key.media_type})


def head_key(key: ListKey) -> Item:
    """Return the key of a list's head."""
    return to_item({"mediaId": f"list#{key.name}", "mediaType": HEAD})


def row_key(key: ListKey, version: str, rank: int) -> Item:
    """Return the key of a row of a list's version."""
    return to_item({"mediaId": version_partition(key, version), "mediaType": rank_text(rank)})


def version_partition(key: ListKey, version: str) -> str:
    """Return the partition of a version of a list."""
    return f"list#{key.name}#{version}"


def rank_text(rank: int) -> str:
    """Format a rank so that texts sort as numbers do."""
    return f"{rank:0{_RANK_DIGITS}}"


def title_item(cached: CachedTitle) -> Item:
    """Return the item of a title."""
    facts = asdict(cached.facts)
    local = {name: facts.pop(name) for name in _LOCAL}
    return title_key(cached.key) | to_item(
        {
            **_summary(cached.title),
            **{name: value or None for name, value in facts.items()},
            "local": _compress({name: value for name, value in local.items() if value is not None}),
            "cachedAt": iso(cached.cached_at),
            "ttl": epoch_seconds(cached.expires_at),
        }
    )


def row_item(key: ListKey, version: str, rank: int, title: Title, expires_at: datetime) -> Item:
    """Return the item of a row of a list's version."""
    return row_key(key, version, rank) | to_item(
        {"id": title.id, **_summary(title), "ttl": epoch_seconds(expires_at)}
    )


def read_title(item: Mapping[str, Any]) -> CachedTitle:
    """Parse the item of a title."""
    values = from_item(item)
    facts = read_facts(values | _decompress(values.get("local")))
    title = _title(int(values["mediaId"]), MediaType(values["mediaType"]), values)
    return CachedTitle(title, facts, from_iso(values["cachedAt"]))


def read_row(key: ListKey, item: Mapping[str, Any]) -> Title:
    """Parse the item of a list's row."""
    values = from_item(item)
    return _title(values["id"], key.media_type, values)


def is_alive(item: Mapping[str, Any], now: datetime) -> bool:
    """Return whether an item has not expired: DynamoDB deletes expired items with a delay."""
    return int(item["ttl"]["N"]) > epoch_seconds(now)


def _compress(values: Values) -> bytes:
    content = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(content.encode())


def _decompress(content: bytes | None) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(zlib.decompress(content)) if content else {}
    return values


def _summary(title: Title) -> Values:
    return {
        "title": title.title,
        "overview": title.overview,
        "poster_path": title.poster_path,
        "backdrop_path": title.backdrop_path,
        "release_date": title.release_date,
        "genre_ids": title.genre_ids,
        "original_language": title.original_language,
        "popularity": title.popularity,
        "vote_average": title.vote_average,
        "vote_count": title.vote_count,
    }


def _title(id_: int, media_type: MediaType, values: Values) -> Title:
    return Title(
        id=id_,
        media_type=media_type,
        title=values["title"],
        overview=values["overview"],
        poster_path=values.get("poster_path"),
        backdrop_path=values.get("backdrop_path"),
        release_date=values.get("release_date"),
        vote_average=float(values["vote_average"]),
        vote_count=values["vote_count"],
        genre_ids=tuple(values["genre_ids"]),
        original_language=values["original_language"],
        popularity=float(values["popularity"]),
        adult=False,  # No other is stored.
    )
