"""The local stack's command line: python -m tools.local run|status|stop|deploy|logs."""

import sys

OLDEST_PYTHON = (3, 13)

if sys.version_info < OLDEST_PYTHON:
    # Before anything newer than the oldest Python's syntax is imported.
    found = ".".join(str(part) for part in sys.version_info[:2])
    sys.exit("Matinee needs Python 3.13; this is Python " + found + " (" + sys.executable + ").")

from tools.local.cli import main  # noqa: E402 - only now is it safe to read newer syntax

if __name__ == "__main__":
    sys.exit(main())
