"""Who waits for a title, over moto's tables."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from library.adapters.dynamodb.notices import DynamoDBNoticeRepository
from library.adapters.dynamodb.watchers import DynamoDBWatcherRepository
from library.domain.availability import AvailabilityChange, CountryChange
from library.domain.errors import AccountDeleted
from library.domain.notices import Notice
from library.domain.titles import ListName
from library.use_cases.erase_user import UserDataEraser
from library.use_cases.match_watchlists import WatchlistMatcher
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, film
from tests.integration.library.conftest import (
    LISTS,
    NOTICES,
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
    return DynamoDBWatcherRepository(
        LISTS[ListName.WATCHLIST], PREFERENCES, NOTICES, OUTBOX, moto_dynamodb
    )


@pytest.fixture
def inbox(moto_dynamodb: DynamoDBClient) -> DynamoDBNoticeRepository:
    return DynamoDBNoticeRepository(NOTICES, moto_dynamodb, now=lambda: NOON)


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
    store: Store, watchers: DynamoDBWatcherRepository, inbox: DynamoDBNoticeRepository
) -> None:
    for user_id in ("ann", "ben"):
        waits(store, user_id)
    notice = CHANGE.notice("DE", [8])
    event = store.events.title_available("ann", notice, CAUSE)
    late = store.events.title_available("ben", notice, CAUSE)
    store.watchlist.remove("ben", KEY, TRACE)

    assert [watchers.tell("ann", notice, event) for _ in range(2)] == [True, False]
    assert not watchers.tell("ben", notice, late)
    assert store.published.count("WatchlistTitleAvailable") == 1
    assert list(inbox.page("ann", 10, None)[0]) == [notice]
    assert inbox.page("ben", 10, None) == ([], None)


def test_more_than_a_page_of_watchers_are_told_once(
    store: Store, watchers: DynamoDBWatcherRepository
) -> None:
    users = [f"user-{number:03}" for number in range(101)]
    for user_id in users:
        waits(store, user_id)

    matcher = WatchlistMatcher(watchers, store.events, store.now)

    assert [matcher(CHANGE, CAUSE) for _ in range(2)] == [None, None]
    assert store.published.count("WatchlistTitleAvailable") == len(users)


def tell(store: Store, watchers: DynamoDBWatcherRepository, numbers: Iterable[int]) -> list[Notice]:
    """Notify Ann of titles that come one after the other; return her notices, newest first."""
    notices = []
    for number in numbers:
        store.watchlist.add("ann", film(number), TRACE)
        at = NOON + timedelta(seconds=number)
        notice = replace(CHANGE, key=film(number).key, changed_at=at).notice("DE", [8])
        event = store.events.title_available("ann", notice, Trace("a-refresh", str(number)))
        assert watchers.tell("ann", notice, event)
        notices.append(notice)
    return notices[::-1]


def test_an_inbox_has_pages_newest_first(
    store: Store, watchers: DynamoDBWatcherRepository, inbox: DynamoDBNoticeRepository
) -> None:
    notices = tell(store, watchers, range(1, 8))
    assert inbox.mark_read("ann", notices[0].id)

    found: list[Notice] = []
    after = None
    while not found or after:
        page, after = inbox.page("ann", 3, after)
        found += page

    assert found == [replace(notice, is_read=True) for notice in notices]
    assert inbox.page("ben", 3, None) == ([], None)


def test_what_is_read_stays_read(
    store: Store, watchers: DynamoDBWatcherRepository, inbox: DynamoDBNoticeRepository
) -> None:
    last, second, first = tell(store, watchers, range(1, 4))

    assert inbox.mark_read("ann", second.id)
    assert inbox.mark_read("ann", first.id)
    assert not inbox.mark_read("ann", replace(last, key=KEY).id)
    assert not inbox.mark_read("ben", last.id)

    assert [notice.is_read for notice in inbox.page("ann", 9, None)[0]] == [False, True, True]


def test_an_erasure_leaves_no_notice_and_nothing_of_a_late_reader(
    store: Store, watchers: DynamoDBWatcherRepository, inbox: DynamoDBNoticeRepository
) -> None:
    notices = tell(store, watchers, range(1, 40))
    assert inbox.mark_read("ann", notices[0].id)

    UserDataEraser(store.erasure, store.now)("ann")

    event = store.events.title_available("ann", notices[0], Trace("a-refresh", "late"))
    assert not watchers.tell("ann", notices[0], event)
    with pytest.raises(AccountDeleted):
        inbox.mark_read("ann", notices[0].id)
    with pytest.raises(AccountDeleted):
        inbox.page("ann", 100, None)
    assert store.client is not None
    [block] = store.client.scan(TableName=NOTICES)["Items"]
    assert block["noticeKey"] == {"S": "#erased"}
