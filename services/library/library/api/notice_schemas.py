"""Notices in requests and responses."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from library.api.schemas import CAMEL, QUERY
from library.domain.notices import Notice
from matinee.field_types import UtcTime
from matinee.media import MediaType

MAX_PAGE_NOTICES = 200
NOTICE_ID = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#(movie|tv)#[1-9]\d{0,9}$"


class NoticeQuery(BaseModel):
    """Identifies a part of the notices."""

    model_config = QUERY

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_NOTICES)] = 50
    cursor: str | None = Field(
        default=None, description="The `nextCursor` of the previous part; absent for the first."
    )


class ReadUntil(BaseModel):
    """Up to which notice the caller has read."""

    model_config = CAMEL | ConfigDict(extra="forbid", hide_input_in_errors=True)

    until: Annotated[str, Field(pattern=NOTICE_ID)] = Field(
        description="A notice's `noticeId`: it and all before it are read."
    )


class NoticePlatform(BaseModel):
    """A provider to which a title came."""

    id: int = Field(description="TMDB's id of the provider.")
    name: str


class NoticeResponse(BaseModel):
    """A title of the caller's watchlist can be streamed on platforms of theirs.

    Whoever shows it credits JustWatch.
    """

    model_config = CAMEL

    notice_id: str
    media_id: str = Field(description="TMDB's id in digits; `id` is the same as a number.")
    id: int
    media_type: MediaType
    title: str
    poster_path: str | None = Field(
        default=None, description="Below https://image.tmdb.org/t/p/w500; absent if there is none."
    )
    region: str = Field(description="Where it can be streamed, as ISO 3166-1 alpha-2.")
    platforms: list[NoticePlatform] = Field(description="Those of the caller's to which it came.")
    available_at: UtcTime = Field(description="When the catalogue noticed it.")
    is_read: bool

    @classmethod
    def of(cls, notice: Notice) -> Self:
        """Return the response that shows a notice."""
        return cls(
            notice_id=notice.id,
            media_id=str(notice.key.id),
            id=notice.key.id,
            media_type=notice.key.media_type,
            title=notice.title,
            poster_path=notice.poster_path,
            region=notice.region,
            platforms=[NoticePlatform(id=id_, name=name) for id_, name in notice.platforms.items()],
            available_at=notice.available_at,
            is_read=notice.is_read,
        )


class NoticePage(BaseModel):
    """Notices, newest first."""

    model_config = CAMEL

    items: list[NoticeResponse]
    next_cursor: str | None = Field(
        default=None, description="For the next part; absent in the last."
    )
