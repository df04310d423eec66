"""Event contracts: hand-written models, from which alone the JSON Schemas are generated."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matinee.field_types import UtcTime


class Contract(BaseModel):
    """The data of one event type. Unknown fields are ignored: additions must not break readers.

    A subclass's name is its detail-type; a breaking change is a new class (`VoteCastV2`) with its
    own `event_type`. Its docstring begins with what the event means, in a sentence. `trigger` is
    the change that publishes it, as a sentence; `entity_keys` are the required fields that together
    name the entity it is about; `ordering_field` is the required field that grows with each change
    of that entity (empty: metadata.occurred_at has to do).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    event_type: ClassVar[str]
    source: ClassVar[str]
    schema_version: ClassVar[str] = "1.0"
    trigger: ClassVar[str] = ""
    entity_keys: ClassVar[tuple[str, ...]] = ()
    ordering_field: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - pydantic's own signature
        super().__init_subclass__(**kwargs)
        if "event_type" not in cls.__dict__:
            cls.event_type = cls.__name__

    @classmethod
    def version_pattern(cls) -> str:
        """Return the pattern of the versions that a reader of this one goes on with.

        They are the minors of its major, of which each only adds to the one before.
        """
        return rf"^{cls.schema_version.partition('.')[0]}\.\d+$"


class EventMetadata(BaseModel):
    """The metadata that every event carries."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    event_id: str = Field(
        description="Unique; a consumer that has already seen it ignores the event."
    )
    event_type: str = Field(description="The same as the event's detail-type.")
    schema_version: str = Field(pattern=r"^\d+\.\d+$", description="Major.minor of the contract.")
    source: str = Field(
        pattern=r"^matinee\.[a-z]+$", description="The service that publishes the event."
    )
    occurred_at: UtcTime = Field(description="When the state changed, in UTC.")
    correlation_id: str = Field(description="The same from the first request to the last reaction.")
    causation_id: str | None = Field(
        default=None, description="The event that caused this one; absent when a request did."
    )
    idempotency_key: str = Field(
        description="The same for the same change, however often it is published."
    )


class Envelope[T: Contract](BaseModel):
    """The `detail` of an event on the bus."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    metadata: EventMetadata
    data: T


class ContractViolation(ValueError):
    """An event does not keep its contract. Trying again cannot help."""


class Registry:
    """The contracts that one component publishes or reads, by event type."""

    def __init__(self, contracts: Iterable[type[Contract]]) -> None:
        self._by_type = {contract.event_type: contract for contract in contracts}

    def __iter__(self) -> Iterator[type[Contract]]:
        """Iterate over the contracts in the order of their types."""
        return iter(self._by_type[name] for name in sorted(self._by_type))

    def read(self, detail: object) -> Envelope[Contract]:
        """Parse an event's detail as the model of its type.

        Raises ContractViolation when the type or its major version is unknown, or the detail does
        not fit its model.
        """
        try:
            event_type = detail["metadata"]["event_type"]  # type: ignore[index]
            contract = self._by_type[event_type]
        except (KeyError, TypeError) as error:
            message = f"no contract is known for this event ({error!r})"
            raise ContractViolation(message) from error
        try:
            # Strictly, as JSON: Python must not convert what the schema refuses.
            envelope = Envelope[contract].model_validate_json(json.dumps(detail), strict=True)  # type: ignore[valid-type]
        except ValidationError as error:
            raise ContractViolation(_reasons(error)) from error
        if envelope.metadata.source != contract.source:
            message = f"{event_type} is published by {contract.source} alone"
            raise ContractViolation(message)
        if not re.search(contract.version_pattern(), envelope.metadata.schema_version):
            message = f"{event_type} {envelope.metadata.schema_version} is of another major version"
            raise ContractViolation(message)
        return envelope


def _reasons(error: ValidationError) -> str:
    """Return where and why it failed, without the values: they may be personal."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    )
