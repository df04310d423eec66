"""The ports: what the use cases need from tables, other services and the API.

A write raises WriteConflict (`matinee.retry`) when the state is no longer the one that the use case
has read, or when another writer holds it; nothing is written then.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from matinee.filters import Filters
from matinee.media import MediaType, TitleKey
from matinee.rate_limits import RateLimit
from rooms.domain.card import Card, Reader
from rooms.domain.crew import Crew, Invitation
from rooms.domain.deal import DeckWish
from rooms.domain.decision import Decision, Proposals
from rooms.domain.device import Device
from rooms.domain.feed import Feed, FeedEntry, ToldProgress
from rooms.domain.guest import Guest
from rooms.domain.life import CloseReason
from rooms.domain.match import Match
from rooms.domain.person import Person
from rooms.domain.presence import Presence
from rooms.domain.redeal import Redeal
from rooms.domain.room import Movie, Room
from rooms.domain.tally import Tally, Vote


class CodeTaken(Exception):
    """Another open room has this code; nothing was written."""


class RateLimiter(Protocol):
    """Limits attempts by who makes them and where they come from. Never raises Unavailable."""

    def check(self, limit: RateLimit, identifier: str, source: str) -> None:
        """Count an attempt. Raises TooManyAttempts with the time to wait."""

    def refund(self, limit: RateLimit, identifier: str, source: str) -> None:
        """Take back the count of an attempt that has succeeded."""


class NameDirectory(Protocol):
    """Auth, which knows how people want to be called."""

    def find(self, user_ids: Collection[str], correlation_id: str) -> Mapping[str, Person]:
        """Return people by id; without those who are unknown, or cannot be had right now."""


class CardReader(Protocol):
    """The catalog, which knows the details of titles."""

    def find(
        self, keys: Collection[TitleKey], reader: Reader, correlation_id: str
    ) -> Mapping[TitleKey, Card]:
        """Return cards by key; without those that are unknown, or cannot be had right now."""


class OwnScores(Protocol):
    """The recommender, which knows how well titles suit a user."""

    def find(
        self, user_id: str, keys: Collection[TitleKey], correlation_id: str
    ) -> Mapping[TitleKey, float]:
        """Return scores, the better the higher; without those that are unknown at the moment."""


class OwnPlatforms(Protocol):
    """The recommender, which knows where a user watches."""

    def find(self, user_id: str, correlation_id: str) -> tuple[str, Sequence[int]] | None:
        """Return a user's region and the providers of their platforms there; None without one.

        Raises PlatformsUnavailable.
        """


class RoomRepository(Protocol):
    """The rooms and their candidates."""

    def create(self, room: Room, candidates: Sequence[Movie], event: Envelope[Contract]) -> None:
        """Store a new room with its candidates, found by its codes.

        Raises CodeTaken, AccountDeleted, WriteConflict.
        """

    def get(self, room_id: str) -> Room | None:
        """Return a room by id, strongly consistent."""

    def get_by_code(self, code: str) -> Room | None:
        """Return a room by code, strongly consistent."""

    def list_candidates(
        self, room_id: str, *, at_least: int = 1, consistent: bool = False
    ) -> Sequence[Movie]:
        """Return a room's candidates in its order: `at_least` so many, if it has them."""

    def list_by_user(
        self, user_id: str, since: datetime, limit: int, after: str | None
    ) -> Sequence[Room]:
        """Return rooms a user is in, created since a time, newest first, after a room id."""


class NewRoomRepository(Protocol):
    """The rooms, as far as they are created."""

    def create(self, room: Room, candidates: Sequence[Movie], event: Envelope[Contract]) -> None:
        """Store a new room with its candidates, found by its codes.

        Raises CodeTaken, AccountDeleted, WriteConflict.
        """

    def get_by_code(self, code: str) -> Room | None:
        """Return a room by code, strongly consistent."""

    def list_candidates(
        self, room_id: str, *, at_least: int = 1, consistent: bool = False
    ) -> Sequence[Movie]:
        """Return a room's candidates in its order: `at_least` so many, if it has them."""


class DeckRepository(Protocol):
    """The rooms' candidates, as far as more are dealt."""

    def get(self, room_id: str) -> Room | None:
        """Return a room by id, strongly consistent."""

    def list_candidates(
        self, room_id: str, *, at_least: int = 1, consistent: bool = False
    ) -> Sequence[Movie]:
        """Return a room's candidates in its order: `at_least` so many, if it has them."""

    def add_candidates(
        self,
        room: Room,
        before: Sequence[Movie],
        added: Sequence[Movie],
        event: Envelope[Contract],
    ) -> None:
        """Store further candidates of an open room, after those before.

        Raises WriteConflict unless the room still has as many as before.
        """


class ReckonedDeckRepository(Protocol):
    """The rooms' candidates and tallies, as far as those that nobody has seen are dealt anew."""

    def get(self, room_id: str) -> Room | None:
        """Return a room by id, strongly consistent."""

    def list_candidates(
        self, room_id: str, *, at_least: int = 1, consistent: bool = False
    ) -> Sequence[Movie]:
        """Return a room's candidates in its order: `at_least` so many, if it has them."""

    def list_tallies(self, room_id: str) -> Sequence[Tally]:
        """Return a room's tallies of all its candidates, strongly consistent."""

    def mark_shown(self, room_id: str, movie_ids: Sequence[int]) -> None:
        """Store that candidates are shown; raise WriteConflict if one is none any more."""

    def replace_unseen(self, room: Room, deal: Redeal) -> None:
        """Store other candidates of an open room, in place of some that nobody has seen.

        Raises WriteConflict unless the room still has its version and is not dealt for it, its
        candidates are as many as before, and nobody has seen what goes.
        """


class ParticipantRepository(Protocol):
    """Who is in which room. A room that is stored has its next version."""

    def get(self, room_id: str) -> Room | None:
        """Return a room by id, strongly consistent."""

    def get_by_code(self, code: str) -> Room | None:
        """Return a room by code, strongly consistent."""

    def add_participant(self, user_id: str, room: Room, event: Envelope[Contract]) -> None:
        """Store a room with its new participant; raise WriteConflict, AccountDeleted."""

    def remove_participant(self, user_id: str, room: Room, *events: Envelope[Contract]) -> None:
        """Store a room that a participant has left, or was removed from; raise WriteConflict."""

    def remove_deleted_user(
        self, user_id: str, room: Room, event: Envelope[Contract] | None
    ) -> None:
        """Store a room without a deleted user; raise WriteConflict.

        With an event the room must be open still: the user leaves it.
        """


class PresenceRepository(Protocol):
    """When participants joined, and when they were last heard of."""

    def record(self, room_id: str, user_id: str, now: datetime) -> None:
        """Record that a participant is there.

        Raises NotAParticipant, RoomExpired, WriteConflict.
        """

    def find(self, room_id: str, user_ids: Collection[str]) -> Mapping[str, Presence]:
        """Return the presence of those of some users who are in a room."""


class RoomLifeRepository(Protocol):
    """Until when rooms are open. A room that is stored has its next version."""

    def get(self, room_id: str) -> Room | None:
        """Return a room by id, strongly consistent."""

    def set_closing_time(self, room: Room, event: Envelope[Contract]) -> None:
        """Store an open room that closes later, or at once for a reason; raise WriteConflict."""


class ExpiringRooms(Protocol):
    """The rooms whose closing is not recorded yet."""

    def get(self, room_id: str) -> Room | None:
        """Return a room by id, strongly consistent."""

    def list_expired(self, shard: int, now: datetime) -> Iterable[str]:
        """Yield the ids of a shard's rooms whose time is over, first those that closed first.

        A room may be yielded that has been recorded as closed just before.
        """

    def record_closed(self, room: Room, event: Envelope[Contract]) -> None:
        """Store that an expired room has closed; raise WriteConflict."""


class VoteRepository(Protocol):
    """The votes and their tallies."""

    def get_room_and_tally(self, room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
        """Return a room and its tally of one candidate, in one strongly consistent request."""

    def get_tally(self, room_id: str, movie_id: int) -> Tally | None:
        """Return a room's tally of one candidate, strongly consistent."""

    def list_tallies(self, room_id: str) -> Sequence[Tally]:
        """Return a room's tallies of all its candidates, strongly consistent."""

    def save_vote(self, vote: Vote, room: Room, tally: Tally, event: Envelope[Contract]) -> None:
        """Store a vote with the tally after it, or delete the one that is taken back.

        Raises WriteConflict unless the room still has its version and the tally the one before.
        """

    def get_vote(self, room_id: str, user_id: str, movie_id: int) -> Vote | None:
        """Return a user's latest vote on a candidate."""


class VoteReader(Protocol):
    """The votes, as far as people read their own."""

    def list_by_user(self, room_id: str, user_id: str) -> Sequence[Vote]:
        """Return a user's latest votes in a room, strongly consistent, in no order."""


class VoteCounter(Protocol):
    """The votes, as far as they are counted."""

    def count_by_user(self, room_id: str, user_id: str) -> int:
        """Return on how many candidates a user has voted, strongly consistent."""

    def list_tallies(self, room_id: str) -> Sequence[Tally]:
        """Return a room's tallies of all its candidates, strongly consistent."""


class VoteEraser(Protocol):
    """The votes, as far as a deleted user's are removed."""

    def get_tally(self, room_id: str, movie_id: int) -> Tally | None:
        """Return a room's tally of one candidate, strongly consistent."""

    def list_tallies(self, room_id: str) -> Sequence[Tally]:
        """Return a room's tallies of all its candidates, strongly consistent."""

    def delete_votes(self, user_id: str, tallies: Sequence[Tally]) -> None:
        """Delete a user's votes on up to 25 candidates of a room, with the tallies after it.

        Raises WriteConflict unless each tally is still the one before.
        """


class MatchRepository(Protocol):
    """The matches, and every user's own list of them."""

    def record(self, match: Match, event: Envelope[Contract]) -> bool:
        """Store a match once, for the room and for each user; return whether it was new."""

    def record_with_agreement(
        self, room: Room, tally: Tally, match: Match, event: Envelope[Contract]
    ) -> None:
        """Store a match together with its tally's agreement.

        Raises WriteConflict unless the room still has its version and the tally the one before.
        """

    def get(self, room_id: str, movie_id: int) -> Match | None:
        """Return a room's match on a title."""

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Match]:
        """Return a user's matches, newest first, after a match id."""

    def anonymize(self, user_id: str, match: Match, before: Match | None) -> None:
        """Delete a match from a user's list; change the others' records from `before` to `match`.

        Without `before` only the user's own list changes. Raises WriteConflict unless the record is
        still `before`.
        """


class DecisionRepository(Protocol):
    """The proposals and the decision of each room."""

    def get(self, room_id: str) -> Proposals:
        """Return a room's proposals, none where nobody has made one, strongly consistent."""

    def save(
        self, room: Room, proposals: Proposals, event: Envelope[Contract] | None = None
    ) -> None:
        """Store proposals with their event; a decision's also in each participant's own list.

        Raises WriteConflict unless the room still has its version and the proposals the one before.
        """

    def anonymize(self, proposals: Proposals) -> None:
        """Store proposals without a deleted user.

        Raises WriteConflict unless they are still the ones before.
        """


class DecisionInbox(Protocol):
    """Every user's own list of decisions."""

    def has(self, user_id: str, decision_id: str) -> bool:
        """Return whether a decision is in a user's list."""

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Decision]:
        """Return a user's decisions, newest first, after a decision id."""

    def delete(self, user_id: str, decision_id: str) -> None:
        """Delete a decision from a user's list; raise WriteConflict."""


class MatchReader(Protocol):
    """The matches, as far as people read them."""

    def get(self, room_id: str, movie_id: int) -> Match | None:
        """Return a room's match on a title."""

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Match]:
        """Return a user's matches, newest first, after a match id."""

    def list_by_room(self, room_id: str) -> Sequence[Match]:
        """Return a room's matches, newest first: at most one for each candidate."""


class RoomHistory(Protocol):
    """The rooms that a user has ever been in, also those that they left; and who is blocked."""

    def block(self, user_id: str, until: datetime) -> None:
        """Keep a user from creating and joining rooms; raise WriteConflict."""

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[str]:
        """Return room ids, oldest first, after a room id, strongly consistent."""

    def has(self, user_id: str, room_id: str) -> bool:
        """Return whether a user has been in a room and is not deleted, strongly consistent."""

    def delete(self, user_id: str, room_id: str) -> None:
        """Delete a room from a user's history; raise WriteConflict."""

    def unbind(self, user_id: str) -> None:
        """Delete the room that a guest is bound to, if there is one; raise WriteConflict."""


class CrewReader(Protocol):
    """The crews, as far as they are read."""

    def get(self, crew_id: str) -> Crew | None:
        """Return a crew by id, strongly consistent."""


class CrewRepository(Protocol):
    """The crews. One that is stored has its next version."""

    def get(self, crew_id: str) -> Crew | None:
        """Return a crew by id, strongly consistent."""

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Crew]:
        """Return the crews that a user is in, newest first, after a crew id."""

    def create(self, user_id: str, crew: Crew, room: Room) -> None:
        """Store a new crew that a user makes of a room.

        Raises AccountDeleted, and WriteConflict unless the room still has its version and there is
        no such crew.
        """

    def remove_member(self, user_id: str, crew: Crew) -> None:
        """Store a crew that a member has left, or delete it after the last; raise WriteConflict."""


class CrewEraser(Protocol):
    """The crews and invitations, as far as a deleted user's are removed."""

    def get(self, crew_id: str) -> Crew | None:
        """Return a crew by id, strongly consistent."""

    def list_ids_by_user(self, user_id: str) -> Iterable[str]:
        """Yield the ids of the crews that a user is in, strongly consistent."""

    def remove_member(self, user_id: str, crew: Crew) -> None:
        """Store a crew that a member has left, or delete it after the last; raise WriteConflict."""


class RefusedTitles(Protocol):
    """What crews said no to."""

    def record(
        self, crew_id: str, room_id: str, titles: Sequence[TitleKey], until: datetime
    ) -> bool:
        """Store what a room of a crew refused, once; return whether it was new.

        Raises WriteConflict.
        """

    def list_by_crew(self, crew_id: str) -> Sequence[TitleKey]:
        """Return what a crew said no to, the latest rooms first, strongly consistent."""


class InvitationInbox(Protocol):
    """Every user's own list of invitations."""

    def get(self, user_id: str, room_id: str) -> Invitation | None:
        """Return a user's invitation to a room, strongly consistent."""

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Invitation]:
        """Return a user's invitations, newest first, after a room id."""

    def delete(self, user_id: str, room_id: str) -> None:
        """Delete an invitation from a user's list; raise WriteConflict."""


class CrewRoomRepository(Protocol):
    """The rooms that are started for crews."""

    def create_for_crew(
        self,
        crew: Crew,
        room: Room,
        candidates: Sequence[Movie],
        events: Sequence[Envelope[Contract]],
        invitation: Invitation,
    ) -> None:
        """Store a new room, and an invitation to it in the list of each other member.

        Raises CodeTaken, also unless the crew still has its version, AccountDeleted, WriteConflict.
        """

    def get_by_code(self, code: str) -> Room | None:
        """Return a room by code, strongly consistent."""

    def list_candidates(
        self, room_id: str, *, at_least: int = 1, consistent: bool = False
    ) -> Sequence[Movie]:
        """Return a room's candidates in its order: `at_least` so many, if it has them."""


class CrewEvents(Protocol):
    """Creates the event of an invitation."""

    def crew_invited(
        self, invitation: Invitation, host_id: str, invited: Sequence[str], trace: Trace
    ) -> Envelope[Contract]:
        """Create the event of an invitation to those who are invited."""


class DeviceRepository(Protocol):
    """The devices of users. An endpoint belongs to the device that was last stored with it."""

    def list_by_user(self, user_id: str) -> Sequence[Device]:
        """Return a user's devices, strongly consistent."""

    def save(self, device: Device, before: Device | None) -> None:
        """Store a device in place of the one before; another one with its endpoint is deleted.

        Raises AccountDeleted, WriteConflict.
        """

    def delete(self, device: Device) -> None:
        """Delete a device; raise WriteConflict unless it still has its endpoint."""


class GuestAccounts(Protocol):
    """Auth, which makes guests."""

    def create(self, name: str, correlation_id: str) -> Guest:
        """Create a guest; raise InvalidInput, GuestsUnavailable."""


class GuestRooms(Protocol):
    """The one room that each guest is bound to."""

    def bind(self, user_id: str, room_id: str, until: datetime) -> None:
        """Bind a guest to a room; raise WriteConflict."""

    def room_of(self, user_id: str) -> str | None:
        """Return the room that a guest is bound to; a consistent read."""


class Accounts(Protocol):
    """Who is deleted."""

    def require(self, user_id: str) -> None:
        """Raise AccountDeleted for a blocked user; a consistent read."""


class AlreadyAppended(Exception):
    """The feed has this change's entry; nothing was written."""


class FeedRepository(Protocol):
    """The feeds of rooms, as far as they are written."""

    def get(self, room_id: str) -> Feed:
        """Return a room's feed, an empty one where there is none, strongly consistent."""

    def get_told_progress(self, room_id: str, user_id: str) -> ToldProgress:
        """Return a user's progress as it was told last, strongly consistent."""

    def append(
        self,
        room: Room,
        entry: FeedEntry,
        feed: Feed,
        *,
        change: str | None = None,
        told: ToldProgress | None = None,
    ) -> None:
        """Store an entry with the feed after it, the mark of its change, and progress as told.

        Raises WriteConflict unless the feed is still the one before, and AlreadyAppended.
        """

    def save(self, feed: Feed) -> None:
        """Store a feed; raise WriteConflict unless it is still the one before."""


class FeedReader(Protocol):
    """The feeds of rooms, as far as they are read."""

    def get(self, room_id: str) -> Feed:
        """Return a room's feed, an empty one where there is none, strongly consistent."""

    def get_entry(self, room_id: str, seq: int) -> FeedEntry | None:
        """Return an entry by its number, strongly consistent."""

    def list(self, room_id: str, after: int, limit: int) -> Sequence[FeedEntry]:
        """Return the entries after a number, in order, strongly consistent."""


class FeedEraser(Protocol):
    """The feeds of rooms, as far as they name somebody."""

    def interrupt_appends(self, room: Room) -> None:
        """Make whoever is about to append read again; raise WriteConflict."""

    def list_by_user(self, room_id: str, user_id: str) -> Iterable[FeedEntry]:
        """Yield the entries that name a user, strongly consistent."""

    def anonymize(self, room_id: str, user_id: str, seqs: Sequence[int]) -> None:
        """Put DELETED_USER in a user's place in up to 25 entries, and forget their progress.

        Raises WriteConflict.
        """


class FeedPublisher(Protocol):
    """The subscriptions to feeds."""

    def publish(self, room_id: str, seq: int, correlation_id: str) -> None:
        """Publish an entry to everybody who is subscribed to its room's feed; raise Unavailable."""


class EventFactory(Protocol):
    """Creates the event of each change."""

    def room_created(self, room: Room, candidates: int, trace: Trace) -> Envelope[Contract]:
        """Create the event of a new room with so many candidates."""

    def participant_joined(self, room: Room, user_id: str, trace: Trace) -> Envelope[Contract]:
        """Create the event of a user who joined; `room` has them."""

    def participant_left(
        self, room: Room, user_id: str, trace: Trace, *, removed: bool = False
    ) -> Envelope[Contract]:
        """Create the event of a user who left, or was removed; `room` does not have them."""

    def vote_cast(self, vote: Vote, tally: Tally, trace: Trace) -> Envelope[Contract]:
        """Create the event of a changed vote; `tally` includes it."""

    def match_found(self, match: Match, trace: Trace) -> Envelope[Contract]:
        """Create the event of a room's agreement on a title."""


class LifeEvents(Protocol):
    """Creates the events of a room's life."""

    def participant_left(
        self, room: Room, user_id: str, trace: Trace, *, removed: bool = False
    ) -> Envelope[Contract]:
        """Create the event of a user who left, or was removed; `room` does not have them."""

    def participant_removed(self, room: Room, user_id: str, trace: Trace) -> Envelope[Contract]:
        """Create the event of a user whom the host removed; `room` does not have them."""

    def room_extended(self, room: Room, trace: Trace) -> Envelope[Contract]:
        """Create the event of a room that has got a later closing time."""

    def room_closed(self, room: Room, reason: CloseReason, trace: Trace) -> Envelope[Contract]:
        """Create the event of a room that has closed at its `expires_at`."""


class DeckEvents(Protocol):
    """Creates the event of a deal."""

    def deck_dealt(
        self, room: Room, dealt: Sequence[Movie], candidates: int, trace: Trace
    ) -> Envelope[Contract]:
        """Create the event of titles that were dealt; the room now has so many candidates."""


class DecisionEventFactory(Protocol):
    """Creates the event of a decision."""

    def room_decided(self, decision: Decision, room: Room, trace: Trace) -> Envelope[Contract]:
        """Create the event of a decision; `room` has those who are told."""

    def title_proposed(
        self, proposals: Proposals, room: Room, tally: Tally, trace: Trace
    ) -> Envelope[Contract]:
        """Create the event of a proposal; `proposals` have it."""


class CatalogClient(Protocol):
    """The catalog, where candidates come from."""

    def discover(
        self,
        media_type: MediaType,
        genre_ids: Sequence[int],
        filters: Filters,
        correlation_id: str,
        exclude: Collection[int] = (),
    ) -> Sequence[Movie]:
        """Return up to fifty candidates, none of those to exclude.

        Raises NoCandidates, InvalidInput, CatalogBusy, CatalogUnavailable.
        """


class GroupDeckUnavailable(Exception):
    """There is no deck for this group at the moment."""


class GroupDeckClient(Protocol):
    """The recommender, where titles for a group come from."""

    def deal(
        self,
        wish: DeckWish,
        user_ids: Sequence[str],
        limit: int,
        correlation_id: str,
        exclude: Collection[int] = (),
    ) -> Sequence[Movie]:
        """Return titles for a group, with their reasons; raise GroupDeckUnavailable."""


class MatchPublisher(Protocol):
    """The subscriptions of users to their matches, decisions and invitations."""

    def publish(self, user_id: str, room_id: str, movie_id: int, correlation_id: str) -> None:
        """Publish a room's match on a title to one user; raise Unavailable."""

    def publish_decision(self, user_id: str, room_id: str, correlation_id: str) -> None:
        """Publish a room's decision to one user; raise Unavailable."""

    def publish_invitation(self, user_id: str, room_id: str, correlation_id: str) -> None:
        """Publish an invitation to a room to one user; raise Unavailable."""


class SubscriptionGone(Exception):
    """A device cannot be reached under its subscription any more."""


class PushRefused(Exception):
    """A push service refuses a notification, and would again; the reason tells no address."""


class PushService(Protocol):
    """The push service of a platform: of browsers (Web Push), of Android, of Apple."""

    def send(self, device: Device, told_id: str, payload: Mapping[str, object]) -> None:
        """Send a notification, in place of one with the same `told_id` that waits still.

        Raises SubscriptionGone, PushRefused, Unavailable.
        """


type Idempotently = Callable[[str, Callable[[], None]], None]
"""Performs an action unless it was performed under this key; a failed one can be repeated."""
