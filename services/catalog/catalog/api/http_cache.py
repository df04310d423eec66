"""Returns that clients and caches may keep: ETag, Cache-Control and Age (RFC 9110 and 9111).

What is fresh may be kept for a while. What is old, because TMDB is away or a refresh is late, says
by `Age` how old it is, and is asked for again each time.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from catalog.use_cases.browse_media import Served
from matinee.clock import Clock
from matinee.http.api import HttpApi, json_response, not_modified

A_WHILE, AN_HOUR, A_DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
"""How long caches may keep what is fresh: a list or a search, a title, what hardly ever changes."""


@dataclass(frozen=True, slots=True)
class HttpCache:
    """The conditional requests of one function."""

    api: HttpApi
    now: Clock

    def answer(
        self, body: BaseModel, kept_for: timedelta, served: Served[object] | None = None
    ) -> Response[str]:
        """Return a body, or 304 when the client has it; `served` tells how old it is."""
        content = body.model_dump(mode="json", by_alias=True)
        etag = f'"{blake2b(json.dumps(content).encode(), digest_size=12).hexdigest()}"'
        headers = {"ETag": etag, **self._age(kept_for, served)}
        if _names(self.api.header("If-None-Match") or "", etag):
            return not_modified(headers)
        return json_response(content, headers=headers)

    def _age(self, kept_for: timedelta, served: Served[object] | None) -> dict[str, str]:
        if served is None or not served.stale:
            return {"Cache-Control": f"public, max-age={int(kept_for.total_seconds())}"}
        headers = {"Cache-Control": "public, no-cache"}
        if served.fetched_at is not None:
            age = (self.now() - served.fetched_at).total_seconds()
            headers["Age"] = str(max(0, int(age)))
        return headers


def _names(if_none_match: str, etag: str) -> bool:
    """Return whether If-None-Match names an answer; weak and strong tags count alike there."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags
