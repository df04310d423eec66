"""Where the checkout is, and its services on the path as the functions have them."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_importable(root: Path = ROOT) -> None:
    """Add the layer and every service to the path, as the functions have them."""
    places = {file.parents[1] for file in (root / "services").glob("*/*/__init__.py")}
    for place in sorted(str(place) for place in places):
        if place not in sys.path:
            sys.path.insert(0, place)
