"""Who is told that they can stream a title of their watchlist."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from library.domain.availability import AvailabilityChange, CountryChange
from library.domain.notices import Notice
from library.domain.preferences import Answers
from library.events.consumed import AvailabilityChanged, CountryAvailability, match_watchlists
from library.events.factory import LibraryEventFactory
from library.events.published import WatchlistTitleAvailable
from library.use_cases import match_watchlists as module
from library.use_cases.match_watchlists import WatchlistMatcher
from matinee.events.continuation import ContinuationQueue
from matinee.events.contract import Contract, Envelope, EventMetadata, Registry
from matinee.events.envelope import Trace, create_envelope
from matinee.media import MediaType, TitleKey
from tests.fakes.clock import NOON

KEY = TitleKey(MediaType.MOVIE, 550)
NAMES = {8: "Netflix", 9: "Amazon Prime Video", 11: "MUBI", 337: "Disney Plus"}
CAUSE = Trace("the-refresh", "the-change")


def change(**countries: CountryChange) -> AvailabilityChange:
    return AvailabilityChange(KEY, "Film 550", "/550.jpg", countries, NAMES, NOON)


def answers(region: str | None, *platforms: str) -> Answers:
    return {"region": region, "streamingPlatforms": list(platforms)}


CAME = change(DE=CountryChange(came=(8, 11), providers=(8, 11, 337), went=(9,)))


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        (answers("DE", "Netflix"), [8]),
        (answers("DE", "MUBI", "Netflix", "Hulu"), [8, 11]),
        (answers("DE", "8"), [8]),
        (answers("DE", "Disney+"), []),
        (answers("DE", "Netflix", "Disney+"), []),
        (answers("DE", "Netflix", "Prime Video"), []),
        (answers("FR", "Netflix"), []),
        (answers(None, "Netflix"), []),
        (answers("DE"), []),
        ({}, []),
    ],
    ids=[
        "on the platform",
        "on two",
        "by id",
        "was there",
        "was on another of theirs",
        "went from another of theirs",
        "elsewhere",
        "no region",
        "no platforms",
        "no answers",
    ],
)
def test_it_became_available_to_a_user(stated: Answers, told: Sequence[int]) -> None:
    assert list(CAME.platforms_for(stated)) == told


@dataclass
class FakeWatchers:
    """`WatcherRepository` in memory. `removed` took it off meanwhile."""

    users: Mapping[str, Answers]
    removed: frozenset[str] = frozenset()
    told: dict[str, Envelope[Contract]] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)

    def list_watchers(
        self, _key: TitleKey, after: str | None, limit: int
    ) -> tuple[Sequence[str], str | None]:
        left = sorted(user for user in self.users if after is None or user > after)
        page = left[:limit]
        return page, page[-1] if len(left) > limit else None

    def get_answers(self, user_ids: Sequence[str]) -> Mapping[str, Answers]:
        return {user: self.users[user] for user in user_ids}

    def tell(self, user_id: str, notice: Notice, event: Envelope[Contract]) -> bool:
        if user_id in self.removed or user_id in self.told:
            return False
        self.told[user_id] = event
        self.notices[user_id] = notice
        return True


def matcher(watchers: FakeWatchers, now: datetime = NOON) -> WatchlistMatcher:
    return WatchlistMatcher(watchers, LibraryEventFactory(now=lambda: NOON), lambda: now)


def test_tells_each_watcher_who_can_stream_it() -> None:
    watchers = FakeWatchers(
        {
            "ann": answers("DE", "Netflix"),
            "ben": answers("DE", "Hulu"),
            "cem": answers("DE", "Netflix"),
        },
        removed=frozenset({"cem"}),
    )

    matcher(watchers)(CAME, CAUSE)

    assert watchers.told.keys() == {"ann"}
    assert watchers.notices == {
        "ann": Notice(KEY, "Film 550", "/550.jpg", "DE", {8: "Netflix"}, NOON)
    }
    event = watchers.told["ann"]
    assert event.metadata.causation_id == "the-change"
    assert isinstance(event.data, WatchlistTitleAvailable)
    assert event.data.model_dump(exclude={"available_at"}) == {
        "user_id": "ann",
        "media_type": "movie",
        "media_id": 550,
        "title": "Film 550",
        "poster_path": "/550.jpg",
        "region": "DE",
        "platforms": [{"id": 8, "name": "Netflix"}],
    }


def test_what_is_older_than_a_day_is_no_news() -> None:
    watchers = FakeWatchers({"ann": answers("DE", "Netflix")})

    matcher(watchers, NOON + timedelta(days=1, seconds=1))(CAME, CAUSE)
    assert not watchers.told
    matcher(watchers, NOON + timedelta(days=1))(CAME, CAUSE)
    assert watchers.told.keys() == {"ann"}


def test_reads_nobody_where_nothing_came() -> None:
    watchers = FakeWatchers({"ann": answers("DE", "Netflix")})
    gone = change(DE=CountryChange(came=(), providers=(), went=(8,)))

    matcher(watchers)(gone, CAUSE)

    assert not watchers.told


def test_continues_in_parts_with_the_same_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often each message is delivered."""
    monkeypatch.setattr(module, "MAX_WATCHERS", 2)
    monkeypatch.setattr(module, "MAX_PAGES", 2)
    users = {f"user-{number}": answers("DE", "Netflix") for number in range(10)}
    watchers = FakeWatchers(users)
    waiting = [availability_changed()]
    told = []
    queue = ContinuationQueue("url", FakeSqs(waiting))  # type: ignore[arg-type]
    handle = match_watchlists(matcher(watchers), queue.requeue)

    while waiting:
        event = waiting.pop()
        handle(event)
        if event.data.continuation is None:  # type: ignore[attr-defined]
            handle(event)
        told.append(len(watchers.told))

    assert watchers.told.keys() == users.keys()
    assert told[0] == 4
    ids = {event.metadata.event_id for event in watchers.told.values()}
    assert len(ids) == len(users)
    assert {event.metadata.causation_id for event in watchers.told.values()} == {"the-change"}


def test_a_repetition_makes_the_same_event() -> None:
    def event() -> EventMetadata:
        watchers = FakeWatchers({"ann": answers("DE", "Netflix")})
        matcher(watchers)(CAME, CAUSE)
        return watchers.told["ann"].metadata

    assert event() == event()


def availability_changed() -> Envelope[Contract]:
    data = AvailabilityChanged(
        media_type=MediaType.MOVIE,
        media_id=550,
        title="Film 550",
        countries=[CountryAvailability(country="DE", came=(8,), went=(), providers=(8,))],
        names={"8": "Netflix"},
        changed_at=NOON,
    )
    return create_envelope(
        data,
        event_id="the-change",
        occurred_at=NOON,
        trace=Trace("the-refresh"),
        idempotency_key="once",
    )


@dataclass
class FakeSqs:
    """A queue whose messages are read as the consumer reads them."""

    waiting: list[Envelope[Contract]]

    def send_message(self, *, MessageBody: str, **_: object) -> None:  # noqa: N803 - boto3's names
        detail = json.loads(MessageBody)["detail"]
        self.waiting.append(Registry([AvailabilityChanged]).read(detail))
