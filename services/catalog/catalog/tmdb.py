"""TMDB over HTTP: /discover, with everything that keeps a room from waiting for it in vain.

A request that may succeed the next time (no connection, no answer in time, 5xx, 429, a body that
is no page) is sent again after an exponentially growing pause with full jitter, at most
`ATTEMPTS` times and never past the deadline. Every attempt takes its place in the shared rate.
The key is in no log: not in ours, and httpx's own, which would write the whole address, is off.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from random import Random
from typing import Never

import httpx
from pydantic import ValidationError

from catalog.deadline import Deadline
from catalog.domain import FEWEST_VOTES, LANGUAGES, MediaType, Page, Strategy
from catalog.errors import TmdbKeyRefused, TmdbRateLimited, TmdbUnavailable
from catalog.ports import ApiKey, PageRequest, RequestRate
from catalog.tmdb_rows import TmdbPage
from matinee.clock import Clock
from matinee.errors import MatineeError
from matinee.observability import count, logger

ATTEMPTS = 5
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 1.0
"""Seconds: the bounds of the growing pause between attempts."""

CONNECTED_WITHIN = 1.5
READ_WITHIN = 1.5
ANSWERED_WITHIN = 2.0
"""Seconds for a whole attempt: a body that drips in keeps every read within its own limit."""

CONNECTIONS = 20

FAILURES = "TmdbFailures"
"""Counts what somebody waited for in vain; an alarm looks at it."""

TIMEOUT = httpx.Timeout(READ_WITHIN, connect=CONNECTED_WITHIN)
LIMITS = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)

_PATHS = {MediaType.MOVIE: "discover/movie", MediaType.TV: "discover/tv"}
_GENRE_SEPARATORS = {Strategy.AND: ",", Strategy.OR: "|", Strategy.ANY: ","}
_V4_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_KEY = re.compile(r"[!-~]+")

type Sleep = Callable[[float], Awaitable[None]]

logging.getLogger("httpx").setLevel(logging.WARNING)


class _Passing(Exception):
    """An attempt failed in a way that another may not. `pause` is what TMDB asked for, if any."""

    def __init__(self, reason: str, *, too_often: bool = False, pause: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.too_often = too_often
        self.pause = pause

    def as_error(self) -> MatineeError:
        """Answer what a caller is told when there is no further attempt."""
        if self.too_often:
            return TmdbRateLimited(retry_after=self.pause or LONGEST_PAUSE)
        return TmdbUnavailable()


@dataclass(frozen=True, slots=True)
class TmdbPages:
    """`TitlePages` from TMDB. `http` has TMDB's address as its base, up to and with /3."""

    http: httpx.AsyncClient
    key: ApiKey
    rate: RequestRate
    random: Random
    now: Clock
    sleep: Sleep = asyncio.sleep

    async def fetch(self, requests: Sequence[PageRequest], deadline: Deadline) -> Sequence[Page]:
        """Fetch pages at the same time; see the port."""
        try:
            async with asyncio.timeout(deadline.remaining()):
                return await self._fetch(requests, deadline)
        except TimeoutError as error:
            _give_up("deadline", TmdbUnavailable(), error)

    async def _fetch(self, requests: Sequence[PageRequest], deadline: Deadline) -> Sequence[Page]:
        credentials = Credentials.of(await self.key())
        waits = await self.rate.reserve(len(requests), deadline)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._page(request, credentials, wait, deadline))
                    for request, wait in zip(requests, waits, strict=True)
                ]
        except ExceptionGroup as group:
            ours, bugs = group.split(MatineeError)
            if ours is None or bugs is not None:
                raise
            raise _first(ours) from None
        return [task.result() for task in tasks]

    async def _page(
        self, request: PageRequest, credentials: "Credentials", wait: float, deadline: Deadline
    ) -> Page:
        """Fetch one page, with as many attempts as it takes and the deadline allows."""
        for attempt in range(1, ATTEMPTS + 1):
            await self.sleep(wait)
            try:
                return await self._attempt(request, credentials)
            except _Passing as fault:
                pause = await self._pause_after(fault, attempt)
                if attempt == ATTEMPTS or not deadline.allows(pause):
                    _give_up(fault.reason, fault.as_error(), fault)
                count("TmdbRetries")
            await self.sleep(pause)
            [wait] = await self.rate.reserve(1, deadline)
        raise AssertionError  # the last attempt either returns or gives up

    async def _pause_after(self, fault: _Passing, attempt: int) -> float:
        """Answer how long to wait after a fault, in seconds, and tell the others if TMDB asked."""
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
        jitter = self.random.uniform(0, longest)
        if not fault.too_often:
            return jitter
        pause = fault.pause if fault.pause is not None else longest
        count("TmdbSaidTooOften")
        await self.rate.pause(pause)
        return pause + jitter

    async def _attempt(self, request: PageRequest, credentials: "Credentials") -> Page:
        """Send one request; raises _Passing, or an error that no repetition can mend."""
        count("TmdbRequests")
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                response = await self.http.get(
                    _PATHS[request.query.media_type],
                    params={**parameters(request), **credentials.parameters},
                    headers=credentials.headers,
                )
        except (httpx.RequestError, TimeoutError) as error:
            raise _Passing(type(error).__name__) from None
        self._check(response)
        return _read(response, request.query.media_type)

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == HTTPStatus.OK:
            return
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise _Passing("429", too_often=True, pause=self._retry_after(response))
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            count(FAILURES)
            logger.error("tmdb_key_refused", extra={"status": status, "repair": _REPAIR})
            raise TmdbKeyRefused
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            raise _Passing(str(status))
        count(FAILURES)
        logger.error("tmdb_request_refused", extra={"status": status})
        raise TmdbUnavailable

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Read Retry-After, seconds or a date (RFC 9110, 10.2.3); None when it is neither."""
        text = response.headers.get("Retry-After", "").strip()
        if re.fullmatch(r"\d{1,9}", text):
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
            return max(0.0, (moment - self.now()).total_seconds())
        except (ValueError, TypeError):
            return None


_REPAIR = "set a valid TMDB key in the secret that TMDB_SECRET_ARN names"


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """The key as TMDB takes it: a v4 token in a header, a v3 key in the query."""

    parameters: Mapping[str, str]
    headers: Mapping[str, str]

    @classmethod
    def of(cls, key: str) -> "Credentials":
        """Tell by its form which key it is; raises TmdbKeyRefused when it cannot be sent at all."""
        if not _KEY.fullmatch(key):
            count(FAILURES)
            logger.error("tmdb_key_malformed", extra={"repair": _REPAIR})
            raise TmdbKeyRefused
        if _V4_TOKEN.fullmatch(key):
            return cls({}, {"Authorization": f"Bearer {key}"})
        return cls({"api_key": key}, {})


def parameters(request: PageRequest) -> dict[str, str]:
    """Answer the query string of a page, the key left out.

    What TMDB can filter it filters, so that few titles of a page are dropped: half of all series
    with votes enough are of another language.
    """
    query = request.query
    values = {
        "page": str(request.page),
        "language": "en-US",
        "sort_by": "popularity.desc",
        "include_adult": "false",
        "vote_count.gte": str(FEWEST_VOTES),
        "with_original_language": "|".join(LANGUAGES),
    }
    if query.genre_ids:
        separator = _GENRE_SEPARATORS[query.strategy]
        values["with_genres"] = separator.join(str(genre) for genre in query.genre_ids)
    return values


def _read(response: httpx.Response, media_type: MediaType) -> Page:
    try:
        body = TmdbPage.read(response.content)
    except ValidationError:
        raise _Passing("malformed body") from None
    page, unreadable = body.as_page(media_type)
    if unreadable:
        logger.warning("tmdb_rows_skipped", extra={"rows": unreadable})
        count("TmdbRowsSkipped", unreadable)
    return page


def _give_up(reason: str, error: MatineeError, cause: Exception) -> Never:
    count(FAILURES)
    logger.warning("tmdb_given_up", extra={"reason": reason, "code": error.code})
    raise error from cause


def _first(errors: ExceptionGroup[MatineeError]) -> MatineeError:
    """Answer one of the errors of requests that were sent together."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first
