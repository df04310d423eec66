"""The web origins that may call the local product's REST API."""

import re
from pathlib import Path

from tools.local.template import load_template

_ORIGIN = re.compile(r"https?://[^\s/*,@?#]+")
_PARAMETER = "AllowedOrigins"


def keep_origins(file: Path, added: str) -> None:
    """Keep origins, separated by commas, for this start and every later one. Raises ValueError."""
    origins = [origin.strip().rstrip("/") for origin in added.split(",") if origin.strip()]
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            message = f"{origin} is no origin: it is like http://localhost:4200, without a path"
            raise ValueError(message)
    if origins:
        file.write_text("\n".join(dict.fromkeys([*_kept(file), *origins])) + "\n", encoding="utf-8")


def allowed_origins(template: Path, file: Path) -> tuple[str, ...]:
    """Return the origins that were kept after those of the template; none when there are none."""
    if not (kept := _kept(file)):
        return ()
    named = str(load_template(template)["Parameters"].get(_PARAMETER, {}).get("Default", ""))
    return tuple(dict.fromkeys([*filter(None, named.split(",")), *kept]))


def _kept(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").split() if file.exists() else []
