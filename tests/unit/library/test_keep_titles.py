"""What happens in rooms reaches the lists of those who were there, and never undoes their own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from library.domain.titles import Entry, ListName, Opinion, Title, Viewing
from library.events.consumed import (
    MatchFound,
    RoomDecided,
    UserDeleted,
    VoteCast,
    keep_titles_of_rooms,
)
from library.events.factory import LibraryEventFactory
from library.events.published import WatchlistItemAdded
from library.use_cases.describe_titles import DescribeTitles
from library.use_cases.keep_titles import KeepMatch, KeepTitle
from matinee.events.consumer import Unprocessable
from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope
from matinee.media import MediaType, TitleKey
from tests.fakes.clock import NOON, FakeIds
from tests.fakes.library import TRACE, FakePreferencesRepository, LibraryApp, film, projected
from tests.fakes.schedule import Order, Task, every_order

LATER = NOON + timedelta(minutes=5)


@dataclass
class KeepScenario:
    """A library and the consumer of what happens in rooms."""

    library: LibraryApp = field(default_factory=LibraryApp)

    def __post_init__(self) -> None:
        events = LibraryEventFactory(now=self.library.now, new_id=FakeIds(self.library.now))
        keep = KeepTitle(self.library.entries, events, DescribeTitles(self.library.facts))
        match = KeepMatch(keep, FakePreferencesRepository(self.library.tables))
        self.handle = keep_titles_of_rooms(keep, match)

    def wants(self, user_id: str, *, matches: bool | None) -> None:
        self.library.preferences.change(user_id, {"keepMatches": matches}, TRACE)

    def listed(self, name: ListName, user_id: str = "ann") -> list[Entry]:
        return self.library.tables.entries(user_id, name)

    def keys(self, name: ListName, user_id: str = "ann") -> set[int]:
        return {entry.title.key.id for entry in self.listed(name, user_id)}


@pytest.fixture
def scenario() -> KeepScenario:
    return KeepScenario()


def event(data: Contract, at: datetime = NOON, event_id: str = "event-1") -> Envelope[Contract]:
    return create_envelope(
        data, event_id=event_id, occurred_at=at, trace=Trace("evening"), idempotency_key="a-key"
    )


def vote(at: datetime = NOON, *, seen: bool | None = True) -> Envelope[Contract]:
    data = VoteCast(movie_id=550, user_id="ann", media_type=MediaType.MOVIE, seen=seen)
    return event(data, at)


def match(at: datetime = NOON) -> Envelope[Contract]:
    data = MatchFound(
        movie_id=550,
        media_type=MediaType.MOVIE,
        title="Fight Club",
        poster_path="/f.jpg",
        matched_users=["ann", "bob", "cy"],
        matched_at=at,
    )
    return event(data, at, "match-1")


def decision(at: datetime = LATER) -> Envelope[Contract]:
    data = RoomDecided(
        movie_id=550,
        media_type=MediaType.MOVIE,
        title="Fight Club",
        participants=["ann", "bob"],
        decided_at=at,
    )
    return event(data, at, "decision-1")


def test_a_seen_swipe_fills_the_seen_list(scenario: KeepScenario) -> None:
    scenario.library.facts.known[film().key] = film()

    scenario.handle(vote())

    [entry] = scenario.listed(ListName.SEEN)
    assert (entry.title, entry.added_at, entry.viewing) == (film(), NOON, Viewing())
    [told] = scenario.library.tables.outbox
    assert told.metadata.event_type == "TitleSeen"
    assert (told.metadata.correlation_id, told.metadata.causation_id) == ("evening", "event-1")


def test_a_seen_swipe_names_a_title_that_nobody_knows_yet(scenario: KeepScenario) -> None:
    data = VoteCast(
        movie_id=23205,
        user_id="ann",
        media_type=MediaType.MOVIE,
        seen=True,
        title="After the Inheritance",
        poster_path="/i.jpg",
    )

    scenario.handle(event(data))

    [entry] = scenario.listed(ListName.SEEN)
    key = TitleKey(MediaType.MOVIE, 23205)
    assert entry.title == Title(key=key, title="After the Inheritance", poster_path="/i.jpg")


@pytest.mark.parametrize(
    "data",
    [
        VoteCast(movie_id=550, user_id="ann", media_type=MediaType.MOVIE),
        VoteCast(movie_id=550, user_id="ann", media_type=MediaType.MOVIE, seen=False),
        VoteCast(movie_id=550, user_id="ann", seen=True),
    ],
    ids=["says nothing", "not seen", "of before 1.2"],
)
def test_other_votes_change_no_list(scenario: KeepScenario, data: VoteCast) -> None:
    scenario.handle(event(data))

    assert not scenario.library.tables.outbox


def test_a_swipe_leaves_what_the_user_said(scenario: KeepScenario) -> None:
    said = Entry.at(film(), NOON, Viewing(opinion=Opinion.LIKED, rating=9))
    scenario.library.lists[ListName.SEEN].add_all("ann", [said], TRACE)

    for later in (vote(LATER), vote(LATER, seen=None), vote(LATER, seen=False)):
        scenario.handle(later)

    assert scenario.listed(ListName.SEEN) == [said]
    assert scenario.library.tables.published == ["TitleSeen"]


def test_a_replayed_swipe_adds_nothing_back(scenario: KeepScenario) -> None:
    scenario.handle(vote())
    scenario.library.now.advance(minutes=1)
    scenario.library.lists[ListName.SEEN].remove("ann", film().key, TRACE)

    scenario.handle(vote())
    assert scenario.keys(ListName.SEEN) == set()

    scenario.handle(vote(LATER))
    assert scenario.keys(ListName.SEEN) == {550}
    assert scenario.library.tables.published == ["TitleSeen", "TitleUnseen", "TitleSeen"]
    assert projected(scenario.library.tables.outbox, "ann", ListName.SEEN) == {film().key}


def test_matches_land_on_the_lists_of_those_who_want_them(scenario: KeepScenario) -> None:
    scenario.wants("ann", matches=True)
    scenario.wants("bob", matches=False)
    scenario.library.tables.outbox.clear()

    scenario.handle(match())

    names = ("ann", "bob", "cy")
    assert [scenario.keys(ListName.WATCHLIST, one) for one in names] == [{550}, set(), set()]
    [told] = scenario.library.tables.outbox
    assert isinstance(told.data, WatchlistItemAdded)
    assert (told.data.user_id, told.data.title) == ("ann", "Fight Club")
    assert told.metadata.causation_id == "match-1"


@pytest.mark.parametrize("order", list(permutations([match, decision, match])))
def test_a_match_and_its_decision_are_one_entry(
    scenario: KeepScenario, order: tuple[Callable[[], Envelope[Contract]], ...]
) -> None:
    scenario.wants("ann", matches=True)

    for create in order:
        scenario.handle(create())

    assert scenario.keys(ListName.WATCHLIST) == {550}
    assert scenario.library.tables.published.count("WatchlistItemAdded") == 1


def test_a_title_on_the_watchlist_stays_as_it_is(scenario: KeepScenario) -> None:
    scenario.wants("ann", matches=True)
    scenario.library.watchlist.add("ann", film(), TRACE)
    before = scenario.listed(ListName.WATCHLIST)

    scenario.handle(decision())

    assert scenario.listed(ListName.WATCHLIST) == before


def test_a_match_that_was_taken_off_stays_off(scenario: KeepScenario) -> None:
    scenario.wants("ann", matches=True)
    scenario.handle(match())
    scenario.library.now.advance(hours=1)
    scenario.library.watchlist.remove("ann", film().key, TRACE)

    scenario.handle(match())
    scenario.handle(decision())

    assert scenario.keys(ListName.WATCHLIST) == set()


def test_nothing_is_kept_for_deleted_users(scenario: KeepScenario) -> None:
    scenario.wants("ann", matches=True)
    scenario.wants("bob", matches=True)
    scenario.library.tables.blocked["ann"] = LATER

    scenario.handle(match())
    scenario.handle(vote())

    assert scenario.keys(ListName.SEEN) == scenario.keys(ListName.WATCHLIST) == set()
    assert scenario.keys(ListName.WATCHLIST, "bob") == {550}


def test_no_order_undoes_a_removal_or_adds_twice() -> None:
    def run(order: Order) -> None:
        scenario = KeepScenario()
        scenario.library.now.advance(minutes=1)
        seen = scenario.library.lists[ListName.SEEN]
        removal = Task("remove", lambda: seen.remove("ann", film().key, TRACE))
        deliveries = [Task(name, lambda: scenario.handle(vote())) for name in ("vote", "again")]
        order.run([removal, *deliveries])

        assert all(task.error is None for task in (removal, *deliveries))
        published = scenario.library.tables.published
        assert published == (["TitleSeen", "TitleUnseen"] if removal.result else ["TitleSeen"])
        assert scenario.keys(ListName.SEEN) == (set() if removal.result else {550})

    assert 10 < every_order(run, 2000) < 2000


def test_another_services_event_is_refused(scenario: KeepScenario) -> None:
    with pytest.raises(Unprocessable):
        scenario.handle(event(UserDeleted(user_id="ann")))
