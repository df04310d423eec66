"""Run the endpoint: `python -m tools.appsync --help`."""

import sys
from pathlib import Path

# The plumbing that the services share lies beside them and is not installed for the tools.
sys.path.append(str(Path(__file__).resolve().parents[2] / "services" / "shared"))

from tools.appsync.server import arguments, serve  # noqa: E402 - after the path is known

if __name__ == "__main__":
    sys.exit(serve(arguments()))
