"""The first version of VoteCast: the contract that the tests of the checks change and break."""

from typing import ClassVar

from pydantic import Field

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
