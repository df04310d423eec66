"""A page of titles as bytes, and back: how answers are kept.

Fields may be added to a title, and titles of an older version are still read; a body that cannot be
read at all counts as no answer.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from catalog.domain import MediaType, Page, Title

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


def _sizes(page: Page) -> tuple[int, int]:
    return page.total_pages, page.total_results


def _title(values: dict[str, Any]) -> Title:
    known: dict[str, Any] = {name: values[name] for name in _FIELDS & values.keys()}
    known["genre_ids"] = tuple(known["genre_ids"])
    known["media_type"] = MediaType(known["media_type"])
    return Title(**known)
