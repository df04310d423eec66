"""The command line: write the page to a file."""

import sys
from pathlib import Path

from tools.contracts.paths import make_importable

make_importable()

from tools.contracts.catalogue.page import page  # noqa: E402 - needs the services importable
from tools.contracts.project import load_project  # noqa: E402

if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the command and the file
        sys.exit("usage: python -m tools.contracts.catalogue FILE")
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(load_project()), encoding="utf-8")
    print(f"written {target}")
