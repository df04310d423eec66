"""Keys and items of the Refreshes table: the record of each run, and who fetches which title.

run                     part                      what
<run>                   run                       what was asked for, when it began and ended
<run>                   list#movie#popular        how far one list has come
<run>                   seen#movie#popular        the ids of the titles of its pages
<run>                   page#movie#popular#3      what became of one page
latest                  run                       the id of the run begun last
title#movie#550         claim                     which page fetches a title's details
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from catalog.domain import (
    ListKey,
    ListProgress,
    ListState,
    ListType,
    MediaType,
    PageOfRun,
    Run,
    Scope,
    TitleId,
)
from matinee.clock import epoch_seconds, from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item

REMEMBERED_FOR = timedelta(days=30)
"""Longer than a page can come back from the dead-letter queue."""

RUN = "run"
LATEST = "latest"
LISTS = "list#"


def run_key(run_id: str) -> Item:
    """Return the key of a run."""
    return to_item({"run": run_id, "part": RUN})


def list_key(place: PageOfRun) -> Item:
    """Return the key of a list's progress."""
    return to_item({"run": place.run_id, "part": f"{LISTS}{place.key.name}"})


def seen_key(place: PageOfRun) -> Item:
    """Return the key of what a list's pages have shown: read once for each page."""
    return to_item({"run": place.run_id, "part": f"seen#{place.key.name}"})


def page_key(place: PageOfRun) -> Item:
    """Return the key of a page."""
    return to_item({"run": place.run_id, "part": f"page#{place.key.name}#{place.page}"})


def claim_key(title: TitleId) -> Item:
    """Return the key of the claim to a title's details."""
    return to_item({"run": f"title#{title.media_type.path}#{title.id}", "part": "claim"})


def latest_key() -> Item:
    """Return the key of what names the run begun last."""
    return to_item({"run": LATEST, "part": RUN})


def run_item(run: Run) -> Item:
    """Write a run, without its lists."""
    return run_key(run.id) | to_item(
        {
            "scope": run.scope,
            "pages": run.pages,
            "lists": len(run.lists),
            "startedAt": iso(run.started_at),
            "ttl": forgotten_at(run.started_at),
        }
    )


def list_item(run: Run, progress: ListProgress) -> Item:
    """Write the progress of a list that has not begun."""
    return to_item(
        {
            "run": run.id,
            "part": f"{LISTS}{progress.key.name}",
            "state": progress.state,
            "pages": progress.pages,
            "done": 0,
            "shown": 0,
            "failed": 0,
            "titles": 0,
            "missed": 0,
            "requests": 0,
            "ttl": forgotten_at(run.started_at),
        }
    )


def read_run(item: Mapping[str, Any], lists: tuple[ListProgress, ...]) -> Run:
    """Read a run with its lists."""
    values = from_item(item)
    completed = values.get("completedAt")
    return Run(
        id=values["run"],
        scope=Scope(values["scope"]),
        pages=values["pages"],
        started_at=from_iso(values["startedAt"]),
        lists=lists,
        completed_at=from_iso(completed) if completed else None,
    )


def read_progress(item: Mapping[str, Any]) -> ListProgress:
    """Read the progress of a list."""
    values = from_item(item)
    touched = values.get("touchedAt")
    return ListProgress(
        key=_read_list_key(values["part"]),
        state=ListState(values["state"]),
        pages=values["pages"],
        done=values["done"],
        shown=values["shown"],
        failed=values["failed"],
        titles=values["titles"],
        missed=values["missed"],
        requests=values["requests"],
        touched_at=from_iso(touched) if touched else None,
    )


def forgotten_at(moment: datetime) -> int:
    """Return when what began at a moment is forgotten, in seconds since the epoch."""
    return epoch_seconds(moment + REMEMBERED_FOR)


def _read_list_key(part: str) -> ListKey:
    _, media_type, list_type, *genre = part.split("#")
    return ListKey(ListType(list_type), MediaType.of(media_type), int(genre[0]) if genre else None)
