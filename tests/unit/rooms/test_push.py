"""Devices are notified once of what happens in their users' rooms, and only while it is news."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time

import pytest

from matinee.errors import Unavailable
from matinee.events.consumer import Unprocessable
from matinee.events.envelope import Trace, create_envelope
from matinee.media import MediaType
from rooms.domain.crew import Crew
from rooms.domain.decision import DecidedBy
from rooms.domain.device import Device, Platform, QuietHours
from rooms.domain.notice import TEXTS as NOTICES
from rooms.domain.push import MAX_AGE, RETRY_FOR, TEXTS, Notification, PushKind
from rooms.events import consumed
from rooms.events.notices import Platform as Provider
from rooms.events.notices import WatchlistTitleAvailable
from rooms.events.published import CrewInvited, MatchFound, RoomDecided, VoteCast
from rooms.ports import PushRefused, SubscriptionGone
from rooms.use_cases.push_notification import DevicePusher
from tests.fakes.clock import NOON, FakeClock, identifier
from tests.fakes.crews import FakeCrewRepository
from tests.fakes.devices import FakeDeviceRepository, a_device
from tests.fakes.rooms import FakeIdempotency, InMemoryTables
from tests.fakes.rooms_app import THREADS
from tests.fakes.samples import a_room

MATCH = Notification(PushKind.MATCH, "match-1", "room", 101, MediaType.MOVIE, "Heat", None, NOON)

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")


@dataclass
class FakePushService:
    """Remembers what devices received; `faults` is what happens instead, by device."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    payloads: list[Mapping[str, object]] = field(default_factory=list)
    faults: dict[str, Exception] = field(default_factory=dict)

    def send(self, device: Device, told_id: str, payload: Mapping[str, object]) -> None:
        if device.device_id in self.faults:
            raise self.faults[device.device_id]
        self.sent.append((device.device_id, told_id))
        self.payloads.append(payload)


@dataclass
class Phones:
    """The pusher, and the devices of ann and bob."""

    now: FakeClock = field(default_factory=FakeClock)
    service: FakePushService = field(default_factory=FakePushService)

    def __post_init__(self) -> None:
        self.devices = FakeDeviceRepository(InMemoryTables(self.now))
        self.pusher = DevicePusher(
            self.devices, {Platform.WEB: self.service}, FakeIdempotency(), self.now, THREADS
        )
        for device in (a_device("ann", "phone"), a_device("ann", "laptop"), a_device("bob", "tv")):
            self.devices.save(device, None)

    def push(self, *users: str, notification: Notification = MATCH) -> None:
        self.pusher.push(notification, users or ("ann", "bob"), NOON)

    @property
    def reached(self) -> list[str]:
        return sorted(device for device, _ in self.service.sent)


@pytest.fixture
def phones() -> Phones:
    return Phones()


def test_every_device_is_notified_once_however_often_it_is_delivered(phones: Phones) -> None:
    for _ in range(3):
        phones.push()

    assert phones.reached == ["laptop", "phone", "tv"]


def test_nobody_else_is_notified(phones: Phones) -> None:
    phones.push("bob")

    assert phones.reached == ["tv"]


def test_who_was_not_reached_is_tried_again_and_nobody_else(phones: Phones) -> None:
    phones.service.faults["phone"] = Unavailable()
    with pytest.raises(Unavailable, match="1 devices"):
        phones.push()

    phones.service.faults.clear()
    phones.push()

    assert phones.reached == ["laptop", "phone", "tv"]


def test_a_push_service_that_stays_away_is_given_up_in_time(phones: Phones) -> None:
    phones.service.faults["phone"] = Unavailable()
    phones.now.advance(seconds=RETRY_FOR.total_seconds())

    phones.push()

    assert phones.reached == ["laptop", "tv"]


def test_yesterdays_match_rings_no_phone(phones: Phones) -> None:
    phones.now.advance(seconds=MAX_AGE.total_seconds() + 1)

    phones.push()

    assert phones.reached == []


def test_a_subscription_that_is_over_is_deleted(phones: Phones) -> None:
    phones.service.faults["phone"] = SubscriptionGone()

    phones.push()

    assert {place for place in phones.devices.stored if place[0] == "ann"} == {("ann", "laptop")}


def test_a_device_that_was_registered_anew_meanwhile_stays(phones: Phones) -> None:
    fresh = replace(a_device("ann", "phone", "https://push.example.com/new"))

    class Renewing(FakePushService):
        def send(self, device: Device, *_: object) -> None:
            phones.devices.stored[device.place] = fresh
            raise SubscriptionGone

    DevicePusher(
        phones.devices, {Platform.WEB: Renewing()}, FakeIdempotency(), phones.now, THREADS
    ).push(MATCH, ["ann"], NOON)

    assert phones.devices.stored["ann", "phone"] == fresh


def test_a_refusal_is_not_tried_again(phones: Phones) -> None:
    phones.service.faults["phone"] = PushRefused("403")

    phones.push()
    phones.service.faults.clear()
    phones.push()

    assert phones.reached == ["laptop", "tv"]


def test_devices_are_left_in_peace_in_their_quiet_hours(phones: Phones) -> None:
    night = QuietHours(time(22), time(7), "America/Los_Angeles")  # noon is four o'clock there
    phones.devices.stored["ann", "phone"] = replace(a_device(), quiet_hours=night)

    phones.push()

    assert phones.reached == ["laptop", "tv"]


def test_texts_are_in_the_language_of_the_device(phones: Phones) -> None:
    phones.devices.stored["ann", "phone"] = replace(a_device(), language="es-MX")
    phones.devices.stored["bob", "tv"] = replace(a_device("bob", "tv"), language="ja")

    phones.push()

    assert sorted(str(payload["body"]) for payload in phones.service.payloads) == [
        "Vuestra sala coincide en Heat.",
        "Your room agrees on Heat.",
        "Your room agrees on Heat.",
    ]


def test_every_language_has_every_text() -> None:
    assert all(set(texts) == set(PushKind) for texts in TEXTS.values())
    assert all("{title}" in body for texts in TEXTS.values() for _, body in texts.values())
    assert NOTICES.keys() == TEXTS.keys()
    assert all("{title}" in body and "{platforms}" in body for _, body in NOTICES.values())


def test_matches_and_decisions_go_to_whom_they_name(phones: Phones) -> None:
    handle = consumed.push_to_devices(phones.pusher, FakeCrewRepository(InMemoryTables()))
    found = MatchFound(
        match_id="match-1",
        room_id="room",
        movie_id=101,
        media_type=MediaType.MOVIE,
        title="Heat",
        matched_users=["bob", "cid"],
        matched_at=NOON,
    )
    decided = RoomDecided(
        decision_id="decision-1",
        room_id="room",
        movie_id=101,
        media_type=MediaType.MOVIE,
        title="Heat",
        decided_by=DecidedBy.HOST,
        participants=["bob"],
        decided_at=NOON,
    )

    for data in (found, decided):
        handle(
            create_envelope(
                data,
                event_id=data.event_type,
                occurred_at=NOON,
                trace=Trace("t"),
                idempotency_key="k",
            )
        )

    assert phones.service.sent == [("tv", "match-1"), ("tv", "decision-1")]
    assert [payload["kind"] for payload in phones.service.payloads] == ["MATCH", "DECISION"]


def test_an_invitation_names_the_crew_to_whoever_is_still_in_it(phones: Phones) -> None:
    tables = InMemoryTables()
    crew = Crew.of(a_room("ann", "bob"), "ann", "Fridays", NOON)
    tables.crews[crew.id] = crew
    invited = CrewInvited(
        room_id=identifier(2),
        crew_id=crew.id,
        invited_by="ann",
        invited=["bob", "cid"],
        invited_at=NOON,
    )
    event = create_envelope(
        invited, event_id="e", occurred_at=NOON, trace=Trace("t"), idempotency_key="k"
    )
    phones.devices.save(a_device("cid", "watch"), None)
    handle = consumed.push_to_devices(phones.pusher, FakeCrewRepository(tables))

    handle(event)
    handle(event)
    tables.crews.clear()
    handle(event)

    assert phones.service.sent == [("tv", invited.room_id)]
    [payload] = phones.service.payloads
    assert payload == {
        "kind": "INVITATION",
        "id": invited.room_id,
        "roomId": invited.room_id,
        "crewId": crew.id,
        "crewName": "Fridays",
        "timestamp": "2026-01-31T12:00:00.000Z",
        "title": "You are invited",
        "body": "Fridays chooses what to watch. Come and join.",
        "tag": invited.room_id,
    }


def test_a_title_of_a_watchlist_goes_to_its_user(phones: Phones) -> None:
    handle = consumed.push_to_devices(phones.pusher, FakeCrewRepository(InMemoryTables()))
    data = WatchlistTitleAvailable(
        user_id="bob",
        media_type=MediaType.MOVIE,
        media_id=550,
        title="Fight Club",
        region="ES",
        platforms=[Provider(name=name) for name in ("Netflix", "MUBI")],
        available_at=NOON,
    )
    event = create_envelope(
        data, event_id="e", occurred_at=NOON, trace=Trace("t"), idempotency_key="k"
    )

    for _ in range(2):
        handle(event)

    told_id = "2026-01-31T12:00:00.000Z#movie#550"
    assert phones.service.sent == [("tv", told_id)]
    [payload] = phones.service.payloads
    assert payload == {
        "kind": "AVAILABLE",
        "id": told_id,
        "movieId": 550,
        "mediaType": "MOVIE",
        "movieTitle": "Fight Club",
        "posterPath": None,
        "region": "ES",
        "platforms": ["Netflix", "MUBI"],
        "source": "JustWatch",
        "timestamp": "2026-01-31T12:00:00.000Z",
        "title": "You can watch it now",
        "body": "Fight Club, from your watchlist, is on Netflix, MUBI.",
        "tag": told_id,
    }


def test_what_it_does_not_read_goes_to_the_dead_letters(phones: Phones) -> None:
    vote = VoteCast(room_id="room", user_id="ann", movie_id=101, vote=True, tally_version=1)
    event = create_envelope(
        vote, event_id="e", occurred_at=NOON, trace=Trace("t"), idempotency_key="k"
    )

    with pytest.raises(Unprocessable):
        consumed.push_to_devices(phones.pusher, FakeCrewRepository(InMemoryTables()))(event)
