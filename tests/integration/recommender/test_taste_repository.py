"""The repository of tastes: the same taste whatever the order of events.

The fake of the unit tests fulfils the same contract.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, permutations

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.dynamodb.items import from_item
from matinee.media import TitleKey
from recommender.adapters.dynamodb.favourite_counts import FavouriteCountsRepository
from recommender.adapters.dynamodb.tastes import (
    BACKOFF,
    MAX_PAGES,
    SWIPE_TTL,
    TOMBSTONE_TTL,
    TasteRepository,
)
from recommender.domain.errors import AccountDeleted
from recommender.domain.taste import ListEntry, Opinion, Swipe, TasteList
from recommender.domain.training_state import MAX_COUNTED_FAVOURITES, CountedFavourites, Keys
from recommender.ports import TastesUnavailable
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.recommender import FakeTastes, movie, tv
from tests.integration.recommender.stores import TASTES, TRAINING

FAVOURITES, WATCHLIST = TasteList.FAVOURITES, TasteList.WATCHLIST
FILM, SERIES = movie(550), tv(550)
type Tastes = TasteRepository | FakeTastes
IMPATIENT = replace(BACKOFF, sleep=lambda _: None)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute, microseconds=minute)


def stored(client: DynamoDBClient, now: FakeClock) -> TasteRepository:
    return TasteRepository(TASTES, TRAINING, client, now=now, backoff=IMPATIENT)


@pytest.fixture(params=["fake", "moto"])
def tastes(request: pytest.FixtureRequest, dynamodb: DynamoDBClient, now: FakeClock) -> Tastes:
    return FakeTastes(now) if request.param == "fake" else stored(dynamodb, now)


def liked(tastes: Tastes, user: str = "ann") -> dict[TitleKey, datetime | None]:
    return {entry.key: entry.added_at for entry in tastes.get(user).favourites}


def counts(tastes: Tastes) -> FavouriteCountsRepository | FakeTastes:
    if isinstance(tastes, FakeTastes):
        return tastes
    return FavouriteCountsRepository(tastes.table, tastes.client)


def marks(client: DynamoDBClient) -> dict[str, str]:
    items = map(from_item, client.scan(TableName=TRAINING)["Items"])
    return {item["item"]: item["token"] for item in items if "token" in item}


def test_stores_a_favourite_with_its_details(tastes: Tastes) -> None:
    entry = ListEntry(FILM, at(1), "Fight Club", (18, 53))

    assert tastes.add_entry("ann", FAVOURITES, entry)

    assert tastes.get("ann").favourites == (entry,)
    assert tastes.get("bob").favourites == ()
    assert counts(tastes).favourites("ann") == {FILM}


def test_a_film_and_a_series_of_one_id_are_two_titles(tastes: Tastes) -> None:
    tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(1)))
    tastes.add_entry("ann", WATCHLIST, ListEntry(SERIES, at(2)))
    tastes.add_entry("ann", FAVOURITES, ListEntry(SERIES, at(3)))
    tastes.remove_entry("ann", FAVOURITES, FILM, at(1))

    taste = tastes.get("ann")

    assert [entry.key for entry in taste.favourites] == [SERIES]
    assert [entry.key for entry in taste.watchlist] == [SERIES]


def test_many_favourites_hide_no_preferences_or_watchlist(
    dynamodb: DynamoDBClient, now: FakeClock
) -> None:
    def small_pages(params: dict[str, object], **_: object) -> None:
        params["Limit"] = 3

    tastes = stored(dynamodb, now)
    for number in range(1, 10):
        tastes.add_entry("ann", FAVOURITES, ListEntry(movie(number), at(number)))
    tastes.add_entry("ann", WATCHLIST, ListEntry(SERIES, at(20)))
    tastes.update_preferences("ann", 1, {"minRating": 7})
    dynamodb.meta.events.register("provide-client-params.dynamodb.Query", small_pages)

    taste = tastes.get("ann")

    assert len(taste.favourites) == 3 * MAX_PAGES
    assert [entry.key for entry in taste.watchlist] == [SERIES]
    assert taste.preferences.min_rating == 7


def test_reads_a_long_watchlist_once(dynamodb: DynamoDBClient, now: FakeClock) -> None:
    def small_pages(params: dict[str, object], **_: object) -> None:
        params["Limit"] = 3

    tastes = stored(dynamodb, now)
    for number in range(1, 10):
        tastes.add_entry("ann", WATCHLIST, ListEntry(movie(number), at(number)))
    dynamodb.meta.events.register("provide-client-params.dynamodb.Query", small_pages)

    keys = [entry.key for entry in tastes.get("ann").watchlist]

    assert len(keys) == len(set(keys)) == 3 * MAX_PAGES


def test_a_late_addition_does_not_restore_a_removed_entry(tastes: Tastes) -> None:
    tastes.remove_entry("ann", FAVOURITES, FILM, at(1))

    assert not tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(1)))
    assert not tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(0)))
    assert liked(tastes) == {}
    assert tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(2)))
    assert liked(tastes) == {FILM: at(2)}


def test_a_late_removal_keeps_a_later_entry(tastes: Tastes) -> None:
    tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(3)))

    assert not tastes.remove_entry("ann", FAVOURITES, FILM, at(1))

    assert liked(tastes) == {FILM: at(3)}


HISTORY = [("add", 1), ("remove", 1), ("add", 3), ("remove", 3), ("add", 5)]


@pytest.mark.parametrize(
    ("length", "tastes"),
    [
        *((length, "fake") for length in range(1, len(HISTORY) + 1)),
        *((length, "moto") for length in range(1, len(HISTORY))),  # 120 orders of five take long
    ],
    indirect=["tastes"],
)
def test_every_order_of_events_gives_the_same_taste(length: int, tastes: Tastes) -> None:
    expected = {FILM: at(HISTORY[length - 1][1])} if HISTORY[length - 1][0] == "add" else {}
    for number, order in enumerate(permutations(HISTORY[:length])):
        user = f"user-{number}"
        for what, minute in (*order, order[0]):
            if what == "add":
                tastes.add_entry(user, FAVOURITES, ListEntry(FILM, at(minute)))
            else:
                tastes.remove_entry(user, FAVOURITES, FILM, at(minute))
        assert liked(tastes, user) == expected, order


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove"]),
        st.sampled_from(list(TasteList)),
        st.sampled_from([FILM, SERIES, movie(1)]),
        st.integers(0, 4),
    ),
    max_size=12,
)


def test_the_fake_repository_behaves_like_the_table(
    dynamodb: DynamoDBClient, now: FakeClock
) -> None:
    both: tuple[Tastes, ...] = (FakeTastes(now), stored(dynamodb, now))
    users = (f"user-{number}" for number in count())

    @settings(max_examples=30)
    @given(events=EVENTS)
    def behave_alike(events: list[tuple[str, TasteList, TitleKey, int]]) -> None:
        user = next(users)
        for what, which, key, minute in events:
            changed = {
                tastes.add_entry(user, which, ListEntry(key, at(minute)))
                if what == "add"
                else tastes.remove_entry(user, which, key, at(minute))
                for tastes in both
            }
            assert len(changed) == 1
        fake, table = (tastes.get(user) for tastes in both)
        assert set(fake.favourites) == set(table.favourites)
        assert set(fake.watchlist) == set(table.watchlist)

    behave_alike()


def test_earlier_preferences_do_not_replace_later_ones(tastes: Tastes) -> None:
    assert tastes.update_preferences(
        "ann", 2, {"minRating": 7.5, "favoriteGenres": [28], "keywords": []}
    )
    assert not tastes.update_preferences("ann", 1, {"minRating": 3})
    assert not tastes.update_preferences("ann", 2, {"minRating": 3})

    stated = tastes.get("ann").preferences

    assert (stated.min_rating, stated.favorite_genres) == (7.5, ("28",))
    assert tastes.update_preferences("ann", 3, {})
    assert not tastes.get("ann").preferences


def test_stores_nothing_of_a_blocked_user(tastes: Tastes) -> None:
    tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(1), "Fight Club"))
    tastes.add_entry("ann", WATCHLIST, ListEntry(SERIES, at(1)))
    tastes.update_preferences("ann", 1, {"minRating": 7})
    tastes.remove_entry("ann", FAVOURITES, movie(9), at(1))
    tastes.add_entry("bob", FAVOURITES, ListEntry(FILM, at(1)))

    tastes.block("ann")
    tastes.erase("ann")

    assert not tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(9)))
    assert not tastes.put_swipe("ann", swipe(9, yes=True))
    assert not tastes.update_preferences("ann", 9, {"minRating": 7})
    for read in (tastes.get, tastes.require_account):
        with pytest.raises(AccountDeleted):
            read("ann")
        read("cid")
    assert liked(tastes, "bob") == {FILM: at(1)}


def test_an_erased_user_leaves_a_block_that_expires(
    dynamodb: DynamoDBClient, now: FakeClock
) -> None:
    tastes = stored(dynamodb, now)
    tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(1), "Fight Club"))
    tastes.block("ann")
    tastes.erase("ann")

    [left] = map(from_item, dynamodb.scan(TableName=TASTES)["Items"])

    end = int((now() + TOMBSTONE_TTL).timestamp())
    assert left == {"userId": "ann", "entry": "blocked", "ttl": end}
    assert marks(dynamodb).keys() == {"ann"}


def test_keeps_a_removal_until_its_ttl(dynamodb: DynamoDBClient, now: FakeClock) -> None:
    tastes = stored(dynamodb, now)
    tastes.remove_entry("ann", FAVOURITES, FILM, at(1))
    [removal] = map(from_item, dynamodb.scan(TableName=TASTES)["Items"])
    assert removal["ttl"] == int((now() + TOMBSTONE_TTL).timestamp())

    tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(2)))

    [entry] = map(from_item, dynamodb.scan(TableName=TASTES)["Items"])
    assert "ttl" not in entry


def test_every_change_of_a_favourite_marks_the_user_anew(
    dynamodb: DynamoDBClient, now: FakeClock
) -> None:
    tastes = stored(dynamodb, now)
    tastes.add_entry("bob", WATCHLIST, ListEntry(FILM, at(1)))
    tastes.update_preferences("bob", 1, {})
    assert marks(dynamodb) == {}

    tokens = []
    tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(1)))
    tokens.append(marks(dynamodb)["ann"])
    tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(1)))
    assert marks(dynamodb)["ann"] == tokens[0]
    tastes.remove_entry("ann", FAVOURITES, FILM, at(1))
    tokens.append(marks(dynamodb)["ann"])

    assert len(set(tokens)) == 2


def test_reads_counted_favourites_as_stored(dynamodb: DynamoDBClient, now: FakeClock) -> None:
    tastes = stored(dynamodb, now)
    counted = CountedFavourites(
        frozenset({FILM, SERIES, movie(2**30)}), "run-2", frozenset({FILM}), "run-1"
    )

    counts(tastes).put_counted("ann", counted)
    counts(tastes).put_counted("bob", CountedFavourites(frozenset(), "run-2"))

    assert counts(tastes).get_counted("ann") == counted
    assert counts(tastes).get_counted("bob") == CountedFavourites(frozenset(), "run-2")
    assert counts(tastes).get_counted("cid") is None
    assert tastes.get("ann").favourites == ()
    assert sorted(counts(tastes).list_users()) == ["ann", "bob"]
    counts(tastes).delete_counted("ann")
    assert counts(tastes).get_counted("ann") is None


def test_counts_the_latest_of_many_favourites(dynamodb: DynamoDBClient, now: FakeClock) -> None:
    tastes = stored(dynamodb, now)
    for start in range(0, MAX_COUNTED_FAVOURITES + 25, 25):
        dynamodb.batch_write_item(
            RequestItems={
                TASTES: [
                    {
                        "PutRequest": {
                            "Item": {
                                "userId": {"S": "ann"},
                                "entry": {"S": f"favourite#movie#{number}"},
                                "addedAt": {"S": at(number).isoformat(timespec="microseconds")},
                            }
                        }
                    }
                    for number in range(start + 1, start + 26)
                ]
            }
        )

    counted: Keys = counts(tastes).favourites("ann")

    assert len(counted) == MAX_COUNTED_FAVOURITES
    assert movie(25) not in counted
    assert movie(26) in counted


def test_raises_when_the_table_fails(now: FakeClock) -> None:
    with mock_aws():
        tastes = stored(boto3.client("dynamodb"), now)

        with pytest.raises(TastesUnavailable):
            tastes.get("ann")
        with pytest.raises(ClientError):
            tastes.add_entry("ann", FAVOURITES, ListEntry(FILM, at(1)))


def test_a_taste_is_one_query(dynamodb: DynamoDBClient, now: FakeClock) -> None:
    tastes = stored(dynamodb, now)
    for number in range(1, 40):
        tastes.add_entry("ann", FAVOURITES, ListEntry(movie(number), at(number)))
    calls: list[str] = []
    dynamodb.meta.events.register(
        "before-call.dynamodb", lambda model, **_: calls.append(model.name)
    )

    assert len(tastes.get("ann").favourites) == 39

    assert calls == ["Query"]


def test_the_latest_opinion_of_a_seen_title_counts(tastes: Tastes) -> None:
    said = [(1, Opinion.LIKED), (3, None), (2, Opinion.DISLIKED)]

    stored_ = [
        tastes.add_entry("ann", TasteList.SEEN, ListEntry(FILM, at(minute), opinion=opinion))
        for minute, opinion in said
    ]

    assert stored_ == [True, True, False]
    assert tastes.get("ann").seen == (ListEntry(FILM, at(3)),)
    tastes.add_entry("ann", TasteList.SEEN, ListEntry(FILM, at(4), opinion=Opinion.FINE))
    assert [entry.opinion for entry in tastes.get("ann").seen] == [Opinion.FINE]
    assert tastes.remove_entry("ann", TasteList.SEEN, FILM, at(4))
    assert tastes.get("ann").seen == ()


def swipe(version: int, *, yes: bool, room: str = "room-1", minute: int = 1) -> Swipe:
    return Swipe(FILM, room, version, at(minute), yes)


@pytest.mark.parametrize("order", list(permutations(range(1, 4))))
def test_the_latest_version_of_a_swipe_counts_in_any_order(
    tastes: Tastes, order: tuple[int, ...]
) -> None:
    last_is_yes = [swipe(version, yes=version != 2, minute=version) for version in order]

    for one in (*last_is_yes, last_is_yes[0]):
        tastes.put_swipe("ann", one)

    assert tastes.get("ann").swiped == (ListEntry(FILM, at(3)),)
    assert tastes.put_swipe("ann", swipe(4, yes=False))
    assert tastes.get("bob").swiped == tastes.get("ann").swiped == ()
    assert not tastes.put_swipe("ann", swipe(3, yes=True))


def test_a_no_in_one_room_leaves_the_yes_in_another(tastes: Tastes) -> None:
    tastes.put_swipe("ann", swipe(1, yes=True, room="room-1", minute=1))
    tastes.put_swipe("ann", swipe(7, yes=True, room="room-2", minute=2))
    tastes.put_swipe("ann", swipe(8, yes=False, room="room-2", minute=3))

    assert [entry.added_at for entry in tastes.get("ann").swiped] == [at(1)]


def test_swipes_expire(dynamodb: DynamoDBClient, now: FakeClock) -> None:
    tastes = stored(dynamodb, now)
    tastes.put_swipe("ann", swipe(1, yes=True, room="yes"))
    tastes.put_swipe("ann", swipe(1, yes=False, room="no"))

    items = map(from_item, dynamodb.scan(TableName=TASTES)["Items"])

    ends = {item["entry"].rpartition("#")[2]: item["ttl"] for item in items}
    assert ends == {
        "yes": int((at(1) + SWIPE_TTL).timestamp()),
        "no": int((now() + TOMBSTONE_TTL).timestamp()),
    }


def test_every_list_is_read_and_erased_with_its_user(tastes: Tastes) -> None:
    for number, which in enumerate(TasteList, start=1):
        tastes.add_entry("ann", which, ListEntry(movie(number), at(1)))
    tastes.put_swipe("ann", swipe(1, yes=True))
    own = {movie(number) for number in range(1, 1 + len(TasteList))}
    assert set(tastes.get("ann").own) == {*own, FILM}

    tastes.block("ann")
    tastes.erase("ann")

    with pytest.raises(AccountDeleted):
        tastes.get("ann")
