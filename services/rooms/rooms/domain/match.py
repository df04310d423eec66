"""Matches, and the rule by which a title becomes one.

A title is a match of a room exactly when, at some instant, the room had at least `min_participants`
participants and their latest votes on that title met the room's rule (`rooms.domain.rule`): by
default that every one of them was yes.

An instant is a pair (version of the room, version of the title's tally). Whoever ends an instant,
by voting, joining or leaving, commits only if both versions are still those that they have read,
and has checked before whether that instant was a match; whoever begins an instant by voting checks
afterwards. So every instant is checked, in whatever order requests arrive and however late a queue
is read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from matinee.media import MediaType
from rooms.domain.room import Room
from rooms.domain.rule import UNANIMOUS, Rule
from rooms.domain.tally import Agreement, Tally, Vote


@dataclass(frozen=True, slots=True)
class Match:
    """A title on which a room has agreed. `title` and `poster_path` are the candidate's.

    `matched_users` were in the room; `likes` says how many of them liked it, None: all.
    """

    match_id: str
    room_id: str
    movie_id: int
    media_type: MediaType
    title: str
    poster_path: str | None
    matched_users: tuple[str, ...]
    at: datetime
    rule: Rule = UNANIMOUS
    likes: int | None = None


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
        rule=tally.agreement.rule,
        likes=tally.agreement.likes,
    )


def agreement_of(room: Room, tally: Tally, match_id: str, at: datetime) -> Agreement:
    """Return the agreement of those who are in a room on a title that is a match."""
    likes, _ = room.count(tally)
    all_like = likes == len(room.participants)
    return Agreement(match_id, room.participants, at, room.rule, None if all_like else likes)


def apply_vote(room: Room, tally: Tally, vote: Vote, match_id: str) -> Tally:
    """Return the tally after a vote, with its agreement if the title was or becomes a match.

    The instant that the vote ends counts as well as the one that it begins: somebody may have left
    just before, and those who remained agreed until this vote. So a match that stood stays when a
    vote is changed or taken back.
    """
    after = tally.with_vote(vote.user_id, yes=vote.yes)
    for instant in (tally, after):
        if room.is_match(instant):
            return after.with_agreement(agreement_of(room, instant, match_id, vote.at))
    return after


def unrecorded_matches(room: Room, tallies: Iterable[Tally]) -> Sequence[Tally]:
    """Return the tallies of titles that are a match of the room as it is, without an agreement."""
    return [tally for tally in tallies if not tally.agreement and room.is_match(tally)]


def apply_agreement(tally: Tally, agreement: Agreement) -> Tally:
    """Return the next version of a tally, with an agreement that no vote has brought about."""
    return replace(tally.with_agreement(agreement), version=tally.version + 1)
