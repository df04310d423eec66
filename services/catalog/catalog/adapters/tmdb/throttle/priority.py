"""Lanes share one rate: people go first, the refresh takes what they leave.

A place in the flow once taken is not given back, so priority is a matter of how far ahead a lane
may book. The refresh books up to 0.35 seconds ahead, a few places at a time, and waits for the
rest: whoever is waited for finds at most that in front of him, however much the refresh has to do.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Lane:
    """How requests of one kind wait. All times are in seconds.

    `horizon` is how far ahead places may be booked, None up to the deadline, and `ahead` how far
    they must lie, so that a busy machine is not late for them; `at_once` are booked by one write.
    A `patient` lane waits up to its deadline for the flow, for a pause and for a circuit to close;
    the others are told at once. One that `fails_open` goes on, unthrottled, while the table that
    shares the rate fails. An attempt is `answered_within`, and up to `attempts` are made, with
    pauses that double from `first_pause` to `longest_pause`.
    """

    horizon: float | None
    ahead: float
    at_once: int
    patient: bool
    fails_open: bool
    attempts: int
    first_pause: float
    longest_pause: float
    answered_within: float


INTERACTIVE = Lane(
    horizon=None,
    ahead=0,
    at_once=100,
    patient=False,
    fails_open=True,
    attempts=5,
    first_pause=0.1,
    longest_pause=1.0,
    answered_within=2.0,
)
"""Somebody waits: a room that is being opened."""

PUBLIC = replace(INTERACTIVE, fails_open=False)
"""Somebody waits, and nobody knows who: a title that is looked at, a search. Without the rate to
hold it, anybody could cause a flood that costs rooms and the refresh the key."""

REFRESH = Lane(
    horizon=0.35,
    ahead=0.1,
    at_once=8,
    patient=True,
    fails_open=False,
    attempts=8,
    first_pause=0.2,
    longest_pause=5.0,
    answered_within=5.0,
)
"""Nobody waits but a queue."""
