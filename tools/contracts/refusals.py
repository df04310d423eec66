"""The sample events that are meant to be refused, by whom and as what. All others are good ones.

`contracts check` holds both kinds to it: a good sample that is refused is a fault, and so is a bad
one that is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Refusal:
    """What becomes of a bad sample.

    `error` is the code that the caller, or the dead-letter queue, is told. `by` its input: whatever
    the state of the tables; by the state: the input is sound, but there is no such room, say.
    """

    error: str
    by: Literal["input", "state"] = "input"


REFUSALS: Mapping[str, Refusal] = {
    "auth/SigninFunction.http.missing-password.json": Refusal("InvalidInput"),
    "auth/SignupFunction.http.bad-email.json": Refusal("InvalidInput"),
    "auth/StatusFunction.http.unknown-path.json": Refusal("RouteNotFound"),
    "catalog/DiscoverFunction.invoke.unknown-genre.json": Refusal("InvalidInput"),
    "rooms/MatchDetectorFunction.sqs.not-json.json": Refusal("ContractViolation"),
    "rooms/NotifierFunction.sqs.wrong-contract.json": Refusal("ContractViolation"),
    "rooms/RoomsApiFunction.appsync.not-signed-in.json": Refusal("Unauthorized"),
    "rooms/RoomsApiFunction.appsync.three-genres.json": Refusal("InvalidInput"),
    "rooms/RoomsApiFunction.appsync.unknown-match.json": Refusal("MatchNotFound", by="state"),
    "rooms/RoomsApiFunction.appsync.unknown-room.json": Refusal("RoomNotFound", by="state"),
    "rooms/RoomsApiFunction.appsync.user-publishes.json": Refusal("Forbidden"),
    "rooms/RoomsRelayFunction.stream.broken-contract.json": Refusal("ContractViolation"),
}
