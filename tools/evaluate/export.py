"""Favourites and titles as DynamoDB exports the recommender's tables: what Spark trains from."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import batched
from pathlib import Path

from matinee.dynamodb.items import to_item
from matinee.media import TitleKey
from recommender.adapters.dynamodb.items import entry_name, sortable
from recommender.adapters.dynamodb.titles import title_attributes
from recommender.domain.taste import TasteList
from recommender.domain.titles import TitleFacts, TitleSnapshot

ITEMS_OF_A_FILE = 200_000
_BEGIN, _END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def write_export(
    folder: Path, users: Iterable[Sequence[TitleKey]], titles: Iterable[TitleFacts]
) -> tuple[Path, Path]:
    """Write users' favourites, oldest first, and titles; return the two folders."""
    _write_lines(folder / "tastes", _favourites(users))
    write_items(folder / "titles", map(_title, titles))
    return folder / "tastes", folder / "titles"


def write_items(folder: Path, items: Iterable[Mapping[str, object]]) -> None:
    """Write items of DynamoDB as an export has them: a JSON object a line, in several files."""
    _write_lines(folder, (json.dumps({"Item": item}, default=_base64) for item in items))


def _write_lines(folder: Path, lines: Iterable[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(batched(lines, ITEMS_OF_A_FILE, strict=False)):
        with gzip.open(folder / f"{number:05}.json.gz", "wt", compresslevel=1) as file:
            file.write("\n".join((*part, "")))


def _base64(content: bytes) -> str:
    return b64encode(content).decode()


def _favourites(users: Iterable[Sequence[TitleKey]]) -> Iterator[str]:
    """Yield lines: of what repeats, and there may be millions, each part is made once."""

    @cache
    def entry(key: TitleKey) -> str:
        return _value(entry_name(TasteList.FAVOURITES, key))

    @cache
    def added_at(age: int) -> str:
        return _value(sortable(_BEGIN + timedelta(minutes=age)))

    for user, keys in enumerate(users):
        begin = f'{{"Item": {{"userId": {_value(f"user {user}")}, "entry": '
        for age, key in enumerate(keys):
            yield f'{begin}{entry(key)}, "addedAt": {added_at(age)}}}}}'


def _value(text: str) -> str:
    return json.dumps(to_item({"": text})[""])


def _title(facts: TitleFacts) -> Mapping[str, object]:
    snapshot = TitleSnapshot(facts, _BEGIN, _END)
    return to_item({"titleKey": str(facts.key), **title_attributes(snapshot, _BEGIN)})
