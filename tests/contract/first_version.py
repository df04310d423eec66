"""The first versions of events: the contracts that the tests of the checks change and break."""

from typing import ClassVar

from pydantic import Field

from matinee.events.contract import Contract
from matinee.field_types import UtcTime
from matinee.media import MediaType
from rooms.events.published import MovieId, RoomId, RoomsContract, UserId


class VoteCast(RoomsContract):
    """A participant's vote on a candidate changed: their first one, or another than before."""

    trigger: ClassVar[str] = "vote stores a participant's first or changed vote on a title."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id", "movie_id")
    ordering_field: ClassVar[str] = "tally_version"

    room_id: RoomId
    user_id: UserId
    movie_id: MovieId
    vote: bool = Field(description="true: yes, false: no.")
    tally_version: int = Field(
        ge=1,
        description="Grows with each vote on the title in the room: the higher one is later.",
    )


class MatchFound(RoomsContract):
    """Everybody in a room liked the same title at the same moment."""

    trigger: ClassVar[str] = (
        "The last participant likes a title, or one who did not like it leaves: once a title."
    )
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id", "movie_id")

    match_id: str = Field(description="Unique; the same in every notification of this match.")
    room_id: RoomId
    movie_id: MovieId
    media_type: MediaType = Field(description="The media type of the title: movie or tv.")
    title: str = Field(description="The title, as the candidates show it.")
    poster_path: str | None = Field(
        default=None, description="A path for https://image.tmdb.org/t/p/w500; absent when none."
    )
    matched_users: list[UserId] = Field(
        min_length=2, max_length=50, description="Everybody who was in the room at that moment."
    )
    matched_at: UtcTime = Field(description="When they agreed, in UTC.")


FIRST: dict[str, type[Contract]] = {
    "MatchDetectorFunction": VoteCast,
    "NotifierFunction": MatchFound,
}
"""By the consumer that reads them."""
