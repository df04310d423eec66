"""Takes the pictures of the documentation from the running product: `make screenshots`."""

import sys

from tests.clients.browser import chromium
from tests.clients.node import run_node
from tools.contracts.paths import ROOT
from tools.ops.client import NotRunning, Stack

FOLDER = ROOT / "docs" / "images" / "screens"
MAX_BYTES = 1_500_000
"""Of all pictures together, which every clone downloads."""


def main() -> None:
    """Take them all. Raises SystemExit with what is wrong."""
    try:
        stack = Stack.load()
    except NotRunning as error:
        sys.exit(str(error))
    run_node("screenshots.mjs", chromium(), f"{stack.emulator_url}/_matinee/app/", str(FOLDER))
    size = sum(picture.stat().st_size for picture in FOLDER.glob("*.webp"))
    if size > MAX_BYTES:
        sys.exit(f"{FOLDER} has {size:,} bytes, more than {MAX_BYTES:,}")


if __name__ == "__main__":
    main()
