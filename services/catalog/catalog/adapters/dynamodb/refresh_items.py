"""Keys and items of the Refreshes table.

run                     part                      content
<run>                   run                       what was requested, start and end
<run>                   list#movie#popular        the progress of one list
<run>                   seen#movie#popular        the ids of the titles of its pages
<run>                   page#movie#popular#3      the state of one page
latest                  run                       the id of the run started last
title#movie#550         lease                     which page fetches a title's details
watched#07              movie#550                 a title on watchlists (`watched_titles.py`)
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from catalog.domain import ListKey, ListProgress, ListState, ListType, PageTask, Run, Scope
from matinee.clock import epoch_seconds, from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.media import MediaType, TitleKey

RUN_TTL = timedelta(days=30)
"""Longer than a page can come back from the dead-letter queue."""

RUN = "run"
LATEST = "latest"
LISTS = "list#"


def run_key(run_id: str) -> Item:
    """Return the key of a run."""
    return to_item({"run": run_id, "part": RUN})


def list_key(task: PageTask) -> Item:
    """Return the key of a list's progress."""
    return to_item({"run": task.run_id, "part": f"{LISTS}{task.key.name}"})


def seen_key(task: PageTask) -> Item:
    """Return the key of the ids of a list's titles: read once for each page."""
    return to_item({"run": task.run_id, "part": f"seen#{task.key.name}"})


def page_key(task: PageTask) -> Item:
    """Return the key of a page."""
    return to_item({"run": task.run_id, "part": f"page#{task.key.name}#{task.page}"})


def lease_key(key: TitleKey) -> Item:
    """Return the key of the lease to fetch a title's details."""
    return to_item({"run": f"title#{key}", "part": "lease"})


def latest_key() -> Item:
    """Return the key of the item that names the run started last."""
    return to_item({"run": LATEST, "part": RUN})


def run_item(run: Run) -> Item:
    """Return the item of a run, without its lists."""
    return run_key(run.id) | to_item(
        {
            "scope": run.scope,
            "pages": run.pages,
            "lists": len(run.lists),
            "startedAt": iso(run.started_at),
            "ttl": expiry(run.started_at),
        }
    )


def list_item(run: Run, progress: ListProgress) -> Item:
    """Return the item of a list that has no progress yet."""
    return to_item(
        {
            "run": run.id,
            "part": f"{LISTS}{progress.key.name}",
            "state": progress.state,
            "pages": progress.pages,
            "done": 0,
            "publishedPages": 0,
            "failed": 0,
            "titles": 0,
            "missed": 0,
            "requests": 0,
            "ttl": expiry(run.started_at),
        }
    )


def read_run(item: Mapping[str, Any], lists: tuple[ListProgress, ...]) -> Run:
    """Parse the item of a run."""
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
    """Parse the item of a list's progress."""
    values = from_item(item)
    updated = values.get("updatedAt")
    return ListProgress(
        key=_read_list_key(values["part"]),
        state=ListState(values["state"]),
        pages=values["pages"],
        done=values["done"],
        published_pages=values["publishedPages"],
        failed=values["failed"],
        titles=values["titles"],
        missed=values["missed"],
        requests=values["requests"],
        updated_at=from_iso(updated) if updated else None,
    )


def expiry(moment: datetime) -> int:
    """Return when the items of a run that was started then expire, in epoch seconds."""
    return epoch_seconds(moment + RUN_TTL)


def _read_list_key(part: str) -> ListKey:
    _, media_type, list_type, *genre = part.split("#")
    return ListKey(ListType(list_type), MediaType(media_type), int(genre[0]) if genre else None)
