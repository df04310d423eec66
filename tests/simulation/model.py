"""The plain model: what must hold, written from section 2 of the design, and from nothing else.

It reads the published events in the order of their commits, which the contracts describe, and knows
no table, no version and no adapter. Whatever it says is a sentence about the product's promise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

type Data = Mapping[str, Any]

ROW_OUTCOMES = ("added", "already", "kept", "unresolved", "skipped")

SHELVES = ("favourites", "watchlist", "seen", "dismissed")

LIKES = 2
"""What rooms with the rule AT_LEAST ask for, in all histories."""


@dataclass
class Room:
    """A room as its events tell it. `timeline` has who was in it from when on."""

    room_id: str
    host: str
    at_least: int
    at_most: int
    candidates: int
    closes: float
    rule: str = "ALL"
    participants: list[str] = field(default_factory=list)
    timeline: list[tuple[float, tuple[str, ...]]] = field(default_factory=list)
    hosts: list[tuple[float, str]] = field(default_factory=list)
    votes: dict[int, dict[str, bool]] = field(default_factory=lambda: defaultdict(dict))
    vote_times: dict[tuple[int, str], list[tuple[float, bool | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    agreed: dict[int, list[frozenset[str]]] = field(default_factory=lambda: defaultdict(list))
    matches: dict[int, Data] = field(default_factory=dict)
    dealt: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)
    closed: bool = False
    closings: list[float] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    decision: Data | None = None
    decided_at: float = 0.0
    invited: tuple[str, ...] = ()
    is_of_crew: bool = False
    events: list[str] = field(default_factory=list)

    def during(self, start: float, end: float) -> Iterator[tuple[str, ...]]:
        """Yield who was in the room at each instant of a span of time."""
        return _during(self.timeline, start, end)

    def hosts_during(self, start: float, end: float) -> Iterator[str]:
        """Yield who was the room's host at each instant of a span of time."""
        return _during(self.hosts, start, end)

    def set_closing(self, moment: float) -> None:
        """Have the room close at another time; until when it was open before stays known."""
        self.closings.append(self.closes)
        self.closes = moment

    def look(self) -> None:
        """Record the films on which the room agrees at this instant, by its rule."""
        who = frozenset(self.participants)
        for film, votes in self.votes.items():
            if self._agrees(votes, who) and who not in self.agreed[film]:
                self.agreed[film].append(who)

    def _agrees(self, votes: Mapping[str, bool], who: frozenset[str]) -> bool:
        likes = sum(votes.get(user) is True for user in who)
        dislikes = sum(votes.get(user) is False for user in who)
        if len(who) < self.at_least:
            return False
        match self.rule:
            case "AT_LEAST":
                return likes >= LIKES
            case "NO_VETO":
                return dislikes == 0 and likes >= self.at_least
        return likes == len(who)


def _during[T](timeline: Sequence[tuple[float, T]], start: float, end: float) -> Iterator[T]:
    for number, (since, what) in enumerate(timeline):
        later = timeline[number + 1][0] if number + 1 < len(timeline) else end + 1
        if since <= end and later >= start:
            yield what


class Model:
    """What the product should be in, from the events of its changes.

    `rules` are those that rooms were opened with, by the correlation ids of the requests.
    """

    def __init__(self, rules: Mapping[str, str]) -> None:
        self.rules = rules
        self.correlation = ""
        self.rooms: dict[str, Room] = {}
        self.deleted: dict[str, float] = {}
        self.lists: dict[str, dict[str, set[tuple[str, int]]]] = defaultdict(
            lambda: {name: set() for name in SHELVES}
        )
        self.guests: set[str] = set()
        self.upgraded: set[str] = set()
        self.registered: Counter[str] = Counter()
        self.confirmed: Counter[str] = Counter()
        self.imports: dict[tuple[str, str], Data] = {}
        self.cached: dict[str, float] = {}
        """Titles that the catalogue has told of, and until when they are known."""

        self.ids: Counter[str] = Counter()
        self.by_correlation: dict[str, list[tuple[float, str, Data]]] = defaultdict(list)
        self.wrong: list[str] = []

    def apply(self, at: float, detail: Data) -> None:
        """Take one event; report what it shows to be wrong."""
        metadata, data = detail["metadata"], detail["data"]
        kind = metadata["event_type"]
        self.correlation = metadata["correlation_id"]
        self.ids[metadata["event_id"]] += 1
        if self.ids[metadata["event_id"]] > 1:
            self.wrong.append(f"4: two events have the id {metadata['event_id']}")
        self.by_correlation[metadata["correlation_id"]].append((at, kind, data))
        rule = _RULES.get(kind)
        if rule is None:
            self.wrong.append(f"8: the model does not know {kind}")
            return
        rule(self, at, data)
        if room := self.rooms.get(data.get("room_id", "")):
            room.events.append(kind)

    def say(self, number: int, sentence: str) -> None:
        """Report that an invariant does not hold."""
        self.wrong.append(f"{number}: {sentence}")

    # ── rooms ────────────────────────────────────────────────────────────────────────────────────

    def _room_created(self, at: float, data: Data) -> None:
        room = Room(
            data["room_id"],
            data["host_id"],
            data["min_participants"],
            data["max_participants"],
            data["candidate_count"],
            datetime.fromisoformat(data["expires_at"]).timestamp(),
            self.rules[self.correlation],
            [data["host_id"]],
        )
        room.timeline.append((at, (room.host,)))
        room.hosts.append((at, room.host))
        self.rooms[room.room_id] = room

    def _joined(self, at: float, data: Data) -> None:
        room, user = self.rooms[data["room_id"]], data["user_id"]
        if user in room.participants:
            self.say(3, f"{user} joins a room twice")
        if len(room.participants) >= room.at_most:
            self.say(3, f"a room of {room.at_most} holds one more")
        if at >= room.closes + 1:
            self.say(3, "somebody joins a room that has closed")
        if user in room.removed:
            self.say(3, f"{user} was removed from a room, and joins it again")
        room.participants.append(user)
        self._moved(at, room)

    def _left(self, at: float, data: Data) -> None:
        room, user = self.rooms[data["room_id"]], data["user_id"]
        if user not in room.participants:
            self.say(3, f"{user} leaves a room without being in it")
            return
        room.participants.remove(user)
        self._moved(at, room)

    def _removed(self, at: float, data: Data) -> None:
        """Take that somebody was removed; that they have left is told apart."""
        room = self.rooms[data["room_id"]]
        if data["removed_by"] not in set(room.hosts_during(at, at)):
            self.say(5, "somebody is removed from a room by another than its host")
        room.removed.add(data["user_id"])

    def _closed(self, at: float, data: Data) -> None:
        room = self.rooms[data["room_id"]]
        if room.closed:
            self.say(4, "a room closes twice")
        if data["reason"] == "expired" and room.participants and at < room.closes - 1:
            self.say(3, "a room expires before its time")
        room.closed = True
        room.set_closing(min(room.closes, at))

    def _extended(self, at: float, data: Data) -> None:
        room = self.rooms[data["room_id"]]
        if room.closed or at >= room.closes + 1:
            self.say(3, "a room that has closed is extended")
        room.set_closing(datetime.fromisoformat(data["expires_at"]).timestamp())

    def _moved(self, at: float, room: Room) -> None:
        room.timeline.append((at, tuple(room.participants)))
        if room.participants and room.host not in room.participants:
            room.host = room.participants[0]
            room.hosts.append((at, room.host))
        room.look()

    def _voted(self, at: float, data: Data) -> None:
        room, user, film = self.rooms[data["room_id"]], data["user_id"], data["movie_id"]
        if user not in room.participants:
            self.say(3, f"{user} votes without being in the room")
        if at >= room.closes + 1:
            self.say(3, "somebody votes in a room that has closed")
        vote = None if data.get("withdrawn") else data["vote"]
        if vote is None:
            room.votes[film].pop(user, None)
        else:
            room.votes[film][user] = vote
        room.vote_times[film, user].append((at, vote))
        room.look()

    def _matched(self, _: float, data: Data) -> None:
        room, film = self.rooms[data["room_id"]], data["movie_id"]
        if film in room.matches:
            self.say(2, f"film {film} becomes a match of one room twice")
            return
        room.matches[film] = data
        if frozenset(data["matched_users"]) not in room.agreed[film]:
            self.say(1, f"film {film} is a match of users who never agreed on it together")

    def _dealt(self, at: float, data: Data) -> None:
        room, films = self.rooms[data["room_id"]], tuple(data["movie_ids"])
        before = {film for _, dealt in room.dealt for film in dealt}
        if before & set(films) or len(set(films)) < len(films):
            self.say(3, "a candidate is dealt twice")
        room.candidates += len(films)
        if data["candidate_count"] != room.candidates:
            self.say(4, f"a room of {room.candidates} candidates says {data['candidate_count']}")
        room.dealt.append((at, films))

    def _proposed(self, at: float, data: Data) -> None:
        room = self.rooms[data["room_id"]]
        if room.decision is not None:
            self.say(11, "a room that has decided takes a proposal")
        if data["supporters"] * 2 > data["participant_count"]:
            self.say(11, "a majority proposes, and nothing is decided")
        if at >= room.closes + 1:
            self.say(3, "a room that has closed takes a proposal")

    def _decided(self, at: float, data: Data) -> None:
        room = self.rooms[data["room_id"]]
        if room.decision is not None:
            self.say(11, "a room decides twice")
        if set(data["participants"]) != set(room.participants):
            self.say(11, f"{room.participants} are in a room, and {data['participants']} decide")
        if at >= room.closes + 1:
            self.say(3, "a room that has closed decides")
        room.decision, room.decided_at = data, at

    def _invited(self, at: float, data: Data) -> None:
        room = self.rooms[data["room_id"]]
        if room.is_of_crew or room.timeline[0][0] != at:
            self.say(4, "people are invited to a room twice, or not as it is created")
        if room.host in data["invited"] or data["invited_by"] != room.host:
            self.say(5, f"{data['invited_by']} invites {data['invited']} to a room of {room.host}")
        room.is_of_crew, room.invited = True, tuple(data["invited"])

    # ── accounts and lists ───────────────────────────────────────────────────────────────────────

    def _registered(self, _: float, data: Data) -> None:
        if data.get("guest"):
            self.guests.add(data["user_id"])
        self.registered[data["user_id"]] += 1
        if self.registered[data["user_id"]] > 1:
            self.say(4, "an account is registered twice")

    def _upgraded(self, _: float, data: Data) -> None:
        if data["user_id"] not in self.guests or data["user_id"] in self.upgraded:
            self.say(12, f"{data['user_id']} becomes a user twice, or was no guest")
        self.upgraded.add(data["user_id"])

    def _confirmed(self, _: float, data: Data) -> None:
        self.confirmed[data["user_id"]] += 1
        if self.confirmed[data["user_id"]] > 1:
            self.say(4, "an account is confirmed twice")

    def _deleted(self, at: float, data: Data) -> None:
        if data["user_id"] in self.deleted:
            self.say(4, "an account is deleted twice")
        self.deleted[data["user_id"]] = at

    def _imported(self, _: float, data: Data) -> None:
        key = data["user_id"], data["import_id"]
        if key in self.imports:
            self.say(4, "an import is completed twice")
        self.imports[key] = data
        if data["rows"] != sum(data.get(name, 0) for name in ROW_OUTCOMES):
            self.say(14, f"not every row of an import is reported: {data}")

    def _cached(self, _: float, data: Data) -> None:
        for it in data["titles"]:
            expires = datetime.fromisoformat(it["expires_at"]).timestamp()
            self.cached[f"{it['media_type']}#{it['media_id']}"] = expires

    def finish(self) -> None:
        """Report what should have happened by the end and has not."""
        for room in self.rooms.values():
            for film, who in room.agreed.items():
                if who and film not in room.matches:
                    self.say(1, f"everybody agreed on film {film}, and it is no match")


def _change(name: str, *, adds: bool, again: bool = False) -> Callable[[Model, float, Data], None]:
    """Return the rule of an event that adds or removes; `again`: or says more of a title."""

    def rule(model: Model, _: float, data: Data) -> None:
        user, title = data["user_id"], (data["media_type"], data["media_id"])
        entries = model.lists[user][name]
        if adds == (title in entries) and not again:
            model.say(4, f"{name}: {title} is {'added' if adds else 'removed'} twice")
        (entries.add if adds else entries.discard)(title)

    return rule


def _describe(name: str) -> Callable[[Model, float, Data], None]:
    def rule(model: Model, _: float, data: Data) -> None:
        if (data["media_type"], data["media_id"]) not in model.lists[data["user_id"]][name]:
            model.say(4, f"{name}: {data['media_id']} is described, and is not on the list")

    return rule


_RULES: Mapping[str, Callable[[Model, float, Data], None]] = {
    "RoomCreated": Model._room_created,  # noqa: SLF001 - the model's own
    "ParticipantJoined": Model._joined,  # noqa: SLF001
    "ParticipantLeft": Model._left,  # noqa: SLF001
    "ParticipantRemoved": Model._removed,  # noqa: SLF001
    "RoomClosed": Model._closed,  # noqa: SLF001
    "RoomExtended": Model._extended,  # noqa: SLF001
    "VoteCast": Model._voted,  # noqa: SLF001
    "MatchFound": Model._matched,  # noqa: SLF001
    "DeckDealt": Model._dealt,  # noqa: SLF001
    "TitleProposed": Model._proposed,  # noqa: SLF001
    "RoomDecided": Model._decided,  # noqa: SLF001
    "CrewInvited": Model._invited,  # noqa: SLF001
    "UserRegistered": Model._registered,  # noqa: SLF001
    "UserConfirmed": Model._confirmed,  # noqa: SLF001
    "GuestUpgraded": Model._upgraded,  # noqa: SLF001
    "UserDeleted": Model._deleted,  # noqa: SLF001
    "FavouriteAdded": _change("favourites", adds=True),
    "FavouriteRemoved": _change("favourites", adds=False),
    "WatchlistItemAdded": _change("watchlist", adds=True),
    "WatchlistItemRemoved": _change("watchlist", adds=False),
    "TitleSeen": _change("seen", adds=True, again=True),
    "TitleUnseen": _change("seen", adds=False),
    "TitleDismissed": _change("dismissed", adds=True),
    "TitleReconsidered": _change("dismissed", adds=False),
    "FavouriteDescribed": _describe("favourites"),
    "WatchlistItemDescribed": _describe("watchlist"),
    "ImportCompleted": Model._imported,  # noqa: SLF001
    "PreferencesUpdated": lambda *_: None,
    "TitlesCached": Model._cached,  # noqa: SLF001
    "ListRefreshed": lambda *_: None,
}
"""What each event means."""
