"""Look up matches: those of a user, and one for its notification."""

from collections.abc import Sequence
from dataclasses import dataclass

from rooms.domain.errors import AccountDeleted, MatchNotFound
from rooms.domain.match import Match
from rooms.domain.room import DELETED_USER, Room
from rooms.ports import MatchReader


@dataclass(frozen=True, slots=True)
class MatchQueries:
    """Looks up matches."""

    matches: MatchReader

    def list_by_user(self, user_id: str, limit: int, after: str | None) -> Sequence[Match]:
        """Return a page of the user's matches, newest first."""
        return self.matches.list_by_user(user_id, limit, after)

    def list_by_room(self, room: Room) -> Sequence[Match]:
        """Return the matches of a room, newest first."""
        return self.matches.list_by_room(room.id)

    def get_for_user(self, user_id: str, room_id: str, movie_id: int) -> Match:
        """Return a room's match on a title to a matched user.

        Raises MatchNotFound, or AccountDeleted when the user may have been one whose account is
        deleted now.
        """
        match = self.matches.get(room_id, movie_id)
        if match is None:
            raise MatchNotFound
        if user_id not in match.matched_users:
            raise AccountDeleted if DELETED_USER in match.matched_users else MatchNotFound
        return match
