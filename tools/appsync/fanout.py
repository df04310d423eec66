"""Who listens to which mutation, and who of them is meant by what was published."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tools.appsync.documents import Operation
from tools.appsync.errors import DefinitionError
from tools.appsync.execution import Caller, Engine, Publication

_log = logging.getLogger(__name__)


class Sink(Protocol):
    """Takes a message for a client without ever waiting for the client."""

    def offer(self, message: Mapping[str, object]) -> None:
        """Queue a message; a client who reads too slowly is cut off, not waited for."""

    def unsubscribe(self, subscription_id: str) -> None:
        """End a subscription, and with it the connection, as AppSync does."""


@dataclass(frozen=True, slots=True, eq=False)
class Subscription:
    """One client's running subscription. `arguments` are the subscriber's, which filter."""

    id: str
    field_name: str
    arguments: Mapping[str, Any]
    operation: Operation
    caller: Caller
    engine: Engine
    sink: Sink
    invalidation_filter: Mapping[str, Any] | None = None

    def is_ended_by(self, invalidation: Mapping[str, Any]) -> bool:
        """Whether a mutation ends it: one group of its filter's rules matches the payload."""
        groups = (self.invalidation_filter or {}).get("filterGroup", ())
        return invalidation["subscriptionField"] == self.field_name and any(
            all(_matches(rule, invalidation["payload"]) for rule in group["filters"])
            for group in groups
        )

    def wants(self, value: Mapping[str, Any]) -> bool:
        """Whether every argument equals the published field of its name."""
        return all(value.get(name) == wanted for name, wanted in self.arguments.items())


class Hub:
    """All subscriptions of the API. For one event loop."""

    def __init__(self) -> None:
        self._by_mutation: dict[str, dict[Subscription, None]] = {}

    def __len__(self) -> int:
        return len({each for group in self._by_mutation.values() for each in group})

    def add(self, subscription: Subscription) -> None:
        """Deliver to a subscription from now on."""
        for mutation in subscription.engine.schema.subscriptions.get(subscription.field_name, ()):
            self._by_mutation.setdefault(mutation, {})[subscription] = None

    def remove(self, subscription: Subscription) -> None:
        """Deliver no more to a subscription."""
        for group in self._by_mutation.values():
            group.pop(subscription, None)

    async def publish(self, publications: Iterable[Publication]) -> None:
        """Deliver what a mutation published to everybody who wants it."""
        for publication in publications:
            listeners = self._by_mutation.get(publication.mutation, {})
            wanting = [each for each in listeners if each.wants(publication.value)]
            await asyncio.gather(*(self._deliver(each, publication) for each in wanting))

    def invalidate(self, invalidations: Iterable[Mapping[str, Any]]) -> None:
        """End the subscriptions that a mutation ends."""
        everybody = {each for group in self._by_mutation.values() for each in group}
        for invalidation in invalidations:
            for subscription in everybody:
                if subscription.is_ended_by(invalidation):
                    subscription.sink.unsubscribe(subscription.id)

    @staticmethod
    async def _deliver(subscription: Subscription, publication: Publication) -> None:
        try:
            payload = await subscription.engine.deliver(
                subscription.operation,
                subscription.caller,
                subscription.field_name,
                publication.value,
            )
        except Exception:
            # One subscriber's failure is not another's; nothing here depends on the client.
            _log.exception("a delivery of %s failed", publication.mutation)
            return
        message = {"id": subscription.id, "type": "data", "payload": payload}
        subscription.sink.offer(message)


def _matches(rule: Mapping[str, Any], payload: Mapping[str, Any]) -> bool:
    found, wanted = payload.get(rule["fieldName"]), rule["value"]
    match rule["operator"]:
        case "eq":
            return bool(found == wanted)
        case "in":
            return found in wanted
        case other:
            message = f"filters by {other} are not served locally"
            raise DefinitionError(message)
