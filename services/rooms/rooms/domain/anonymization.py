"""Anonymization: a room, a tally and a match once a user's account is deleted.

The user leaves an open room as anybody leaves it: that ends an instant and begins another
(`rooms.domain.match`). A closed room has no instants any more. Without the user, those who remain
might agree on titles on which the room never agreed while it was open, and a late check would
invent matches. So the user's place in a closed room stays taken, by DELETED_USER, and nothing
becomes a match of such a room; what was one is recorded before.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rooms.domain.match import Match
from rooms.domain.room import DELETED_USER, Room
from rooms.domain.tally import Tally


def anonymize_room(room: Room, user_id: str, now: datetime) -> Room | None:
    """Return a room without a user, or None when it does not name them.

    The participant who has been in the room the longest takes over as host. An open room in which
    nobody is left closes: `rooms.use_cases.close_expired_rooms` finds it.
    """
    if user_id in room.participants:
        left = room.without_participant(user_id) if room.is_open(now) else _vacated(room, user_id)
    elif user_id == room.host_id or user_id in room.removed:  # They were the last to leave it.
        left = replace(room, version=room.version + 1)
    else:
        return None
    left = replace(left, removed=tuple(other for other in room.removed if other != user_id))
    if left.participants:
        return left
    return replace(left, host_id=DELETED_USER, expires_at=min(room.expires_at, now))


def anonymize_tally(tally: Tally, user_id: str) -> Tally:
    """Return a tally without a user's vote, and without their id in its agreement."""
    agreement = tally.agreement
    return replace(
        tally,
        likes=tally.likes - {user_id},
        dislikes=tally.dislikes - {user_id},
        version=tally.version + 1,
        agreement=agreement and replace(agreement, users=_anonymous(agreement.users, user_id)),
    )


def anonymize_match(match: Match, user_id: str) -> Match:
    """Return a match with DELETED_USER in a user's place: how many agreed stays true."""
    return replace(match, matched_users=_anonymous(match.matched_users, user_id))


def references_user(tally: Tally, user_id: str) -> bool:
    """Return whether a tally holds a user's id."""
    return tally.vote_of(user_id) is not None or is_agreed_by(tally, user_id)


def is_agreed_by(tally: Tally, user_id: str) -> bool:
    """Return whether a user was among those who agreed on a title."""
    return tally.agreement is not None and user_id in tally.agreement.users


def _vacated(room: Room, user_id: str) -> Room:
    participants = _anonymous(room.participants, user_id)
    host = next((other for other in participants if other != DELETED_USER), DELETED_USER)
    return replace(
        room,
        participants=participants,
        host_id=host if room.host_id == user_id else room.host_id,
        version=room.version + 1,
    )


def _anonymous(users: Sequence[str], user_id: str) -> tuple[str, ...]:
    return tuple(DELETED_USER if user == user_id else user for user in users)
