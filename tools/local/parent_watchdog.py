"""Runs a module as a child of the supervisor, and ends it when the supervisor has ended.

    python -m tools.local.parent_watchdog PARENT_PID MODULE [ARGUMENT ...]

A supervisor that is killed with SIGKILL cannot stop its children. So each watches its parent: once
the parent changes, it asks itself to stop as Ctrl-C would (the emulator then saves its state),
and leaves for good after half a minute.
"""

import os
import runpy
import signal
import sys
import threading
import time

_LOOK_EVERY_SECONDS = 0.5
_GRACE_SECONDS = 30.0


def watch_parent(parent: int) -> None:
    """Start the thread that ends this process when `parent` is no longer its parent."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent watchdog", daemon=True).start()


def main() -> None:
    """Run the module that the command line names, under the watchdog."""
    parent, module, *arguments = sys.argv[1:]
    watch_parent(int(parent))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
