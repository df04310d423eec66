"""What every adapter of the ports promises: the fakes, moto's DynamoDB and the emulator's alike."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from mypy_boto3_dynamodb import DynamoDBClient

from library.adapters.dynamodb.items import REMOVAL_KEPT_FOR, entry_key
from library.domain.errors import AccountDeleted, FavouriteNotFound, LibraryBusy, LibraryUnavailable
from library.domain.preferences import Preferences
from library.domain.titles import TICK, Entry, ListName, MediaType, Page
from library.ports import Addition, Departure, InTheWay, Obstacle, Overtaken
from library.use_cases.add_entries import Added
from library.use_cases.erase_user import Eraser
from library.writing import ATTEMPTS, write
from tests.fakes.clock import NOON, no_pause
from tests.fakes.library import TRACE, film
from tests.fakes.rooms import FakeResumption
from tests.integration.library.conftest import (
    LISTS,
    NAMES,
    OUTBOX,
    CountedCalls,
    Store,
    dynamodb_store,
)
from tests.unit.library.test_library_erasure import deleted

FAVOURITES = ListName.FAVOURITES


def addition(store: Store, number: int = 550, after: float = 0) -> Addition:
    entry = Entry(film(number), NOON + timedelta(seconds=after))
    event = store.favourites.announce.added("ann", FAVOURITES, entry, TRACE)
    return Addition(FAVOURITES, entry, event)


def departure(store: Store, entry: Entry, *, at: float = 60) -> Departure:
    removal = entry.ended(NOON + timedelta(seconds=at))
    event = store.favourites.announce.removed("ann", FAVOURITES, removal, entry.added_at, TRACE)
    return Departure(FAVOURITES, removal, entry.added_at, event)


def test_what_is_committed_is_found_whole_and_told(store: Store) -> None:
    title = replace(
        film(),
        overview="Ein Film über Äpfel 🍎",
        backdrop_path="/b.jpg",
        release_date="1999-10-15",
        vote_average=8.4,
        vote_count=0,
        popularity=61.416,
        genre_ids=(),
        runtime=139,
        original_language="en",
    )
    entry = Entry(title, NOON)
    event = store.favourites.announce.added("ann", FAVOURITES, entry, TRACE)

    store.lists.commit("ann", [Addition(FAVOURITES, entry, event)])

    assert store.lists.standing("ann", [(FAVOURITES, title.key)]) == [entry]
    assert store.lists.page("ann", FAVOURITES, 10, None) == Page((entry,), more=False)
    assert store.told == ["FavouriteAdded"]


def test_what_stands_in_the_way_is_told_and_nothing_is_written(store: Store) -> None:
    old = addition(store, 1)
    store.lists.commit("ann", [old])

    with pytest.raises(InTheWay) as refused:
        store.lists.commit("ann", [addition(store, 2), addition(store, 1, after=9)])

    assert refused.value.obstacles == [Obstacle(False), Obstacle(True, old.entry)]
    assert store.lists.standing("ann", [(FAVOURITES, film(2).key)]) == [None]
    assert len(store.told) == 1


def test_a_removal_stays_known_and_what_follows_it_must_be_later(store: Store) -> None:
    added = addition(store)
    store.lists.commit("ann", [added])
    gone = departure(store, added.entry)
    store.lists.commit("ann", [gone])

    assert store.lists.page("ann", FAVOURITES, 10, None).entries == ()
    assert store.lists.standing("ann", [(FAVOURITES, film().key)]) == [gone.removal]
    for seconds in (0.0, 60.0):
        with pytest.raises(InTheWay) as refused:
            store.lists.commit("ann", [addition(store, after=seconds)])
        assert refused.value.obstacles == [Obstacle(True, gone.removal)]
    store.lists.commit("ann", [addition(store, after=60.001)])
    [standing] = store.lists.standing("ann", [(FAVOURITES, film().key)])
    assert isinstance(standing, Entry)


def test_only_the_entry_that_was_meant_goes(store: Store) -> None:
    added = addition(store)
    with pytest.raises(InTheWay) as refused:
        store.lists.commit("ann", [departure(store, added.entry)])
    assert refused.value.obstacles == [Obstacle(True, None)]

    store.lists.commit("ann", [added])
    other = Entry(film(), NOON - TICK)
    with pytest.raises(InTheWay) as refused:
        store.lists.commit("ann", [departure(store, other)])
    assert refused.value.obstacles == [Obstacle(True, added.entry)]


def test_a_removal_is_forgotten_when_no_event_can_be_told_again(
    moto_dynamodb: DynamoDBClient,
) -> None:
    store = dynamodb_store(moto_dynamodb)
    store.favourites.add("ann", film(), TRACE)
    store.favourites.remove("ann", film().key, TRACE)

    item = moto_dynamodb.get_item(TableName=LISTS[FAVOURITES], Key=entry_key("ann", film().key))[
        "Item"
    ]
    gone_at = NOON + TICK + REMOVAL_KEPT_FOR
    assert set(item) == {"userId", "mediaKey", "removedAt", "ttl"}
    assert int(item["ttl"]["N"]) == int(gone_at.timestamp())


def test_a_list_is_paged_newest_first_without_gap_or_repetition(store: Store) -> None:
    entries = [Entry(film(number), NOON + timedelta(seconds=number % 7)) for number in range(1, 31)]
    store.favourites.add_all("ann", entries, TRACE)
    store.favourites.remove("ann", film(5).key, TRACE)

    found: list[Entry] = []
    after = None
    while True:
        page = store.lists.page("ann", FAVOURITES, 4, after)
        found += page.entries
        after = page.next
        if after is None:
            break

    assert {entry.title.key.media_id for entry in found} == set(range(1, 31)) - {5}
    assert len(found) == 29
    moments = [entry.added_at for entry in found]
    assert moments == sorted(moments, reverse=True)


def test_a_page_goes_on_after_an_entry_that_has_gone(store: Store) -> None:
    entries = [Entry(film(number), NOON + timedelta(seconds=number)) for number in range(1, 6)]
    store.favourites.add_all("ann", entries, TRACE)
    first = store.lists.page("ann", FAVOURITES, 2, None)
    store.favourites.remove("ann", film(4).key, TRACE)

    rest = store.lists.page("ann", FAVOURITES, 10, first.next)

    assert [entry.title.key.media_id for entry in rest.entries] == [3, 2, 1]


def test_users_lists_and_types_are_apart(store: Store) -> None:
    store.favourites.add("ann", film(1), TRACE)
    store.favourites.add("ann", film(1, MediaType.TV), TRACE)
    store.watchlist.add("bob", film(1), TRACE)

    assert len(store.favourites.page("ann", 10, None).entries) == 2
    assert store.favourites.page("bob", 10, None).entries == ()
    assert len(store.watchlist.page("bob", 10, None).entries) == 1
    with pytest.raises(FavouriteNotFound):
        store.favourites.remove("bob", film(1).key, TRACE)


def test_a_hundred_titles_are_looked_up_at_once(store: Store) -> None:
    store.favourites.add("ann", film(7), TRACE)
    keys = [film(number).key for number in range(1, 101)]

    found = store.lists.standing("ann", [(FAVOURITES, key) for key in keys])

    assert [number for number, one in enumerate(found, 1) if one] == [7]


def test_a_move_changes_both_lists_or_neither(store: Store) -> None:
    store.watchlist.add("ann", film(), TRACE)
    store.now.advance(hours=1)

    moved = store.mover.move("ann", film().key, TRACE)

    assert moved == Added(Entry(film(), store.now()), new=True)
    assert store.watchlist.page("ann", 10, None).entries == ()
    assert store.favourites.page("ann", 10, None).entries == (moved.entry,)
    assert sorted(store.told) == ["FavouriteAdded", "WatchlistItemAdded", "WatchlistItemRemoved"]


def test_preferences_are_stored_by_version(store: Store) -> None:
    assert store.rows.find("ann") == Preferences()
    answers = {"minRating": 6.5, "favoriteGenres": [28], "genreRatings": {"28": 9}, "keywords": []}

    saved = store.preferences.change("ann", answers, TRACE)

    assert store.rows.find("ann") == saved == Preferences(answers, 1, NOON)
    stale = Preferences({"minRating": 1}, 1, NOON)
    event = store.favourites.announce.preferences_updated("ann", stale, NOON, TRACE)
    with pytest.raises(Overtaken):
        store.rows.save("ann", stale, event)
    assert store.told == ["PreferencesUpdated"]
    assert store.preferences.reset("ann", TRACE).version == 2
    assert store.rows.find("ann").answers == {}


def test_the_eraser_leaves_nothing_but_marks_and_no_way_back(store: Store) -> None:
    for number in range(1, 31):
        store.favourites.add("ann", film(number), TRACE)
    store.favourites.remove("ann", film(3).key, TRACE)
    store.watchlist.add("ann", film(1), TRACE)
    store.watchlist.add("bob", film(1), TRACE)
    store.preferences.change("ann", {"favoriteContent": "my own words"}, TRACE)
    told = store.told

    eraser = Eraser(store.erasable, FakeResumption(), store.now)
    eraser.handle(deleted())
    eraser.handle(deleted())

    for name in ListName:
        assert store.erasable.titles("ann", name, 100) == []
    assert len(store.watchlist.page("bob", 10, None).entries) == 1
    for act in (
        lambda: store.favourites.add("ann", film(), TRACE),
        lambda: store.watchlist.add("ann", film(), TRACE),
        lambda: store.preferences.change("ann", {"minRating": 7}, TRACE),
        lambda: store.preferences.find("ann"),
    ):
        with pytest.raises(AccountDeleted):
            act()
    assert store.told == told


def test_of_who_is_gone_three_marks_are_left_that_expire(moto_dynamodb: DynamoDBClient) -> None:
    store = dynamodb_store(moto_dynamodb)
    store.favourites.add("ann", film(), TRACE)
    store.preferences.change("ann", {"favoriteContent": "my own words"}, TRACE)

    Eraser(store.erasable, FakeResumption(), store.now).handle(deleted())

    left = [
        item
        for name in NAMES
        if name != OUTBOX
        for item in moto_dynamodb.scan(TableName=name)["Items"]
    ]
    assert len(left) == 3
    assert all("ttl" in item and "words" not in str(item) for item in left)


# ── at the same moment, on the emulator ──────────────────────────────────────────────────────────


def test_twenty_additions_of_one_title_at_once_are_told_once(emulated: DynamoDBClient) -> None:
    store = dynamodb_store(emulated)

    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: store.favourites.add("ann", film(), TRACE), range(20)))

    assert sum(one.new for one in made) == 1
    assert len({one.entry for one in made}) == 1
    assert store.told == ["FavouriteAdded"]


def test_ten_devices_that_save_at_once_lose_nobodys_answers(emulated: DynamoDBClient) -> None:
    store = dynamodb_store(emulated)
    names = [
        "favoriteGenres",
        "keywords",
        "moodPreferences",
        "eraPreferences",
        "languagePreferences",
        "aestheticPreferences",
    ]

    def save(name: str) -> Preferences:
        return store.preferences.change("ann", {name: [1] if "Genres" in name else ["x"]}, TRACE)

    with ThreadPoolExecutor(len(names)) as pool:
        versions = sorted(saved.version for saved in pool.map(save, names))

    assert versions == list(range(1, len(names) + 1))
    assert set(store.rows.find("ann").answers) == set(names)
    assert store.told == ["PreferencesUpdated"] * len(names)


def test_of_ten_removals_at_once_one_is_told(emulated: DynamoDBClient) -> None:
    store = dynamodb_store(emulated)
    store.favourites.add("ann", film(), TRACE)

    def remove(_: int) -> bool:
        [gone] = store.favourites.remove_all("ann", [film().key], TRACE)
        return gone is True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(remove, range(10))) == 1
    assert sorted(store.told) == ["FavouriteAdded", "FavouriteRemoved"]


# ── what it costs, and what the tables may refuse ────────────────────────────────────────────────


def test_each_thing_that_is_done_to_one_title_is_one_request(
    moto_dynamodb: DynamoDBClient,
) -> None:
    store = dynamodb_store(moto_dynamodb)
    calls = CountedCalls()
    calls.watch(moto_dynamodb)

    def asked(act: object) -> list[str]:
        calls.operations.clear()
        act()  # type: ignore[operator]
        return calls.operations.copy()

    added = store.favourites.add("ann", film(2), TRACE).entry.added_at
    key = film(1).key
    transaction = ["TransactWriteItems"]
    assert asked(lambda: store.favourites.add("ann", film(1), TRACE)) == transaction
    assert asked(lambda: store.favourites.add("ann", film(1), TRACE)) == transaction
    assert asked(lambda: store.favourites.page("ann", 10, None)) == ["Query"]
    assert asked(lambda: store.favourites.remove("ann", key, TRACE)) == [
        "BatchGetItem",
        "TransactWriteItems",
    ]
    assert asked(lambda: store.favourites.remove("ann", film(2).key, TRACE, added)) == transaction
    assert asked(lambda: store.preferences.find("ann")) == ["GetItem"]


class Refusing:
    """A client whose every call is refused in the same way."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.calls = 0

    def __getattr__(self, _: str) -> object:
        def refuse(**_: object) -> None:
            self.calls += 1
            raise self.error

        return refuse


def refused(code: str, operation: str = "TransactWriteItems") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refused("AccessDeniedException"), LibraryUnavailable),
        (refused("InternalServerError"), LibraryUnavailable),
        (EndpointConnectionError(endpoint_url="https://example.com"), LibraryUnavailable),
        (refused("ProvisionedThroughputExceededException"), LibraryBusy),
        (refused("TransactionConflictException"), LibraryBusy),
    ],
)
def test_what_the_tables_cannot_do_is_told_in_our_words(
    error: Exception, expected: type[Exception]
) -> None:
    client = Refusing(error)
    store = dynamodb_store(client)  # type: ignore[arg-type]
    store.lists = replace(store.lists, pause=no_pause)  # type: ignore[type-var]

    for act in (
        lambda: store.lists.page("ann", FAVOURITES, 1, None),
        lambda: store.lists.standing("ann", [(FAVOURITES, film().key)]),
        lambda: store.lists.commit("ann", [addition(store)]),
        lambda: store.rows.find("ann"),
        lambda: store.erasable.titles("ann", FAVOURITES, 1),
        lambda: store.erasable.erase("ann", FAVOURITES, ["movie#1"]),
    ):
        with pytest.raises(expected):
            act()


def test_a_conflict_is_tried_again_after_pauses_that_grow() -> None:
    pauses: list[float] = []
    client = Refusing(refused("TransactionConflictException"))

    with pytest.raises(LibraryBusy):
        write(client, [], pauses.append)  # type: ignore[arg-type]

    assert client.calls == ATTEMPTS
    assert len(pauses) == ATTEMPTS - 1
    assert all(0 <= pause <= min(1, 0.02 * 2**index) for index, pause in enumerate(pauses))


class Leaving:
    """A client that leaves some of a batch undone, `times` times."""

    def __init__(self, client: DynamoDBClient, times: int) -> None:
        self.client, self.left = client, times

    def batch_get_item(self, *, RequestItems: dict[str, object]) -> object:  # noqa: N803 - as boto3 has it
        if self.left:
            self.left -= 1
            return {"Responses": {}, "UnprocessedKeys": RequestItems}
        return self.client.batch_get_item(RequestItems=RequestItems)  # type: ignore[arg-type]

    def batch_write_item(self, *, RequestItems: dict[str, object]) -> object:  # noqa: N803 - as boto3 has it
        if self.left:
            self.left -= 1
            return {"UnprocessedItems": RequestItems}
        return self.client.batch_write_item(RequestItems=RequestItems)  # type: ignore[arg-type]


@pytest.mark.parametrize("times", [1, 4, 5])
def test_what_a_batch_leaves_undone_is_asked_for_again(
    moto_dynamodb: DynamoDBClient, times: int
) -> None:
    store = dynamodb_store(moto_dynamodb)
    store.favourites.add("ann", film(), TRACE)
    place = [(FAVOURITES, film().key)]

    def leaving[T](adapter: T) -> T:
        return replace(adapter, client=Leaving(moto_dynamodb, times), pause=no_pause)  # type: ignore[type-var]

    if times == 5:
        with pytest.raises(LibraryBusy):
            leaving(store.lists).standing("ann", place)
        with pytest.raises(LibraryBusy):
            leaving(store.erasable).erase("ann", FAVOURITES, ["movie#550"])
        return
    assert len([one for one in leaving(store.lists).standing("ann", place) if one]) == 1
    leaving(store.erasable).erase("ann", FAVOURITES, ["movie#550"])
    assert store.lists.standing("ann", place) == [None]
