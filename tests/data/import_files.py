"""Made-up exports in each site's exact columns; the stand-in's IMDb ids name its titles."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "imports"


def content(name: str) -> bytes:
    """Return a file of tests/data/imports."""
    return (FOLDER / name).read_bytes()


def letterboxd_files() -> Mapping[str, bytes]:
    """Return the files of Letterboxd's archive, by their names in it."""
    folder = FOLDER / "letterboxd"
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.csv"))
    return {name: content(f"letterboxd/{name}") for name in names}


def archive(files: Mapping[str, bytes]) -> bytes:
    """Pack files as the sites do, always alike."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, one in files.items():
            target.writestr(zipfile.ZipInfo(name), one, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
