"""The contract of the ports, fulfilled by the fakes, moto's DynamoDB and the emulator's."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from mypy_boto3_dynamodb import DynamoDBClient

from library.adapters.dynamodb.items import REMOVAL_TTL, list_key
from library.adapters.dynamodb.requests import WRITE_BACKOFF
from library.domain.errors import AccountDeleted, LibraryBusy, LibraryUnavailable
from library.domain.preferences import Preferences
from library.domain.titles import (
    MILLISECOND,
    CachedTitle,
    Entry,
    ListName,
    Opinion,
    Page,
    Viewing,
)
from library.ports import (
    AddEntry,
    Conflict,
    ConflictingChanges,
    RemoveEntry,
    ReviseEntry,
    VersionConflict,
)
from library.use_cases.changes import Added
from library.use_cases.erase_user import UserDataEraser
from matinee.dynamodb.provider_names import NAMES_TTL_SECONDS, ProviderNames
from matinee.local_facts import LocalFacts
from matinee.media import MediaType
from tests.fakes.clock import NOON, no_pause
from tests.fakes.library import TRACE, bare, film
from tests.integration.library.conftest import (
    LISTS,
    NAMES,
    OUTBOX,
    TITLES,
    CountedCalls,
    Store,
    dynamodb_store,
)

FAVOURITES, SEEN = ListName.FAVOURITES, ListName.SEEN
ATTEMPTS = 12


def addition(store: Store, number: int = 550, after: float = 0) -> AddEntry:
    entry = Entry(film(number), NOON + timedelta(seconds=after))
    event = store.events.entry_added("ann", FAVOURITES, entry, TRACE)
    return AddEntry(FAVOURITES, entry, event)


def removal_of(store: Store, entry: Entry, *, at: float = 60) -> RemoveEntry:
    removal = entry.ended(NOON + timedelta(seconds=at))
    event = store.events.entry_removed("ann", FAVOURITES, removal, entry.added_at, TRACE)
    return RemoveEntry(FAVOURITES, removal, entry.added_at, event)


def test_a_commit_is_read_whole_and_published(store: Store) -> None:
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
    event = store.events.entry_added("ann", FAVOURITES, entry, TRACE)

    store.entries.commit("ann", [AddEntry(FAVOURITES, entry, event)])

    assert store.entries.get_entries("ann", [(FAVOURITES, title.key)]) == [entry]
    assert store.entries.page("ann", FAVOURITES, 10, None) == Page((entry,), more=False)
    assert store.published == ["FavouriteAdded"]


def test_conflicts_are_reported_and_nothing_is_written(store: Store) -> None:
    old = addition(store, 1)
    store.entries.commit("ann", [old])

    with pytest.raises(ConflictingChanges) as refused:
        store.entries.commit("ann", [addition(store, 2), addition(store, 1, after=9)])

    assert refused.value.conflicts == [Conflict(False), Conflict(True, old.entry)]
    assert store.entries.get_entries("ann", [(FAVOURITES, film(2).key)]) == [None]
    assert len(store.published) == 1


def test_a_repeated_title_is_read_once_for_each(store: Store) -> None:
    added = addition(store)
    store.entries.commit("ann", [added])
    place = (FAVOURITES, added.entry.title.key)

    assert store.entries.get_entries("ann", [place, place]) == [added.entry] * 2


def test_a_revision_replaces_the_entry_it_has_read_alone(store: Store) -> None:
    now = store.now()
    first = Entry.at(film(), now, Viewing(now, Opinion.LIKED, 8.5))
    added = store.events.entry_added("ann", SEEN, first, TRACE)
    store.entries.commit("ann", [AddEntry(SEEN, first, added)])
    assert store.entries.get_entries("ann", [(SEEN, film().key)]) == [first]
    second = first.revised(Viewing(opinion=Opinion.FINE), now)
    event = store.events.entry_added("ann", SEEN, second, TRACE)

    store.entries.commit("ann", [ReviseEntry(SEEN, second, first.ordered_at, event)])
    with pytest.raises(ConflictingChanges) as refused:
        store.entries.commit("ann", [ReviseEntry(SEEN, second, first.ordered_at, event)])

    assert refused.value.conflicts == [Conflict(True, second)]
    assert store.entries.page("ann", SEEN, 10, None).entries == (second,)
    assert store.published == ["TitleSeen", "TitleSeen"]


def test_an_entry_must_be_later_than_the_removal_before(store: Store) -> None:
    added = addition(store)
    store.entries.commit("ann", [added])
    gone = removal_of(store, added.entry)
    store.entries.commit("ann", [gone])

    assert store.entries.page("ann", FAVOURITES, 10, None).entries == ()
    assert store.entries.get_entries("ann", [(FAVOURITES, film().key)]) == [gone.removal]
    for seconds in (0.0, 60.0):
        with pytest.raises(ConflictingChanges) as refused:
            store.entries.commit("ann", [addition(store, after=seconds)])
        assert refused.value.conflicts == [Conflict(True, gone.removal)]
    store.entries.commit("ann", [addition(store, after=60.001)])
    [state] = store.entries.get_entries("ann", [(FAVOURITES, film().key)])
    assert isinstance(state, Entry)


def test_only_the_named_entry_is_removed(store: Store) -> None:
    added = addition(store)
    with pytest.raises(ConflictingChanges) as refused:
        store.entries.commit("ann", [removal_of(store, added.entry)])
    assert refused.value.conflicts == [Conflict(True, None)]

    store.entries.commit("ann", [added])
    other = Entry(film(), NOON - MILLISECOND)
    with pytest.raises(ConflictingChanges) as refused:
        store.entries.commit("ann", [removal_of(store, other)])
    assert refused.value.conflicts == [Conflict(True, added.entry)]


def test_a_removal_expires_with_the_archive(
    moto_dynamodb: DynamoDBClient,
) -> None:
    store = dynamodb_store(moto_dynamodb)
    store.favourites.add("ann", film(), TRACE)
    store.favourites.remove("ann", film().key, TRACE)

    item = moto_dynamodb.get_item(TableName=LISTS[FAVOURITES], Key=list_key("ann", film().key))[
        "Item"
    ]
    gone_at = NOON + MILLISECOND + REMOVAL_TTL
    assert set(item) == {"userId", "mediaKey", "removedAt", "ttl"}
    assert int(item["ttl"]["N"]) == int(gone_at.timestamp())


def test_a_list_is_paged_without_gap_or_repetition(store: Store) -> None:
    entries = [Entry(film(number), NOON + timedelta(seconds=number % 7)) for number in range(1, 31)]
    store.favourites.add_all("ann", entries, TRACE)
    store.favourites.remove("ann", film(5).key, TRACE)

    found: list[Entry] = []
    after = None
    while True:
        page = store.entries.page("ann", FAVOURITES, 4, after)
        found += page.entries
        after = page.next
        if after is None:
            break

    assert {entry.title.key.id for entry in found} == set(range(1, 31)) - {5}
    assert len(found) == 29
    moments = [entry.added_at for entry in found]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize("limit", [1, 2, 3, 20])
def test_a_list_of_one_media_type_is_paged_in_full(store: Store, limit: int) -> None:
    titles = [
        film(number, MediaType.MOVIE if number % 3 else MediaType.TV) for number in range(1, 14)
    ]
    for title in titles:
        store.favourites.add("ann", title, TRACE)

    found: list[int] = []
    after = None
    while True:
        page = store.entries.page("ann", FAVOURITES, limit, after, MediaType.TV)
        found += [entry.title.key.id for entry in page.entries]
        after = page.next
        if after is None:
            break
        assert len(page.entries) == limit

    assert sorted(found) == [3, 6, 9, 12]


def test_a_page_continues_after_a_removed_entry(store: Store) -> None:
    entries = [Entry(film(number), NOON + timedelta(seconds=number)) for number in range(1, 6)]
    store.favourites.add_all("ann", entries, TRACE)
    first = store.entries.page("ann", FAVOURITES, 2, None)
    store.favourites.remove("ann", film(4).key, TRACE)

    rest = store.entries.page("ann", FAVOURITES, 10, first.next)

    assert [entry.title.key.id for entry in rest.entries] == [3, 2, 1]


def test_users_lists_and_media_types_are_separate(store: Store) -> None:
    store.favourites.add("ann", film(1), TRACE)
    store.favourites.add("ann", film(1, MediaType.TV), TRACE)
    store.watchlist.add("bob", film(1), TRACE)

    assert len(store.favourites.page("ann", 10, None).entries) == 2
    assert store.favourites.page("bob", 10, None).entries == ()
    assert len(store.watchlist.page("bob", 10, None).entries) == 1
    assert store.favourites.remove("bob", film(1).key, TRACE) is None


def test_a_hundred_titles_are_read_in_one_request(store: Store) -> None:
    store.favourites.add("ann", film(7), TRACE)
    keys = [film(number).key for number in range(1, 101)]

    found = store.entries.get_entries("ann", [(FAVOURITES, key) for key in keys])

    assert [number for number, one in enumerate(found, 1) if one] == [7]


def test_a_move_changes_both_lists_or_neither(store: Store) -> None:
    store.watchlist.add("ann", film(), TRACE)
    store.now.advance(hours=1)

    moved = store.move("ann", film().key, TRACE)

    assert moved == Added(Entry(film(), store.now()), new=True)
    assert store.watchlist.page("ann", 10, None).entries == ()
    assert store.favourites.page("ann", 10, None).entries == (moved.entry,)
    assert sorted(store.published) == [
        "FavouriteAdded",
        "WatchlistItemAdded",
        "WatchlistItemRemoved",
    ]


def test_preferences_are_stored_by_version(store: Store) -> None:
    assert store.stored_preferences.get("ann") == Preferences()
    answers = {"minRating": 6.5, "favoriteGenres": [28], "genreRatings": {"28": 9}, "keywords": []}

    saved = store.preferences.change("ann", answers, TRACE)

    assert store.stored_preferences.get("ann") == saved == Preferences(answers, 1, NOON)
    stale = Preferences({"minRating": 1}, 1, NOON)
    event = store.events.preferences_updated("ann", stale, NOON, TRACE)
    with pytest.raises(VersionConflict):
        store.stored_preferences.save("ann", stale, event)
    assert store.published == ["PreferencesUpdated"]
    assert store.preferences.change("ann", None, TRACE).version == 2
    assert store.stored_preferences.get("ann").answers == {}


def test_an_erasure_leaves_blocks_only(store: Store) -> None:
    for number in range(1, 31):
        store.favourites.add("ann", film(number), TRACE)
    store.favourites.remove("ann", film(3).key, TRACE)
    store.watchlist.add("ann", film(1), TRACE)
    store.watchlist.add("bob", film(1), TRACE)
    store.preferences.change("ann", {"favoriteContent": "my own words"}, TRACE)
    published = store.published

    erase = UserDataEraser(store.erasure, store.now)
    erase("ann")
    erase("ann")

    for name in ListName:
        assert store.erasure.get_keys("ann", name, 100) == []
    assert len(store.watchlist.page("bob", 10, None).entries) == 1
    for act in (
        lambda: store.favourites.add("ann", film(), TRACE),
        lambda: store.watchlist.add("ann", film(), TRACE),
        lambda: store.preferences.change("ann", {"minRating": 7}, TRACE),
        lambda: store.preferences.get("ann"),
    ):
        with pytest.raises(AccountDeleted):
            act()
    assert store.published == published


def test_a_blocked_users_lists_cannot_be_read(store: Store) -> None:
    assert store.entries.page("ann", FAVOURITES, 10, None) == Page((), more=False)

    UserDataEraser(store.erasure, store.now)("ann")

    for media_type in (None, MediaType.TV):
        with pytest.raises(AccountDeleted):
            store.entries.page("ann", FAVOURITES, 10, None, media_type)


def test_an_erased_user_has_nothing_but_blocks_that_expire(moto_dynamodb: DynamoDBClient) -> None:
    store = dynamodb_store(moto_dynamodb)
    store.favourites.add("ann", film(), TRACE)
    store.preferences.change("ann", {"favoriteContent": "my own words"}, TRACE)

    UserDataEraser(store.erasure, store.now)("ann")

    left = [
        item
        for name in NAMES
        if name != OUTBOX
        for item in moto_dynamodb.scan(TableName=name)["Items"]
    ]
    assert len(left) == 3 + len(ListName)  # of preferences, imports and notices, too
    assert all("ttl" in item and "words" not in str(item) for item in left)


# ── Concurrency, on the emulator ─────────────────────────────────────────────────────────────────


def test_twenty_concurrent_additions_are_published_once(emulated: DynamoDBClient) -> None:
    store = dynamodb_store(emulated)

    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: store.favourites.add("ann", film(), TRACE), range(20)))

    assert sum(one.new for one in made) == 1
    assert len({one.entry for one in made}) == 1
    assert store.published == ["FavouriteAdded"]


def test_devices_that_save_concurrently_lose_no_answer(emulated: DynamoDBClient) -> None:
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
    assert set(store.stored_preferences.get("ann").answers) == set(names)
    assert store.published == ["PreferencesUpdated"] * len(names)


def test_ten_concurrent_removals_are_published_once(emulated: DynamoDBClient) -> None:
    store = dynamodb_store(emulated)
    store.favourites.add("ann", film(), TRACE)

    def remove(_: int) -> bool:
        [gone] = store.favourites.remove_all("ann", [film().key], TRACE)
        return gone is True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(remove, range(10))) == 1
    assert sorted(store.published) == ["FavouriteAdded", "FavouriteRemoved"]


# ── Costs and errors of the tables ───────────────────────────────────────────────────────────────


def test_each_operation_on_one_title_is_one_request(
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
    assert asked(lambda: store.preferences.get("ann")) == ["GetItem"]


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
def test_client_errors_are_translated(error: Exception, expected: type[Exception]) -> None:
    client = Refusing(error)
    store = dynamodb_store(client)  # type: ignore[arg-type]
    backoff = replace(WRITE_BACKOFF, sleep=no_pause)
    store.entries = replace(store.entries, backoff=backoff)  # type: ignore[type-var]

    for act in (
        lambda: store.entries.page("ann", FAVOURITES, 1, None),
        lambda: store.entries.get_entries("ann", [(FAVOURITES, film().key)]),
        lambda: store.entries.commit("ann", [addition(store)]),
        lambda: store.stored_preferences.get("ann"),
        lambda: store.erasure.get_keys("ann", FAVOURITES, 1),
        lambda: store.erasure.delete("ann", FAVOURITES, ["movie#1"]),
    ):
        with pytest.raises(expected):
            act()


def test_a_conflict_is_retried_after_growing_pauses() -> None:
    pauses: list[float] = []
    client = Refusing(refused("TransactionConflictException"))
    store = dynamodb_store(client)  # type: ignore[arg-type]
    backoff = replace(WRITE_BACKOFF, sleep=pauses.append)
    store.entries = replace(store.entries, backoff=backoff)  # type: ignore[type-var]

    with pytest.raises(LibraryBusy):
        store.entries.commit("ann", [addition(store)])

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
def test_unprocessed_items_are_requested_again(moto_dynamodb: DynamoDBClient, times: int) -> None:
    store = dynamodb_store(moto_dynamodb)
    store.favourites.add("ann", film(), TRACE)
    place = [(FAVOURITES, film().key)]

    backoff = replace(WRITE_BACKOFF, sleep=no_pause)

    def leaving[T](adapter: T) -> T:
        return replace(adapter, client=Leaving(moto_dynamodb, times), backoff=backoff)  # type: ignore[type-var]

    if times == 5:
        with pytest.raises(LibraryBusy):
            leaving(store.entries).get_entries("ann", place)
        with pytest.raises(LibraryBusy):
            leaving(store.erasure).delete("ann", FAVOURITES, ["movie#550"])
        return
    assert len([one for one in leaving(store.entries).get_entries("ann", place) if one]) == 1
    leaving(store.erasure).delete("ann", FAVOURITES, ["movie#550"])
    assert store.entries.get_entries("ann", place) == [None]


def test_what_is_missing_of_an_entry_is_stored_once(store: Store) -> None:
    store.favourites.add("ann", bare(), TRACE)

    made = store.favourites.add("ann", replace(film(), overview="Told later."), TRACE)
    store.favourites.add("ann", replace(film(), title="Worse", runtime=99), TRACE)

    [entry] = store.entries.page("ann", FAVOURITES, 10, None).entries
    assert entry == replace(made.entry, title=replace(made.entry.title, runtime=99))
    assert (entry.added_at, entry.title.title) == (NOON, "Film 550")
    assert store.published == ["FavouriteAdded", "FavouriteDescribed"]


def test_an_entry_put_back_keeps_its_place_and_order(store: Store) -> None:
    entries = [Entry(film(number), NOON + timedelta(seconds=number)) for number in (1, 2, 3)]
    store.favourites.add_all("ann", entries, TRACE)
    store.now.advance(days=1)
    store.favourites.remove("ann", film(2).key, TRACE)

    store.favourites.use_cases.add("ann", entries, TRACE, restore=True)

    page = store.entries.page("ann", FAVOURITES, 10, None)
    assert [(it.title, it.added_at) for it in page.entries] == [
        (it.title, it.added_at) for it in reversed(entries)
    ]
    assert store.entries.get_entries("ann", [(FAVOURITES, film(2).key)]) == [page.entries[1]]
    assert store.favourites.remove("ann", film(2).key, TRACE, entries[1].added_at)


def test_titles_of_the_catalogue_are_found_until_they_expire(store: Store) -> None:
    many = [film(number) for number in range(1, 121)]
    for title in many:
        assert store.facts.save(CachedTitle(title, NOON, NOON + timedelta(days=1)))
    late = CachedTitle(replace(film(1), title="Late"), NOON - MILLISECOND, NOON)
    assert not store.facts.save(late)

    found = store.facts.get([*(title.key for title in many), film(999).key])

    assert found == {title.key: title for title in many}


def test_an_expired_title_is_unknown(moto_dynamodb: DynamoDBClient) -> None:
    store = dynamodb_store(moto_dynamodb)
    store.facts.save(CachedTitle(film(), NOON - timedelta(days=2), NOON))

    assert store.facts.get([film().key]) == {}
    assert store.facts.get_providers([film().key], "DE") == {}


def test_the_catalogue_tells_who_streams_titles(store: Store) -> None:
    local = LocalFacts.of({}, {"DE": [337, 8], "FR": [11]})
    store.facts.save(CachedTitle(film(1), NOON, NOON + timedelta(days=1), local))
    store.facts.save(CachedTitle(film(2), NOON, NOON + timedelta(days=1)))
    store.facts.add_names({number: f"Provider {number}" for number in range(1, 251)})
    store.facts.add_names({8: "Netflix", 337: "Disney Plus"})

    found = store.facts.get_providers([film(1).key, film(2).key, film(3).key], "DE")

    assert {key: tuple(ids) for key, ids in found.items()} == {
        film(1).key: (337, 8),
        film(2).key: (),
    }
    names = store.facts.get_names()
    assert (len(names), names[250], names[8]) == (251, "Provider 250", "Netflix")
    assert store.facts.get([film(1).key]) == {film(1).key: film(1)}


def test_names_that_are_stored_take_no_request(moto_dynamodb: DynamoDBClient) -> None:
    names, calls = ProviderNames(TITLES, moto_dynamodb), CountedCalls()
    names.add({8: "Netflix"})
    calls.watch(moto_dynamodb)

    names.add({8: "Netflix"})
    assert calls.operations == []
    names.add({8: "Netflix", 9: "Amazon Prime Video"})
    assert calls.operations == ["UpdateItem"]


def test_names_are_read_until_there_are_any(moto_dynamodb: DynamoDBClient) -> None:
    reader = ProviderNames(TITLES, moto_dynamodb)
    assert reader.get() == {}

    ProviderNames(TITLES, moto_dynamodb).add({8: "Netflix"})

    assert reader.get() == {8: "Netflix"}


def test_names_are_read_once_in_ten_minutes(moto_dynamodb: DynamoDBClient) -> None:
    seconds = [0.0]
    names = ProviderNames(TITLES, moto_dynamodb, timer=lambda: seconds[0])
    writer = ProviderNames(TITLES, moto_dynamodb)
    writer.add({8: "Netflix"})
    assert names.get() == {8: "Netflix"}
    writer.add({9: "Amazon Prime Video"})

    seconds[0] = NAMES_TTL_SECONDS
    assert names.get() == {8: "Netflix"}
    seconds[0] += 1
    assert names.get() == {8: "Netflix", 9: "Amazon Prime Video"}
