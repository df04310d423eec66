"""The modelled votes table refuses what DynamoDB would refuse."""

import threading
from typing import cast

import pytest

from bench.concurrency import Place, Scenario, modelled_place, play
from bench.modelled_votes import ModelledVotes
from matinee.clock import utc_now
from matinee.events.contract import Contract, Envelope
from matinee.retry import WriteConflict
from rooms.domain.tally import Tally, Vote

FILM = 100_000
EVENT = cast("Envelope[Contract]", None)


@pytest.fixture
def place() -> Place:
    return modelled_place(3, latency=(0.0, 0.0))


def votes_of(place: Place) -> ModelledVotes:
    votes = place.cast_vote.votes
    assert isinstance(votes, ModelledVotes)
    return votes


def voted(place: Place, user: int) -> tuple[Vote, Tally]:
    room, tally = votes_of(place).get_room_and_tally(place.room.id, FILM)
    assert room is not None
    assert tally is not None
    person = room.participants[user]
    vote = Vote(room.id, person, FILM, True, utc_now())
    return vote, tally.with_vote(person, yes=True)


def test_a_vote_on_a_tally_that_has_changed_since_is_refused(place: Place) -> None:
    first, second = voted(place, 0), voted(place, 1)
    votes_of(place).save_vote(first[0], place.room, first[1], EVENT)
    with pytest.raises(WriteConflict):
        votes_of(place).save_vote(second[0], place.room, second[1], EVENT)
    stored = votes_of(place).get_tally(place.room.id, FILM)
    assert stored is not None
    assert stored.likes == {place.room.participants[0]}


def test_a_vote_that_meets_another_on_its_way_is_refused() -> None:
    place = modelled_place(2, latency=(0.0, 0.2))
    ballots = [voted(place, user) for user in (0, 1)]
    refused: list[int] = []

    def cast_one(number: int) -> None:
        vote, tally = ballots[number]
        try:
            votes_of(place).save_vote(vote, place.room, tally, EVENT)
        except WriteConflict:
            refused.append(number)

    threads = [threading.Thread(target=cast_one, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1


def test_another_room_is_not_there(place: Place) -> None:
    assert votes_of(place).get_room_and_tally("another", FILM)[0] is None


def test_everybody_at_once_is_counted_and_the_agreement_noticed(place: Place) -> None:
    outcome = play(Scenario(3, same_film=True, rounds=2), place)
    assert len(outcome.swipes) == 6
    assert (outcome.lost, outcome.unnoticed) == (0, 0)
    assert not any(swipe.busy for swipe in outcome.swipes)
    agreed = [tally for tally in place.tallies() if tally.agreement]
    assert len(agreed) == 2
