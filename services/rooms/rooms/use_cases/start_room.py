"""Start a room for a crew: the others are invited in the transaction that creates it.

somebody leaves, is deleted     the crew has the version that was read, or all is read again: nobody
                                is invited who is not in it, and a deletion finds every invitation
a crash at any point            room, invitations and events are one transaction
asked again, answer lost        the room is found by its idempotency key, and nobody invited twice
"""

from collections.abc import Sequence
from dataclasses import dataclass

from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace
from rooms.domain.crew import Crew, Invitation, require_crew
from rooms.domain.room import Movie, Room
from rooms.ports import CrewEvents, CrewReader, CrewRoomRepository
from rooms.use_cases.create_room import CreateRoom, RoomCreator
from rooms.use_cases.record_refused_titles import RefusalRecorder


@dataclass(frozen=True, slots=True)
class CrewRoomStarter:
    """Starts rooms for crews. What their first room said no to is known by then."""

    crews: CrewReader
    create_room: RoomCreator
    refusals: RefusalRecorder

    def __call__(
        self, user_id: str, crew_id: str, idempotency_key: str | None, trace: Trace
    ) -> tuple[Room, Sequence[Movie]]:
        """Create a room as the crew's first one was, with the user as host; invite the others.

        Raises CrewNotFound, NotInCrew, and what RoomCreator raises.
        """
        crew = require_crew(self.crews.get(crew_id))
        crew.require_member(user_id)
        self.refusals.of_first_room(crew)
        return self.create_room(user_id, _command(crew, idempotency_key), trace)


@dataclass(frozen=True, slots=True)
class InvitingRooms:
    """The rooms of crews, as far as they are created: whoever is not in them yet is invited."""

    crews: CrewReader
    rooms: CrewRoomRepository
    events: CrewEvents

    def create(self, room: Room, candidates: Sequence[Movie], event: Envelope[Contract]) -> None:
        """Store a new room of a crew, and the invitations to it.

        Raises CrewNotFound, NotInCrew, CodeTaken, AccountDeleted, WriteConflict.
        """
        crew = require_crew(self.crews.get(room.crew_id or ""))
        crew.require_member(room.host_id)
        invitation = Invitation(
            room_id=room.id,
            crew_id=crew.id,
            crew_name=crew.name,
            code=room.code,
            closes_at=room.expires_at,
            at=room.created_at,
        )
        events = [event]
        if others := crew.others(room.host_id):
            trace = Trace.caused_by(event)
            events.append(self.events.crew_invited(invitation, room.host_id, others, trace))
        self.rooms.create_for_crew(crew, room, candidates, events, invitation)

    def get_by_code(self, code: str) -> Room | None:
        """Return a room by code, strongly consistent."""
        return self.rooms.get_by_code(code)

    def list_candidates(
        self, room_id: str, *, at_least: int = 1, consistent: bool = False
    ) -> Sequence[Movie]:
        """Return a room's candidates in its order: `at_least` so many, if it has them."""
        return self.rooms.list_candidates(room_id, at_least=at_least, consistent=consistent)


def _command(crew: Crew, idempotency_key: str | None) -> CreateRoom:
    """Return the command to create a room as the crew's first one was; its key is the crew's."""
    return CreateRoom(
        crew.wish.media_types[0],
        crew.wish.genre_ids,
        crew.min_participants,
        crew.max_participants,
        idempotency_key and f"{crew.id}:{idempotency_key}",
        crew.rule,
        crew.wish.filters,
        crew.wish.source,
        crew.wish.hide_seen,
        both_types=len(crew.wish.media_types) > 1,
        crew_id=crew.id,
    )
