"""The local stack's command line: python -m tools.local run|status|stop|deploy|env ..."""

import importlib.util
import os
import sys

OLDEST_PYTHON = (3, 13)
OWN_PYTHON = os.path.join(os.path.dirname(__file__), "..", "..", ".venv", "bin", "python")  # noqa: PTH118, PTH120 - an old Python may read this

if importlib.util.find_spec("ministack") is None and os.path.exists(OWN_PYTHON):  # noqa: PTH110
    # Another Python than that of `make`: the packages are in ours.
    os.execv(OWN_PYTHON, [OWN_PYTHON, "-m", "tools.local"] + sys.argv[1:])  # noqa: S606, RUF005

if sys.version_info < OLDEST_PYTHON:
    # Before anything newer than the oldest Python's syntax is imported.
    found = ".".join(str(part) for part in sys.version_info[:2])
    sys.exit("Matinee needs Python 3.13; this is Python " + found + " (" + sys.executable + ").")

from tools.local.cli import main  # noqa: E402 - only now is it safe to read newer syntax

if __name__ == "__main__":
    sys.exit(main())
