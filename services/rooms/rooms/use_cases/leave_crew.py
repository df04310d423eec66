"""Leave a crew."""

from dataclasses import dataclass, field

from matinee.observability import count
from matinee.retry import OptimisticRetry
from rooms.domain.crew import Crew, require_crew
from rooms.ports import CrewRepository
from rooms.use_cases.retry import optimistic_retry


@dataclass(frozen=True, slots=True)
class CrewLeaver:
    """Removes members from crews. Rooms that they are in, or invited to, stay as they are."""

    crews: CrewRepository
    retry: OptimisticRetry = field(default_factory=optimistic_retry)

    def __call__(self, user_id: str, crew_id: str) -> Crew:
        """Remove a user from a crew and return it; raise CrewNotFound, NotInCrew, RoomBusy."""
        return self.retry(lambda: self._leave(user_id, crew_id))

    def _leave(self, user_id: str, crew_id: str) -> Crew:
        left = require_crew(self.crews.get(crew_id)).without_member(user_id)
        self.crews.remove_member(user_id, left)
        count("CrewsLeft")
        return left
