"""Stand-ins for the cached catalogue, and requests of the HTTP API to browse it."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from catalog.adapters.tmdb.single_flight import SingleFlightCache
from catalog.domain import (
    CachedTitle,
    Details,
    Enrichment,
    Facts,
    ListKey,
    ListPage,
    Provider,
    Title,
    TitlePage,
    Trailer,
    Translation,
)
from catalog.domain.deadline import Deadline
from catalog.use_cases.browse_media import SEARCH_TTL, MediaBrowser
from matinee.errors import InvalidInput, MatineeError
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey
from tests.unit.catalog.fakes import FakeResponseCache, FakeTime

FACTS = Facts(
    runtime=101,
    keywords=("train",),
    directors=("Ada Roe",),
    cast=("Bo Lind",),
    trailer=Trailer("YouTube", "Zk3xQ9vB1fA"),
    providers={"DE": (Provider(8, "Netflix"), Provider(337, "Disney Plus"))},
    translations={"de": Translation("Der Zug", "Ein Postbote."), "fr": Translation("", "Un train")},
)


@dataclass
class FakeMediaTable:
    """`TitleRepository` and `ListRepository` in memory. A read of what is `lagging` may miss it."""

    stored: dict[TitleKey, CachedTitle] = field(default_factory=dict)
    lists: dict[ListKey, tuple[datetime, list[Title]]] = field(default_factory=dict)
    published: list[tuple[TitleKey, str]] = field(default_factory=list)
    fault: MatineeError | None = None
    lagging: set[TitleKey] = field(default_factory=set)

    def get(self, wanted: TitleKey, *, consistent: bool = False) -> CachedTitle | None:
        if not consistent and wanted in self.lagging:
            return None
        return self.stored.get(wanted)

    def get_many(self, wanted: Collection[TitleKey]) -> Mapping[TitleKey, CachedTitle]:
        return {id_: self.stored[id_] for id_ in wanted if id_ in self.stored}

    def get_page(
        self,
        key: ListKey,
        limit: int,
        after: Mapping[str, str | int] | None = None,
        exclude: Collection[int] = (),
    ) -> ListPage | None:
        if key not in self.lists:
            return None
        refreshed_at, titles = self.lists[key]
        version = refreshed_at.isoformat()
        if after and after["version"] != version:
            raise InvalidInput("cursor: gone", fields={"cursor": "gone"})
        first = int(after["rank"]) if after else 0
        left = [
            (rank, title)
            for rank, title in enumerate(titles[first:], first)
            if title.id not in exclude
        ]
        shown = left[:limit]
        more = len(left) > limit
        next_: dict[str, str | int] | None = None
        if more:
            next_ = {"version": version, "rank": shown[-1][0] + 1}
        return ListPage(tuple(title for _, title in shown), len(titles), refreshed_at, next_)

    def store(self, titles: Sequence[CachedTitle], trace: Trace) -> None:
        if self.fault:
            raise self.fault
        for title in titles:
            self.stored[title.key] = title
            self.published.append((title.key, trace.correlation_id))


@dataclass
class FakeTitles:
    """`TitleSource` and `TitleSearch` over some titles; an answer takes a while."""

    time: FakeTime
    known: list[Title] = field(default_factory=list)
    fault: MatineeError | None = None
    takes: float = 0.1
    requests: int = 0
    unreadable: bool = False
    searched: list[tuple[MediaType, str]] = field(default_factory=list)

    async def list_page(self, key: ListKey, page: int, deadline: Deadline) -> TitlePage:
        raise NotImplementedError("the public never begins a refresh")

    async def details(self, wanted: Sequence[TitleKey], deadline: Deadline) -> Enrichment:
        assert deadline.remaining() > 0
        self.requests += len(wanted)
        await self.time.sleep(self.takes)
        if self.fault:
            return Enrichment({}, frozenset(), self.fault)
        if self.unreadable:
            return Enrichment({})
        there = {TitleKey(title.media_type, title.id): title for title in self.known}
        found = {id_: Details(there[id_], FACTS) for id_ in wanted if id_ in there}
        return Enrichment(found, frozenset(wanted) - found.keys())

    async def search(
        self, media_types: Sequence[MediaType], text: str, page: int, deadline: Deadline
    ) -> Sequence[TitlePage]:
        assert page == 1
        assert deadline.remaining() > 0
        self.requests += len(media_types)
        self.searched += [(media_type, text) for media_type in media_types]
        await self.time.sleep(self.takes)
        if self.fault:
            raise self.fault
        return [
            TitlePage(
                tuple(
                    title
                    for title in self.known
                    if title.media_type is kind and text in title.title.casefold()
                ),
                1,
                1,
            )
            for kind in media_types
        ]


class MediaScenario:
    """The public catalogue over fakes; `instance` answers that of another function instance."""

    def __init__(self, *known: Title) -> None:
        self.time = FakeTime()
        self.catalogue = FakeMediaTable()
        self.tmdb = FakeTitles(self.time, list(known))
        self.responses = FakeResponseCache(self.time.now)

    def instance(self) -> MediaBrowser:
        return MediaBrowser(
            stored=self.catalogue,
            lists=self.catalogue,
            tmdb=self.tmdb,
            tmdb_search=self.tmdb,
            lookups=SingleFlightCache(self.responses, self.time.now, timedelta(0), self.time.sleep),
            searches=SingleFlightCache(self.responses, self.time.now, SEARCH_TTL, self.time.sleep),
            source="tmdb.test:443",
            now=self.time.now,
        )

    def keep(self, title: Title, *, age: timedelta = timedelta(0)) -> CachedTitle:
        cached = CachedTitle(title, FACTS, self.time.now() - age)
        self.catalogue.stored[cached.key] = cached
        return cached

    def refresh(self, key: ListKey, titles: Sequence[Title], *, age: timedelta) -> None:
        self.catalogue.lists[key] = (self.time.now() - age, list(titles))


def a_series(title: Title) -> Title:
    return replace(title, media_type=MediaType.TV)


def http_event(
    path: str,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a request as the HTTP API (payload 2.0) hands it over."""
    return {
        "version": "2.0",
        "routeKey": "GET /media",
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(headers or {}),
        "queryStringParameters": dict(query or {}),
        "pathParameters": dict(parameters or {}),
        "requestContext": {
            "http": {"method": "GET", "path": path, "sourceIp": "192.0.2.1"},
            "requestId": "r1",
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }


def a_context() -> Any:  # noqa: ANN401 - Powertools reads five attributes of it
    return SimpleNamespace(
        function_name="MediaFunction",
        function_version="1",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-west-1:000000000000:function:MediaFunction",
        aws_request_id="019b0000-0000-7000-8000-00000000000f",
    )


def body_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(answer["body"]))
