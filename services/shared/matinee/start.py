"""The start of a function, during which Python's collector rests.

What a start makes, modules and classes above all, lives as long as the process. The collector would
look at it again and again, for a twelfth of the start's processor time, and free next to nothing.
A service's `handlers` import this module before all else; `matinee.observability.entry_point`,
which each of them calls at its end, calls `finish`.
"""

import gc

gc.disable()


def finish(*, keep: bool) -> None:
    """End the start: the collector works again; with `keep`, not on what has been made so far."""
    if keep:
        gc.freeze()
    gc.enable()
