"""What a refresh reads, when it is over, and how titles are ranked and age."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain import (
    CachedTitle,
    Facts,
    ListKey,
    ListProgress,
    ListState,
    ListType,
    MediaType,
    PageOfRun,
    Scope,
    begin,
)
from catalog.domain.lists import AVERAGE_VOTE, quality
from tests.unit.catalog.fakes import a_title

NOW = datetime(2026, 1, 31, 3, tzinfo=UTC)
KEY = ListKey(ListType.POPULAR, MediaType.MOVIE)


def progress(**changes: int) -> ListProgress:
    return replace(ListProgress(KEY, ListState.RUNNING, 20), **changes)  # type: ignore[arg-type]


def test_a_run_reads_six_lists_or_those_and_one_of_each_genre() -> None:
    assert len(Scope.LISTS.keys) == 6
    everything = Scope.EVERYTHING.keys
    assert len(set(everything)) == len(everything) == 6 + 19 + 16


def test_a_genre_s_list_names_its_genre_and_no_other_list_does() -> None:
    assert ListKey(ListType.GENRE, MediaType.TV, 18).name == "tv#genre#18"
    with pytest.raises(ValueError, match="genre"):
        ListKey(ListType.GENRE, MediaType.TV)
    with pytest.raises(ValueError, match="popular"):
        ListKey(ListType.POPULAR, MediaType.TV, 18)


def test_pages_are_ranked_one_after_the_other() -> None:
    place = PageOfRun("run", KEY, 3, 20, NOW)

    assert place.first_rank == 41


@pytest.mark.parametrize(
    ("done", "failed", "over", "worth_showing"),
    [
        (0, 0, False, True),
        (19, 0, False, True),
        (20, 0, True, True),
        (16, 4, True, True),
        (10, 4, False, True),
        (10, 5, True, False),
    ],
)
def test_a_list_is_over_when_every_page_is_read_or_too_many_are_not(
    done: int, failed: int, over: bool, worth_showing: bool
) -> None:
    state = progress(done=done, failed=failed)

    assert (state.is_over, state.is_worth_showing) == (over, worth_showing)


def test_a_list_goes_on_until_its_last_page_unless_too_much_of_it_is_missing() -> None:
    assert progress(done=3).goes_on_after(3)
    assert not progress(done=20).goes_on_after(20)
    assert not progress(failed=5).goes_on_after(5)


def test_a_run_that_nobody_hears_of_is_not_waited_for() -> None:
    never_begun = begin("run", Scope.LISTS, 20, NOW)
    under_way = replace(
        never_begun,
        lists=(replace(never_begun.lists[0], touched_at=NOW + timedelta(minutes=10)),),
    )

    assert never_begun.is_running(NOW + timedelta(minutes=2))
    assert not never_begun.is_running(NOW + timedelta(minutes=4))
    assert under_way.is_running(NOW + timedelta(minutes=39))
    assert not under_way.is_running(NOW + timedelta(minutes=41))
    assert not replace(under_way, completed_at=NOW).is_running(NOW)


def test_a_title_is_asked_for_again_every_week_and_kept_for_half_a_year() -> None:
    cached = CachedTitle(a_title(), Facts(), NOW)

    assert cached.is_fresh(NOW + timedelta(days=5))
    assert not cached.is_fresh(NOW + timedelta(days=7))
    assert not cached.is_expired(NOW + timedelta(days=179))
    assert cached.is_expired(NOW + timedelta(days=180))


@given(average=st.floats(0, 10), votes=st.integers(0, 10**6))
def test_quality_lies_between_a_title_s_own_average_and_everybody_s(
    average: float, votes: int
) -> None:
    found = quality(a_title(vote_average=average, vote_count=votes))

    low, high = sorted((average, AVERAGE_VOTE))
    assert low - 1e-3 <= found <= high + 1e-3


def test_a_perfect_score_of_three_people_is_no_match_for_thousands() -> None:
    hyped = a_title(vote_average=10.0, vote_count=3)
    loved = a_title(vote_average=8.4, vote_count=12_000)

    assert quality(loved) > quality(hyped)
