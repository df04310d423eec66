"""What a room, a film's tally and a match are once a user's account is gone: the rules alone.

An open room he leaves as anybody leaves: that ends an instant and begins another (`rooms.domain`).
A closed room has no instants any more. Were he taken out of it, those who remain might agree on
films on which the room never agreed while it was open, and a late look at it would invent matches.
So his seat in a closed room stays taken, by nobody: ERASED has no vote.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rooms.domain.room import Match, Room, Tally

ERASED = "deleted"
"""Stands where the id of a user stood whose account is gone. It is nobody's id."""


def room_without(room: Room, user_id: str, now: datetime) -> Room | None:
    """Return a room without a user, None when he is not in it and it is not his.

    The longest present becomes host in his place. An open room in which nobody is left closes.
    """
    if user_id in room.participants:
        left = room.left_by(user_id) if now < room.expires_at else _vacated(room, user_id)
    elif user_id == room.host_id:  # He was the last to leave it.
        left = replace(room, version=room.version + 1)
    else:
        return None
    if left.participants:
        return left
    return replace(left, host_id=ERASED, expires_at=min(room.expires_at, now))


def tally_without(tally: Tally, user_id: str) -> Tally:
    """Return a tally without a user's vote, and without his id in its agreement."""
    agreement = tally.agreement
    return replace(
        tally,
        likes=tally.likes - {user_id},
        dislikes=tally.dislikes - {user_id},
        version=tally.version + 1,
        agreement=agreement and replace(agreement, users=_anonymous(agreement.users, user_id)),
    )


def match_without(match: Match, user_id: str) -> Match:
    """Return a match with nobody in a user's place: that so many agreed stays true."""
    return replace(match, matched_users=_anonymous(match.matched_users, user_id))


def speaks_of(tally: Tally, user_id: str) -> bool:
    """Return whether a tally holds a user's id."""
    return tally.vote_of(user_id) is not None or agreed_by(tally, user_id)


def agreed_by(tally: Tally, user_id: str) -> bool:
    """Return whether a user was among those who agreed on a film."""
    return tally.agreement is not None and user_id in tally.agreement.users


def _vacated(room: Room, user_id: str) -> Room:
    participants = _anonymous(room.participants, user_id)
    host = next((other for other in participants if other != ERASED), ERASED)
    return replace(
        room,
        participants=participants,
        host_id=host if room.host_id == user_id else room.host_id,
        version=room.version + 1,
    )


def _anonymous(users: Sequence[str], user_id: str) -> tuple[str, ...]:
    return tuple(ERASED if user == user_id else user for user in users)
