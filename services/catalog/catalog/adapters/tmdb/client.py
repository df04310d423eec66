"""Asking TMDB, with everything that keeps anybody from waiting for it in vain.

A request that may succeed the next time (no connection, no answer in time, 5xx, 429, a body that
cannot be read) is sent again after an exponentially growing pause with full jitter, as often as
its lane allows and never past the deadline. Every attempt takes its place in the shared rate.
The key is in no log: not in ours, and httpx's own, which would write the whole address, is off.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from random import Random

import httpx
from pydantic import ValidationError

from catalog.adapters.tmdb.credentials import REPAIR, Credentials
from catalog.adapters.tmdb.throttle.priority import INTERACTIVE, Lane
from catalog.domain.deadline import Deadline, Sleep
from catalog.domain.errors import (
    TmdbKeyRefused,
    TmdbRateLimited,
    TmdbRefused,
    TmdbUnavailable,
    TmdbUnreadable,
)
from catalog.ports import ApiKey, RequestRate
from matinee.clock import Clock
from matinee.errors import MatineeError
from matinee.observability import count, logger

CONNECTED_WITHIN = 1.5
READ_WITHIN = 5.0
"""Seconds between two pieces of an answer; a whole one has the time of its lane."""

CONNECTIONS = 20
"""So many requests of one instance are under way at the same time, at most."""

LATE = 0.02
"""Seconds. Who sleeps past his place by more has lost it: others may have counted on that."""

TIMEOUT = httpx.Timeout(READ_WITHIN, connect=CONNECTED_WITHIN)
LIMITS = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)

logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Ask[T]:
    """One question. `read` makes an answer of a body, or raises pydantic's ValidationError.

    `absent` is the answer when TMDB says that there is no such thing; without it, that is an error.
    """

    path: str
    parameters: Mapping[str, str]
    read: Callable[[bytes], T]
    absent: T | None = None


class _Passing(Exception):
    """An attempt failed in a way that another may not. `pause` is what TMDB asked for, if any.

    `unreadable`: TMDB has answered, which is more than nothing.
    """

    def __init__(
        self,
        reason: str,
        *,
        too_often: bool = False,
        pause: float | None = None,
        unreadable: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.too_often = too_often
        self.pause = pause
        self.unreadable = unreadable

    def as_error(self, longest_pause: float) -> MatineeError:
        """Return what a caller is told when there is no further attempt."""
        if self.too_often:
            return TmdbRateLimited(retry_after=self.pause or longest_pause)
        return TmdbUnreadable() if self.unreadable else TmdbUnavailable()


class TmdbClient:
    """Asks TMDB in one lane. `http` has TMDB's address as its base, up to and with /3.

    `requests` counts what has been sent, repeated ones among them.
    """

    def __init__(
        self,
        *,
        http: httpx.AsyncClient,
        key: ApiKey,
        rate: RequestRate,
        random: Random,
        now: Clock,
        sleep: Sleep = asyncio.sleep,
        lane: Lane = INTERACTIVE,
    ) -> None:
        self.requests = 0
        self._http = http
        self._key = key
        self._rate = rate
        self._random = random
        self._now = now
        self._sleep = sleep
        self._lane = lane

    async def all[T](self, asks: Sequence[Ask[T]], deadline: Deadline) -> list[T]:
        """Return all questions, asked at the same time; the first error ends the others.

        Raises TmdbUnavailable or TmdbRateLimited, at the deadline at the latest.
        """
        try:
            async with asyncio.timeout(deadline.remaining()), asyncio.TaskGroup() as group:
                tasks: list[asyncio.Task[T]] = []
                await self._send(asks, deadline, group.create_task, tasks)
        except TimeoutError as error:
            raise _given_up("deadline", TmdbUnavailable()) from error
        except ExceptionGroup as group_error:
            ours, bugs = group_error.split(MatineeError)
            if ours is None or bugs is not None:
                raise
            raise _first(ours) from None
        return [task.result() for task in tasks]

    async def each[T](self, asks: Sequence[Ask[T]], deadline: Deadline) -> list[T | MatineeError]:
        """Return each question with what it came to: its answer, or the error that it ended in."""
        outcomes: list[T | MatineeError] = []
        for start in range(0, len(asks), CONNECTIONS):
            outcomes += await self._each(asks[start : start + CONNECTIONS], deadline)
        return outcomes

    async def _each[T](self, asks: Sequence[Ask[T]], deadline: Deadline) -> list[T | MatineeError]:
        tasks: list[asyncio.Task[T]] = []
        unsent: MatineeError = TmdbUnavailable()
        try:
            async with asyncio.timeout(deadline.remaining()):
                await self._send(asks, deadline, asyncio.ensure_future, tasks)
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
        return outcomes + [unsent] * (len(asks) - len(outcomes))

    async def _send[T](
        self,
        asks: Sequence[Ask[T]],
        deadline: Deadline,
        start: "Callable[..., asyncio.Task[T]]",
        tasks: list[asyncio.Task[T]],
    ) -> None:
        """Start a task for each question as soon as it has its place; `tasks` grows by them."""
        credentials = Credentials.of(await self._key())
        while len(tasks) < len(asks):
            places = await self._rate.reserve(len(asks) - len(tasks), deadline)
            now = deadline.monotonic()
            these = asks[len(tasks) : len(tasks) + len(places.waits)]
            tasks += [
                start(self._answer(ask, credentials, now + wait, deadline))
                for ask, wait in zip(these, places.waits, strict=True)
            ]
            if places.probe and len(tasks) < len(asks):
                await asyncio.wait(tasks)

    async def _answer[T](
        self, ask: Ask[T], credentials: Credentials, due: float, deadline: Deadline
    ) -> T:
        """Ask one question, with as many attempts as it takes and the deadline allows."""
        for attempt in range(1, self._lane.attempts + 1):
            await self._until(due, deadline)
            try:
                answer = await self._attempt(ask, credentials)
            except _Passing as fault:
                pause = await self._pause_after(fault, attempt)
                if attempt == self._lane.attempts or not deadline.allows(pause):
                    error = fault.as_error(self._lane.longest_pause)
                    raise _given_up(fault.reason, error) from fault
                count("TmdbRetries")
            else:
                await self._rate.worked()
                return answer
            await self._sleep(pause)
            due = await self._next_place(deadline)
        raise AssertionError  # the last attempt either returns or gives up

    async def _until(self, due: float, deadline: Deadline) -> None:
        """Wait for a place; who comes late, because the machine was busy, takes a new one."""
        await self._sleep(max(0.0, due - deadline.monotonic()))
        while deadline.monotonic() > due + LATE:
            count("TmdbPlacesMissed")
            due = await self._next_place(deadline)
            await self._sleep(max(0.0, due - deadline.monotonic()))

    async def _next_place(self, deadline: Deadline) -> float:
        [wait] = (await self._rate.reserve(1, deadline)).waits
        return deadline.monotonic() + wait

    async def _pause_after(self, fault: _Passing, attempt: int) -> float:
        """Return how long to wait after a fault, in seconds, and tell the others of it."""
        longest = min(self._lane.longest_pause, self._lane.first_pause * 2 ** (attempt - 1))
        jitter = self._random.uniform(0, longest)
        if fault.unreadable:
            await self._rate.worked()
            return jitter
        if not fault.too_often:
            await self._rate.failed()
            return jitter
        pause = fault.pause if fault.pause is not None else longest
        count("TmdbSaidTooOften")
        await self._rate.pause(pause)
        return pause + jitter

    async def _attempt[T](self, ask: Ask[T], credentials: Credentials) -> T:
        """Send one request; raises _Passing, or an error that no repetition can mend."""
        count("TmdbRequests")
        self.requests += 1
        try:
            async with asyncio.timeout(self._lane.answered_within):
                response = await self._http.get(
                    ask.path,
                    params={**ask.parameters, **credentials.parameters},
                    headers=credentials.headers,
                )
        except (httpx.RequestError, TimeoutError) as error:
            raise _Passing(type(error).__name__) from None
        if response.status_code == HTTPStatus.NOT_FOUND and ask.absent is not None:
            return ask.absent
        self._check(response)
        try:
            return ask.read(response.content)
        except ValidationError:
            raise _Passing("malformed body", unreadable=True) from None

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == HTTPStatus.OK:
            return
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise _Passing("429", too_often=True, pause=self._retry_after(response))
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            logger.error("tmdb_key_refused", extra={"status": status, "repair": REPAIR})
            count("TmdbFailures")
            raise TmdbKeyRefused
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            raise _Passing(str(status))
        logger.error("tmdb_request_refused", extra={"status": status})
        raise TmdbRefused

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Read Retry-After, seconds or a date (RFC 9110, 10.2.3); None when it is neither."""
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
        raise result  # a mistake of our own
    return result


def _given_up[E: MatineeError](reason: str, error: E) -> E:
    logger.warning("tmdb_given_up", extra={"reason": reason, "code": error.code})
    count("TmdbFailures")
    return error


def _first(errors: ExceptionGroup[MatineeError]) -> MatineeError:
    """Return one of the errors of requests that were sent together."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first
