"""Optimistic concurrency: an attempt that lost a race is made again, a bounded number of times."""

import pytest

from matinee.retry import Backoff, OptimisticRetry


class LostRace(Exception):
    """Another writer came first."""


class Exhausted(Exception):
    """No attempt is left."""


def retry(pauses: list[float]) -> OptimisticRetry:
    backoff = Backoff(4, initial=0.02, longest=0.05, sleep=pauses.append, jitter=lambda _, b: b)
    return OptimisticRetry(LostRace, Exhausted, backoff)


def test_a_lost_race_is_run_again_after_pauses() -> None:
    pauses: list[float] = []
    outcomes: list[Exception | str] = [LostRace(), LostRace(), "won"]

    def attempt() -> str:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert retry(pauses)(attempt) == "won"
    assert pauses == [0.02, 0.04]


def test_the_last_lost_race_is_reported() -> None:
    pauses: list[float] = []

    def attempt() -> None:
        raise LostRace

    with pytest.raises(Exhausted):
        retry(pauses)(attempt)
    assert pauses == [0.02, 0.04, 0.05]


def test_other_errors_are_not_retried() -> None:
    pauses: list[float] = []

    def attempt() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        retry(pauses)(attempt)
    assert pauses == []


def test_attempts_can_be_iterated() -> None:
    pauses: list[float] = []
    attempts = iter(retry(pauses))

    for number in (1, 2, 3, 4):
        assert next(attempts) == number
        assert len(pauses) == number - 1
    with pytest.raises(Exhausted):
        next(attempts)
