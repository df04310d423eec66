"""The votes table as DynamoDB would answer: in memory, with its latencies and its conflicts.

An emulator on the same machine answers one request after the other, and sooner than a network
does; how often voters get into one another's way depends on just these times. So they are modelled:
a transaction that meets another one on the same tally is cancelled, as DynamoDB does it, and one
whose versions are no longer true is refused.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from matinee.events.contract import Contract, Envelope
from rooms.domain import Room, Tally, Vote
from rooms.ports import Contended


@dataclass(slots=True)
class ModelledVotes:
    """A room's tallies. `reading` and `writing` are seconds from request to answer, on average.

    `stretch` draws by which factor one request is slower or faster than that.
    """

    room: Room
    tallies_by_film: dict[int, Tally]
    reading: float
    writing: float
    stretch: Callable[[], float] = lambda: random.uniform(0.5, 1.5)
    _in_flight: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ballot(self, room_id: str, movie_id: int) -> tuple[Room | None, Tally | None]:
        """Return the room and a tally as they are halfway through the request."""
        half = self.reading * self.stretch() / 2
        time.sleep(half)
        with self._lock:
            tally = self.tallies_by_film.get(movie_id)
        time.sleep(half)
        return (self.room if room_id == self.room.id else None), tally

    def cast(self, vote: Vote, room: Room, tally: Tally, event: Envelope[Contract]) -> None:  # noqa: ARG002 - the port's signature
        """Store a tally. Half the time goes to the network, half to preparing and committing."""
        film, quarter = vote.movie_id, self.writing * self.stretch() / 4
        time.sleep(quarter)
        with self._lock:
            seen = self.tallies_by_film[film].version == tally.version - 1
            admitted = seen and film not in self._in_flight and room.version == self.room.version
            if admitted:
                self._in_flight.add(film)
        if admitted:
            time.sleep(2 * quarter)
            with self._lock:
                self.tallies_by_film[film] = tally
                self._in_flight.remove(film)
        time.sleep(quarter)
        if not admitted:
            raise Contended

    def tally(self, room_id: str, movie_id: int) -> Tally | None:  # noqa: ARG002 - the port's signature
        """Return a tally at once."""
        return self.tallies_by_film.get(movie_id)

    def tallies(self, room_id: str) -> Sequence[Tally]:  # noqa: ARG002 - the port's signature
        """Return all tallies at once."""
        return list(self.tallies_by_film.values())

    def find(self, room_id: str, user_id: str, movie_id: int) -> Vote | None:  # noqa: ARG002 - the port's signature
        """Return None: nobody votes twice here."""
        return None
