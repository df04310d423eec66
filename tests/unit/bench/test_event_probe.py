"""What the probe on the bus reads out of an event."""

import json
from datetime import UTC, datetime

import pytest

from bench.probe import Probe, made_at
from matinee.ids import first_id_at, new_id


def message(event_type: str, room_id: str, movie_id: int, sent: int) -> dict[str, object]:
    detail = {
        "metadata": {"event_id": new_id(), "event_type": event_type},
        "data": {"room_id": room_id, "movie_id": movie_id},
    }
    return {
        "Body": json.dumps({"detail-type": event_type, "detail": detail}),
        "Attributes": {"SentTimestamp": str(sent)},
    }


def test_an_id_tells_the_millisecond_in_which_it_was_made() -> None:
    moment = datetime(2026, 1, 31, 12, 0, 0, 123_000, tzinfo=UTC)
    assert made_at(first_id_at(moment)) == pytest.approx(moment.timestamp(), abs=0.0005)
    before = datetime.now(UTC).timestamp()
    assert before - 0.001 <= made_at(new_id()) <= datetime.now(UTC).timestamp() + 0.001


async def test_events_are_found_by_type_and_film_in_order() -> None:
    probe = Probe()
    probe.take(message("VoteCast", "r", 1, 1000))
    probe.take(message("VoteCast", "r", 2, 2000))
    probe.take(message("MatchFound", "r", 1, 3000))
    probe.take(message("VoteCast", "r", 1, 4500))
    found = await probe.wait_for(2, "VoteCast", "r", 1)
    assert [sighting.published for sighting in found] == [1.0, 4.5]
    assert probe.of_film("MatchFound", "other", 1) == []
