"""Sample rooms and tallies."""

from datetime import timedelta

from matinee.media import MediaType
from rooms.domain.room import Room
from rooms.domain.rule import UNANIMOUS, Rule
from rooms.domain.tally import Tally
from tests.fakes.clock import NOON, identifier

USERS = ("ann", "bob", "cid", "dee", "eve")


def a_room(
    *participants: str, at_least: int = 2, at_most: int = 10, rule: Rule = UNANIMOUS
) -> Room:
    """Return a room, created at noon, with the first participant as host."""
    return Room(
        id=identifier(1),
        code="ABC234",
        host_id=participants[0] if participants else "ann",
        media_type=MediaType.MOVIE,
        genre_ids=(28,),
        participants=participants,
        min_participants=at_least,
        max_participants=at_most,
        created_at=NOON,
        expires_at=NOON + timedelta(hours=24),
        rule=rule,
    )


def a_tally(likes: str = "", dislikes: str = "", movie_id: int = 101, position: int = 0) -> Tally:
    """Return a tally; users are named by their initials."""
    names = {name[0]: name for name in USERS}
    return Tally(
        room_id=identifier(1),
        movie_id=movie_id,
        position=position,
        title=f"Film {movie_id}",
        poster_path="/p.jpg",
        likes=frozenset(names[initial] for initial in likes),
        dislikes=frozenset(names[initial] for initial in dislikes),
        version=len(likes) + len(dislikes),
        media_type=MediaType.MOVIE,
    )
