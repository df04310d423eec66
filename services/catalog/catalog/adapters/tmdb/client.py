"""TMDB's client: concurrent requests with retries, within a deadline and the shared rate.

A request that may succeed the next time (no connection, no response in time, 5xx, 429, a body that
cannot be parsed) is sent again after an exponential backoff with full jitter, as often as its
priority allows and never past the deadline. Every attempt takes a slot of the shared rate. The key
is never logged: not by us, and httpx's own log, which would contain the whole URL, is off.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from random import Random

import httpx
from pydantic import ValidationError

from catalog.adapters.tmdb.credentials import REPAIR, Credentials
from catalog.adapters.tmdb.throttle.priority import INTERACTIVE, RequestPriority
from catalog.domain.deadline import Deadline, Sleep
from catalog.domain.errors import (
    TmdbKeyRefused,
    TmdbRateLimited,
    TmdbRefused,
    TmdbUnavailable,
    TmdbUnreadable,
)
from catalog.ports import ApiKey, RateLimiter
from matinee.clock import Clock
from matinee.errors import MatineeError
from matinee.observability import count, logger

CONNECT_TIMEOUT_SECONDS = 1.5
READ_TIMEOUT_SECONDS = 5.0
"""Between two pieces of a response; a whole one has the attempt's timeout of its priority."""

MAX_CONNECTIONS = 20
"""How many requests of one instance are in flight at the same time."""

MAX_SLOT_DELAY_SECONDS = 0.02
"""A request that wakes up later than that after its slot takes a new one."""

TIMEOUT = httpx.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
LIMITS = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS)

logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class TmdbRequest[T]:
    """One request. `parse` returns the result, or raises pydantic's ValidationError.

    `absent` is the result of a 404; without it, a 404 is an error.
    """

    path: str
    parameters: Mapping[str, str]
    parse: Callable[[bytes], T]
    absent: T | None = None


class _TransientError(Exception):
    """An attempt failed, and another may succeed. `pause` is what TMDB demands, if anything.

    `unreadable`: TMDB has responded, but the body cannot be parsed.
    """

    def __init__(
        self,
        reason: str,
        *,
        rate_limited: bool = False,
        pause: float | None = None,
        unreadable: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.rate_limited = rate_limited
        self.pause = pause
        self.unreadable = unreadable

    def as_error(self, max_backoff: float) -> MatineeError:
        """Return the caller's error when there is no further attempt."""
        if self.rate_limited:
            return TmdbRateLimited(retry_after=self.pause or max_backoff)
        return TmdbUnreadable() if self.unreadable else TmdbUnavailable()


class TmdbClient:
    """Sends requests of one priority. `http` has TMDB's address as its base, up to and with /3.

    `requests` counts what has been sent, including retries.
    """

    def __init__(
        self,
        *,
        http: httpx.AsyncClient,
        key: ApiKey,
        limiter: RateLimiter,
        random: Random,
        now: Clock,
        sleep: Sleep = asyncio.sleep,
        priority: RequestPriority = INTERACTIVE,
    ) -> None:
        self.requests = 0
        self._http = http
        self._key = key
        self._limiter = limiter
        self._random = random
        self._now = now
        self._sleep = sleep
        self._priority = priority

    async def fetch_all[T](self, requests: Iterable[TmdbRequest[T]], deadline: Deadline) -> list[T]:
        """Return the results of all requests, sent concurrently; the first error cancels the rest.

        Raises TmdbUnavailable or TmdbRateLimited, at the deadline at the latest.
        """
        try:
            async with asyncio.timeout(deadline.remaining()), asyncio.TaskGroup() as group:
                tasks: list[asyncio.Task[T]] = []
                await self._start(list(requests), deadline, group.create_task, tasks)
        except TimeoutError as error:
            raise _given_up("deadline", TmdbUnavailable()) from error
        except ExceptionGroup as group_error:
            ours, bugs = group_error.split(MatineeError)
            if ours is None or bugs is not None:
                raise
            raise _first(ours) from None
        return [task.result() for task in tasks]

    async def fetch_each[T](
        self, requests: Sequence[TmdbRequest[T]], deadline: Deadline
    ) -> list[T | MatineeError]:
        """Return for each request its result, or the error with which it failed."""
        outcomes: list[T | MatineeError] = []
        for start in range(0, len(requests), MAX_CONNECTIONS):
            outcomes += await self._fetch_each(requests[start : start + MAX_CONNECTIONS], deadline)
        return outcomes

    async def _fetch_each[T](
        self, requests: Sequence[TmdbRequest[T]], deadline: Deadline
    ) -> list[T | MatineeError]:
        tasks: list[asyncio.Task[T]] = []
        unsent: MatineeError = TmdbUnavailable()
        try:
            async with asyncio.timeout(deadline.remaining()):
                await self._start(requests, deadline, asyncio.ensure_future, tasks)
                await asyncio.gather(*tasks, return_exceptions=True)
        except TimeoutError:
            unsent = _given_up("deadline", unsent)
        except MatineeError as error:
            unsent = error
        if tasks:
            await asyncio.wait(tasks, timeout=deadline.remaining())
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        outcomes = [_outcome(result, unsent) for result in results]
        return outcomes + [unsent] * (len(requests) - len(outcomes))

    async def _start[T](
        self,
        requests: Sequence[TmdbRequest[T]],
        deadline: Deadline,
        create_task: "Callable[..., asyncio.Task[T]]",
        tasks: list[asyncio.Task[T]],
    ) -> None:
        """Append to `tasks` a task for each request, as soon as it has its slot."""
        credentials = Credentials.from_key(await self._key())
        while len(tasks) < len(requests):
            reservation = await self._limiter.reserve(len(requests) - len(tasks), deadline)
            now = deadline.monotonic()
            batch = requests[len(tasks) : len(tasks) + len(reservation.waits)]
            tasks += [
                create_task(self._fetch(request, credentials, now + wait, deadline))
                for request, wait in zip(batch, reservation.waits, strict=True)
            ]
            if reservation.probe and len(tasks) < len(requests):
                await asyncio.wait(tasks)

    async def _fetch[T](
        self, request: TmdbRequest[T], credentials: Credentials, slot: float, deadline: Deadline
    ) -> T:
        """Return the result of a request, with as many attempts as needed and allowed."""
        for attempt in range(1, self._priority.max_attempts + 1):
            await self._wait_for_slot(slot, deadline)
            try:
                result = await self._attempt(request, credentials)
            except _TransientError as error:
                pause = await self._pause_after(error, attempt)
                if attempt == self._priority.max_attempts or not deadline.allows(pause):
                    final = error.as_error(self._priority.max_backoff)
                    raise _given_up(error.reason, final) from error
                count("TmdbRetries")
            else:
                await self._limiter.record_success()
                return result
            await self._sleep(pause)
            slot = await self._next_slot(deadline)
        raise AssertionError  # the last attempt either returns or raises

    async def _wait_for_slot(self, slot: float, deadline: Deadline) -> None:
        """Wait for a slot; take a new one when the machine was busy and the slot is missed."""
        await self._sleep(max(0.0, slot - deadline.monotonic()))
        while deadline.monotonic() > slot + MAX_SLOT_DELAY_SECONDS:
            count("TmdbSlotsMissed")
            slot = await self._next_slot(deadline)
            await self._sleep(max(0.0, slot - deadline.monotonic()))

    async def _next_slot(self, deadline: Deadline) -> float:
        [wait] = (await self._limiter.reserve(1, deadline)).waits
        return deadline.monotonic() + wait

    async def _pause_after(self, error: _TransientError, attempt: int) -> float:
        """Return the pause before the next attempt, in seconds, and record the failure."""
        priority = self._priority
        longest = min(priority.max_backoff, priority.initial_backoff * 2 ** (attempt - 1))
        jitter = self._random.uniform(0, longest)
        if error.unreadable:
            await self._limiter.record_success()
            return jitter
        if not error.rate_limited:
            await self._limiter.record_failure()
            return jitter
        pause = error.pause if error.pause is not None else longest
        count("TmdbSaidTooOften")
        await self._limiter.pause(pause)
        return pause + jitter

    async def _attempt[T](self, request: TmdbRequest[T], credentials: Credentials) -> T:
        """Send a request once; raise _TransientError, or an error that no retry can change."""
        count("TmdbRequests")
        self.requests += 1
        try:
            async with asyncio.timeout(self._priority.attempt_timeout):
                response = await self._http.get(
                    request.path,
                    params={**request.parameters, **credentials.parameters},
                    headers=credentials.headers,
                )
        except (httpx.RequestError, TimeoutError) as error:
            raise _TransientError(type(error).__name__) from None
        if response.status_code == HTTPStatus.NOT_FOUND and request.absent is not None:
            return request.absent
        self._check(response)
        try:
            return request.parse(response.content)
        except ValidationError:
            raise _TransientError("malformed body", unreadable=True) from None

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == HTTPStatus.OK:
            return
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise _TransientError("429", rate_limited=True, pause=self._retry_after(response))
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            logger.error("tmdb_key_refused", extra={"status": status, "repair": REPAIR})
            count("TmdbFailures")
            raise TmdbKeyRefused
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            raise _TransientError(str(status))
        logger.error("tmdb_request_refused", extra={"status": status})
        raise TmdbRefused

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Parse Retry-After, seconds or a date (RFC 9110, 10.2.3), or return None."""
        text = response.headers.get("Retry-After", "").strip()
        if re.fullmatch(r"\d{1,9}", text):
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
            return max(0.0, (moment - self._now()).total_seconds())
        except (ValueError, TypeError):
            return None


def _outcome[T](result: T | BaseException, unsent: MatineeError) -> T | MatineeError:
    if isinstance(result, MatineeError):
        return result
    if isinstance(result, asyncio.CancelledError):
        return unsent
    if isinstance(result, BaseException):
        raise result  # a bug
    return result


def _given_up[E: MatineeError](reason: str, error: E) -> E:
    logger.warning("tmdb_given_up", extra={"reason": reason, "code": error.code})
    count("TmdbFailures")
    return error


def _first(errors: ExceptionGroup[MatineeError]) -> MatineeError:
    """Return one of the errors of requests that were sent together."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first
