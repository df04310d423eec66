"""A page of titles as bytes, or one with its details, and back: how answers are kept.

Fields may be added to a title, and titles of an older version are still read; a body that cannot be
read at all counts as no answer.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from catalog.domain import CachedTitle, Facts, MediaType, Page, Title
from matinee.clock import from_iso, iso

_FIELDS = {field.name for field in fields(Title)}


def packed(pages: Sequence[Page]) -> bytes:
    """Write some pages."""
    rows = [
        {"titles": [asdict(title) for title in page.titles], "of": _sizes(page)} for page in pages
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def unpacked(body: bytes) -> Sequence[Page] | None:
    """Read what `packed` wrote; None when it is something else."""
    try:
        rows = json.loads(body)
        return [
            Page(tuple(_title(title) for title in row["titles"]), *map(int, row["of"]))
            for row in rows
        ]
    except (ValueError, TypeError, KeyError):
        return None


def packed_title(cached: CachedTitle) -> bytes:
    """Write a title with its details."""
    row = {
        "title": asdict(cached.title),
        "facts": asdict(cached.facts),
        "cached_at": iso(cached.cached_at),
    }
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def unpacked_title(body: bytes) -> CachedTitle | None:
    """Read what `packed_title` wrote; None when it is something else."""
    try:
        row = json.loads(body)
        said = row["facts"]
        facts = Facts(
            said["runtime"], tuple(said["keywords"]), tuple(said["directors"]), tuple(said["cast"])
        )
        return CachedTitle(_title(row["title"]), facts, from_iso(row["cached_at"]))
    except (ValueError, TypeError, KeyError):
        return None


def _sizes(page: Page) -> tuple[int, int]:
    return page.total_pages, page.total_results


def _title(values: dict[str, Any]) -> Title:
    known: dict[str, Any] = {name: values[name] for name in _FIELDS & values.keys()}
    known["genre_ids"] = tuple(known["genre_ids"])
    known["media_type"] = MediaType(known["media_type"])
    return Title(**known)
