"""Favourites and watchlist: the same use cases, one event for each change."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.domain.errors import (
    AccountDeleted,
    LibraryBusy,
    WatchlistItemNotFound,
)
from library.domain.titles import MILLISECOND, Entry, ListName, Removal
from library.events.published import FavouriteAdded, FavouriteRemoved
from library.use_cases.changes import Added
from matinee.media import MediaType, TitleKey
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, LibraryApp, film, projected
from tests.fakes.schedule import Order, Task, every_order

KEY = film().key


@pytest.fixture
def library() -> LibraryApp:
    return LibraryApp()


def keys(library: LibraryApp, name: ListName = ListName.FAVOURITES) -> set[TitleKey]:
    return {entry.title.key for entry in library.tables.entries("ann", name)}


@pytest.mark.parametrize("name", list(ListName))
def test_an_added_title_is_listed_and_published(library: LibraryApp, name: ListName) -> None:
    added = library.lists[name].add("ann", film(), TRACE)

    assert added == Added(Entry(film(), NOON), new=True)
    assert library.tables.entries("ann", name) == [added.entry]
    assert len(library.tables.outbox) == 1


def test_an_addition_publishes_user_title_and_time(library: LibraryApp) -> None:
    library.favourites.add("ann", film(), TRACE)

    [event] = library.tables.outbox
    assert event.data == FavouriteAdded(
        user_id="ann",
        media_type="movie",
        media_id=550,
        title="Film 550",
        genre_ids=[18, 53],
        added_at=NOON,
    )
    assert event.metadata.correlation_id == TRACE.correlation_id


def test_adding_again_keeps_the_time_and_publishes_nothing(library: LibraryApp) -> None:
    first = library.favourites.add("ann", film(), TRACE)
    library.now.advance(days=3)

    again = library.favourites.add("ann", film(), TRACE)

    assert again == Added(first.entry, new=False)
    assert library.tables.published == ["FavouriteAdded"]


def test_a_film_and_a_series_of_the_same_id_are_two_titles(library: LibraryApp) -> None:
    library.favourites.add("ann", film(550), TRACE)
    library.favourites.add("ann", film(550, MediaType.TV), TRACE)

    assert len(keys(library)) == 2


def test_other_users_and_the_other_list_are_unchanged(library: LibraryApp) -> None:
    library.favourites.add("ann", film(), TRACE)

    assert library.tables.entries("bob", ListName.FAVOURITES) == []
    assert library.tables.entries("ann", ListName.WATCHLIST) == []
    assert library.favourites.remove("bob", KEY, TRACE) is None
    assert keys(library) == {KEY}


def test_a_removal_publishes_the_removed_entry(library: LibraryApp) -> None:
    library.favourites.add("ann", film(), TRACE)
    library.now.advance(hours=1)

    library.favourites.remove("ann", KEY, TRACE)

    assert library.tables.outbox[-1].data == FavouriteRemoved(
        user_id="ann",
        media_type="movie",
        media_id=550,
        added_at=NOON,
        removed_at=NOON + timedelta(hours=1),
    )
    assert keys(library) == set()


@pytest.mark.parametrize("name", list(ListName))
def test_removing_an_absent_title_publishes_nothing(library: LibraryApp, name: ListName) -> None:
    library.lists[name].add("ann", film(), TRACE)
    library.lists[name].remove("ann", KEY, TRACE)
    published = list(library.tables.published)

    assert library.lists[name].remove("ann", KEY, TRACE) is None
    assert library.tables.published == published


def test_an_addition_and_a_known_removal_are_one_request(
    library: LibraryApp,
) -> None:
    library.favourites.add("ann", film(), TRACE)
    assert library.tables.requests == {"commit": 1}

    library.favourites.remove("ann", KEY, TRACE, added_at=NOON)
    assert library.tables.requests == {"commit": 2}


def test_a_removal_with_a_wrong_added_at_succeeds(library: LibraryApp) -> None:
    library.favourites.add("ann", film(), TRACE)

    library.favourites.remove("ann", KEY, TRACE, added_at=NOON - timedelta(days=1))

    [_, removed] = library.tables.outbox
    assert isinstance(removed.data, FavouriteRemoved)
    assert removed.data.added_at == NOON


def test_adding_again_at_once_is_later_than_the_removal(library: LibraryApp) -> None:
    library.favourites.add("ann", film(), TRACE)
    library.favourites.remove("ann", KEY, TRACE)

    again = library.favourites.add("ann", film(), TRACE)

    assert again.entry.added_at == NOON + 2 * MILLISECOND
    assert projected(library.tables.outbox[::-1], "ann", ListName.FAVOURITES) == {KEY}


def test_a_late_clock_keeps_changes_in_order(library: LibraryApp) -> None:
    library.favourites.add("ann", film(), TRACE)
    library.now.advance(seconds=-30)

    library.favourites.remove("ann", KEY, TRACE)
    library.favourites.add("ann", film(), TRACE)

    moments = [
        event.data.removed_at if isinstance(event.data, FavouriteRemoved) else event.data.added_at
        for event in library.tables.outbox
        if isinstance(event.data, FavouriteAdded | FavouriteRemoved)
    ]
    assert moments == sorted(set(moments))


def test_many_titles_are_added_in_one_commit(library: LibraryApp) -> None:
    old = library.favourites.add("ann", film(2), TRACE).entry
    library.now.advance(minutes=1)
    asked = [Entry(film(number), library.now()) for number in (1, 2, 3, 1)]

    outcomes = library.favourites.add_all("ann", asked, TRACE)

    assert [isinstance(made, Added) and made.new for made in outcomes] == [True, False, True, False]
    assert isinstance(outcomes[1], Added)
    assert outcomes[1].entry == old
    assert library.tables.published == ["FavouriteAdded"] * 3
    # One that the old entry makes fail, and one without it
    assert library.tables.requests == {"commit": 3}


def test_a_hundred_titles_take_three_commits(library: LibraryApp) -> None:
    asked = [Entry(film(number), NOON) for number in range(1, 101)]
    library.favourites.add_all("ann", asked, TRACE)
    assert library.tables.requests == {"commit": 3}

    gone = library.favourites.remove_all("ann", [entry.title.key for entry in asked], TRACE)

    assert gone == [True] * 100
    assert library.tables.requests == {"commit": 6, "entries": 3}
    assert len(library.tables.outbox) == 200


def test_each_of_many_removals_has_an_outcome(library: LibraryApp) -> None:
    library.favourites.add("ann", film(1), TRACE)
    asked = [film(number).key for number in (1, 2, 1)]

    assert library.favourites.remove_all("ann", asked, TRACE) == [True, False, False]
    assert library.tables.published == ["FavouriteAdded", "FavouriteRemoved"]


def test_a_busy_commit_does_not_prevent_the_next_one(library: LibraryApp) -> None:
    library.tables.conflicts = 1
    asked = [Entry(film(number), NOON) for number in range(1, 61)]

    outcomes = library.favourites.add_all("ann", asked, TRACE)

    assert [isinstance(outcome, LibraryBusy) for outcome in outcomes] == [True] * 49 + [False] * 11
    assert len(library.tables.outbox) == 11


def test_a_single_busy_addition_fails(library: LibraryApp) -> None:
    library.tables.conflicts = 1

    with pytest.raises(LibraryBusy):
        library.favourites.add("ann", film(), TRACE)
    assert "ann" not in library.tables


def test_each_busy_removal_has_an_outcome(library: LibraryApp) -> None:
    library.favourites.add("ann", film(1), TRACE)
    library.tables.conflicts = 1

    [outcome] = library.favourites.remove_all("ann", [film(1).key], TRACE)

    assert isinstance(outcome, LibraryBusy)
    assert keys(library) == {film(1).key}


@pytest.mark.parametrize("name", list(ListName))
def test_nothing_is_stored_of_a_deleted_user(library: LibraryApp, name: ListName) -> None:
    library.tables.blocked["ann"] = NOON

    with pytest.raises(AccountDeleted):
        library.lists[name].add("ann", film(), TRACE)
    assert "ann" not in library.tables
    assert library.tables.outbox == []


# ── Moving from the watchlist to the favourites ──────────────────────────────────────────────────


def test_a_title_moves_with_all_its_details(library: LibraryApp) -> None:
    library.watchlist.add("ann", film(), TRACE)
    library.now.advance(hours=2)

    moved = library.move("ann", KEY, TRACE)

    assert moved == Added(Entry(film(), library.now()), new=True)
    assert keys(library) == {KEY}
    assert keys(library, ListName.WATCHLIST) == set()
    assert library.tables.published[1:] == ["WatchlistItemRemoved", "FavouriteAdded"]


def test_a_repeated_move_changes_nothing(library: LibraryApp) -> None:
    library.watchlist.add("ann", film(), TRACE)
    first = library.move("ann", KEY, TRACE)
    published = list(library.tables.published)

    assert library.move("ann", KEY, TRACE) == Added(first.entry, new=False)
    assert library.tables.published == published


def test_moving_a_favourite_only_removes_it_from_the_watchlist(library: LibraryApp) -> None:
    liked = library.favourites.add("ann", film(), TRACE).entry
    library.watchlist.add("ann", film(), TRACE)

    assert library.move("ann", KEY, TRACE) == Added(liked, new=False)
    assert library.tables.published[2:] == ["WatchlistItemRemoved"]


def test_a_former_favourite_becomes_one_again_later(library: LibraryApp) -> None:
    library.favourites.add("ann", film(), TRACE)
    library.favourites.remove("ann", KEY, TRACE)
    library.watchlist.add("ann", film(), TRACE)

    library.move("ann", KEY, TRACE)

    assert projected(library.tables.outbox[::-1], "ann", ListName.FAVOURITES) == {KEY}


def test_a_title_on_neither_list_cannot_move(library: LibraryApp) -> None:
    with pytest.raises(WatchlistItemNotFound):
        library.move("ann", KEY, TRACE)


# ── Concurrency ──────────────────────────────────────────────────────────────────────────────────

ACTS: dict[str, Callable[[LibraryApp], object]] = {
    "like": lambda library: library.favourites.add("ann", film(), TRACE),
    "unlike": lambda library: library.favourites.remove("ann", KEY, TRACE),
    "want": lambda library: library.watchlist.add("ann", film(), TRACE),
    "unwant": lambda library: library.watchlist.remove("ann", KEY, TRACE),
    "move": lambda library: library.move("ann", KEY, TRACE),
}
REFUSED = WatchlistItemNotFound


def check(library: LibraryApp) -> None:
    """Assert that the events of any order give the lists, and have each change once."""
    for name in ListName:
        for events in (library.tables.outbox, library.tables.outbox[::-1]):
            assert projected(events, "ann", name) == keys(library, name)
    changes = [event.metadata.idempotency_key for event in library.tables.outbox]
    assert len(set(changes)) == len(changes)


@pytest.mark.parametrize(
    ("before", "overlapping"),
    [
        ((), ("like", "like")),
        (("like",), ("unlike", "unlike")),
        (("like",), ("unlike", "like")),
        (("want",), ("move", "move")),
        (("want",), ("move", "unwant")),
        (("want",), ("move", "like")),
        (("want", "like"), ("move", "unlike")),
        (("want",), ("move", "want", "unlike")),
    ],
)
def test_events_match_the_lists_after_concurrent_changes(
    before: Sequence[str], overlapping: Sequence[str]
) -> None:
    def scenario(order: Order) -> None:
        library = LibraryApp()
        for act in before:
            ACTS[act](library)
        tasks = [Task(act, partial(ACTS[act], library)) for act in overlapping]
        order.run(tasks)
        assert all(task.error is None or isinstance(task.error, REFUSED) for task in tasks)
        check(library)

    assert every_order(scenario, 3000) > 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*ACTS, "later", "earlier"]), max_size=12), st.randoms())
def test_events_match_the_lists_in_any_order(acts: Sequence[str], shuffled: object) -> None:
    library = LibraryApp()
    for act in acts:
        if act in ACTS:
            try:
                ACTS[act](library)
            except REFUSED:
                continue
        else:
            library.now.advance(milliseconds=3 if act == "later" else -3)
    events = list(library.tables.outbox)
    shuffled.shuffle(events)  # type: ignore[attr-defined]

    check(library)
    for name in ListName:
        assert projected(events, "ann", name) == keys(library, name)


def test_a_change_that_is_always_overtaken_is_busy(
    library: LibraryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.favourites.add("ann", film(), TRACE)
    stale = Entry(film(), NOON - timedelta(days=1))
    monkeypatch.setattr(library.entries, "get_entries", lambda *_: [stale])
    commit = library.entries.commit

    def always_other(user_id: str, changes: Sequence[object]) -> None:
        library.tables.of("ann", ListName.FAVOURITES)[KEY] = Entry(film(), library.now())
        library.now.advance(minutes=1)
        commit(user_id, changes)  # type: ignore[arg-type]

    monkeypatch.setattr(library.entries, "commit", always_other)

    with pytest.raises(LibraryBusy):
        library.favourites.remove("ann", KEY, TRACE)
    assert not isinstance(library.tables.of("ann", ListName.FAVOURITES)[KEY], Removal)
