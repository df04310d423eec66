"""Titles in DynamoDB: the projection of the catalogue's events.

One item per title, whole, so that a response needs one BatchGetItem. Two indexes serve what no
model can: `quality` (by quality within a media type) while there is none, and `novelty` (by the
time at which a title was first seen) for titles that nobody has favourited yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from matinee.clock import Clock, epoch_seconds, iso, utc_now
from matinee.dynamodb.batches import MAX_BATCH_READS, Pause, UnprocessedItems, batch_get
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.dynamodb.provider_names import ProviderNames
from matinee.local_facts import LocalFacts
from matinee.media import MediaType, TitleKey
from matinee.questionnaire import Maturity
from recommender.domain.quality import quality
from recommender.domain.titles import TitleFacts, TitleSnapshot, TitlesUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOVELTY_PERIOD = timedelta(days=30)
"""For so long after it was first seen, a title is new."""

MAX_RELEASE_AGE = timedelta(days=365)
"""A title that was released longer ago is not new, however late it is first seen."""

INDEX_CACHE_TTL_SECONDS = 60.0
"""For so long a process caches what an index returned."""


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A title in the order of quality: what the index `quality` has of it."""

    key: TitleKey
    genre_ids: tuple[int, ...]


@dataclass(slots=True)
class _Cached[T]:
    """What an index returned, and when."""

    since: float
    content: Sequence[T]


@dataclass(frozen=True, slots=True)
class TitleRepository:
    """The titles, as recommendations, the catalogue's events and training need them."""

    table: str
    client: DynamoDBClient
    now: Clock = utc_now
    pause: Pause = time.sleep
    timer: Callable[[], float] = time.monotonic
    _ranked: dict[MediaType, _Cached[_Ranked]] = field(default_factory=dict)
    _best: dict[tuple[MediaType, int | None, int], _Cached[TitleFacts]] = field(
        default_factory=dict
    )
    _new: dict[tuple[MediaType, int], _Cached[TitleFacts]] = field(default_factory=dict)
    _names: ProviderNames = field(init=False)

    def __post_init__(self) -> None:
        """Read and write the providers' names in the same table."""
        names = ProviderNames(self.table, self.client, self.pause, self.timer)
        object.__setattr__(self, "_names", names)

    def facts(self, keys: Sequence[TitleKey]) -> Mapping[TitleKey, TitleFacts]:
        """Return the facts of those titles that are known (at most 100 keys at once)."""
        found: dict[TitleKey, TitleFacts] = {}
        if not keys:
            return found
        wanted = {self.table: {"Keys": [_key(key) for key in dict.fromkeys(keys)]}}
        try:
            with suppress(UnprocessedItems):  # the others are enough
                for _, item in batch_get(self.client, wanted, self.pause):
                    found |= {title.key: title for title in self._unexpired([item])}
        except (ClientError, BotoCoreError) as error:
            raise TitlesUnavailable from error
        return found

    def best(self, media_type: MediaType, genre_id: int | None, limit: int) -> Sequence[TitleFacts]:
        """Return the titles of best quality, of one of the media type's genres or of all."""

        def read() -> Sequence[TitleFacts]:
            keys = [
                title.key
                for title in self._by_quality(media_type)
                if genre_id is None or genre_id in title.genre_ids
            ][: min(limit, MAX_BATCH_READS)]
            facts = self.facts(keys)
            return [facts[key] for key in keys if key in facts]

        return self._cached(self._best, (media_type, genre_id, limit), read)

    def new(self, media_type: MediaType, limit: int) -> Sequence[TitleFacts]:
        """Return the titles that were first seen in the last 30 days, the latest first."""

        def read() -> Sequence[TitleFacts]:
            since = iso(self.now() - NOVELTY_PERIOD)
            condition = "newOf = :type AND firstSeenAt > :since"
            values = {":type": media_type, ":since": since}
            return list(self._unexpired(self._query("novelty", condition, values, limit)))

        return self._cached(self._new, (media_type, limit), read)

    def upsert(self, title: TitleSnapshot) -> bool:
        """Store a title unless a later snapshot is stored; return whether it was stored."""
        values = title_attributes(title, self.now())
        present = {name: value for name, value in values.items() if value is not None}
        absent = [f"#{name}" for name in values if name not in present]
        assignments = [
            "firstSeenAt = if_not_exists(firstSeenAt, :firstSeenAt)",
            *(f"#{name} = :{name}" for name in present),
        ]
        removal = f" REMOVE {', '.join(absent)}" if absent else ""
        try:
            self.client.update_item(
                TableName=self.table,
                Key=_key(title.facts.key),
                UpdateExpression=f"SET {', '.join(assignments)}{removal}",
                ConditionExpression="attribute_not_exists(cachedAt) OR cachedAt < :cachedAt",
                ExpressionAttributeNames={f"#{name}": name for name in values},
                ExpressionAttributeValues=to_item(
                    {":firstSeenAt": iso(self.now())}
                    | {f":{name}": value for name, value in present.items()}
                ),
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def provider_names(self) -> Mapping[int, str]:
        """Return the names of those that stream titles, by TMDB's ids."""
        try:
            return self._names.get()
        except (ClientError, BotoCoreError, UnprocessedItems) as error:
            raise TitlesUnavailable from error

    def add_provider_names(self, names: Mapping[int, str]) -> None:
        """Store the names of providers beside those that are known."""
        self._names.add(names)

    def list_all(self) -> Iterator[TitleFacts]:
        """Iterate over every title that has not expired: the whole table, page by page."""
        for page in self.client.get_paginator("scan").paginate(TableName=self.table):
            yield from self._unexpired(page["Items"])

    def _unexpired(self, items: Sequence[Item]) -> Iterator[TitleFacts]:
        return parse_titles(items, self.now())

    def _by_quality(self, media_type: MediaType) -> Sequence[_Ranked]:
        """Return a media type's best titles: one page of the index, about ten thousand."""

        def read() -> Sequence[_Ranked]:
            found = self._query("quality", "mediaType = :type", {":type": media_type})
            return [
                _Ranked(TitleKey.parse(values["titleKey"]), tuple(values.get("genreIds", ())))
                for values in map(from_item, found)
            ]

        return self._cached(self._ranked, media_type, read)

    def _query(
        self, index: str, condition: str, values: Mapping[str, object], limit: int | None = None
    ) -> Sequence[Item]:
        options: Any = {"Limit": limit} if limit else {}
        try:
            return self.client.query(
                TableName=self.table,
                IndexName=index,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=to_item(values),
                ScanIndexForward=False,
                **options,
            )["Items"]
        except (ClientError, BotoCoreError) as error:
            raise TitlesUnavailable from error

    def _cached[K, T](
        self, cache: dict[K, _Cached[T]], key: K, read: Callable[[], Sequence[T]]
    ) -> Sequence[T]:
        cached = cache.get(key)
        if cached is None or self.timer() - cached.since > INDEX_CACHE_TTL_SECONDS:
            cached = cache[key] = _Cached(self.timer(), read())
        return cached.content


def title_attributes(title: TitleSnapshot, now: datetime) -> dict[str, object]:
    """Return a title as it is stored, without its key."""
    facts = title.facts
    is_fresh = (
        facts.release_date is not None and facts.release_date > (now - MAX_RELEASE_AGE).date()
    )
    return {
        "mediaType": facts.key.media_type,
        "quality": round(quality(facts), 4),
        "newOf": facts.key.media_type if is_fresh else None,
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
        "maturity": facts.maturity,
        "local": facts.local.packed or None,
        "cachedAt": iso(title.cached_at),
        "ttl": epoch_seconds(title.expires_at),
    }


def parse_titles(items: Iterable[Item], now: datetime) -> Iterator[TitleFacts]:
    """Parse items, except for expired ones that the table has not deleted yet."""
    seconds = epoch_seconds(now)
    for values in map(from_item, items):
        if "title" in values and values.get("ttl", seconds + 1) > seconds:
            yield _facts(values)


def _key(key: TitleKey) -> Item:
    return to_item({"titleKey": str(key)})


def _facts(values: Mapping[str, Any]) -> TitleFacts:
    released = values.get("releaseDate")
    return TitleFacts(
        key=TitleKey.parse(values["titleKey"]),
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
        maturity=Maturity(values["maturity"]) if "maturity" in values else None,
        local=LocalFacts(values.get("local", b"")),
    )
