"""The cache of TMDB's responses, and the public catalogue, over moto's tables."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from catalog.adapters.dynamodb.lists import DynamoLists
from catalog.adapters.dynamodb.refresh_runs import DynamoRefreshRuns
from catalog.adapters.dynamodb.response_cache import DynamoResponseCache
from catalog.adapters.dynamodb.titles import DynamoTitles
from catalog.adapters.tmdb.single_flight import LEASE_TTL, SingleFlightCache
from catalog.domain import CachedTitle, Facts, ListKey, ListType
from catalog.domain.errors import CatalogUnavailable
from catalog.use_cases.browse_media import SEARCH_TTL, MediaBrowser
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey
from tests.fakes.clock import FakeClock
from tests.integration.catalog.catalog_tables import (
    MEDIA,
    OUTBOX,
    REFRESHES,
    create_tables,
    everything,
)
from tests.unit.catalog.fakes import FakeTime, a_title
from tests.unit.catalog.media_fakes import FACTS, FakeTitles

ANSWERS = "Answers"
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
A_DAY = timedelta(days=1)


@dataclass
class Tables:
    """The tables, and the clock that everybody looks at."""

    dynamodb: DynamoDBClient
    now: FakeClock

    @property
    def cache(self) -> DynamoResponseCache:
        return DynamoResponseCache(self.dynamodb, ANSWERS, self.now)

    def media(self, tmdb: FakeTitles) -> MediaBrowser:
        return MediaBrowser(
            stored=DynamoTitles(MEDIA, OUTBOX, self.dynamodb, self.now),
            lists=DynamoLists(MEDIA, self.dynamodb, self.now),
            tmdb=tmdb,
            tmdb_search=tmdb,
            lookups=SingleFlightCache(self.cache, self.now, timedelta(0)),
            searches=SingleFlightCache(self.cache, self.now, SEARCH_TTL),
            source="tmdb.test:443",
            now=self.now,
        )


@pytest.fixture
def tables() -> Iterator[Tables]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_tables(client)
        client.create_table(
            TableName=ANSWERS,
            KeySchema=[
                {"AttributeName": "question", "KeyType": "HASH"},
                {"AttributeName": "page", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "question", "AttributeType": "S"},
                {"AttributeName": "page", "AttributeType": "N"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield Tables(client, FakeClock(NOW))


class TestResponseCache:
    async def test_returns_a_response_with_its_time(self, tables: Tables) -> None:
        await tables.cache.put("q", 1, "Amélie".encode(), A_DAY)

        kept = await tables.cache.get("q")

        assert kept is not None
        assert (kept.body, kept.fetched_at) == ("Amélie".encode(), NOW)
        [item] = everything(tables.dynamodb, ANSWERS)
        assert int(item["ttl"]["N"]) == int((NOW + A_DAY).timestamp())

    async def test_an_unknown_key_has_no_response(self, tables: Tables) -> None:
        assert await tables.cache.get("q") is None
        assert await tables.cache.get_pages("q") == {}

    async def test_reads_all_pages_of_a_key(self, tables: Tables) -> None:
        for page in (1, 7, 300):
            await tables.cache.put("q", page, str(page).encode() * 9000, A_DAY)
        await tables.cache.put("other", 2, b"2", A_DAY)

        pages = await tables.cache.get_pages("q")

        assert {page: kept.body[:3] for page, kept in pages.items()} == {
            1: b"111",
            7: b"777",
            300: b"300",
        }

    async def test_one_of_many_gets_the_lease_until_it_responds(self, tables: Tables) -> None:
        claims = [await tables.cache.acquire_lease("q", tables.now() + LEASE_TTL) for _ in range(5)]
        assert [won for won, _ in claims] == [True, False, False, False, False]

        await tables.cache.put("q", 1, b"answer", A_DAY)

        won, kept = await tables.cache.acquire_lease("q", tables.now() + LEASE_TTL)
        assert won
        assert kept is not None
        assert kept.body == b"answer"

    async def test_a_lease_ends_by_time_or_release(self, tables: Tables) -> None:
        await tables.cache.acquire_lease("q", tables.now() + LEASE_TTL)
        await tables.cache.release_lease("q", tables.now() + LEASE_TTL)
        assert (await tables.cache.acquire_lease("q", tables.now() + LEASE_TTL))[0]
        tables.now.moment += LEASE_TTL + timedelta(milliseconds=1)

        assert (await tables.cache.acquire_lease("q", tables.now() + LEASE_TTL))[0]

    async def test_a_late_release_does_not_end_another_lease(self, tables: Tables) -> None:
        late = tables.now() + LEASE_TTL
        await tables.cache.acquire_lease("q", late)
        tables.now.moment = late + timedelta(milliseconds=1)
        await tables.cache.acquire_lease("q", tables.now() + LEASE_TTL)

        await tables.cache.release_lease("q", late)

        assert not (await tables.cache.acquire_lease("q", tables.now() + LEASE_TTL))[0]

    async def test_a_release_without_an_item_leaves_nothing(self, tables: Tables) -> None:
        await tables.cache.release_lease("q", tables.now())

        assert everything(tables.dynamodb, ANSWERS) == []

    async def test_a_lease_alone_is_no_response(self, tables: Tables) -> None:
        await tables.cache.acquire_lease("q", tables.now() + LEASE_TTL)

        assert await tables.cache.get("q") is None

    async def test_a_broken_item_is_no_response(self, tables: Tables) -> None:
        tables.dynamodb.put_item(
            TableName=ANSWERS,
            Item={
                "question": {"S": "q"},
                "page": {"N": "1"},
                "body": {"B": b"not compressed"},
                "fetched_at": {"N": "1"},
            },
        )

        assert await tables.cache.get("q") is None

    async def test_a_failed_table_counts_as_empty(
        self, tables: Tables, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unreachable(*_: object, **__: object) -> None:
            raise EndpointConnectionError(endpoint_url="http://table.test")

        for call in ("get_item", "put_item", "update_item"):
            monkeypatch.setattr(tables.dynamodb, call, unreachable)

        assert await tables.cache.get("q") is None
        assert await tables.cache.acquire_lease("q", tables.now() + LEASE_TTL) == (True, None)
        await tables.cache.put("q", 1, b"", A_DAY)
        await tables.cache.release_lease("q", tables.now() + LEASE_TTL)


class TestThePublicCatalogue:
    WANTED = TitleKey(MediaType.MOVIE, 550)

    def a_tmdb(self) -> FakeTitles:
        return FakeTitles(FakeTime(), [a_title(550, 28, 12)])

    async def test_many_instances_fetch_and_publish_a_title_once(
        self, tables: Tables, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one_at_a_time, update_item = threading.Lock(), tables.dynamodb.update_item

        def serialized(**parameters: Any) -> Any:  # noqa: ANN401 - boto3's own
            # DynamoDB writes an item once at a time; moto does not take care to.
            with one_at_a_time:
                return update_item(**parameters)

        monkeypatch.setattr(tables.dynamodb, "update_item", serialized)
        tmdb = self.a_tmdb()
        deadline = tmdb.time.deadline(30)
        instances = [tables.media(tmdb) for _ in range(6)]

        shown = await asyncio.gather(
            *(media.get_title(self.WANTED, Trace("t"), deadline) for media in instances)
        )

        assert {served.value.title for served in shown} == {a_title(550, 28, 12)}
        assert tmdb.requests == 1
        assert len(everything(tables.dynamodb, OUTBOX)) == 1

    async def test_reads_only_new_titles_consistently(self, tables: Tables) -> None:
        reads: list[bool] = []
        tables.dynamodb.meta.events.register(
            "provide-client-params.dynamodb.GetItem",
            lambda params, **_: (
                reads.append(params["ConsistentRead"]) if params["TableName"] == MEDIA else None
            ),
        )
        tmdb = self.a_tmdb()

        await tables.media(tmdb).get_title(self.WANTED, Trace("t"), tmdb.time.deadline(30))

        assert reads == [False, True]

    async def test_shares_a_search_between_instances(self, tables: Tables) -> None:
        tmdb = self.a_tmdb()
        found = [
            await tables.media(tmdb).search(text, (MediaType.MOVIE,), tmdb.time.deadline(5))
            for text in ("Long", " long")
        ]

        assert [title.id for title in found[0].value] == [550]
        assert found[0] == found[1]
        assert tmdb.requests == 1

    async def test_shows_a_title_as_it_was_stored(self, tables: Tables) -> None:
        title = a_title(550, 28, 12, backdrop_path="/w.jpg", popularity=91.25, release_date=None)
        media = tables.media(FakeTitles(FakeTime()))
        media.stored.store([CachedTitle(title, FACTS, NOW)], Trace("t"))

        served = await media.get_title(self.WANTED, Trace("t"), FakeTime().deadline())

        assert (served.value.title, served.value.facts, served.stale) == (title, FACTS, False)

    @pytest.mark.parametrize(
        "fault",
        [
            EndpointConnectionError(endpoint_url="http://table.test"),
            ClientError({"Error": {"Code": "ThrottlingException"}}, "any"),
        ],
        ids=["silent", "throttled"],
    )
    async def test_failed_tables_raise_catalog_unavailable(
        self, tables: Tables, monkeypatch: pytest.MonkeyPatch, fault: Exception
    ) -> None:
        media, tmdb = tables.media(self.a_tmdb()), self.a_tmdb()

        def fail(*_: object, **__: object) -> None:
            raise fault

        for call in ("get_item", "batch_get_item", "transact_write_items"):
            monkeypatch.setattr(tables.dynamodb, call, fail)

        with pytest.raises(CatalogUnavailable):
            media.get_list(ListKey(ListType.POPULAR, MediaType.MOVIE), 20, None, ())
        with pytest.raises(CatalogUnavailable):
            await media.get_title(self.WANTED, Trace("t"), tmdb.time.deadline())
        with pytest.raises(CatalogUnavailable):
            media.stored.store([CachedTitle(a_title(1), Facts(), NOW)], Trace("t"))
        with pytest.raises(CatalogUnavailable):
            DynamoRefreshRuns(REFRESHES, tables.dynamodb, tables.now).get_latest()

    def test_an_unrefreshed_list_is_none(self, tables: Tables) -> None:
        media = tables.media(FakeTitles(FakeTime()))
        key = ListKey(ListType.POPULAR, MediaType.MOVIE)

        assert media.get_list(key, 20, None, ()).value is None
