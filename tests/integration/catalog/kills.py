"""Processes that die at a chosen call of DynamoDB."""

from collections.abc import Callable
from dataclasses import dataclass

from mypy_boto3_dynamodb import DynamoDBClient

from tests.integration.catalog.conftest import RefreshScenario


class Killed(BaseException):
    """The end of a process."""


@dataclass
class Killer:
    """Kills the process before or after the n-th call of DynamoDB from now; -1: never."""

    left: int = -1
    moment: str = "before"

    def watch(self, dynamodb: DynamoDBClient) -> None:
        """Listen to a client's calls."""
        for moment in ("before", "after"):
            dynamodb.meta.events.register(f"{moment}-call.dynamodb", self._at(moment))

    def _at(self, moment: str) -> Callable[..., None]:
        def called(**_: object) -> None:
            if moment != self.moment or self.left < 0:
                return
            self.left -= 1
            if self.left < 0:
                raise Killed

        return called


def work_through_kills(scenario: RefreshScenario) -> int:
    """Work until nothing is left; a killed page's message comes again. Returns how many died."""
    deaths = 0
    while scenario.queue.waiting:
        task, trace = scenario.queue.waiting[0]
        try:
            scenario.worker.refresh(task, trace)
        except Killed:
            deaths += 1
            continue
        scenario.queue.waiting.popleft()
    return deaths
