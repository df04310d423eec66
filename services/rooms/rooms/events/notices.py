"""The events of other services that are told to one user: the parts of them that rooms reads."""

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from matinee.events.contract import Contract
from matinee.media import MediaType, TitleKey
from rooms.domain.notice import AvailabilityNotice


class Platform(BaseModel):
    """A provider."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    name: str


class WatchlistTitleAvailable(Contract):
    """A title on a user's watchlist can be streamed now, on platforms that they have."""

    source: ClassVar[str] = "matinee.library"

    user_id: str = Field(min_length=1)
    media_type: MediaType
    media_id: int = Field(ge=1)
    title: str
    poster_path: str | None = None
    region: str
    platforms: list[Platform] = Field(min_length=1)
    available_at: AwareDatetime

    def to_notice(self) -> AvailabilityNotice:
        """Return the notice."""
        return AvailabilityNotice(
            user_id=self.user_id,
            key=TitleKey(self.media_type, self.media_id),
            title=self.title,
            poster_path=self.poster_path,
            region=self.region,
            platforms=tuple(platform.name for platform in self.platforms),
            at=self.available_at,
        )
