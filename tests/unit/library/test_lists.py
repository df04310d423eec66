"""Favourites and watchlist: the same use cases, told once for each real change."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.domain.errors import (
    AccountDeleted,
    FavouriteNotFound,
    LibraryBusy,
    WatchlistItemNotFound,
)
from library.domain.titles import TICK, Entry, ListName, MediaType, Removal, TitleKey
from library.events.published import FavouriteAdded, FavouriteRemoved
from library.use_cases.add_entries import Added
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, Library, film, projected
from tests.fakes.schedule import Task, every_order

KEY = film().key


@pytest.fixture
def library() -> Library:
    return Library()


def keys(library: Library, name: ListName = ListName.FAVOURITES) -> set[TitleKey]:
    return {entry.title.key for entry in library.shelves.entries("ann", name)}


@pytest.mark.parametrize("name", list(ListName))
def test_a_title_that_is_added_is_on_the_list_and_told(library: Library, name: ListName) -> None:
    added = library.lists[name].add("ann", film(), TRACE)

    assert added == Added(Entry(film(), NOON), new=True)
    assert library.shelves.entries("ann", name) == [added.entry]
    assert len(library.shelves.outbox) == 1


def test_an_addition_says_who_what_and_since_when(library: Library) -> None:
    library.favourites.add("ann", film(), TRACE)

    [event] = library.shelves.outbox
    assert event.data == FavouriteAdded(
        user_id="ann",
        media_type="movie",
        media_id=550,
        title="Film 550",
        genre_ids=[18, 53],
        added_at=NOON,
    )
    assert event.metadata.correlation_id == TRACE.correlation_id


def test_a_title_that_is_added_again_keeps_its_moment_and_is_not_told(library: Library) -> None:
    first = library.favourites.add("ann", film(), TRACE)
    library.now.advance(days=3)

    again = library.favourites.add("ann", film(), TRACE)

    assert again == Added(first.entry, new=False)
    assert library.shelves.told == ["FavouriteAdded"]


def test_a_film_and_a_series_of_the_same_id_are_two(library: Library) -> None:
    library.favourites.add("ann", film(550), TRACE)
    library.favourites.add("ann", film(550, MediaType.TV), TRACE)

    assert len(keys(library)) == 2


def test_the_lists_of_others_and_the_other_list_are_untouched(library: Library) -> None:
    library.favourites.add("ann", film(), TRACE)

    assert library.shelves.entries("bob", ListName.FAVOURITES) == []
    assert library.shelves.entries("ann", ListName.WATCHLIST) == []
    with pytest.raises(FavouriteNotFound):
        library.favourites.remove("bob", KEY, TRACE)
    assert keys(library) == {KEY}


def test_a_removal_says_which_entry_went(library: Library) -> None:
    library.favourites.add("ann", film(), TRACE)
    library.now.advance(hours=1)

    library.favourites.remove("ann", KEY, TRACE)

    assert library.shelves.outbox[-1].data == FavouriteRemoved(
        user_id="ann",
        media_type="movie",
        media_id=550,
        added_at=NOON,
        removed_at=NOON + timedelta(hours=1),
    )
    assert keys(library) == set()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (ListName.FAVOURITES, FavouriteNotFound),
        (ListName.WATCHLIST, WatchlistItemNotFound),
    ],
)
def test_what_is_not_there_cannot_be_removed_and_nothing_is_told(
    library: Library, name: ListName, error: type[Exception]
) -> None:
    library.lists[name].add("ann", film(), TRACE)
    library.lists[name].remove("ann", KEY, TRACE)
    told = list(library.shelves.told)

    with pytest.raises(error):
        library.lists[name].remove("ann", KEY, TRACE)
    assert library.shelves.told == told


def test_an_addition_is_one_request_and_a_removal_whose_entry_is_known_too(
    library: Library,
) -> None:
    library.favourites.add("ann", film(), TRACE)
    assert library.shelves.requests == {"commit": 1}

    library.favourites.remove("ann", KEY, TRACE, added_at=NOON)
    assert library.shelves.requests == {"commit": 2}


def test_a_wrong_guess_of_the_entry_removes_it_all_the_same(library: Library) -> None:
    library.favourites.add("ann", film(), TRACE)

    library.favourites.remove("ann", KEY, TRACE, added_at=NOON - timedelta(days=1))

    [_, removed] = library.shelves.outbox
    assert isinstance(removed.data, FavouriteRemoved)
    assert removed.data.added_at == NOON


def test_what_comes_back_in_the_same_instant_is_later_than_its_removal(library: Library) -> None:
    library.favourites.add("ann", film(), TRACE)
    library.favourites.remove("ann", KEY, TRACE)

    again = library.favourites.add("ann", film(), TRACE)

    assert again.entry.added_at == NOON + 2 * TICK
    assert projected(library.shelves.outbox[::-1], "ann", ListName.FAVOURITES) == {KEY}


def test_a_clock_that_is_behind_does_not_bring_changes_out_of_order(library: Library) -> None:
    library.favourites.add("ann", film(), TRACE)
    library.now.advance(seconds=-30)

    library.favourites.remove("ann", KEY, TRACE)
    library.favourites.add("ann", film(), TRACE)

    moments = [
        event.data.removed_at if isinstance(event.data, FavouriteRemoved) else event.data.added_at
        for event in library.shelves.outbox
        if isinstance(event.data, FavouriteAdded | FavouriteRemoved)
    ]
    assert moments == sorted(set(moments))


def test_many_are_added_in_one_commit_and_each_is_answered(library: Library) -> None:
    old = library.favourites.add("ann", film(2), TRACE).entry
    library.now.advance(minutes=1)
    asked = [Entry(film(number), library.now()) for number in (1, 2, 3, 1)]

    outcomes = library.favourites.add_all("ann", asked, TRACE)

    assert [isinstance(made, Added) and made.new for made in outcomes] == [True, False, True, False]
    assert isinstance(outcomes[1], Added)
    assert outcomes[1].entry == old
    assert library.shelves.told == ["FavouriteAdded"] * 3
    # One that is refused because of the old one, and one without it
    assert library.shelves.requests == {"commit": 3}


def test_a_hundred_are_added_in_three_commits_and_removed_in_three(library: Library) -> None:
    asked = [Entry(film(number), NOON) for number in range(1, 101)]
    library.favourites.add_all("ann", asked, TRACE)
    assert library.shelves.requests == {"commit": 3}

    gone = library.favourites.remove_all("ann", [entry.title.key for entry in asked], TRACE)

    assert gone == [True] * 100
    assert library.shelves.requests == {"commit": 6, "standing": 3}
    assert len(library.shelves.outbox) == 200


def test_many_are_removed_and_each_is_answered(library: Library) -> None:
    library.favourites.add("ann", film(1), TRACE)
    asked = [film(number).key for number in (1, 2, 1)]

    assert library.favourites.remove_all("ann", asked, TRACE) == [True, False, False]
    assert library.shelves.told == ["FavouriteAdded", "FavouriteRemoved"]


def test_what_is_busy_keeps_no_other_chunk_from_being_done(library: Library) -> None:
    library.shelves.conflicts = 1
    asked = [Entry(film(number), NOON) for number in range(1, 61)]

    outcomes = library.favourites.add_all("ann", asked, TRACE)

    assert [isinstance(outcome, LibraryBusy) for outcome in outcomes] == [True] * 49 + [False] * 11
    assert len(library.shelves.outbox) == 11


def test_a_single_addition_that_is_busy_is_refused(library: Library) -> None:
    library.shelves.conflicts = 1

    with pytest.raises(LibraryBusy):
        library.favourites.add("ann", film(), TRACE)
    assert "ann" not in library.shelves


def test_busy_removals_are_answered_one_by_one(library: Library) -> None:
    library.favourites.add("ann", film(1), TRACE)
    library.shelves.conflicts = 1

    [outcome] = library.favourites.remove_all("ann", [film(1).key], TRACE)

    assert isinstance(outcome, LibraryBusy)
    assert keys(library) == {film(1).key}


@pytest.mark.parametrize("name", list(ListName))
def test_nothing_is_stored_of_who_is_gone(library: Library, name: ListName) -> None:
    library.shelves.barred["ann"] = NOON

    with pytest.raises(AccountDeleted):
        library.lists[name].add("ann", film(), TRACE)
    assert "ann" not in library.shelves
    assert library.shelves.outbox == []


# ── from the watchlist to the favourites ─────────────────────────────────────────────────────────


def test_a_title_moves_with_all_that_is_known_of_it(library: Library) -> None:
    library.watchlist.add("ann", film(), TRACE)
    library.now.advance(hours=2)

    moved = library.mover.move("ann", KEY, TRACE)

    assert moved == Added(Entry(film(), library.now()), new=True)
    assert keys(library) == {KEY}
    assert keys(library, ListName.WATCHLIST) == set()
    assert library.shelves.told[1:] == ["WatchlistItemRemoved", "FavouriteAdded"]


def test_a_move_that_is_repeated_changes_nothing(library: Library) -> None:
    library.watchlist.add("ann", film(), TRACE)
    first = library.mover.move("ann", KEY, TRACE)
    told = list(library.shelves.told)

    assert library.mover.move("ann", KEY, TRACE) == Added(first.entry, new=False)
    assert library.shelves.told == told


def test_what_is_a_favourite_already_only_leaves_the_watchlist(library: Library) -> None:
    liked = library.favourites.add("ann", film(), TRACE).entry
    library.watchlist.add("ann", film(), TRACE)

    assert library.mover.move("ann", KEY, TRACE) == Added(liked, new=False)
    assert library.shelves.told[2:] == ["WatchlistItemRemoved"]


def test_a_title_that_was_a_favourite_before_becomes_one_again_later(library: Library) -> None:
    library.favourites.add("ann", film(), TRACE)
    library.favourites.remove("ann", KEY, TRACE)
    library.watchlist.add("ann", film(), TRACE)

    library.mover.move("ann", KEY, TRACE)

    assert projected(library.shelves.outbox[::-1], "ann", ListName.FAVOURITES) == {KEY}


def test_what_is_on_neither_list_cannot_move(library: Library) -> None:
    with pytest.raises(WatchlistItemNotFound):
        library.mover.move("ann", KEY, TRACE)


# ── at the same moment ───────────────────────────────────────────────────────────────────────────

ACTS: dict[str, Callable[[Library], object]] = {
    "like": lambda library: library.favourites.add("ann", film(), TRACE),
    "unlike": lambda library: library.favourites.remove("ann", KEY, TRACE),
    "want": lambda library: library.watchlist.add("ann", film(), TRACE),
    "unwant": lambda library: library.watchlist.remove("ann", KEY, TRACE),
    "move": lambda library: library.mover.move("ann", KEY, TRACE),
}
REFUSALS = (FavouriteNotFound, WatchlistItemNotFound)


def check(library: Library) -> None:
    """Assert that events tell the lists as they are, in any order, and each change once."""
    for name in ListName:
        for events in (library.shelves.outbox, library.shelves.outbox[::-1]):
            assert projected(events, "ann", name) == keys(library, name)
    changes = [event.metadata.idempotency_key for event in library.shelves.outbox]
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
def test_whatever_overlaps_the_events_tell_what_is_true(
    before: Sequence[str], overlapping: Sequence[str]
) -> None:
    def scenario(choices: Iterator[int]) -> Sequence[int]:
        library = Library()
        for act in before:
            ACTS[act](library)
        tasks = [Task(act, partial(ACTS[act], library)) for act in overlapping]
        widths = []
        while waiting := [task for task in tasks if not task.done]:
            widths.append(len(waiting))
            waiting[next(choices, 0)].advance()
        assert all(task.error is None or isinstance(task.error, REFUSALS) for task in tasks)
        check(library)
        return widths

    assert every_order(scenario, 3000) > 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*ACTS, "later", "earlier"]), max_size=12), st.randoms())
def test_in_whatever_order_events_arrive_they_tell_what_is_true(
    acts: Sequence[str], shuffled: object
) -> None:
    library = Library()
    for act in acts:
        if act in ACTS:
            try:
                ACTS[act](library)
            except REFUSALS:
                continue
        else:
            library.now.advance(milliseconds=3 if act == "later" else -3)
    events = list(library.shelves.outbox)
    shuffled.shuffle(events)  # type: ignore[attr-defined]

    check(library)
    for name in ListName:
        assert projected(events, "ann", name) == keys(library, name)


def test_who_is_overtaken_all_the_time_is_told_so(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.favourites.add("ann", film(), TRACE)
    stale = Entry(film(), NOON - timedelta(days=1))
    monkeypatch.setattr(library.favourites.lists, "standing", lambda *_: [stale])
    commit = library.favourites.lists.commit

    def always_other(user_id: str, changes: Sequence[object]) -> None:
        library.shelves.of("ann", ListName.FAVOURITES)[KEY] = Entry(film(), library.now())
        library.now.advance(minutes=1)
        commit(user_id, changes)  # type: ignore[arg-type]

    monkeypatch.setattr(library.favourites.lists, "commit", always_other)

    with pytest.raises(LibraryBusy):
        library.favourites.remove("ann", KEY, TRACE)
    assert not isinstance(library.shelves.of("ann", ListName.FAVOURITES)[KEY], Removal)
