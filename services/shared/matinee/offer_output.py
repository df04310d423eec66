"""Who streams a title, as responses show it."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from matinee.streaming import Offer

AVAILABLE_ON = (
    "Who streams it in the region of the caller's preferences, own `streamingPlatforms` first; "
    "where it is shown, JustWatch is to be credited."
)


class AvailableOn(BaseModel):
    """A provider that streams a title."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        defer_build=True,
        frozen=True,
        populate_by_name=True,
        serialize_by_alias=True,
    )

    id: int = Field(description="TMDB's id of the provider.")
    name: str
    is_own: bool = Field(description="Whether it is one of the caller's `streamingPlatforms`.")

    @classmethod
    def of(cls, offers: Iterable[Offer]) -> list[Self]:
        """Return providers as they are shown."""
        return [cls(id=offer.id, name=offer.name, is_own=offer.is_own) for offer in offers]
