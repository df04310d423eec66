"""A question that many ask at the same moment is asked of TMDB once.

Who comes first claims it in the table that all instances share, for as long as an answer can take;
the others wait for the answer within their own deadlines. A claim whose owner is gone runs out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from catalog.answer_ports import AnswerTable, KeptAnswer
from catalog.domain.deadline import Deadline, Sleep
from catalog.domain.errors import TmdbUnavailable
from matinee.clock import Clock
from matinee.errors import MatineeError
from matinee.observability import count, logger

LEASE = timedelta(seconds=6)
"""Longer than the deadline of anybody who asks."""

FIRST_LOOK = 0.05
LONGEST_LOOK = 0.4
"""Seconds: the bounds of the growing pause between two looks at what another one is fetching."""

type Fetch = Callable[[], Awaitable[bytes]]
"""Asks TMDB; return the body to keep."""

type FreshFor = Callable[[bytes], timedelta]
"""Returns for how long a body is fresh."""


@dataclass(frozen=True, slots=True)
class AskedOnce:
    """Returns from the table, or by asking, as few times as possible.

    `served_for` is how long an answer may be served, marked as old, when TMDB gives no newer one;
    zero: only while it is fresh.
    """

    answers: AnswerTable
    now: Clock
    served_for: timedelta
    sleep: Sleep = asyncio.sleep
    _under_way: dict[str, asyncio.Task[KeptAnswer]] = field(default_factory=dict)

    async def answer(
        self, question: str, fresh_for: FreshFor, fetch: Fetch, deadline: Deadline
    ) -> KeptAnswer:
        """Return a question; see `KeptAnswer.fetched_at` for how old the answer is.

        Raises what `fetch` raises when there is no old answer either, TmdbUnavailable when another
        one who is asking does not come back before the deadline.
        """
        task = self._under_way.get(question)
        if task is None:
            task = asyncio.ensure_future(self._answer(question, fresh_for, fetch, deadline))
            self._under_way[question] = task
            task.add_done_callback(lambda _: self._under_way.pop(question, None))
        return await asyncio.shield(task)

    async def _answer(
        self, question: str, fresh_for: FreshFor, fetch: Fetch, deadline: Deadline
    ) -> KeptAnswer:
        pause = FIRST_LOOK
        while True:
            kept = await self.answers.read(question)
            if kept and self._age(kept) >= max(self.served_for, fresh_for(kept.body)):
                kept = None
            if kept and self._age(kept) < fresh_for(kept.body):
                count("AnswersKept")
                return kept
            until = self.now() + LEASE
            won, found = await self.answers.claim(question, until)
            if won:
                if found and self._age(found) < fresh_for(found.body):  # since we looked
                    await self.answers.release(question, until)
                    return found
                return await self._fetch(question, until, fresh_for, fetch, kept)
            if kept:
                return kept
            if not deadline.allows(pause):
                raise TmdbUnavailable
            await self.sleep(pause)
            pause = min(LONGEST_LOOK, pause * 2)

    async def _fetch(
        self,
        question: str,
        until: datetime,
        fresh_for: FreshFor,
        fetch: Fetch,
        kept: KeptAnswer | None,
    ) -> KeptAnswer:
        try:
            body = await fetch()
        except MatineeError as error:
            await self.answers.release(question, until)
            if kept is None:
                raise
            logger.info("old_answer_served", extra={"code": error.code})
            count("OldAnswersServed")
            return kept
        except BaseException:
            await self.answers.release(question, until)
            raise
        kept_for = max(self.served_for, fresh_for(body))
        return await self.answers.keep(question, 1, body, kept_for)

    def _age(self, kept: KeptAnswer) -> timedelta:
        return self.now() - kept.fetched_at
