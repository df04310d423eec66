"""The command line: build the consumer kit's wheel into a folder."""

import sys
from pathlib import Path

from tools.contracts.paths import make_importable

make_importable()

from tools.contracts.kit.package import build  # noqa: E402 - needs the services importable
from tools.contracts.project import load_project  # noqa: E402

if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the command and the folder
        sys.exit("usage: python -m tools.contracts.kit FOLDER")
    print(f"built {build(load_project(), Path(sys.argv[1]))}")
