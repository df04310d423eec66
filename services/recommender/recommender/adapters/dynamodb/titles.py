"""Titles in DynamoDB: the projection of the catalogue's events.

One item per title, whole, so that an answer is one BatchGetItem. Two indexes serve what no model
can: `standing` (by quality within a media type) while there is none, and `novelty` (by the moment
at which a title was first seen) for titles that nobody has favourited yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from matinee.clock import Clock, epoch_seconds, iso, utc_now
from matinee.dynamodb.batches import Pause, UnprocessedItems, batch_get
from matinee.dynamodb.items import Item, from_item, to_item
from recommender.domain.titles import MediaType, TitleFacts, TitleKey, TitlesUnavailable
from recommender.ports import CachedTitle

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOVELTY_PERIOD = timedelta(days=30)
"""A title is new for so long after it was first seen."""

MAX_RELEASE_AGE = timedelta(days=365)
"""A title that was released longer ago than this is not new, however late we hear of it."""

INDEX_CACHE_TTL_SECONDS = 60.0
"""Seconds for which a process remembers what an index answered."""

MAX_BATCH_KEYS = 100
_COUNTED_VOTES = 200
_USUAL_VOTE = 6.5


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the index `standing` tells of a title."""

    key: TitleKey
    genre_ids: tuple[int, ...]


@dataclass(slots=True)
class _Shelf[T]:
    """What an index answered, for a while."""

    filled_at: float
    content: Sequence[T]


@dataclass(frozen=True, slots=True)
class TitleRepository:
    """The titles, as requests, events and the trainer need them."""

    table: str
    client: DynamoDBClient
    now: Clock = utc_now
    pause: Pause = time.sleep
    timer: Callable[[], float] = time.monotonic
    _standing: dict[MediaType, _Shelf[_Standing]] = field(default_factory=dict)
    _best: dict[tuple[MediaType, int | None, int], _Shelf[TitleFacts]] = field(default_factory=dict)
    _new: dict[tuple[MediaType, int], _Shelf[TitleFacts]] = field(default_factory=dict)

    # ── For a request ──

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        """Return the facts of those titles that are known (at most 100 asked for at once)."""
        found: dict[TitleKey, TitleFacts] = {}
        if not keys:
            return found
        wanted = {self.table: {"Keys": [_key(key) for key in dict.fromkeys(keys)]}}
        try:
            with suppress(UnprocessedItems):  # The others will do.
                for _, item in batch_get(self.client, wanted, self.pause):
                    found |= {title.key: title for title in self._alive([item])}
        except (ClientError, BotoCoreError) as error:
            raise TitlesUnavailable from error
        return found

    def best(self, media_type: MediaType, genre_id: int | None, limit: int) -> Sequence[TitleFacts]:
        """Return the titles of best quality, of one of the media type's genres or of all."""

        def read() -> Sequence[TitleFacts]:
            keys = [
                title.key
                for title in self._standings(media_type)
                if genre_id is None or genre_id in title.genre_ids
            ][: min(limit, MAX_BATCH_KEYS)]
            facts = self.facts(keys)
            return [facts[key] for key in keys if key in facts]

        return self._kept(self._best, (media_type, genre_id, limit), read)

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:
        """Return the titles that were first seen in the last 30 days, the latest first."""

        def read() -> Sequence[TitleFacts]:
            since = iso(self.now() - NOVELTY_PERIOD)
            condition = "newOf = :type AND firstSeenAt > :since"
            values = {":type": media_type, ":since": since}
            return list(self._alive(self._indexed("novelty", condition, values, limit)))

        return self._kept(self._new, (media_type, limit), read)

    # ── For the catalogue's events ──

    def upsert(self, title: CachedTitle) -> bool:
        """Store a title unless a later state of it is there; answer whether it was stored."""
        values = self._written(title)
        kept = {name: value for name, value in values.items() if value is not None}
        lost = [name for name in values if name not in kept]
        removal = f" REMOVE {', '.join(f'#{name}' for name in lost)}" if lost else ""
        try:
            self.client.update_item(
                TableName=self.table,
                Key=_key(title.facts.key),
                UpdateExpression="SET firstSeenAt = if_not_exists(firstSeenAt, :firstSeenAt), "
                + ", ".join(f"#{name} = :{name}" for name in kept)
                + removal,
                ConditionExpression="attribute_not_exists(cachedAt) OR cachedAt < :cachedAt",
                ExpressionAttributeNames={f"#{name}": name for name in values},
                ExpressionAttributeValues=to_item(
                    {
                        ":firstSeenAt": iso(self.now()),
                        **{f":{name}": value for name, value in kept.items()},
                    }
                ),
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    # ── For the trainer ──

    def all(self) -> Iterator[TitleFacts]:
        """Iterate over every title that has not expired: the whole table, page by page."""
        for page in self.client.get_paginator("scan").paginate(TableName=self.table):
            yield from self._alive(page["Items"])

    # ── How it is done ──

    def _written(self, title: CachedTitle) -> dict[str, object]:
        facts = title.facts
        return {
            "mediaType": facts.key.media_type,
            "quality": round(quality(facts), 4),
            "newOf": facts.key.media_type if self._is_fresh(facts.release_date) else None,
            "title": facts.title,
            "overview": facts.overview or None,
            "posterPath": facts.poster_path,
            "backdropPath": facts.backdrop_path,
            "releaseDate": facts.release_date.isoformat() if facts.release_date else None,
            "genreIds": list(facts.genre_ids),
            "originalLanguage": facts.original_language,
            "popularity": facts.popularity,
            "voteAverage": facts.vote_average,
            "voteCount": facts.vote_count,
            "runtime": facts.runtime,
            "keywords": list(facts.keywords) or None,
            "directors": list(facts.directors) or None,
            "cast": list(facts.cast) or None,
            "cachedAt": iso(title.cached_at),
            "ttl": epoch_seconds(title.expires_at),
        }

    def _is_fresh(self, released: date | None) -> bool:
        return released is not None and released > (self.now() - MAX_RELEASE_AGE).date()

    def _alive(self, items: Sequence[Item]) -> Iterator[TitleFacts]:
        """Read items, but for those whose time is over and which the table has not deleted yet."""
        now = epoch_seconds(self.now())
        for values in map(from_item, items):
            if "title" in values and values.get("ttl", now + 1) > now:
                yield _facts(values)

    def _standings(self, media_type: MediaType) -> Sequence[_Standing]:
        """Return the best titles of a media type: one page of the index, ten thousand or so."""

        def read() -> Sequence[_Standing]:
            found = self._indexed("standing", "mediaType = :type", {":type": media_type})
            return [
                _Standing(_read_key(values["titleKey"]), tuple(values.get("genreIds", ())))
                for values in map(from_item, found)
            ]

        return self._kept(self._standing, media_type, read)

    def _indexed(
        self, index: str, condition: str, values: Mapping[str, object], limit: int | None = None
    ) -> Sequence[Item]:
        bound: Any = {"Limit": limit} if limit else {}
        try:
            return self.client.query(
                TableName=self.table,
                IndexName=index,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=to_item(values),
                ScanIndexForward=False,
                **bound,
            )["Items"]
        except (ClientError, BotoCoreError) as error:
            raise TitlesUnavailable from error

    def _kept[K, T](
        self, shelves: dict[K, _Shelf[T]], name: K, read: Callable[[], Sequence[T]]
    ) -> Sequence[T]:
        shelf = shelves.get(name)
        if shelf is None or self.timer() - shelf.filled_at > INDEX_CACHE_TTL_SECONDS:
            shelf = shelves[name] = _Shelf(self.timer(), read())
        return shelf.content


def quality(facts: TitleFacts) -> float:
    """Return by what titles are ordered while there is no model.

    The mean vote, drawn towards the usual one as long as there are few votes.
    """
    votes = max(facts.vote_count, 0)
    return (votes * facts.vote_average + _COUNTED_VOTES * _USUAL_VOTE) / (votes + _COUNTED_VOTES)


def _key(key: TitleKey) -> Item:
    return to_item({"titleKey": f"{key.media_type}#{key.id}"})


def _read_key(text: str) -> TitleKey:
    media_type, _, number = text.partition("#")
    return TitleKey(MediaType(media_type), int(number))


def _facts(values: Mapping[str, Any]) -> TitleFacts:
    released = values.get("releaseDate")
    return TitleFacts(
        key=_read_key(values["titleKey"]),
        title=values["title"],
        overview=values.get("overview", ""),
        poster_path=values.get("posterPath"),
        backdrop_path=values.get("backdropPath"),
        release_date=date.fromisoformat(released) if released else None,
        genre_ids=tuple(values.get("genreIds", ())),
        original_language=values.get("originalLanguage"),
        popularity=values.get("popularity", 0.0),
        vote_average=values.get("voteAverage", 0.0),
        vote_count=values.get("voteCount", 0),
        runtime=values.get("runtime"),
        keywords=tuple(values.get("keywords", ())),
        directors=tuple(values.get("directors", ())),
        cast=tuple(values.get("cast", ())),
    )
