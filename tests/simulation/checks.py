"""What is compared with the model after a history: queues, answers, phones, lists and tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyPersistenceLayerError,
)
from botocore.exceptions import BotoCoreError, ClientError
from httpx import HTTPError

from matinee.errors import RateLimited, Unavailable
from matinee.events.relay import NotPublished
from tests.simulation.crews import check_crews
from tests.simulation.decisions import check_decisions
from tests.simulation.exports import check_export
from tests.simulation.feeds import check_feed
from tests.simulation.guests import check_guests
from tests.simulation.model import SHELVES, Model, Room
from tests.simulation.people import CERTAIN, OK, Deed, Town
from tests.simulation.plan import FILMS
from tests.simulation.scheduler import Task
from tests.simulation.world import GIVEN_UP, FunctionFailed, World

EVENTS: Mapping[str, frozenset[str]] = {
    "open": frozenset({"RoomCreated"}),
    "join": frozenset({"ParticipantJoined"}),
    "leave": frozenset({"ParticipantLeft"}),
    "vote": frozenset({"VoteCast"}),
    "favourite": frozenset({"FavouriteAdded", "FavouriteRemoved"}),
    "watch": frozenset({"WatchlistItemAdded", "WatchlistItemRemoved"}),
    "see": frozenset({"TitleSeen", "TitleUnseen"}),
    "dismiss": frozenset({"TitleDismissed", "TitleReconsidered"}),
    "delete": frozenset({"UserDeleted"}),
    "move": frozenset({"FavouriteAdded", "WatchlistItemRemoved"}),
    "import": frozenset({"FavouriteAdded", "WatchlistItemAdded"}),
    "upload": frozenset({"WatchlistItemAdded", "ImportCompleted"}),
    "export": frozenset(),
    "device": frozenset(),
    "more": frozenset({"DeckDealt"}),
    "propose": frozenset({"RoomDecided"}),
    "decide": frozenset({"RoomDecided"}),
    "look": frozenset(),
    "close": frozenset({"RoomClosed"}),
    "extend": frozenset({"RoomExtended"}),
    "remove": frozenset({"ParticipantRemoved"}),
    "crew": frozenset(),
    "start": frozenset({"RoomCreated"}),
    "quit": frozenset(),
    "guest": frozenset(),
    "upgrade": frozenset({"GuestUpgraded"}),
}
"""The events of what people do themselves; others may follow from it."""

MAY_HAVE_HAPPENED = frozenset({"import", "upload", "propose", "decide"})
"""Requests that, refused, may have done something: they have parts, or record what was before."""

TOLD_WITHIN = 1000.0
"""Seconds after which it must be known that a room has closed: some sweeps."""

EXPECTED = (
    BotoCoreError,
    ClientError,
    FunctionFailed,
    HTTPError,
    IdempotencyPersistenceLayerError,
    NotPublished,
    RateLimited,
    Unavailable,
)
"""What a function may fail with, where a service that it calls fails."""

BLOCK_ATTRIBUTES = frozenset(
    {
        *("ttl", "deletedAt", "deletingSince", "erasedAt", "roomId", "mediaKey", "itemKey"),
        *("entry", "noticeKey"),
    }
)
"""What may stay beside a deleted user's id, and for a limited time."""

LISTS = {"favourites": "favourite", "watchlist": "watchlist"}
"""The library's lists that the recommender knows, and what the recommender calls their entries."""

type Ask = Callable[[str, Mapping[str, Any]], Any]
"""Asks for a field of the GraphQL API; returns its data, or of a room the type of the error."""


@dataclass(slots=True)
class Checks:
    """All checks of one history."""

    world: World
    town: Town
    model: Model
    _exports: str = ""
    """Who exports everything: one of them in each history."""

    def run(self) -> None:
        """Compare everything; the model collects what is wrong."""
        self.model.wrong += self.town.wrong + self.world.wrong
        self._queues()
        self._outbox()
        self._errors()
        for deed in self.town.deeds:
            self._deed(deed)
        self._phones()
        check_decisions(self.model, self.town)
        check_guests(self.model, self.town)
        self._imports()
        self._catalogue()
        self._tastes()
        self._reads()
        self._deleted()

    def _say(self, number: int, sentence: str) -> None:
        self.model.say(number, sentence)

    @property
    def _users(self) -> Mapping[str, str]:
        """The ids of those who have signed in, by their names."""
        return {name: str(claims["sub"]) for name, claims in self.town.claims.items()}

    # ── what is left over ────────────────────────────────────────────────────────────────────────

    def _queues(self) -> None:
        buried = 0
        for name, queue in self.world.queues.queues.items():
            for message in queue.messages:
                if "poison" in message.body and name.endswith("Dlq"):
                    buried += 1
                elif GIVEN_UP in message.body:
                    continue  # the sweep has published it: the outbox is empty, or that is said
                else:
                    self._say(7, f"{name} still holds {message.body[:200]}")
        if buried < len(self.town.poison):
            self._say(7, f"of {len(self.town.poison)} poison messages {buried} are dead letters")

    def _outbox(self) -> None:
        happened = self.model.ids.keys()
        published = {it["detail"]["metadata"]["event_id"] for it in self.world.bus.archive}
        for event_id in published - happened:
            self._say(4, f"{event_id} was published and never happened")
        for event_id in happened - published:
            self._say(4, f"{event_id} happened and was never published")
        for name, table in self.world.tables.tables.items():
            if "Outbox" in name and table.items:
                self._say(4, f"{name} still holds {len(table.items)} events")

    def _errors(self) -> None:
        for violation in self.world.bus.violations:
            self._say(8, violation)
        for name, error in self.world.unexpected:
            if not isinstance(error, EXPECTED):
                self._say(7, f"{name} failed unexpectedly: {error!r}")

    # ── what people were told ────────────────────────────────────────────────────────────────────

    def _deed(self, deed: Deed) -> None:
        """Compare what somebody was told with what has happened."""
        happened = [
            (kind, data)
            for _, kind, data in self.model.by_correlation[deed.correlation]
            if kind in EVENTS[deed.move.kind]
        ]
        mine = [data for _, data in happened]
        if deed.outcome in CERTAIN and mine and deed.move.kind not in MAY_HAVE_HAPPENED:
            self._say(7, f"{deed.move} was refused ({deed.outcome}) and happened")
        if len({(kind, data.get("media_id")) for kind, data in happened}) < len(mine):
            self._say(4, f"{deed.move} happened more than once")
        if any(_author(data) not in {None, deed.user} for data in mine):
            self._say(5, f"{deed.move} happened in another's name")
        if deed.move.kind in {"open", "start"} and deed.outcome == OK and not mine:
            self._say(4, f"{deed.move} was confirmed and never happened")
        self._deed_of_an_account(deed)
        room = self.model.rooms.get(deed.room_id or "")
        if room is not None and deed.user not in self.town.leaving:
            self._deed_in_a_room(deed, room, is_change=bool(mine))

    def _deed_in_a_room(self, deed: Deed, room: Room, *, is_change: bool) -> None:
        who = list(room.during(deed.start, deed.end))
        is_ok = deed.outcome == OK
        was_so = _SO_ALREADY.get(deed.move.kind, _is_false)
        may_be_refused = _REASONS.get(deed.outcome, _is_false)
        if is_ok and not is_change and not was_so(deed, room, who):
            self._say(4, f"{deed.move} was confirmed and never happened")
        if is_ok and deed.move.kind == "look" and tuple(deed.data["participants"]) not in who:
            self._say(3, f"{deed.move} and sees {deed.data}, which it never was")
        if deed.outcome in CERTAIN and not may_be_refused(deed, room, who):
            self._say(3, f"{deed.move} was refused without a reason: {deed.outcome}")

    def _deed_of_an_account(self, deed: Deed) -> None:
        if deed.outcome == "AccountDeleted" and deed.user not in self.town.leaving:
            self._say(5, f"{deed.move} was refused as of a deleted account")
        is_deleted = deed.user in self.model.deleted
        if deed.move.kind == "delete" and deed.outcome == OK and not is_deleted:
            self._say(4, f"{deed.move} was confirmed and never happened")

    def _phones(self) -> None:
        """Check that every matched user was told once; twice only where a fault explains it."""
        happened = self.world.faults.happened
        disturbed = {fault.task.partition("/")[0].partition(">")[0] for fault in happened}
        told: dict[tuple[str, str], list[Task]] = defaultdict(list)
        for it in self.town.told:
            told[it.user, it.of].append(it.caller)
        due = self._due()
        for user, of in due - told.keys():
            if user not in self.model.deleted:
                self._say(2, f"{user} was never told of {of}")
        for user, of in told.keys() - due:
            self._say(5, f"{user} was told of {of}, which is not theirs")
        for (user, of), callers in told.items():
            for caller in callers[:-1]:
                if caller.name.partition("/")[0] not in disturbed and not caller.dead:
                    self._say(2, f"{user} was told of {of} {len(callers)} times")

    def _due(self) -> set[tuple[str, str]]:
        """Return who is to be told of which match or decision."""
        due = {(user, it["match_id"]) for it in self._matches() for user in it["matched_users"]}
        for data in self._decisions():
            due |= {(user, data["decision_id"]) for user in data["participants"]}
        rooms = self.model.rooms.values()
        return due | {(user, room.room_id) for room in rooms for user in room.invited}

    def _decisions(self) -> Iterator[Mapping[str, Any]]:
        return (room.decision for room in self.model.rooms.values() if room.decision)

    def _imports(self) -> None:
        """Check that every file that was received has been processed."""
        for deed in self.town.deeds:
            if deed.move.kind == "upload" and deed.outcome == OK:
                key = deed.user, deed.data["importId"]
                if key not in self.model.imports and deed.user not in self.town.leaving:
                    self._say(4, f"{deed.move} was confirmed and is not completed")

    def _matches(self) -> Iterator[Mapping[str, Any]]:
        for room in self.model.rooms.values():
            yield from room.matches.values()

    # ── what people see ──────────────────────────────────────────────────────────────────────────

    def _reads(self) -> None:
        """Read as people do, and compare with the model."""
        scheduler = self.world.scheduler
        exporting = sorted(name for name in self._users if not self.town.is_guest(name))
        self._exports = self.world.chance.choice(exporting) if exporting else ""
        tasks = [
            scheduler.start(f"check-{name}", lambda name=name, user=user: self._read(name, user))  # type: ignore[misc]
            for name, user in self._users.items()
        ]
        scheduler.run()
        for task in tasks:
            if task.error:
                raise task.error

    def _read(self, name: str, user: str) -> None:
        def ask(field: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any data
            response = self.town.ask(name, field, arguments, f"check-{name}")
            error = response.get("error", {}).get("type")
            if error and field != "getRoom":
                if not (user in self.model.deleted and error == "AccountDeleted"):
                    self._say(3, f"{field} is refused to {name}: {error}")
                return ()
            return error or response["data"]

        is_deleted = user in self.model.deleted
        due = {of for whose, of in self._due() if whose == user and not is_deleted}
        mine = due - self.model.rooms.keys()
        found = {it["matchId"] for it in ask("getMyMatches", {"limit": 100})}
        found |= {it["decisionId"] for it in ask("getMyDecisions", {"limit": 100})}
        if found != mine:
            self._say(2, f"{name} is shown other matches and decisions than theirs")
        for room in self.model.rooms.values():
            self._room(room, user, ask)
        if self.town.is_guest(name):
            self._guest(name)
        else:
            self._member(name, user, ask)

    def _member(self, name: str, user: str, ask: Ask) -> None:
        """Read what is for users alone."""
        now = self.world.scheduler.now
        open_ = {
            it.room_id
            for it in self.model.rooms.values()
            if user in it.participants and now < it.closes
        }
        listed = {it["id"] for it in ask("getMyRooms", {"limit": 50})}
        if listed != open_:
            self._say(3, f"the rooms of {name} are {listed}, by the events {open_}")
        check_crews(self.model, self.town, name, user, ask)
        self._lists(name, user)
        if user not in self.model.deleted and name == self._exports:
            check_export(self.model, self.town, name, user)

    def _guest(self, name: str) -> None:
        for which in SHELVES:
            status, body = self.town.http(name, f"GET /user/{which}", f"check-{name}")
            if status != HTTPStatus.FORBIDDEN:
                self._say(12, f"{name} is a guest, and has {which}: {status} {body}")

    def _room(self, room: Room, user: str, ask: Ask) -> None:
        has_closed = self.world.scheduler.now >= room.closes - 1
        if self.world.scheduler.now > room.closes + TOLD_WITHIN and not room.closed:
            self._say(4, "a room has closed, and nobody was told")
        if has_closed and any(other in self.model.deleted for other in room.participants):
            return  # nobody leaves a closed room, and a deleted user is in it no more
        shown = ask("getRoom", {"id": room.room_id})
        if user not in room.participants:
            if shown not in {"NotAParticipant", "AccountDeleted"}:
                self._say(5, f"{user} is shown a room that they are not in: {shown}")
            return
        if shown == "NotAParticipant" or shown["participants"] != room.participants:
            self._say(3, f"a room shows {shown}, and {room.participants} are in it")
        reconnects = self.world.chance.randrange(100)
        check_feed(self.model, room, self.town.feeds, ask, reconnects)
        if user == room.participants[-1]:  # all are shown the same
            self._room_of_all(room, ask)
        if not has_closed:
            self._deck(room, user, ask)

    def _room_of_all(self, room: Room, ask: Ask) -> None:
        """Look at a room's matches, at how far it is from others, and at its decision."""
        matches = ask("roomMatches", {"roomId": room.room_id})
        if {it["movieId"] for it in matches} != set(room.matches):
            self._say(2, "a room shows other matches than it has")
        decision = ask("roomDecision", {"roomId": room.room_id})
        if (decision or {}).get("movieId") != (room.decision or {}).get("movie_id"):
            self._say(11, f"a room shows {decision}, and has decided {room.decision}")
        standings = ask("standings", {"roomId": room.room_id, "limit": 20})
        if any(other in repr(standings) for other in self._users.values()):
            self._say(10, f"the standings name somebody: {standings}")

    def _deck(self, room: Room, user: str, ask: Ask) -> None:
        offered = {it["id"] for it in ask("deck", {"roomId": room.room_id, "limit": 50})}
        voted = {film for film, votes in room.votes.items() if user in votes}
        mine = {it["movieId"]: it["vote"] for it in ask("myVotes", {"roomId": room.room_id})}
        votes = {film: votes[user] for film, votes in room.votes.items() if user in votes}
        if mine != votes:
            self._say(3, f"{user} is shown {mine}, and has voted {votes}")
        if offered & voted or len(offered) + len(voted) != room.candidates:
            self._say(3, f"the deck of {user} offers {offered}; they have voted on {voted}")

    def _lists(self, name: str, user: str) -> None:
        is_deleted = user in self.model.deleted
        for which in SHELVES:
            expected = set() if is_deleted else self.model.lists[user][which]
            status, body = self.town.http(name, f"GET /user/{which}", f"check-{name}")
            shown = {(it["mediaType"], int(it["mediaId"])) for it in body.get("items", ())}
            if not is_deleted and status != HTTPStatus.OK:
                self._say(7, f"the {which} of {name}: {status} {body}")
            if shown != expected:
                self._say(4, f"the {which} of {name} are {shown}, by their events {expected}")

    def _catalogue(self) -> None:
        """Check that every refresh has ended, and that the recommender knows what was cached."""
        for item in self.world.tables["RefreshesTable"].items.values():
            run, part = item["run"]["S"], item["part"]["S"]
            task = self.town.refreshes.get(run)
            if task is None or task.error is not None:
                continue  # its lists may never have been requested
            is_open = part == "run" and "completedAt" not in item
            if is_open or (part.startswith("list#") and item["state"]["S"] == "running"):
                self._say(7, f"a refresh has not ended: {item}")
        titles = self.world.tables["RecommenderTitlesTable"].items.values()
        known = {item["titleKey"]["S"] for item in titles if "title" in item}
        now = self.world.scheduler.now
        cached = {title for title, expires in self.model.cached.items() if expires > now}
        if missing := cached - known:
            self._say(4, f"the recommender never heard of {missing}")

    def _tastes(self) -> None:
        """Compare what the recommender knows with the model."""
        known: dict[tuple[str, str], set[tuple[str, int]]] = defaultdict(set)
        for item in self.world.tables["RecommenderTastesTable"].items.values():
            which, *title = item["entry"]["S"].split("#")
            if "addedAt" in item and which in LISTS.values():
                kind, number = title
                known[item["userId"]["S"], which].add((kind, int(number)))
        for name, user in self._users.items():
            for which, entry in LISTS.items():
                is_deleted = user in self.model.deleted
                expected = set() if is_deleted else self.model.lists[user][which]
                if known[user, entry] != expected:
                    found = known[user, entry]
                    self._say(4, f"the recommender's {which} of {name}: {found}, not {expected}")

    # ── what is kept of people who have gone ─────────────────────────────────────────────────────

    def _deleted(self) -> None:
        """Check that nothing names a deleted user but what keeps them away for a while."""
        for user in self.town.leaving:
            in_pool = user in self.town.pool.users
            if user in self.model.deleted:
                self._gone(user)
                if in_pool:
                    self._say(13, f"the pool still has the deleted {user}")
            elif not in_pool:
                self._say(13, f"{user} is deleted, and nobody was told")

    def _gone(self, user: str) -> None:
        names = {user} | {f"{name}@" for name, sub in self._users.items() if sub == user}
        for table, items in self.world.tables.tables.items():
            for item in items.items.values():
                text = repr(item)
                if any(name in text for name in names) and not _is_block(table, item, user):
                    self._say(13, f"{table} still has of a deleted user: {text}")


def _author(data: Mapping[str, Any]) -> object:
    """Return who caused an event, as far as it says so."""
    return data.get("removed_by", data.get("user_id", data.get("host_id")))


type Who = list[tuple[str, ...]]
"""Who was in a room at each instant of a request."""


def _is_no_candidate(deed: Deed, room: Room, _: Who) -> bool:
    if room.is_of_crew:
        return True  # what the crew refused before is not among the candidates
    dealt = {film for at, films in room.dealt if at < deed.start for film in films}
    return deed.move.film not in {*FILMS, *dealt}


def _has_expired(deed: Deed, room: Room, who: Who) -> bool:
    closes = min(room.closes, *room.closings, room.closes)
    return deed.end >= closes - 1 or not all(who)  # the last one left for good


def _others_are_hosts(deed: Deed, room: Room, _: Who) -> bool:
    return set(room.hosts_during(deed.start, deed.end)) != {deed.user}


def _target_is_host(deed: Deed, room: Room, _: Who) -> bool:
    return deed.target in set(room.hosts_during(deed.start, deed.end))


def _has_voted_so(deed: Deed, room: Room, _: Who) -> bool:
    votes = room.vote_times[deed.move.film, deed.user]
    before = [None, *(vote for at, vote in votes if at < deed.start)]
    since = [vote for at, vote in votes if deed.start <= at <= deed.end]
    return deed.move.yes in {before[-1], *since}


def _was_there(deed: Deed, _: Room, who: Who) -> bool:
    return any(deed.user in them for them in who)


def _is_true(*_: object) -> bool:
    return True


def _is_false(*_: object) -> bool:
    return False


_REASONS: Mapping[str, Callable[[Deed, Room, Who], bool]] = {
    "NotAParticipant": lambda deed, _, who: not all(deed.user in them for them in who),
    "RoomFull": lambda _, room, who: any(len(them) >= room.at_most for them in who),
    "RoomExpired": _has_expired,
    "NotACandidate": _is_no_candidate,
    "NotTheHost": _others_are_hosts,
    "RemovedFromRoom": lambda deed, room, _: deed.user in room.removed,
    "ParticipantNotFound": lambda deed, _, who: not all(deed.target in them for them in who),
    "HostCannotBeRemoved": _target_is_host,
    "NoCandidates": _is_true,  # all are dealt
    "AlreadyDecided": _is_true,  # by tests.simulation.decisions
}
"""Whether a refusal was right at some instant. Others never are: there is such a room."""

_SO_ALREADY: Mapping[str, Callable[[Deed, Room, Who], bool]] = {
    "join": _was_there,
    "crew": _was_there,
    "look": _was_there,
    "vote": _has_voted_so,
    "close": lambda _, room, __: room.closed,
    "extend": lambda _, room, __: bool(room.closings),
    "remove": lambda deed, room, _: deed.target in room.removed,
    "more": lambda deed, room, _: any(at <= deed.end for at, _ in room.dealt),
    "device": _is_true,
    "propose": _is_true,  # by tests.simulation.decisions
    "decide": _is_true,
}
"""Whether what was asked for was so, without a change, at some instant of the request."""


def _is_block(table: str, item: Mapping[str, Any], user: str) -> bool:
    """Return whether an item has no more than a user's id and when it may be forgotten."""
    if table == "RecommenderTrainingTable":
        return set(item) == {"part", "item", "token"}  # until the next training
    content = {name for name, value in item.items() if value != {"S": user}}
    return "ttl" in content and content <= BLOCK_ATTRIBUTES
