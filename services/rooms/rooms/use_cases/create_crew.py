"""Create a crew of the people of a room."""

from dataclasses import dataclass, field

from matinee.clock import Clock, utc_now
from matinee.observability import count
from matinee.retry import OptimisticRetry
from rooms.domain.crew import MAX_CREWS, Crew
from rooms.domain.errors import CrewNameTaken, TooManyCrews
from rooms.domain.room import require_room
from rooms.ports import CrewRepository, NameDirectory, RoomRepository
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class CrewCreator:
    """Creates crews. The same request again finds the crew that the first one has created."""

    rooms: RoomRepository
    crews: CrewRepository
    names: NameDirectory
    retry: OptimisticRetry = field(default_factory=optimistic_retry)
    now: Clock = utc_now

    def __call__(self, user_id: str, room_id: str, name: str, correlation_id: str) -> Crew:
        """Make a crew of a room's participants but for guests, and return it.

        While auth does not say who is one, guests are in it, too: until they go after seven days.

        Raises RoomNotFound, NotAParticipant, CrewTooSmall, CrewTooLarge, TooManyCrews,
        CrewNameTaken, AccountDeleted, RoomBusy.
        """
        return self.retry(lambda: self._create(user_id, room_id, name, correlation_id))

    def _create(self, user_id: str, room_id: str, name: str, correlation_id: str) -> Crew:
        room = require_room(self.rooms.get(room_id))
        room.require_participant(user_id)
        people = self.names.find(room.participants, correlation_id)
        guests = {person.user_id for person in people.values() if person.is_guest}
        crew = Crew.of(room, user_id, name, self.now(), guests - {user_id})
        if created := self.crews.get(crew.id):
            if user_id not in created.members:
                raise CrewNameTaken
            return created
        if len(self.crews.list_by_user(user_id, MAX_CREWS, None)) == MAX_CREWS:
            raise TooManyCrews
        self.crews.create(user_id, crew, room)
        count("CrewsCreated")
        return crew
