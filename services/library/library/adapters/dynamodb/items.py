"""Keys and items of the library's tables.

    table             key                                  item
    Favourites        <user>, <type>#<id>                  a title on the list, in the index newest
                                                           (<user>, addedAt); or, without addedAt,
                                                           its removal: removedAt, ttl
    Favourites        <user>, #erased                      the user's account is deleted: ttl
    Watchlist         the same
    SeenTitles        the same, and seenAt, opinion, rating
    DismissedTitles   the same as Favourites
    LibraryTitles     <type>#<id>                          what the catalogue knows of a title:
                                                           local, cachedAt, ttl
    LibraryTitles     #providers                           names of providers, by their ids
    Imports           <user>, import#<id>                  an import: its site, counts, times; ttl
    Imports           <user>, part#<id>#<number>           a hundred rows of it, compressed; ttl
    Imports           <user>, #erased                      the user's account is deleted: ttl
    UserPreferences   <user>                               answers, version, updatedAt; or, of a
                                                           deleted account, erasedAt and ttl

Removals are kept for as long as events may be published again: a later entry of the same title is
always later than the removal, so that consumers can order the two whenever they arrive.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic.alias_generators import to_camel

from library.domain.preferences import Preferences
from library.domain.titles import (
    TITLE_DETAILS,
    CachedTitle,
    Entry,
    Opinion,
    Removal,
    Title,
    Viewing,
)
from library.ports import EntryState
from matinee.clock import epoch_seconds, from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.local_facts import LocalFacts
from matinee.media import TitleKey

NEWEST_INDEX = "newest"
"""Key: userId, addedAt. It has the whole items of what is on the list, and nothing else."""

BLOCK_KEY = "#erased"
"""The sort key of a block, in each table of users. It sorts before all other ones."""

REMOVAL_TTL = timedelta(days=90)
"""As long as the bus's archive can replay an event."""

_ATTRIBUTES = {name: to_camel(name) for name in TITLE_DETAILS}


def list_key(user_id: str, media_key: TitleKey | str) -> Item:
    """Return the key of a title of a user's list, or with BLOCK_KEY that of the block."""
    return to_item({"userId": user_id, "mediaKey": str(media_key)})


def entry_item(user_id: str, entry: Entry) -> Item:
    """Serialize a title of a list."""
    details = {_ATTRIBUTES[name]: value for name, value in entry.title.details.items()}
    times = {
        "addedAt": iso(entry.added_at),
        "restoredAt": iso(entry.restored_at) if entry.restored_at else None,
    }
    viewing = entry.viewing
    seen = {
        "seenAt": iso(viewing.seen_at) if viewing.seen_at else None,
        "opinion": viewing.opinion.value if viewing.opinion else None,
        "rating": viewing.rating,
    }
    return list_key(user_id, entry.title.key) | to_item({**times, **details, **seen})


def removal_item(user_id: str, removal: Removal) -> Item:
    """Serialize the removal of a title from a list."""
    return list_key(user_id, removal.key) | to_item(
        {
            "removedAt": iso(removal.removed_at),
            "ttl": epoch_seconds(removal.removed_at + REMOVAL_TTL),
        }
    )


def read_state(item: Mapping[str, Any] | None) -> EntryState:
    """Parse what is stored of a title on a list."""
    if not item:
        return None
    if "removedAt" in item:
        values = from_item(item)
        return Removal(TitleKey.parse(values["mediaKey"]), from_iso(values["removedAt"]))
    return read_entry(item)


def read_entry(item: Mapping[str, Any]) -> Entry:
    """Parse a title of a list."""
    values = from_item(item)
    restored_at, seen_at = values.get("restoredAt"), values.get("seenAt")
    opinion = values.get("opinion")
    return Entry(
        _title(TitleKey.parse(values["mediaKey"]), values),
        from_iso(values["addedAt"]),
        from_iso(restored_at) if restored_at else None,
        Viewing(
            from_iso(seen_at) if seen_at else None,
            Opinion(opinion) if opinion else None,
            values.get("rating"),
        ),
    )


def title_key(key: TitleKey) -> Item:
    """Return the key of a title in the projection of the catalogue."""
    return to_item({"titleKey": str(key)})


def title_item(cached: CachedTitle) -> Item:
    """Serialize a title as the catalogue has cached it."""
    details = {attribute(name): value for name, value in cached.title.details.items()}
    local = {"local": cached.local.packed or None}
    times = {"cachedAt": iso(cached.cached_at), "ttl": epoch_seconds(cached.expires_at)}
    return title_key(cached.title.key) | to_item({**details, **local, **times})


def read_title(item: Mapping[str, Any], now: datetime) -> Title | None:
    """Parse a title of the projection; None for one that has expired and is still there."""
    values = from_item(item)
    if values["ttl"] <= epoch_seconds(now):
        return None
    return _title(TitleKey.parse(values["titleKey"]), values)


def read_local(item: Mapping[str, Any], now: datetime) -> tuple[TitleKey, LocalFacts] | None:
    """Parse what depends on a country of a title; None for one that has expired."""
    values = from_item(item)
    if values["ttl"] <= epoch_seconds(now):
        return None
    return TitleKey.parse(values["titleKey"]), LocalFacts(values.get("local", b""))


def attribute(detail: str) -> str:
    """Return the name of the attribute that has a title's detail."""
    return _ATTRIBUTES[detail]


def _title(key: TitleKey, values: Mapping[str, Any]) -> Title:
    details = {name: values.get(attribute) for name, attribute in _ATTRIBUTES.items()}
    if details["genre_ids"] is not None:
        details["genre_ids"] = tuple(details["genre_ids"])
    return Title(key=key, **details)


def preferences_key(user_id: str) -> Item:
    """Return the key of a user's preferences."""
    return to_item({"userId": user_id})


def preferences_item(user_id: str, preferences: Preferences) -> Item:
    """Serialize preferences that have been changed at least once."""
    return preferences_key(user_id) | to_item(
        {
            "answers": preferences.answers,
            "version": preferences.version,
            "updatedAt": iso(preferences.updated_at) if preferences.updated_at else None,
        }
    )


def read_preferences(item: Mapping[str, Any] | None) -> Preferences | None:
    """Parse preferences; None when the account is deleted."""
    values = from_item(item or {})
    if "erasedAt" in values:
        return None
    if "version" not in values:
        return Preferences()
    return Preferences(values["answers"], values["version"], from_iso(values["updatedAt"]))


def blocked_preferences_item(user_id: str, at: datetime, until: datetime) -> Item:
    """Serialize the block that replaces the preferences of a deleted account."""
    return preferences_key(user_id) | to_item({"erasedAt": iso(at), "ttl": epoch_seconds(until)})
