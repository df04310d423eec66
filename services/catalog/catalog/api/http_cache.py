"""Responses that clients and caches may store: ETag, Cache-Control and Age (RFC 9110 and 9111).

A fresh response may be stored for a while. A stale one, because TMDB is unavailable or a refresh is
late, has its `Age` and must be revalidated each time.
"""

import json
from dataclasses import dataclass
from datetime import timedelta

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from catalog.use_cases.browse_media import CacheResult
from matinee.clock import Clock
from matinee.http.api import HttpApi, json_response, not_modified
from matinee.http.etag import entity_tag, matches

LIST_MAX_AGE = timedelta(minutes=5)
SEARCH_MAX_AGE = timedelta(minutes=5)
TITLE_MAX_AGE = timedelta(hours=1)
GENRES_MAX_AGE = timedelta(days=1)
"""How long caches may store a fresh response."""


@dataclass(frozen=True, slots=True)
class HttpCache:
    """The conditional requests of one function."""

    api: HttpApi
    now: Clock

    def respond(
        self,
        body: BaseModel,
        max_age: timedelta,
        result: CacheResult[object] | None = None,
        language: str | None = None,
    ) -> Response[str]:
        """Return a body, or 304 when the client has it; `result` says how old it is.

        `language` is that of a body which depends on the request's.
        """
        content = body.model_dump(mode="json", by_alias=True)
        etag = entity_tag(json.dumps(content))
        headers = {"ETag": etag, **self._age(max_age, result)}
        if language:
            headers |= {"Content-Language": language, "Vary": "Origin, Accept-Language"}
        if matches(self.api.header("If-None-Match") or "", etag, weak=True):
            return not_modified(headers)
        return json_response(content, headers=headers)

    def _age(self, max_age: timedelta, result: CacheResult[object] | None) -> dict[str, str]:
        if result is None or not result.stale:
            return {"Cache-Control": f"public, max-age={int(max_age.total_seconds())}"}
        headers = {"Cache-Control": "public, no-cache"}
        if result.fetched_at is not None:
            age = (self.now() - result.fetched_at).total_seconds()
            headers["Age"] = str(max(0, int(age)))
        return headers
