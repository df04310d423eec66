"""RoomCloserFunction: rooms whose time is over, every minute."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.events.envelope import Trace
from matinee.observability import entry_point
from rooms.bootstrap import expired_room_closer


@entry_point(prepare=expired_room_closer)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Close the rooms whose time is over; return {"closed": how many}."""
    return {"closed": expired_room_closer()(Trace.from_headers(None))}
