"""The key as TMDB takes it: a v4 token in a header, a v3 key in the query."""

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
    """What a request carries so that it is ours; it shows in no representation."""

    parameters: Mapping[str, str]
    headers: Mapping[str, str]

    @classmethod
    def of(cls, key: str) -> Self:
        """Tell by its form which key it is; raises TmdbKeyRefused when it cannot be sent at all."""
        if not _KEY.fullmatch(key):
            logger.error("tmdb_key_malformed", extra={"repair": REPAIR})
            raise TmdbKeyRefused
        if _V4_TOKEN.fullmatch(key):
            return cls({}, {"Authorization": f"Bearer {key}"})
        return cls({"api_key": key}, {})
