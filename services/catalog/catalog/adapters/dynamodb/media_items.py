"""Keys and items of the MediaCache table: what is stored where, and how it is read back.

    mediaId                             mediaType     what
    550                                 movie         a title, with all that is known of it
    550                                 movie#28      the same title among those of a genre
    list#movie#popular                  head          which edition of a list is shown
    list#movie#popular#<edition>        000021        a row of that edition, by its rank

A title's row in a genre is what the index `genre-index` shows, by genre and quality. Rows of genres
and lists carry what a list of TMDB says of the title, so that to read a part of them is one query.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.domain import CachedTitle, Facts, ListKey, MediaType, Title, TitleId
from matinee.clock import epoch_seconds, from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item

GENRE_INDEX = "genre-index"
HEAD = "head"
_RANK_DIGITS = 6

type Values = Mapping[str, Any]


def title_key(title: TitleId) -> Item:
    """Return the key of a title."""
    return to_item({"mediaId": str(title.id), "mediaType": title.media_type.path})


def genre(media_type: MediaType, genre_id: int) -> str:
    """Return a genre's name in keys: film and series genres are not the same."""
    return f"{media_type.path}#{genre_id}"


def genre_key(title: TitleId, genre_id: int) -> Item:
    """Return the key of a title's row in a genre."""
    name = genre(title.media_type, genre_id)
    return to_item({"mediaId": str(title.id), "mediaType": name})


def head_key(key: ListKey) -> Item:
    """Return the key of a list's head."""
    return to_item({"mediaId": f"list#{key.name}", "mediaType": HEAD})


def edition(key: ListKey, edition_id: str) -> str:
    """Return the partition of an edition of a list."""
    return f"list#{key.name}#{edition_id}"


def rank_text(rank: int) -> str:
    """Write a rank so that texts sort as numbers do."""
    return f"{rank:0{_RANK_DIGITS}}"


def title_item(cached: CachedTitle) -> Item:
    """Write a title."""
    facts = cached.facts
    return to_item(
        {
            "mediaId": str(cached.id.id),
            "mediaType": cached.id.media_type.path,
            **_summary(cached.title),
            "runtime": facts.runtime,
            "keywords": facts.keywords or None,
            "directors": facts.directors or None,
            "cast": facts.cast or None,
            "quality": cached.quality,
            "cachedAt": iso(cached.cached_at),
            "ttl": epoch_seconds(cached.expires_at),
        }
    )


def genre_item(cached: CachedTitle, genre_id: int) -> Item:
    """Write a title's row in a genre."""
    name = genre(cached.id.media_type, genre_id)
    return to_item(
        {
            "mediaId": str(cached.id.id),
            "mediaType": name,
            "genre": name,
            "quality": cached.quality,
            **_summary(cached.title),
            "ttl": epoch_seconds(cached.expires_at),
        }
    )


def row_item(key: ListKey, edition_id: str, rank: int, title: Title, until: datetime) -> Item:
    """Write a row of a list's edition; after `until` it must not be shown any more."""
    return to_item(
        {
            "mediaId": edition(key, edition_id),
            "mediaType": rank_text(rank),
            "id": title.id,
            **_summary(title),
            "ttl": epoch_seconds(until),
        }
    )


def read_cached(item: Mapping[str, Any]) -> CachedTitle:
    """Read a title."""
    values = from_item(item)
    media_type = MediaType.of(values["mediaType"])
    facts = Facts(
        runtime=values.get("runtime"),
        keywords=tuple(values.get("keywords", ())),
        directors=tuple(values.get("directors", ())),
        cast=tuple(values.get("cast", ())),
    )
    title = _title(int(values["mediaId"]), media_type, values)
    return CachedTitle(title, facts, from_iso(values["cachedAt"]))


def read_genre_row(item: Mapping[str, Any]) -> Title:
    """Read a title's row in a genre."""
    values = from_item(item)
    media_type = MediaType.of(values["genre"].partition("#")[0])
    return _title(int(values["mediaId"]), media_type, values)


def read_row(key: ListKey, item: Mapping[str, Any]) -> Title:
    """Read a row of a list."""
    values = from_item(item)
    return _title(values["id"], key.media_type, values)


def is_alive(item: Mapping[str, Any], now: datetime) -> bool:
    """Return whether an item has not expired: DynamoDB deletes expired items with a delay."""
    return int(item["ttl"]["N"]) > epoch_seconds(now)


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
