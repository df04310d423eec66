"""Who waits for a title, over moto's tables."""

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from library.adapters.dynamodb.watchers import DynamoDBWatcherRepository
from library.domain.availability import AvailabilityChange, CountryChange
from library.domain.titles import ListName
from library.use_cases.match_watchlists import WatchlistMatcher
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, film
from tests.integration.library.conftest import (
    LISTS,
    OUTBOX,
    PREFERENCES,
    Store,
    dynamodb_store,
)

KEY = TitleKey(MediaType.MOVIE, 550)
CAUSE = Trace("a-refresh", "a-change")
CHANGE = AvailabilityChange(
    KEY, "Film", None, {"DE": CountryChange((8,), (8,))}, {8: "Netflix"}, NOON
)


@pytest.fixture
def store(moto_dynamodb: DynamoDBClient) -> Store:
    return dynamodb_store(moto_dynamodb)


@pytest.fixture
def watchers(moto_dynamodb: DynamoDBClient) -> DynamoDBWatcherRepository:
    return DynamoDBWatcherRepository(LISTS[ListName.WATCHLIST], PREFERENCES, OUTBOX, moto_dynamodb)


def waits(store: Store, user_id: str) -> None:
    """Put the title on a user's watchlist, who can stream Netflix in Germany."""
    store.watchlist.add(user_id, film(550), TRACE)
    answers = {"region": "DE", "streamingPlatforms": ["Netflix"]}
    store.preferences.change(user_id, answers, TRACE)


def all_watchers(watchers: DynamoDBWatcherRepository, limit: int) -> list[str]:
    found, after = watchers.list_watchers(KEY, None, limit)
    users = list(found)
    while after:
        found, after = watchers.list_watchers(KEY, after, limit)
        users += found
    return users


def test_finds_those_on_whose_watchlist_it_is(
    store: Store, watchers: DynamoDBWatcherRepository
) -> None:
    for user_id in ("ann", "ben", "cem", "dee", "eve"):
        waits(store, user_id)
    store.watchlist.remove("cem", KEY, TRACE)
    store.watchlist.add("fay", film(551), TRACE)
    store.favourites.add("gus", film(550), TRACE)

    assert sorted(all_watchers(watchers, 2)) == ["ann", "ben", "dee", "eve"]
    assert all_watchers(watchers, 100) == all_watchers(watchers, 1)


def test_reads_answers_of_whoever_is_not_deleted(
    store: Store, watchers: DynamoDBWatcherRepository
) -> None:
    for user_id in ("ann", "ben"):
        waits(store, user_id)
    store.erasure.block("ben", NOON)

    assert watchers.get_answers(["ann", "ben", "cem"]) == {
        "ann": {"region": "DE", "streamingPlatforms": ["Netflix"]}
    }


def test_tells_once_and_only_who_still_waits(
    store: Store, watchers: DynamoDBWatcherRepository
) -> None:
    for user_id in ("ann", "ben"):
        waits(store, user_id)
    event = store.events.title_available("ann", CHANGE, "DE", [8], CAUSE)
    late = store.events.title_available("ben", CHANGE, "DE", [8], CAUSE)
    store.watchlist.remove("ben", KEY, TRACE)

    assert [watchers.tell("ann", KEY, event) for _ in range(2)] == [True, False]
    assert not watchers.tell("ben", KEY, late)
    assert store.published.count("WatchlistTitleAvailable") == 1


def test_more_than_a_page_of_watchers_are_told_once(
    store: Store, watchers: DynamoDBWatcherRepository
) -> None:
    users = [f"user-{number:03}" for number in range(101)]
    for user_id in users:
        waits(store, user_id)

    matcher = WatchlistMatcher(watchers, store.events, store.now)

    assert [matcher(CHANGE, CAUSE) for _ in range(2)] == [None, None]
    assert store.published.count("WatchlistTitleAvailable") == len(users)
