"""Items of the imports table.

A part's rows are JSON, compressed: a hundred rows have a few kilobytes; every change of one writes
them all.
"""

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from library.domain.imports import (
    IMPORT_TTL,
    Import,
    ImportPart,
    ImportRow,
    Reason,
    RowStatus,
    Site,
    Suggestion,
)
from library.domain.titles import ListName, Opinion, Title
from matinee.clock import epoch_seconds, from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.media import MediaType, TitleKey

IMPORT_PREFIX = "import#"
_PART_DIGITS = 4


def import_key(user_id: str, import_id: str) -> Item:
    """Return the key of an import."""
    return item_key(user_id, f"{IMPORT_PREFIX}{import_id}")


def part_key(user_id: str, import_id: str, number: int) -> Item:
    """Return the key of a part."""
    return item_key(user_id, f"{part_prefix(import_id)}{number:0{_PART_DIGITS}}")


def part_prefix(import_id: str) -> str:
    """Return what the itemKeys of an import's parts begin with; the number follows."""
    return f"part#{import_id}#"


def item_key(user_id: str, key: str) -> Item:
    """Return the key of any item of a user."""
    return to_item({"userId": user_id, "itemKey": key})


def import_item(stored: Import) -> Item:
    """Serialize an import."""
    return import_key(stored.user_id, stored.id) | to_item(
        {
            "site": stored.site.value,
            "fileName": stored.file,
            "createdAt": iso(stored.created_at),
            "correlationId": stored.correlation_id,
            "counts": {status.value: number for status, number in stored.counts.items()},
            "toDo": list(stored.to_do),
            "ignored": list(stored.ignored),
            "completedAt": iso(stored.completed_at) if stored.completed_at else None,
            "version": stored.version,
            "ttl": epoch_seconds(stored.created_at + IMPORT_TTL),
        }
    )


def read_import(item: Mapping[str, Any]) -> Import:
    """Parse an import."""
    values = from_item(item)
    completed_at = values.get("completedAt")
    return Import(
        id=values["itemKey"].removeprefix(IMPORT_PREFIX),
        user_id=values["userId"],
        site=Site(values["site"]),
        file=values["fileName"],
        created_at=from_iso(values["createdAt"]),
        correlation_id=values["correlationId"],
        counts={RowStatus(status): number for status, number in values["counts"].items()},
        to_do=tuple(values["toDo"]),
        ignored=tuple(values["ignored"]),
        completed_at=from_iso(completed_at) if completed_at else None,
        version=values["version"],
    )


def part_item(user_id: str, import_id: str, part: ImportPart, expires_at: datetime) -> Item:
    """Serialize a part."""
    rows = json.dumps([_row_values(row) for row in part.rows], ensure_ascii=False)
    return part_key(user_id, import_id, part.number) | to_item(
        {
            "rows": zlib.compress(rows.encode()),
            "version": part.version,
            "ttl": epoch_seconds(expires_at),
        }
    )


def read_part(item: Mapping[str, Any]) -> ImportPart:
    """Parse a part."""
    values = from_item(item)
    number = int(values["itemKey"].rpartition("#")[2])
    rows = json.loads(zlib.decompress(values["rows"]))
    return ImportPart(number, tuple(map(_read_row, rows)), values["version"])


def _row_values(row: ImportRow) -> dict[str, Any]:
    values = {
        "number": row.number,
        "file": row.file,
        "line": row.line,
        "shelf": row.shelf.value,
        "name": row.name,
        "year": row.year,
        "mediaType": row.media_type.value if row.media_type else None,
        "imdbId": row.imdb_id,
        "key": str(row.key) if row.key else None,
        "at": iso(row.at) if row.at else None,
        "seenAt": iso(row.seen_at) if row.seen_at else None,
        "rating": row.rating,
        "opinion": row.opinion.value if row.opinion else None,
        "title": row.title.details if row.title else None,
        "status": row.status.value,
        "reason": row.reason.value if row.reason else None,
        "suggestions": [[str(it.key), it.title, it.release_date] for it in row.suggestions],
        "intended": row.intended,
        "wasThere": row.was_there,
    }
    return {name: value for name, value in values.items() if value not in (None, False, [])}


def _read_row(values: Mapping[str, Any]) -> ImportRow:
    key = TitleKey.parse(values["key"]) if "key" in values else None
    return ImportRow(
        number=values["number"],
        file=values["file"],
        line=values["line"],
        shelf=ListName(values["shelf"]),
        name=values.get("name"),
        year=values.get("year"),
        media_type=MediaType(values["mediaType"]) if "mediaType" in values else None,
        imdb_id=values.get("imdbId"),
        key=key,
        at=from_iso(values["at"]) if "at" in values else None,
        seen_at=from_iso(values["seenAt"]) if "seenAt" in values else None,
        rating=values.get("rating"),
        opinion=Opinion(values["opinion"]) if "opinion" in values else None,
        title=_read_title(key, values["title"]) if key and "title" in values else None,
        status=RowStatus(values["status"]),
        reason=Reason(values["reason"]) if "reason" in values else None,
        suggestions=tuple(
            Suggestion(TitleKey.parse(key), title, day)
            for key, title, day in values.get("suggestions", ())
        ),
        intended=values.get("intended", False),
        was_there=values.get("wasThere", False),
    )


def _read_title(key: TitleKey, details: dict[str, Any]) -> Title:
    genres = details.get("genre_ids")
    return Title(key=key, **details | {"genre_ids": tuple(genres) if genres is not None else None})
