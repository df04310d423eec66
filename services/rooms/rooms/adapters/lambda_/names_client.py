"""Auth's Names function, through its published interface."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from rooms.adapters.lambda_.asking import Success, ask
from rooms.adapters.lambda_.recent import Recent
from rooms.domain.person import Person

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

MAX_USERS = 100
"""In one request, by the contract."""

NAMES_TTL_SECONDS = 30.0
"""A name is shown for so long after its owner has changed it, or is gone."""

MAX_CACHED = 2_000


class _User(BaseModel):
    """A user, as contracts/functions/auth/Names describes them."""

    model_config = ConfigDict(alias_generator=to_camel, defer_build=True)

    user_id: str
    name: str
    avatar: str | None = None
    is_guest: bool = False


class _Data(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, defer_build=True)

    users: list[_User]


@dataclass(frozen=True, slots=True)
class LambdaNameDirectory:
    """Auth, by synchronous invocations of one Lambda function; names are cached briefly."""

    function_name: str
    client: LambdaClient
    recent: Recent[str, Person] = field(
        default_factory=lambda: Recent(NAMES_TTL_SECONDS, MAX_CACHED)
    )

    def find(self, user_ids: Collection[str], correlation_id: str) -> Mapping[str, Person]:
        """Return people by id; without those who are unknown, or cannot be had right now."""
        known = self.recent.get(user_ids)
        for wanted in batched(sorted(set(user_ids) - known.keys()), MAX_USERS, strict=False):
            found = self._ask(wanted, correlation_id)
            if found is None:
                break
            known |= found
            self.recent.put(wanted, found)
        return {user_id: person for user_id, person in known.items() if person}

    def _ask(self, user_ids: Collection[str], correlation_id: str) -> dict[str, Person] | None:
        request = {"userIds": list(user_ids), "correlationId": correlation_id}
        data = ask(
            self.client, self.function_name, request, Success[_Data], otherwise="NamesUnavailable"
        )
        if data is None:
            return None
        return {it.user_id: Person(**dict(it)) for it in data.users}
