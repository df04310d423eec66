"""The weighted rating of titles."""

from hypothesis import given
from hypothesis import strategies as st

from matinee.media import PRIOR_MEAN, weighted_rating


@given(average=st.floats(0, 10), votes=st.integers(0, 10**6))
def test_is_between_a_title_s_own_average_and_the_prior(average: float, votes: int) -> None:
    found = weighted_rating(average, votes)

    low, high = sorted((average, PRIOR_MEAN))
    assert low - 1e-3 <= found <= high + 1e-3


def test_three_perfect_votes_do_not_beat_thousands_of_good_ones() -> None:
    assert weighted_rating(8.4, 12_000) > weighted_rating(10.0, 3)
