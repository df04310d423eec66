"""The start of a function, during which Python's collector rests.

What a start makes, modules and classes above all, lives as long as the process. The collector would
look at it again and again, for a twelfth of the start's processor time, and free next to nothing.
A service's `handlers` import this module before all else; `matinee.observability.entry_point`,
which each of them calls at its end, calls `finish`.

With SnapStart an instance is a copy of one that had started: what must differ from copy to copy, or
does not outlast the copying, is made anew after it (docs/adr/0160). That is Python's generator of
random numbers alone, which botocore's pauses between attempts come from. Ours are the kernel's
(SystemRandom, uuid7); clients have no connections before the first request, and renew credentials
by their time; no start reads the clock.
"""

import gc
import random

gc.disable()


def finish(*, keep: bool) -> None:
    """End the start: the collector works again; with `keep`, not on what has been made so far."""
    if keep:
        gc.freeze()
    gc.enable()


def vary_copies() -> None:
    """Have each instance that is restored from a snapshot draw random numbers of its own."""
    from snapshot_restore_py import register_after_restore  # noqa: PLC0415 - Lambda's own

    register_after_restore(random.seed)
