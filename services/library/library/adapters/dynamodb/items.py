"""Keys and items: what is stored where, and how it is read back.

    table             key                                  what
    Favourites        <user>, <type>#<id>                  a title on the list, in the index newest
                                                           (<user>, addedAt); or, without addedAt,
                                                           that it was taken off: removedAt, ttl
    Favourites        <user>, #erased                      that the user's account is gone: ttl
    Watchlist         the same
    UserPreferences   <user>                               answers, version, updatedAt; or, of an
                                                           account that is gone, erasedAt and ttl

What was taken off stays known as long as events may be told again: an entry of the same title that
follows is always later, so that nobody who hears of the two in another order is misled.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from library.domain.preferences import Preferences
from library.domain.titles import Entry, MediaType, Removal, Title, TitleKey
from matinee.clock import epoch_seconds, from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item

NEWEST_INDEX = "newest"
"""Key: userId, addedAt. It holds what is on the list, whole, and nothing else."""

ERASED = "#erased"
"""Sorts before every title's key."""

REMOVAL_KEPT_FOR = timedelta(days=90)
"""As long as the bus's archive can show an event again."""


def media_key(key: TitleKey) -> str:
    """Return a title's part of the key."""
    return f"{key.media_type}#{key.media_id}"


def entry_key(user_id: str, key: TitleKey) -> Item:
    """Return the key of a title of a user's list."""
    return list_key(user_id, media_key(key))


def list_key(user_id: str, name: str) -> Item:
    """Return the key of an item of a user's list, or with ERASED that of the mark."""
    return to_item({"userId": user_id, "mediaKey": name})


def entry_item(user_id: str, entry: Entry) -> Item:
    """Write a title of a list."""
    title = entry.title
    return entry_key(user_id, title.key) | to_item(
        {
            "addedAt": iso(entry.added_at),
            "title": title.title,
            "overview": title.overview,
            "posterPath": title.poster_path,
            "backdropPath": title.backdrop_path,
            "releaseDate": title.release_date,
            "voteAverage": title.vote_average,
            "voteCount": title.vote_count,
            "popularity": title.popularity,
            "genreIds": title.genre_ids,
            "runtime": title.runtime,
            "originalLanguage": title.original_language,
        }
    )


def removal_item(user_id: str, removal: Removal) -> Item:
    """Write that a title was taken off a list."""
    return entry_key(user_id, removal.key) | to_item(
        {
            "removedAt": iso(removal.removed_at),
            "ttl": epoch_seconds(removal.removed_at + REMOVAL_KEPT_FOR),
        }
    )


def read_standing(item: Mapping[str, Any]) -> Entry | Removal:
    """Read what is stored of a title."""
    values = from_item(item)
    if "addedAt" not in values:
        return Removal(_title_key(values), from_iso(values["removedAt"]))
    return read_entry(item)


def read_entry(item: Mapping[str, Any]) -> Entry:
    """Read a title of a list."""
    values = from_item(item)
    genres = values.get("genreIds")
    title = Title(
        key=_title_key(values),
        title=values.get("title"),
        overview=values.get("overview"),
        poster_path=values.get("posterPath"),
        backdrop_path=values.get("backdropPath"),
        release_date=values.get("releaseDate"),
        vote_average=values.get("voteAverage"),
        vote_count=values.get("voteCount"),
        popularity=values.get("popularity"),
        genre_ids=tuple(genres) if genres is not None else None,
        runtime=values.get("runtime"),
        original_language=values.get("originalLanguage"),
    )
    return Entry(title, from_iso(values["addedAt"]))


def erased_list_item(user_id: str, until: datetime) -> Item:
    """Write that nothing may be put on a user's list any more."""
    return list_key(user_id, ERASED) | to_item({"ttl": epoch_seconds(until)})


def preferences_key(user_id: str) -> Item:
    """Return the key of a user's preferences."""
    return to_item({"userId": user_id})


def preferences_item(user_id: str, preferences: Preferences) -> Item:
    """Write preferences that have been changed at least once."""
    return preferences_key(user_id) | to_item(
        {
            "answers": preferences.answers,
            "version": preferences.version,
            "updatedAt": iso(preferences.updated_at) if preferences.updated_at else None,
        }
    )


def read_preferences(item: Mapping[str, Any] | None) -> Preferences | None:
    """Read preferences; None when the account is gone."""
    values = from_item(item or {})
    if "erasedAt" in values:
        return None
    if "version" not in values:
        return Preferences()
    return Preferences(values["answers"], values["version"], from_iso(values["updatedAt"]))


def erased_preferences_item(user_id: str, at: datetime, until: datetime) -> Item:
    """Write that a user's account is gone, in the place of what he had said."""
    return preferences_key(user_id) | to_item({"erasedAt": iso(at), "ttl": epoch_seconds(until)})


def _title_key(values: Mapping[str, Any]) -> TitleKey:
    media_type, _, media_id = values["mediaKey"].partition("#")
    return TitleKey(MediaType(media_type), int(media_id))
