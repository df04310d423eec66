"""What a room is and when a film is its match: the rules alone, no table, no queue.

A film is a match of a room exactly when, at some instant, the room had at least `min_participants`
participants and the latest vote of every one of them on that film was yes.

An instant is a pair (version of the room, version of the film's tally). Whoever ends one, by voting
or by coming or going, commits only if both are still what he saw, and has looked before whether it
was a match; whoever begins one by voting looks after. So no instant goes unseen, in whatever order
requests arrive and however late a queue is read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random, SystemRandom
from typing import Self

from rooms.domain.errors import NotAParticipant, RoomExpired, RoomFull

LIFETIME = timedelta(hours=24)
KEPT_AFTER_CLOSING = timedelta(days=30)
"""Longer than an event can wait in the outbox or any queue: it still finds its room."""

CANDIDATES = 50
MOST_GENRES = 2
FEWEST_PARTICIPANTS = 2
MOST_PARTICIPANTS = 50
DEFAULT_MIN_PARTICIPANTS = 2
DEFAULT_MAX_PARTICIPANTS = 10

CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters and digits without I, L, O, 0 and 1, which people take for one another."""

CODE_LENGTH = 6


class MediaType(StrEnum):
    """What a room chooses from."""

    MOVIE = "MOVIE"
    TV = "TV"


@dataclass(frozen=True, slots=True)
class Movie:
    """A candidate. `id` is TMDB's; `vote_average` 0 to 10; `release_date` yyyy-mm-dd."""

    id: int
    title: str
    overview: str
    media_type: MediaType
    genre_ids: tuple[int, ...] = ()
    poster_path: str | None = None
    release_date: str | None = None
    vote_average: float | None = None
    vote_count: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A room without its candidates. `participants` are user ids in the order of joining.

    `version` counts the changes of membership.
    """

    id: str
    code: str
    host_id: str
    media_type: MediaType
    genre_ids: tuple[int, ...]
    participants: tuple[str, ...]
    min_participants: int
    max_participants: int
    created_at: datetime
    expires_at: datetime
    version: int = 1

    def require_open(self, now: datetime) -> None:
        """Raise RoomExpired when the room's day is over."""
        if now >= self.expires_at:
            raise RoomExpired

    def require_participant(self, user_id: str) -> None:
        """Raise NotAParticipant unless the user is in the room."""
        if user_id not in self.participants:
            raise NotAParticipant

    def joined_by(self, user_id: str) -> Self:
        """Return the room with the user in it; raises RoomFull.

        An empty room makes its next participant the host.
        """
        if len(self.participants) >= self.max_participants:
            raise RoomFull
        return self._with((*self.participants, user_id))

    def left_by(self, user_id: str) -> Self:
        """Return the room without the user; the longest present becomes host if he was it."""
        self.require_participant(user_id)
        return self._with(tuple(other for other in self.participants if other != user_id))

    def agrees(self, likes: frozenset[str]) -> bool:
        """Return whether everybody in the room, and enough of them, are among those who like."""
        return len(self.participants) >= self.min_participants and likes.issuperset(
            self.participants
        )

    def _with(self, participants: tuple[str, ...]) -> Self:
        host = self.host_id if self.host_id in participants else next(iter(participants), "")
        return replace(
            self,
            participants=participants,
            host_id=host or self.host_id,
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True)
class Agreement:
    """The instant at which everybody in a room liked a film, and who they were."""

    match_id: str
    users: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """What a room thinks of one candidate. `position` is its place in the room's order.

    `likes` and `dislikes` hold the latest vote of everybody who voted, also of those who left.
    """

    room_id: str
    movie_id: int
    position: int
    title: str
    poster_path: str | None = None
    likes: frozenset[str] = frozenset()
    dislikes: frozenset[str] = frozenset()
    version: int = 0
    agreement: Agreement | None = None
    media_type: MediaType = field(kw_only=True)

    def vote_of(self, user_id: str) -> bool | None:
        """Return a user's latest vote, None when he has not voted."""
        if user_id in self.likes:
            return True
        return False if user_id in self.dislikes else None

    def voted(self, user_id: str, *, yes: bool) -> Self:
        """Return the tally with the user's latest vote in it."""
        user = {user_id}
        return replace(
            self,
            likes=self.likes | user if yes else self.likes - user,
            dislikes=self.dislikes - user if yes else self.dislikes | user,
            version=self.version + 1,
        )

    def agreed(self, agreement: Agreement) -> Self:
        """Return the tally with its agreement; the first one stays."""
        return self if self.agreement else replace(self, agreement=agreement)

    def settled(self, agreement: Agreement) -> Self:
        """Return the tally with an agreement that came about without a vote."""
        return replace(self.agreed(agreement), version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Vote:
    """One participant's latest vote on one candidate."""

    room_id: str
    user_id: str
    movie_id: int
    yes: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """A film on which a room has agreed. `title` and `poster_path` are the candidate's."""

    match_id: str
    room_id: str
    movie_id: int
    media_type: MediaType
    title: str
    poster_path: str | None
    matched_users: tuple[str, ...]
    at: datetime


def match_of(tally: Tally) -> Match | None:
    """Return the match that a tally's agreement stands for."""
    if tally.agreement is None:
        return None
    return Match(
        match_id=tally.agreement.match_id,
        room_id=tally.room_id,
        movie_id=tally.movie_id,
        media_type=tally.media_type,
        title=tally.title,
        poster_path=tally.poster_path,
        matched_users=tally.agreement.users,
        at=tally.agreement.at,
    )


def cast(room: Room, tally: Tally, vote: Vote, match_id: str) -> Tally:
    """Return the tally after a vote, with its agreement if the film was or becomes a match.

    The instant that the vote ends counts as well as the one that it begins: somebody may have
    left the moment before, and those who remained agreed until this vote.
    """
    after = tally.voted(vote.user_id, yes=vote.yes)
    if room.agrees(tally.likes) or room.agrees(after.likes):
        return after.agreed(Agreement(match_id, room.participants, vote.at))
    return after


def unsettled(room: Room, tallies: Iterable[Tally]) -> Sequence[Tally]:
    """Return the films that are a match of the room as it is, and that nobody has noticed yet."""
    return [tally for tally in tallies if not tally.agreement and room.agrees(tally.likes)]


def deck_order(room: Room, user_id: str, tallies: Iterable[Tally]) -> Sequence[int]:
    """Return the ids of a participant's unvoted candidates, the most promising first.

    First what nobody present dislikes, most likes of the others first: those can still become a
    match, and a group agrees in fewer swipes. Ties keep the room's order, the same for everybody.
    """
    present = frozenset(room.participants)

    def hopelessness(tally: Tally) -> tuple[bool, int, int]:
        return (
            bool(tally.dislikes & present),
            -len(tally.likes & present),
            tally.position,
        )

    unvoted = (tally for tally in tallies if tally.vote_of(user_id) is None)
    return [tally.movie_id for tally in sorted(unvoted, key=hopelessness)]


@dataclass(frozen=True, slots=True)
class Codes:
    """Draws room codes."""

    random: Random = field(default_factory=SystemRandom)

    def draw(self) -> str:
        """Return six characters; that nobody else has them is for the repository to see to."""
        return "".join(self.random.choices(CODE_ALPHABET, k=CODE_LENGTH))


def normalised_code(text: str) -> str:
    """Return a code as it is kept: people type it in any case, with blanks around it."""
    return text.strip().upper()
