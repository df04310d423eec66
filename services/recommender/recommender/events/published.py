"""The events that the recommender publishes. Their schemas: contracts/events/recommender/."""

from typing import ClassVar

from pydantic import Field

from matinee.events.contract import Contract, Registry
from matinee.field_types import UtcTime


class ModelTrained(Contract):
    """A model was trained and is served from now on."""

    source: ClassVar[str] = "matinee.recommender"
    trigger: ClassVar[str] = "A training run ends, and its model replaces the one before."
    entity_keys: ClassVar[tuple[str, ...]] = ("model_version",)
    ordering_field: ClassVar[str] = "trained_at"

    model_version: str = Field(description="The model's version, as modelVersion in responses.")
    trained_at: UtcTime = Field(description="When training ended, in UTC.")
    users: int = Field(ge=0, description="Number of users whose favourites it was trained on.")
    titles: int = Field(ge=0, description="Number of titles in the model.")
    favourites: int = Field(ge=0, description="Number of favourites it was trained on.")


PUBLISHED = Registry([ModelTrained])
