"""Tallies: the latest votes of a room on one candidate, and the agreement on it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from matinee.media import MediaType
from rooms.domain.rule import UNANIMOUS, Rule


@dataclass(frozen=True, slots=True)
class Vote:
    """One participant's latest vote on one candidate.

    `yes` is None when the vote is taken back; `seen` says whether they have seen the title, if they
    said so.
    """

    room_id: str
    user_id: str
    movie_id: int
    yes: bool | None
    at: datetime
    seen: bool | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """The instant at which a title was a match, and who was in the room.

    `likes` says how many of them liked it, None: all.
    """

    match_id: str
    users: tuple[str, ...]
    at: datetime
    rule: Rule = UNANIMOUS
    likes: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes of a room on one candidate. `position` is its place in the room's order.

    `shown` is kept in rooms of GROUP alone.
    `likes` and `dislikes` hold the latest vote of everybody who voted, also of those who left.
    `version` counts the changes.
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
    shown: bool = field(default=False, kw_only=True)

    @property
    def is_seen(self) -> bool:
        """Whether anybody may have seen the title: it was shown, or voted on."""
        return self.shown or self.version > 0

    def vote_of(self, user_id: str) -> bool | None:
        """Return a user's latest vote, or None when they have not voted."""
        if user_id in self.likes:
            return True
        return False if user_id in self.dislikes else None

    def is_voted_by_all(self, users: frozenset[str]) -> bool:
        """Return whether every one of some users has voted."""
        return self.likes | self.dislikes >= users

    def with_vote(self, user_id: str, *, yes: bool | None) -> Self:
        """Return the next version of the tally, with a user's latest vote, or None without it."""
        user = {user_id}
        return replace(
            self,
            likes=self.likes | user if yes is True else self.likes - user,
            dislikes=self.dislikes | user if yes is False else self.dislikes - user,
            version=self.version + 1,
        )

    def with_agreement(self, agreement: Agreement) -> Self:
        """Return the tally with an agreement; the first one stays."""
        return self if self.agreement else replace(self, agreement=agreement)
