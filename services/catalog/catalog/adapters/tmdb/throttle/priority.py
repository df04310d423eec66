"""Priorities of requests in the shared rate: users, then the refresh, then imports.

A reserved slot is not given back, so that priority depends on how far ahead slots may be reserved.
The refresh reserves up to 0.35 seconds ahead, a few slots at a time, and waits for the rest: a
user's request waits for at most those, however much the refresh has to do. An import reserves up to
0.25 seconds ahead, where there is no free slot while the refresh goes on.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class RequestPriority:
    """How requests of one kind wait. All times are in seconds.

    `max_lead` is how far ahead slots may be reserved, None up to the deadline, and `min_lead` how
    far they must be, so that a busy machine does not miss them; one write reserves `max_batch`.
    With `waits`, requests wait up to their deadline for the flow, for a pause and for the circuit
    to close; all others fail at once. With `fails_open`, they are sent without a limit while the
    table of the shared rate fails. An attempt ends after `attempt_timeout`; there are up to
    `max_attempts`, with backoffs that double from `initial_backoff` to `max_backoff`.
    """

    max_lead: float | None
    min_lead: float
    max_batch: int
    waits: bool
    fails_open: bool
    max_attempts: int
    initial_backoff: float
    max_backoff: float
    attempt_timeout: float


INTERACTIVE = RequestPriority(
    max_lead=None,
    min_lead=0,
    max_batch=100,
    waits=False,
    fails_open=True,
    max_attempts=5,
    initial_backoff=0.1,
    max_backoff=1.0,
    attempt_timeout=2.0,
)
"""A user waits: a room is being created."""

PUBLIC = replace(INTERACTIVE, fails_open=False)
"""An unknown user waits: for a title, a search. Without the shared rate anybody could cause so many
requests that rooms and the refresh lose the key."""

REFRESH = RequestPriority(
    max_lead=0.35,
    min_lead=0.1,
    max_batch=8,
    waits=True,
    fails_open=False,
    max_attempts=8,
    initial_backoff=0.2,
    max_backoff=5.0,
    attempt_timeout=5.0,
)
"""Only a queue waits."""

IMPORT = replace(REFRESH, max_lead=0.25)
"""A file of thousands of rows is being imported: nobody waits for a single one."""
