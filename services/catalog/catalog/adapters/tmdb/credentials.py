"""The key in the form that TMDB accepts: a v4 token in a header, a v3 key in the query."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from catalog.domain.errors import TmdbKeyRefused
from matinee.observability import logger

REPAIR = "set a valid TMDB key in the secret that TMDB_SECRET_ARN names"

_V4_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_KEY = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What authenticates a request; without a representation that could be logged."""

    parameters: Mapping[str, str]
    headers: Mapping[str, str]

    @classmethod
    def from_key(cls, key: str) -> Self:
        """Return the credentials of a key by its form; raise TmdbKeyRefused if it has none."""
        if not _KEY.fullmatch(key):
            logger.error("tmdb_key_malformed", extra={"repair": REPAIR})
            raise TmdbKeyRefused
        if _V4_TOKEN.fullmatch(key):
            return cls({}, {"Authorization": f"Bearer {key}"})
        return cls({"api_key": key}, {})
