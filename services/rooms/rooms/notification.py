"""The notifier: every matched user's phones hear of the match, once."""

from collections.abc import Callable
from dataclasses import dataclass

from matinee.contract import Contract, Envelope
from matinee.errors import Unavailable
from matinee.observability import count, logger
from rooms.contracts import MatchFound
from rooms.ports import Phones

type Once = Callable[[str, Callable[[], None]], None]
"""Does something under a key unless it has been done; a failure leaves it to be done again."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Tells each matched user of a match."""

    phones: Phones
    once: Once

    def handle(self, event: Envelope[Contract]) -> None:
        """Tell everybody who has not been told; one failure does not keep it from the others.

        Raises Unavailable when somebody could not be told: the queue shows the event again.
        """
        match = event.data
        if not isinstance(match, MatchFound):
            message = f"{match.event_type} is none of the notifier's business"
            raise TypeError(message)
        untold = [user for user in match.matched_users if not self._told(user, match, event)]
        if untold:
            message = f"{len(untold)} of {len(match.matched_users)} could not be told"
            raise Unavailable(message)

    def _told(self, user_id: str, match: MatchFound, event: Envelope[Contract]) -> bool:
        def tell() -> None:
            self.phones.tell(user_id, match.room_id, match.movie_id, event.metadata.correlation_id)
            count("UsersNotified")

        try:
            self.once(f"{match.match_id}:{user_id}", tell)
        except Unavailable:
            logger.warning("user_not_told", extra={"match_id": match.match_id}, exc_info=True)
            return False
        return True
