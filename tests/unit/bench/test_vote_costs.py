"""How a vote's calls become its cost."""

from bench.ledger import Call, Cost
from bench.rooms_service import API, DETECTOR, NOTIFIER, RELAY, films
from bench.votes import VoteCost, spread
from matinee.media import MediaType
from rooms.adapters.dynamodb.items import CANDIDATES_NAME


def call(phase: str, *, key: str = "film#1", **cost: float) -> Call:
    return Call(phase, "GetItem", (("r", key),), Cost(calls=1, **cost))  # type: ignore[arg-type]


def test_a_vote_s_sum_is_of_api_detector_and_relay_only() -> None:
    cost = VoteCost.of(
        [
            call(API, items_read=2, read_units=2),
            call(API, write_units=8),
            call(DETECTOR, items_read=1, read_units=1),
            call(RELAY, write_units=1),
            call(NOTIFIER, items_read=50, read_units=50),
        ],
        completed=True,
    )
    assert cost.total == Cost(calls=4, items_read=3, read_units=3, write_units=9)
    assert cost.parts[NOTIFIER].items_read == 50


def test_a_vote_that_reads_the_candidates_is_found_out() -> None:
    assert VoteCost.of([call(API, key=CANDIDATES_NAME)], completed=False).read_candidates
    assert not VoteCost.of([call(API)], completed=False).read_candidates


def test_a_spread_is_how_far_the_largest_is_above_the_smallest() -> None:
    assert spread([3.0, 3.0, 3.0]) == 0
    assert spread([2.0, 3.0]) == 0.5


def test_invented_films_are_the_same_each_time() -> None:
    assert films(5, MediaType.MOVIE, (28,)) == films(5, MediaType.MOVIE, (28,))
    assert len({movie.id for movie in films(50, MediaType.TV, ())}) == 50
