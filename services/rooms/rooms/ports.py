"""What the use cases need from the world, named by the part that it plays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from matinee.events.contract import Contract, Envelope
from rooms.domain.room import Match, MediaType, Movie, Room, Tally, Vote


class Contended(Exception):
    """The state was no longer what the use case had seen; nothing was written."""


class CodeTaken(Exception):
    """Another open room has this code; nothing was written."""


class Rooms(Protocol):
    """The rooms and who is in them."""

    def open(self, room: Room, candidates: Sequence[Movie], event: Envelope[Contract]) -> None:
        """Store a new room with its candidates. Raises CodeTaken, AccountDeleted."""

    def find(self, room_id: str) -> Room | None:
        """Return a room as of now, by id."""

    def find_by_code(self, code: str) -> Room | None:
        """Return a room as of now, by code."""

    def candidates(self, room_id: str) -> Sequence[Movie]:
        """Return a room's candidates in its order."""

    def admit(self, user_id: str, room: Room, event: Envelope[Contract]) -> None:
        """Store a room that the user has just joined. Raises Contended, AccountDeleted."""

    def dismiss(self, user_id: str, room: Room, event: Envelope[Contract]) -> None:
        """Store a room that the user has just left. Raises Contended."""

    def of_user(
        self, user_id: str, since: datetime, limit: int, after: str | None
    ) -> Sequence[Room]:
        """Return the rooms a user is in that were opened since, newest first, after a room id."""


class Votes(Protocol):
    """The votes and what they add up to."""

    def ballot(self, room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
        """Return a room and what it thinks of one film, both as of now, in one request."""

    def tally(self, room_id: str, movie_id: int) -> Tally | None:
        """Return what a room thinks of one film, as of now."""

    def tallies(self, room_id: str) -> Sequence[Tally]:
        """Return what a room thinks of each of its candidates, as of now."""

    def cast(self, vote: Vote, room: Room, tally: Tally, event: Envelope[Contract]) -> None:
        """Store a vote with the tally after it.

        Raises Contended unless the room has its version still and the tally the one before.
        """

    def find(self, room_id: str, user_id: str, movie_id: int) -> Vote | None:
        """Return a user's latest vote on a film."""


class Matches(Protocol):
    """The matches, and every user's own list of them."""

    def record(self, match: Match, event: Envelope[Contract]) -> bool:
        """Store a match once, for the room and for each user; tells whether it was new."""

    def settle(self, room: Room, tally: Tally, match: Match, event: Envelope[Contract]) -> None:
        """Store a match together with its tally's agreement.

        Raises Contended unless the room has its version still and the tally the one before.
        """

    def find(self, room_id: str, movie_id: int) -> Match | None:
        """Return a room's match on a film."""

    def of_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Match]:
        """Return a user's matches, newest first, after a match id."""


class ErasableRooms(Protocol):
    """The rooms, as far as users are taken out of them."""

    def find(self, room_id: str) -> Room | None:
        """Return a room as of now, by id."""

    def strike(self, user_id: str, room: Room, event: Envelope[Contract] | None) -> None:
        """Store a room as it is without an erased user.

        With an event he leaves an open room. Raises Contended.
        """


class ErasableVotes(Protocol):
    """The votes, as far as users' own are taken out of them."""

    def tally(self, room_id: str, movie_id: int) -> Tally | None:
        """Return what a room thinks of one film, as of now."""

    def tallies(self, room_id: str) -> Sequence[Tally]:
        """Return what a room thinks of each of its candidates, as of now."""

    def withdraw(self, user_id: str, tallies: Sequence[Tally]) -> None:
        """Delete a user's votes on some films of a room, with the tallies after it; 25 at most.

        Raises Contended unless each tally is still the one before.
        """


class ErasableMatches(Protocol):
    """The matches, as far as users are taken out of them."""

    def record(self, match: Match, event: Envelope[Contract]) -> bool:
        """Store a match once, for the room and for each user; tells whether it was new."""

    def find(self, room_id: str, movie_id: int) -> Match | None:
        """Return a room's match on a film."""

    def of_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Match]:
        """Return a user's matches, newest first, after a match id."""

    def disown(self, user_id: str, match: Match, before: Match | None) -> None:
        """Take a match from a user's list; the others' records change from `before` to `match`.

        Only his own list changes when there is no `before`. Raises Contended unless the record
        is still the one before.
        """


class Visits(Protocol):
    """In which rooms a user has ever been, also those that he has left; and who may not visit."""

    def bar(self, user_id: str, until: datetime) -> None:
        """Let a user open and join no room from now on. Raises Contended."""

    def of_user(self, user_id: str, limit: int, after: str | None) -> Sequence[str]:
        """Return ids of rooms as of now, oldest first, after a room id."""

    def forget(self, user_id: str, room_id: str) -> None:
        """Forget that a user has been in a room. Raises Contended."""


class Resumption(Protocol):
    """How a long erasure goes on after its invocation."""

    def resume(self, event: Envelope[Contract]) -> None:
        """Have an event handled once more, as a new one that it has caused."""


class Catalogue(Protocol):
    """Where candidates come from."""

    def discover(
        self, media_type: MediaType, genre_ids: Sequence[int], correlation_id: str
    ) -> Sequence[Movie]:
        """Return up to fifty candidates. Raises CatalogUnavailable or what the catalogue says."""


class Phones(Protocol):
    """The way to every phone of a user."""

    def tell(self, user_id: str, room_id: str, movie_id: int, correlation_id: str) -> None:
        """Publish a room's match on a film to one user. Raises Unavailable."""
