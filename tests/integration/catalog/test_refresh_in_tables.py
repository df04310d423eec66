"""A refresh over moto's tables: what it stores, shows and publishes, also after a crash."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from catalog.domain import ListKey, ListState, ListType, PageState, Scope
from catalog.domain.errors import CatalogBusy
from catalog.domain.refresh import ListProgress, Run
from matinee.dynamodb.items import from_item
from matinee.errors import InvalidInput
from matinee.media import MediaType, TitleKey
from tests.fakes.moto_tables import SavedTables
from tests.fakes.refreshing import FakeTitleStore, film
from tests.integration.catalog.catalog_tables import MEDIA, REFRESHES, everything
from tests.integration.catalog.conftest import NOW, TRACE, RefreshScenario, task_of
from tests.integration.catalog.kills import Killer, work_through_kills

POPULAR = ListKey(ListType.POPULAR, MediaType.MOVIE)
TRENDING = ListKey(ListType.TRENDING, MediaType.MOVIE)
DRAMA, COMEDY, HORROR = 18, 35, 27


def begin(scenario: RefreshScenario, run: str = "run-1", *keys: ListKey, pages: int = 3) -> None:
    """Begin a run of some lists, with a message for each."""
    keys = keys or (POPULAR,)
    start = task_of(keys[0], run).started_at
    progress = tuple(ListProgress(key, ListState.RUNNING, pages) for key in keys)
    scenario.runs.create(Run(run, Scope.LISTS, pages, start, progress))
    scenario.queue.send([task_of(key, run, pages=pages) for key in keys], TRACE)


def refresh(scenario: RefreshScenario, run: str = "run-1", *keys: ListKey, pages: int = 3) -> None:
    """Begin a run and read all of its pages."""
    begin(scenario, run, *keys, pages=pages)
    scenario.work()


def published(scenario: RefreshScenario) -> set[int]:
    """Return the ids of the titles in the outbox; none is there twice."""
    ids = [
        title["media_id"]
        for item in scenario.events("TitlesCached")
        for title in json.loads(item.detail)["data"]["titles"]
    ]
    assert len(ids) == len(set(ids))
    return set(ids)


def test_shows_a_list_with_every_title_stored_and_published(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 46)]}

    refresh(scenario)

    assert scenario.shown(POPULAR) == list(range(1, 46))
    stored = scenario.titles.get_many([TitleKey(MediaType.MOVIE, id_) for id_ in range(1, 46)])
    assert len(stored) == 45
    assert published(scenario) == set(range(1, 46))
    [refreshed] = scenario.events("ListRefreshed")
    assert json.loads(refreshed.detail)["data"] | {"refreshed_at": None} == {
        "list_id": "movie#popular",
        "run_id": "run-1",
        "list_type": "popular",
        "media_type": "movie",
        "titles": 45,
        "pages": 3,
        "refreshed_at": None,
    }


def test_a_run_completes_with_its_last_list(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1)], TRENDING: [film(2)]}

    refresh(scenario, "run-1", POPULAR, TRENDING)

    run = scenario.runs.get_run("run-1")
    assert run is not None
    assert run.completed_at == NOW
    assert {progress.state for progress in run.lists} == {ListState.PUBLISHED}
    assert sum(progress.requests for progress in run.lists) == scenario.tmdb.requests == 4


def test_requests_only_stale_titles_again(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1), film(2)]}
    refresh(scenario)
    scenario.tmdb.asked.clear()

    scenario.now.advance(days=5)
    refresh(scenario, "run-2")
    assert scenario.tmdb.asked == Counter({"movie#popular 1": 1})

    scenario.now.advance(days=2)
    refresh(scenario, "run-3")
    assert scenario.tmdb.asked["movie 1"] == scenario.tmdb.asked["movie 2"] == 1


def test_enriches_a_title_on_two_lists_once(scenario: RefreshScenario) -> None:
    both = [film(id_) for id_ in range(1, 21)]
    scenario.tmdb.lists = {POPULAR: both, TRENDING: list(reversed(both))}

    refresh(scenario, "run-1", POPULAR, TRENDING)

    assert max(scenario.tmdb.asked.values()) == 1
    assert scenario.shown(TRENDING) == list(range(20, 0, -1))


def test_concurrent_pages_request_a_new_title_once(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1)], TRENDING: [film(1)]}
    begin(scenario, "run-1", POPULAR, TRENDING)
    [(first, _), (second, _)] = scenario.queue.waiting

    def meet(name: str) -> None:
        if name == "movie 1":  # The other page comes while this one waits for the details.
            scenario.tmdb.fails = lambda _: None
            scenario.worker.refresh(second, TRACE)

    scenario.tmdb.fails = meet
    scenario.worker.refresh(first, TRACE)

    assert scenario.tmdb.asked["movie 1"] == 1
    assert scenario.shown(POPULAR) == scenario.shown(TRENDING) == [1]
    assert scenario.titles.get(TitleKey(MediaType.MOVIE, 1)) is not None


def test_a_repeated_title_keeps_its_first_rank(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [*map(film, range(1, 21)), film(7), *map(film, range(21, 30))]}

    refresh(scenario)

    assert scenario.shown(POPULAR) == list(range(1, 30))


def test_stores_a_list_s_title_ids_apart_from_its_progress(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 41)]}

    refresh(scenario)

    assert scenario.runs.get_title_ids(task_of(POPULAR)) == set(range(1, 41))
    items = [from_item(item) for item in everything(scenario.dynamodb, REFRESHES)]
    assert [item["part"] for item in items if "seen" in item] == ["seen#movie#popular"]


def test_a_title_that_leaves_a_list_stays_in_the_cache(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1), film(2)]}
    refresh(scenario)
    scenario.tmdb.lists = {POPULAR: [film(2)]}
    refresh(scenario, "run-2")

    assert scenario.shown(POPULAR) == [2]
    assert scenario.titles.get(TitleKey(MediaType.MOVIE, 1)) is not None


def test_shows_the_old_list_until_the_new_one_is_complete(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 41)]}
    refresh(scenario)
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(101, 141)]}
    begin(scenario, "run-2")

    seen = []
    while scenario.queue.waiting:
        task, trace = scenario.queue.waiting.popleft()
        seen.append(scenario.shown(POPULAR))
        scenario.worker.refresh(task, trace)

    assert seen == [list(range(1, 41))] * 2
    assert scenario.shown(POPULAR) == list(range(101, 141))


def test_a_cursor_continues_in_its_version_of_a_list(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 41)]}
    refresh(scenario)
    page = scenario.lists.get_page(POPULAR, 30)
    assert page is not None
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(101, 141)]}
    refresh(scenario, "run-2")

    rest = scenario.lists.get_page(POPULAR, 30, page.after)
    assert rest is not None
    assert [title.id for title in rest.titles] == list(range(31, 41))
    assert rest.after is None

    refresh(scenario, "run-3")
    with pytest.raises(InvalidInput) as refusal:
        scenario.lists.get_page(POPULAR, 30, page.after)
    assert "cursor" in refusal.value.info["fields"]  # type: ignore[operator]


@pytest.mark.parametrize(
    "made_up",
    [
        {"rank": ""},
        {"rank": "\ud800"},
        {"rank": "0" * 1100},
        {"rank": "٠٠٠٠٠١"},
        {"version": ""},
        {"version": "x" * 1500},
        {"version": "run-1#000001"},
        {"total": -1},
        {"total": 10**40},
        {"refreshed_at": "9999-12-31T23:59:59.000Z"},
        {"refreshed_at": "2026-13-01T00:00:00.000Z"},
        {"refreshed_at": "2026-01-31T03:00:00"},
        {"refreshed_at": 1},
    ],
    ids=str,
)
def test_refuses_an_invented_cursor(
    scenario: RefreshScenario, made_up: dict[str, str | int]
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1), film(2)]}
    refresh(scenario, pages=1)
    page = scenario.lists.get_page(POPULAR, 1)
    assert page is not None
    assert page.after is not None

    with pytest.raises(InvalidInput) as refusal:
        scenario.lists.get_page(POPULAR, 1, {**page.after, **made_up})

    assert "cursor" in refusal.value.info["fields"]  # type: ignore[operator]


def test_deletes_a_version_that_no_cursor_refers_to(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 31)]}
    for number in range(1, 5):
        refresh(scenario, f"run-{number}")

    versions = {
        item["mediaId"]["S"].rpartition("#")[2]
        for item in everything(scenario.dynamodb, MEDIA)
        if item["mediaType"]["S"].isdigit()
    }
    assert versions == {"run-3", "run-4"}


def test_replaces_excluded_titles_on_the_same_page(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 41)]}
    refresh(scenario)

    page = scenario.lists.get_page(POPULAR, 5, exclude={1, 3, 5, 40})

    assert page is not None
    assert [title.id for title in page.titles] == [2, 4, 6, 7, 8]
    rest = scenario.lists.get_page(POPULAR, 100, page.after, exclude={1, 3, 5, 40})
    assert rest is not None
    assert [title.id for title in rest.titles] == list(range(9, 40))
    assert rest.after is None


def test_hides_expired_items_that_are_still_stored(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1, DRAMA)]}
    refresh(scenario)

    scenario.now.advance(days=179)
    assert scenario.shown(POPULAR) == [1]
    scenario.now.advance(days=1, minutes=1)

    assert scenario.lists.get_page(POPULAR, 9) is None
    assert scenario.titles.get(TitleKey(MediaType.MOVIE, 1)) is None


def test_stores_an_expired_title_again(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1)]}
    refresh(scenario)
    scenario.now.advance(days=200)

    refresh(scenario, "run-2")

    assert scenario.titles.get(TitleKey(MediaType.MOVIE, 1)) is not None


def test_reads_and_counts_a_repeated_message_once(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 31)]}
    begin(scenario)
    first = scenario.queue.waiting[0]
    scenario.work()
    asked = Counter(scenario.tmdb.asked)

    scenario.queue.waiting.append(first)
    scenario.work()

    assert scenario.tmdb.asked == asked
    progress = scenario.runs.get_progress(first[0])
    assert progress is not None
    assert (progress.done, progress.titles) == (2, 30)
    assert len(scenario.events("ListRefreshed")) == 1


def test_an_earlier_run_does_not_replace_a_later_list(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1)]}
    begin(scenario, "run-1")
    late = scenario.queue.waiting.popleft()
    scenario.tmdb.lists = {POPULAR: [film(2)]}
    refresh(scenario, "run-2")

    scenario.tmdb.lists = {POPULAR: [film(1)]}
    scenario.worker.refresh(*late)

    assert scenario.shown(POPULAR) == [2]
    run = scenario.runs.get_run("run-1")
    assert run is not None
    assert [progress.state for progress in run.lists] == [ListState.KEPT]
    assert run.completed_at is not None


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_at_any_call_repeats_at_most_its_page(
    scenario: RefreshScenario, moment: str
) -> None:
    titles = [*map(film, range(1, 6))]
    scenario.tmdb.lists = {POPULAR: titles}
    empty = SavedTables.of_now()
    refresh(scenario, "run-0", pages=2)
    whole = scenario.contents()
    killer = Killer(moment=moment)
    killer.watch(scenario.dynamodb)
    struck, number = 0, 0

    while True:
        empty.restore()
        run = f"{number + 1}"
        scenario.tmdb.asked.clear()
        begin(scenario, f"run-{run}", pages=2)
        killer.left = number
        deaths = work_through_kills(scenario)
        killer.left = -1
        if not deaths:
            break
        struck += deaths
        assert [
            {**item, "mediaId": _of_run(item["mediaId"], run)} for item in whole if _is_row(item)
        ] == [item for item in scenario.contents() if _is_row(item)], number
        assert scenario.shown(POPULAR) == list(range(1, 6))
        assert len(scenario.titles.get_many([TitleKey(MediaType.MOVIE, t.id) for t in titles])) == 5
        assert published(scenario) == {1, 2, 3, 4, 5}, number
        assert len(scenario.events("ListRefreshed")) == 1, number
        repeated = {name for name, times in scenario.tmdb.asked.items() if times > 1}
        assert _is_one_page(repeated), repeated
        assert max(scenario.tmdb.asked.values()) <= 2
        record = scenario.runs.get_run(f"run-{run}")
        assert record is not None
        assert record.completed_at is not None
        [progress] = record.lists
        assert (progress.done, progress.failed, progress.titles) == (2, 0, 5)
        number += 1

    assert struck == number > 20


def _is_row(item: Any) -> bool:  # noqa: ANN401 - an item
    return bool(item["mediaType"].isdigit())


def _of_run(partition: str, run: str) -> str:
    return partition.replace("run-0", f"run-{run}")


def _is_one_page(names: set[str]) -> bool:
    """Return whether requests are all of the first page, or all of the second."""
    first = {"movie#popular 1", *(f"movie {id_}" for id_ in range(1, 4))}
    second = {"movie#popular 2", *(f"movie {id_}" for id_ in range(4, 6))}
    return names <= first or names <= second


def test_concurrent_stores_keep_what_was_fetched_later(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1)]}
    refresh(scenario)
    cached = scenario.titles.get(TitleKey(MediaType.MOVIE, 1))
    assert cached is not None
    older = replace(cached, cached_at=cached.cached_at - timedelta(days=1))
    newer = replace(
        cached,
        title=replace(cached.title, title="Another name"),
        cached_at=cached.cached_at + timedelta(days=1),
    )

    scenario.titles.store([newer], TRACE)
    scenario.titles.store([older], TRACE)

    now = scenario.titles.get(TitleKey(MediaType.MOVIE, 1))
    assert now is not None
    assert now.title.title == "Another name"
    assert len(scenario.events("TitlesCached")) == 2


def test_does_not_count_a_page_twice(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1)]}
    begin(scenario)
    task = scenario.queue.waiting[0][0]

    def meet(name: str) -> None:
        if name == "movie 1":
            scenario.runs.mark_failed(task)

    scenario.tmdb.fails = meet
    with pytest.raises(CatalogBusy):
        scenario.worker.refresh(task, TRACE)
    scenario.tmdb.fails = lambda _: None
    scenario.worker.refresh(task, TRACE)

    assert scenario.runs.get_page_state(task) is PageState.DONE
    progress = scenario.runs.get_progress(task)
    assert progress is not None
    assert (progress.done, progress.failed) == (1, 0)


def test_splits_large_titles_into_several_events(
    scenario: RefreshScenario,
) -> None:
    films = [replace(film(id_), overview="\x01" * 4000, title="題" * 500) for id_ in range(1, 21)]
    scenario.tmdb = FakeTitleStore({POPULAR: films})

    refresh(scenario)

    assert published(scenario) == set(range(1, 21))
    assert all(len(item.detail.encode()) < 220_000 for item in scenario.events("TitlesCached"))
