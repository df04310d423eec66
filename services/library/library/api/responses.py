"""What a list answers."""

from pydantic import BaseModel, Field

from library.api.schemas import Listed
from library.domain.titles import MediaType


class EntryPage(BaseModel):
    """A part of a list, newest first."""

    items: list[Listed]
    cursor: str | None = Field(default=None, description="For the next part; absent in the last.")


class EntryAnswer(BaseModel):
    """A title as it is on the list."""

    message: str
    item: Listed


class RemovedAnswer(BaseModel):
    """That a title is off the list."""

    message: str
    mediaId: str  # noqa: N815 - the field's name in the interface
    mediaType: MediaType  # noqa: N815
