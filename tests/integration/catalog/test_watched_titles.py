"""Titles on watchlists over moto's tables: learnt from events, looked at once a day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from catalog.adapters.dynamodb.watched_titles import SHARDS, WATCHED_TTL, DynamoWatchedTitles
from catalog.domain import Details, Enrichment, Facts, Provider
from catalog.domain.errors import TmdbUnavailable
from catalog.events.consumed import WatchlistItemAdded, add_watched_titles
from catalog.use_cases.refresh_watched import BATCH, Checked, WatchedRefresher
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract
from matinee.events.envelope import create_envelope
from matinee.media import MediaType, TitleKey
from tests.fakes.refreshing import film
from tests.integration.catalog.catalog_tables import REFRESHES
from tests.integration.catalog.conftest import NOW, TRACE, RefreshScenario


@dataclass
class Tmdb:
    """Titles' details; `refused` are not answered, `gone` are not there any more."""

    requested: list[TitleKey] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    providers: tuple[Provider, ...] = ()

    def __call__(self, keys: Sequence[TitleKey]) -> Enrichment:
        self.requested += keys
        found = {
            key: Details(film(key.id), Facts(providers={"DE": self.providers}))
            for key in keys
            if key.id not in self.refused | self.gone
        }
        gone = frozenset(key for key in keys if key.id in self.gone)
        fault = TmdbUnavailable() if self.refused & {key.id for key in keys} else None
        return Enrichment(found, gone, fault)


def key(id_: int) -> TitleKey:
    return TitleKey(MediaType.MOVIE, id_)


@pytest.fixture
def watched(scenario: RefreshScenario) -> DynamoWatchedTitles:
    return DynamoWatchedTitles(REFRESHES, scenario.dynamodb, scenario.now)


@pytest.fixture
def tmdb() -> Tmdb:
    return Tmdb()


@pytest.fixture
def refresher(
    scenario: RefreshScenario, watched: DynamoWatchedTitles, tmdb: Tmdb
) -> WatchedRefresher:
    return WatchedRefresher(tmdb, scenario.titles, watched, SHARDS, scenario.now)


def always() -> bool:
    return True


def unchecked(watched: DynamoWatchedTitles) -> set[int]:
    return {found.id for shard in range(SHARDS) for found in watched.list_unchecked(shard, NOW)}


def test_learns_titles_from_watchlists_and_no_user(
    scenario: RefreshScenario, watched: DynamoWatchedTitles
) -> None:
    handle = add_watched_titles(watched)
    for _ in range(2):
        data = WatchlistItemAdded(media_type=MediaType.MOVIE, media_id=7, added_at=NOW)
        handle(
            create_envelope(data, event_id="e", occurred_at=NOW, trace=TRACE, idempotency_key="k")
        )

    assert unchecked(watched) == {7}
    [item] = scenario.dynamodb.scan(TableName=REFRESHES)["Items"]
    assert item.keys() == {"run", "part", "ttl"}


def test_refuses_another_event(watched: DynamoWatchedTitles) -> None:
    class Other(Contract):
        """Another event."""

        source = "matinee.library"

    event = create_envelope(
        Other(), event_id="e", occurred_at=NOW, trace=TRACE, idempotency_key="k"
    )
    with pytest.raises(Unprocessable):
        add_watched_titles(watched)(event)


def test_looks_at_each_title_once_a_day(
    scenario: RefreshScenario, watched: DynamoWatchedTitles, refresher: WatchedRefresher, tmdb: Tmdb
) -> None:
    count = 2 * BATCH + 5
    for id_ in range(1, count + 1):
        watched.add(key(id_), NOW)

    assert refresher(always, TRACE) == Checked(count, count, is_complete=True)
    assert refresher(always, TRACE) == Checked(0, 0, is_complete=True)
    scenario.now.advance(hours=21)
    assert refresher(always, TRACE).requested == count
    assert sorted(one.id for one in tmdb.requested) == sorted([*range(1, count + 1)] * 2)


def test_what_a_list_has_fetched_is_not_requested_again(
    scenario: RefreshScenario, watched: DynamoWatchedTitles, refresher: WatchedRefresher, tmdb: Tmdb
) -> None:
    watched.add(key(1), NOW)
    refresher(always, TRACE)
    scenario.now.advance(hours=1)
    watched.add(key(2), NOW)
    tmdb.requested.clear()

    assert refresher(always, TRACE, timedelta(minutes=90)).requested == 1
    assert tmdb.requested == [key(2)]
    scenario.now.advance(minutes=1)
    assert refresher(always, TRACE, timedelta(0)).requested == 2


def test_a_change_is_published_though_no_list_shows_the_title(
    scenario: RefreshScenario, watched: DynamoWatchedTitles, refresher: WatchedRefresher, tmdb: Tmdb
) -> None:
    watched.add(key(1), NOW)
    refresher(always, TRACE)
    tmdb.providers = (Provider(8, "Netflix"),)
    scenario.now.advance(hours=21)
    refresher(always, TRACE)

    assert len(scenario.events("AvailabilityChanged")) == 1


def test_goes_on_where_tmdb_or_time_ended_it(
    scenario: RefreshScenario, watched: DynamoWatchedTitles, refresher: WatchedRefresher, tmdb: Tmdb
) -> None:
    ids = set(range(1, 2 * BATCH + 1))
    for id_ in ids:
        watched.add(key(id_), NOW)
    turns = iter([True, False])
    scenario.now.advance(minutes=1)

    assert refresher(lambda: next(turns), TRACE) == Checked(BATCH, BATCH, is_complete=False)
    left = ids - {one.id for one in tmdb.requested}
    tmdb.refused = {min(left)}
    assert refresher(always, TRACE) == Checked(BATCH - 1, BATCH, is_complete=False)
    tmdb.refused = set()
    assert refresher(always, TRACE) == Checked(1, 1, is_complete=True)


def test_what_tmdb_has_no_more_is_not_asked_for_again_today(
    watched: DynamoWatchedTitles, refresher: WatchedRefresher, tmdb: Tmdb
) -> None:
    watched.add(key(1), NOW)
    tmdb.gone = {1}

    assert [refresher(always, TRACE).requested for _ in range(2)] == [1, 0]


def test_ends_a_year_after_it_was_last_put_on_a_watchlist(
    scenario: RefreshScenario, watched: DynamoWatchedTitles
) -> None:
    watched.add(key(1), NOW)
    watched.add(key(2), NOW)
    watched.add(key(2), NOW + timedelta(days=9))
    watched.add(key(2), NOW)
    scenario.now.advance(days=WATCHED_TTL.days + 1)

    assert unchecked(watched) == {2}
