"""Pages that cannot be read: their list continues, unless too many of them fail."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from catalog.domain import (
    CachedTitle,
    Facts,
    ListKey,
    ListProgress,
    ListState,
    ListType,
    Run,
    Scope,
)
from catalog.use_cases import refresh_page
from matinee.media import MediaType, TitleKey
from tests.fakes.moto_tables import SavedTables
from tests.fakes.refreshing import film
from tests.integration.catalog.catalog_tables import MEDIA, OUTBOX, everything
from tests.integration.catalog.conftest import NOW, TRACE, RefreshScenario, task_of
from tests.integration.catalog.kills import Killer, work_through_kills

POPULAR = ListKey(ListType.POPULAR, MediaType.MOVIE)
TRENDING = ListKey(ListType.TRENDING, MediaType.MOVIE)
PAGES = 6


def begin(
    scenario: RefreshScenario, run: str = "run-1", *keys: ListKey, pages: int = PAGES
) -> None:
    keys = keys or (POPULAR,)
    progress = tuple(ListProgress(key, ListState.RUNNING, pages) for key in keys)
    scenario.runs.create(Run(run, Scope.LISTS, pages, task_of(keys[0], run).started_at, progress))
    scenario.queue.send([task_of(key, run, pages=pages) for key in keys], TRACE)


def failing(*names: str) -> Callable[[str], None]:
    """Return what fails requests by their names."""

    def fail(name: str) -> None:
        if name in names:
            message = f"{name} does not work"
            raise OSError(message)

    return fail


def work(scenario: RefreshScenario) -> list[str]:
    """Refresh every page; one that fails is given up and tried once more. Returns the rest."""
    rejected = []
    while scenario.queue.waiting:
        task, trace = scenario.queue.waiting.popleft()
        try:
            scenario.worker.refresh(task, trace)
        except OSError:
            scenario.worker.give_up(task, trace)
            try:
                scenario.worker.refresh(task, trace)
            except OSError:
                rejected.append(f"{task.key.name} {task.page}")
    return rejected


def progress_of(
    scenario: RefreshScenario, run: str = "run-1", key: ListKey = POPULAR
) -> ListProgress:
    progress = scenario.runs.get_progress(task_of(key, run))
    assert progress is not None
    return progress


def test_a_poison_page_does_not_stop_its_list(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 121)]}
    scenario.tmdb.fails = failing("movie#popular 3")
    begin(scenario)

    assert work(scenario) == ["movie#popular 3"]

    assert scenario.shown(POPULAR) == [*range(1, 41), *range(61, 121)]
    progress = progress_of(scenario)
    assert (progress.done, progress.failed, progress.state) == (5, 1, ListState.PUBLISHED)


def test_the_last_page_may_be_poison(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 121)]}
    scenario.tmdb.fails = failing("movie#popular 6")
    begin(scenario)

    work(scenario)

    assert scenario.shown(POPULAR) == list(range(1, 101))
    run = scenario.runs.get_run("run-1")
    assert run is not None
    assert run.completed_at is not None


def test_the_first_page_may_be_poison(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 101)]}
    scenario.tmdb.fails = failing("movie#popular 1")
    begin(scenario, pages=20)

    work(scenario)

    assert scenario.shown(POPULAR) == list(range(21, 101))
    assert progress_of(scenario).pages == 5


def test_keeps_a_list_of_which_too_many_pages_fail(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 121)]}
    begin(scenario)
    work(scenario)
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(201, 321)]}
    scenario.tmdb.fails = failing("movie#popular 2", "movie#popular 3")
    scenario.tmdb.asked.clear()

    begin(scenario, "run-2")
    work(scenario)

    assert scenario.shown(POPULAR) == list(range(1, 101))
    assert progress_of(scenario, "run-2").state is ListState.KEPT
    assert "movie#popular 4" not in scenario.tmdb.asked
    run = scenario.runs.get_run("run-2")
    assert run is not None
    assert run.completed_at is not None
    assert len(scenario.events("ListRefreshed")) == 1


def test_a_redriven_page_completes_its_list(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 101)]}
    scenario.tmdb.fails = failing("movie#popular 2")
    begin(scenario)
    work(scenario)
    assert scenario.shown(POPULAR) == [*range(1, 21), *range(41, 101)]

    scenario.tmdb.fails = failing()
    scenario.worker.refresh(task_of(POPULAR, page=2, pages=PAGES), TRACE)

    assert scenario.shown(POPULAR) == list(range(1, 101))
    page = scenario.lists.get_page(POPULAR, 1)
    assert page is not None
    assert page.total == 100
    progress = progress_of(scenario)
    assert (progress.done, progress.failed) == (5, 0)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_redriven_page_survives_a_kill_at_any_call(
    scenario: RefreshScenario, moment: str
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_, 18) for id_ in range(1, 17)]}
    scenario.tmdb.fails = failing("movie#popular 2")
    begin(scenario)
    work(scenario)
    assert scenario.shown(POPULAR) == [*range(1, 4), *range(7, 17)]
    scenario.tmdb.fails = failing()
    without_the_page = SavedTables.of_now()
    killer = Killer(moment=moment)
    killer.watch(scenario.dynamodb)
    number, deaths = 0, 1

    while deaths:
        without_the_page.restore()
        scenario.queue.send([task_of(POPULAR, page=2, pages=PAGES)], TRACE)
        killer.left = number
        deaths = work_through_kills(scenario)
        killer.left = -1
        page = scenario.lists.get_page(POPULAR, 100)
        assert page is not None
        assert (page.total, len(page.titles)) == (16, 16), number
        assert len(scenario.events("ListRefreshed")) == 2, number
        number += 1

    assert number > 8


def test_shows_a_page_that_succeeds_while_its_list_closes(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 121)]}
    begin(scenario)
    for _ in range(PAGES - 2):
        scenario.worker.refresh(*scenario.queue.waiting.popleft())
    late, trace = scenario.queue.waiting.popleft()
    scenario.worker.give_up(late, trace)

    def end_meanwhile(name: str) -> None:
        if name == f"movie#popular {late.page}":
            scenario.tmdb.fails = failing()
            scenario.worker.refresh(*scenario.queue.waiting.popleft())

    scenario.tmdb.fails = end_meanwhile
    scenario.worker.refresh(late, trace)

    page = scenario.lists.get_page(POPULAR, 100)
    assert page is not None
    assert page.total == len(scenario.shown(POPULAR)) + 20 == 120


def test_keeps_a_list_that_tmdb_reports_as_empty(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1), film(2)]}
    begin(scenario)
    work(scenario)
    scenario.tmdb.lists = {POPULAR: []}

    begin(scenario, "run-2")
    work(scenario)

    assert scenario.shown(POPULAR) == [1, 2]
    assert progress_of(scenario, "run-2").state is ListState.KEPT
    assert len(scenario.events("ListRefreshed")) == 1


def test_ignores_a_page_count_below_the_page_itself(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 81)]}
    scenario.tmdb.says = {"movie#popular 3": 1}
    begin(scenario)

    work(scenario)

    assert scenario.shown(POPULAR) == list(range(1, 81))
    assert progress_of(scenario).done == 4


def test_a_list_that_becomes_shorter_ends_there(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 81)]}
    begin(scenario)
    for _ in range(2):
        scenario.worker.refresh(*scenario.queue.waiting.popleft())
    scenario.tmdb.lists = {POPULAR: [film(1)]}
    work(scenario)

    assert scenario.shown(POPULAR) == list(range(1, 41))
    assert (progress_of(scenario).done, progress_of(scenario).pages) == (2, 2)


def test_a_redriven_page_continues_a_kept_list(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 121)]}
    scenario.tmdb.fails = failing("movie#popular 2", "movie#popular 3")
    begin(scenario)
    work(scenario)
    assert scenario.shown(POPULAR) == []

    scenario.tmdb.fails = failing()
    scenario.queue.send([task_of(POPULAR, page=page, pages=PAGES) for page in (2, 3)], TRACE)
    work(scenario)

    assert scenario.shown(POPULAR) == list(range(1, 101))
    assert progress_of(scenario).done == PAGES


def test_shows_a_title_without_details_in_the_end(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1), film(2), film(3)]}
    scenario.tmdb.fails = failing("movie 2")
    begin(scenario)

    assert work(scenario) == []

    assert scenario.shown(POPULAR) == [1, 2, 3]
    assert scenario.titles.get(TitleKey(MediaType.MOVIE, 2)) is None
    assert scenario.tmdb.asked["movie 1"] == 1
    progress = progress_of(scenario)
    assert (progress.done, progress.failed, progress.missed) == (1, 0, 1)


def test_leaves_out_a_title_that_tmdb_no_longer_has(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1), film(2), film(3)]}
    scenario.tmdb.gone = {2}
    begin(scenario)

    work(scenario)

    assert scenario.shown(POPULAR) == [1, 3]
    assert progress_of(scenario).missed == 1


def test_leaves_out_a_title_with_adult_details(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1), film(2), film(3)]}
    scenario.tmdb.adult = {2}
    begin(scenario)

    work(scenario)

    assert scenario.shown(POPULAR) == [1, 3]
    assert scenario.titles.get(TitleKey(MediaType.MOVIE, 2)) is None
    [published] = scenario.events("TitlesCached")
    assert [title["media_id"] for title in json.loads(published.detail)["data"]["titles"]] == [1, 3]


def test_never_stores_titles_for_adults(scenario: RefreshScenario) -> None:
    title = replace(film(1), adult=True)

    scenario.titles.store([CachedTitle(title, Facts(), NOW)], TRACE)

    assert everything(scenario.dynamodb, MEDIA) == everything(scenario.dynamodb, OUTBOX) == []


def test_a_second_attempt_leaves_no_row_of_the_first(
    scenario: RefreshScenario,
) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1), film(2), film(3)]}
    begin(scenario)
    task, trace = scenario.queue.waiting[0]
    scenario.versions.put_page(task, [film(9), film(8), film(7), film(6)] + [None] * 16)

    scenario.worker.refresh(task, trace)

    assert scenario.shown(POPULAR) == [1, 2, 3]


def test_a_finished_list_does_not_finish_the_others(scenario: RefreshScenario) -> None:
    scenario.tmdb.lists = {POPULAR: [film(1)], TRENDING: [film(2)]}
    begin(scenario, "run-1", POPULAR, TRENDING)

    scenario.worker.refresh(*scenario.queue.waiting.popleft())
    run = scenario.runs.get_run("run-1")
    assert run is not None
    assert run.completed_at is None
    work(scenario)

    run = scenario.runs.get_run("run-1")
    assert run is not None
    assert run.completed_at is not None


def test_giving_up_a_page_of_an_unknown_run_does_nothing(
    scenario: RefreshScenario,
) -> None:
    scenario.worker.give_up(task_of(POPULAR, "run-9"), TRACE)

    assert len(scenario.queue) == 0


def test_only_a_run_without_a_published_list_has_failed(
    scenario: RefreshScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    monkeypatch.setattr(refresh_page, "count", counted.append)
    scenario.tmdb.lists = {POPULAR: [film(1)], TRENDING: [film(2)]}
    scenario.tmdb.fails = failing("movie#popular 1", "movie#trending 1")
    begin(scenario, "run-1", POPULAR, TRENDING, pages=1)
    work(scenario)
    assert counted.count("RefreshFailed") == 1
    assert "RefreshCompleted" not in counted

    scenario.tmdb.fails = failing("movie#trending 1")
    begin(scenario, "run-2", POPULAR, TRENDING, pages=1)
    work(scenario)
    assert counted.count("RefreshFailed") == counted.count("RefreshCompleted") == 1
