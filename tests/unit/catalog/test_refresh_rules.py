"""What a refresh reads, when it is finished, and how titles age."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.domain import (
    CachedTitle,
    Facts,
    ListKey,
    ListProgress,
    ListState,
    ListType,
    PageTask,
    Scope,
    start_run,
)
from matinee.media import MediaType
from tests.unit.catalog.fakes import a_title

NOW = datetime(2026, 1, 31, 3, tzinfo=UTC)
KEY = ListKey(ListType.POPULAR, MediaType.MOVIE)


def progress(**changes: int) -> ListProgress:
    return replace(ListProgress(KEY, ListState.RUNNING, 20), **changes)  # type: ignore[arg-type]


def test_a_scope_is_six_lists_or_those_and_each_genre() -> None:
    assert len(Scope.LISTS.keys) == 6
    everything = Scope.EVERYTHING.keys
    assert len(set(everything)) == len(everything) == 6 + 19 + 16


def test_only_a_genre_s_list_has_a_genre() -> None:
    assert ListKey(ListType.GENRE, MediaType.TV, 18).name == "tv#genre#18"
    with pytest.raises(ValueError, match="genre"):
        ListKey(ListType.GENRE, MediaType.TV)
    with pytest.raises(ValueError, match="popular"):
        ListKey(ListType.POPULAR, MediaType.TV, 18)


def test_ranks_continue_from_page_to_page() -> None:
    task = PageTask("run", KEY, 3, 20, NOW)

    assert task.first_rank == 41


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
def test_a_list_is_finished_when_all_are_read_or_many_failed(
    done: int, failed: int, over: bool, worth_showing: bool
) -> None:
    state = progress(done=done, failed=failed)

    assert (state.is_finished, state.has_few_failures) == (over, worth_showing)


def test_a_list_continues_to_its_end_unless_many_pages_failed() -> None:
    assert progress(done=3).continues_after(3)
    assert not progress(done=20).continues_after(20)
    assert not progress(failed=5).continues_after(5)


def test_a_run_without_progress_is_not_running() -> None:
    never_begun = start_run("run", Scope.LISTS, 20, NOW)
    under_way = replace(
        never_begun,
        lists=(replace(never_begun.lists[0], updated_at=NOW + timedelta(minutes=10)),),
    )

    assert never_begun.is_running(NOW + timedelta(minutes=2))
    assert not never_begun.is_running(NOW + timedelta(minutes=4))
    assert under_way.is_running(NOW + timedelta(minutes=39))
    assert not under_way.is_running(NOW + timedelta(minutes=41))
    assert not replace(under_way, completed_at=NOW).is_running(NOW)


def test_a_title_is_fresh_for_six_days_and_kept_for_180() -> None:
    cached = CachedTitle(a_title(), Facts(), NOW)

    assert cached.is_fresh(NOW + timedelta(days=5))
    assert not cached.is_fresh(NOW + timedelta(days=7))
    assert cached.expires_at == NOW + timedelta(days=180)
