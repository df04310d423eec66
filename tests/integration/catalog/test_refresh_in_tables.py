"""A refresh over real tables: what it stores, shows and tells, and what a crash leaves of it."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from catalog.domain import ListKey, ListState, ListType, MediaType, PageState, Scope, TitleId
from catalog.domain.errors import CacheContended
from catalog.domain.refresh import ListProgress, Run
from matinee.dynamodb.items import from_item
from matinee.errors import InvalidInput
from tests.fakes.refreshing import FakeTitles, film
from tests.integration.catalog.catalog_tables import MEDIA, REFRESHES, everything
from tests.integration.catalog.conftest import NOW, TRACE, Shop, place_of
from tests.integration.catalog.kills import Killer, work_through_kills

POPULAR = ListKey(ListType.POPULAR, MediaType.MOVIE)
TRENDING = ListKey(ListType.TRENDING, MediaType.MOVIE)
DRAMA, COMEDY, HORROR = 18, 35, 27


def begin(shop: Shop, run: str = "run-1", *keys: ListKey, pages: int = 3) -> None:
    """Begin a run of some lists, with a message for each."""
    keys = keys or (POPULAR,)
    start = place_of(keys[0], run).started_at
    progress = tuple(ListProgress(key, ListState.RUNNING, pages) for key in keys)
    shop.record.begin(Run(run, Scope.LISTS, pages, start, progress))
    shop.queue.send([place_of(key, run, pages=pages) for key in keys], TRACE)


def refresh(shop: Shop, run: str = "run-1", *keys: ListKey, pages: int = 3) -> None:
    """Begin a run and read all of its pages."""
    begin(shop, run, *keys, pages=pages)
    shop.work()


def told(shop: Shop) -> set[int]:
    """Answer the ids of the titles that the outbox tells of; none is told twice."""
    ids = [
        title["media_id"]
        for item in shop.events("TitlesCached")
        for title in json.loads(item.detail)["data"]["titles"]
    ]
    assert len(ids) == len(set(ids))
    return set(ids)


def test_a_list_is_shown_in_its_order_with_every_title_stored_and_told(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 46)]}

    refresh(shop)

    assert shop.shown(POPULAR) == list(range(1, 46))
    stored = shop.cache.titles([TitleId(MediaType.MOVIE, id_) for id_ in range(1, 46)])
    assert len(stored) == 45
    assert told(shop) == set(range(1, 46))
    [refreshed] = shop.events("ListRefreshed")
    assert json.loads(refreshed.detail)["data"] | {"refreshed_at": None} == {
        "run_id": "run-1",
        "list_type": "popular",
        "media_type": "movie",
        "titles": 45,
        "pages": 3,
        "refreshed_at": None,
    }


def test_a_run_ends_with_its_last_list_and_says_what_it_cost(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(1)], TRENDING: [film(2)]}

    refresh(shop, "run-1", POPULAR, TRENDING)

    run = shop.record.run("run-1")
    assert run is not None
    assert run.completed_at == NOW
    assert {progress.state for progress in run.lists} == {ListState.PUBLISHED}
    assert sum(progress.requests for progress in run.lists) == shop.tmdb.requests == 4


def test_what_is_fresh_is_not_asked_for_again_and_what_is_stale_is(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(1), film(2)]}
    refresh(shop)
    shop.tmdb.asked.clear()

    shop.now.advance(days=5)
    refresh(shop, "run-2")
    assert shop.tmdb.asked == Counter({"movie#popular 1": 1})

    shop.now.advance(days=2)
    refresh(shop, "run-3")
    assert shop.tmdb.asked["movie 1"] == shop.tmdb.asked["movie 2"] == 1


def test_a_title_on_two_lists_of_a_run_is_enriched_once(shop: Shop) -> None:
    both = [film(id_) for id_ in range(1, 21)]
    shop.tmdb.lists = {POPULAR: both, TRENDING: list(reversed(both))}

    refresh(shop, "run-1", POPULAR, TRENDING)

    assert max(shop.tmdb.asked.values()) == 1
    assert shop.shown(TRENDING) == list(range(20, 0, -1))


def test_two_pages_that_meet_at_a_new_title_ask_for_it_once(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(1)], TRENDING: [film(1)]}
    begin(shop, "run-1", POPULAR, TRENDING)
    [(first, _), (second, _)] = shop.queue.waiting

    def meet(name: str) -> None:
        if name == "movie 1":  # The other page comes while this one waits for the details.
            shop.tmdb.fails = lambda _: None
            shop.worker.read(second, TRACE)

    shop.tmdb.fails = meet
    shop.worker.read(first, TRACE)

    assert shop.tmdb.asked["movie 1"] == 1
    assert shop.shown(POPULAR) == shop.shown(TRENDING) == [1]
    assert shop.cache.title(TitleId(MediaType.MOVIE, 1)) is not None


def test_a_title_that_comes_again_on_a_later_page_keeps_its_first_rank(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [*map(film, range(1, 21)), film(7), *map(film, range(21, 30))]}

    refresh(shop)

    assert shop.shown(POPULAR) == list(range(1, 30))


def test_what_a_list_has_shown_lies_apart_from_what_everybody_reads_of_it(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 41)]}

    refresh(shop)

    assert shop.record.seen(place_of(POPULAR)) == set(range(1, 41))
    items = [from_item(item) for item in everything(shop.dynamodb, REFRESHES)]
    assert [item["part"] for item in items if "seen" in item] == ["seen#movie#popular"]


def test_the_best_of_a_genre_are_one_query_whatever_their_other_genres(shop: Shop) -> None:
    good = replace(film(1, DRAMA), vote_average=9.0, vote_count=5000)
    better = replace(film(2, DRAMA, COMEDY), vote_average=9.2, vote_count=5000)
    unknown = replace(film(3, DRAMA), vote_average=10.0, vote_count=1)
    other = film(4, COMEDY)
    series = film(5, DRAMA, media_type=MediaType.TV)
    shop.tmdb.lists = {
        POPULAR: [good, better, unknown, other],
        ListKey(ListType.POPULAR, MediaType.TV): [series],
    }
    refresh(shop, "run-1", *shop.tmdb.lists)

    page = shop.cache.best_of_genre(MediaType.MOVIE, DRAMA, 2)
    assert [title.id for title in page.titles] == [2, 1]
    rest = shop.cache.best_of_genre(MediaType.MOVIE, DRAMA, 2, page.after)
    assert [title.id for title in rest.titles] == [3]
    assert [t.id for t in shop.cache.best_of_genre(MediaType.MOVIE, COMEDY, 9).titles] == [2, 4]
    assert [t.id for t in shop.cache.best_of_genre(MediaType.TV, DRAMA, 9).titles] == [5]


def test_a_title_that_moves_to_another_genre_leaves_the_old_one(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(1, DRAMA, COMEDY)]}
    refresh(shop)
    shop.tmdb.lists = {POPULAR: [film(1, COMEDY, HORROR)]}
    shop.now.advance(days=7)

    refresh(shop, "run-2")

    found = {
        genre: [title.id for title in shop.cache.best_of_genre(MediaType.MOVIE, genre, 9).titles]
        for genre in (DRAMA, COMEDY, HORROR)
    }
    assert found == {DRAMA: [], COMEDY: [1], HORROR: [1]}


def test_a_title_that_leaves_a_list_stays_in_the_cache(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(1), film(2)]}
    refresh(shop)
    shop.tmdb.lists = {POPULAR: [film(2)]}
    refresh(shop, "run-2")

    assert shop.shown(POPULAR) == [2]
    assert shop.cache.title(TitleId(MediaType.MOVIE, 1)) is not None


def test_a_reader_sees_the_old_list_until_the_new_one_is_whole(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 41)]}
    refresh(shop)
    shop.tmdb.lists = {POPULAR: [film(id_) for id_ in range(101, 141)]}
    begin(shop, "run-2")

    seen = []
    while shop.queue.waiting:
        place, trace = shop.queue.waiting.popleft()
        seen.append(shop.shown(POPULAR))
        shop.worker.read(place, trace)

    assert seen == [list(range(1, 41))] * 2
    assert shop.shown(POPULAR) == list(range(101, 141))


def test_who_reads_a_list_goes_on_in_his_edition_though_a_newer_one_has_come(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 41)]}
    refresh(shop)
    page = shop.cache.list_page(POPULAR, 30)
    assert page is not None
    shop.tmdb.lists = {POPULAR: [film(id_) for id_ in range(101, 141)]}
    refresh(shop, "run-2")

    rest = shop.cache.list_page(POPULAR, 30, page.after)
    assert rest is not None
    assert [title.id for title in rest.titles] == list(range(31, 41))
    assert rest.after is None

    refresh(shop, "run-3")
    with pytest.raises(InvalidInput) as refusal:
        shop.cache.list_page(POPULAR, 30, page.after)
    assert "cursor" in refusal.value.info["fields"]  # type: ignore[operator]


@pytest.mark.parametrize(
    "made_up",
    [
        {"rank": ""},
        {"rank": "\ud800"},
        {"rank": "0" * 1100},
        {"rank": "٠٠٠٠٠١"},
        {"edition": ""},
        {"edition": "x" * 1500},
        {"edition": "run-1#000001"},
        {"total": -1},
        {"total": 10**40},
        {"refreshed_at": "9999-12-31T23:59:59.000Z"},
        {"refreshed_at": "2026-13-01T00:00:00.000Z"},
        {"refreshed_at": "2026-01-31T03:00:00"},
        {"refreshed_at": 1},
    ],
    ids=str,
)
def test_a_place_that_somebody_makes_up_is_refused_and_never_reaches_the_table(
    shop: Shop, made_up: dict[str, str | int]
) -> None:
    shop.tmdb.lists = {POPULAR: [film(1), film(2)]}
    refresh(shop, pages=1)
    page = shop.cache.list_page(POPULAR, 1)
    assert page is not None
    assert page.after is not None

    with pytest.raises(InvalidInput) as refusal:
        shop.cache.list_page(POPULAR, 1, {**page.after, **made_up})

    assert "cursor" in refusal.value.info["fields"]  # type: ignore[operator]


def test_an_edition_that_nobody_can_read_any_more_is_deleted(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 31)]}
    for number in range(1, 5):
        refresh(shop, f"run-{number}")

    editions = {
        item["mediaId"]["S"].rpartition("#")[2]
        for item in everything(shop.dynamodb, MEDIA)
        if item["mediaType"]["S"].isdigit()
    }
    assert editions == {"run-3", "run-4"}


def test_what_is_excluded_is_made_up_for_on_the_same_page(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 41)]}
    refresh(shop)

    page = shop.cache.list_page(POPULAR, 5, exclude={1, 3, 5, 40})

    assert page is not None
    assert [title.id for title in page.titles] == [2, 4, 6, 7, 8]
    rest = shop.cache.list_page(POPULAR, 100, page.after, exclude={1, 3, 5, 40})
    assert rest is not None
    assert [title.id for title in rest.titles] == list(range(9, 40))
    assert rest.after is None


def test_nothing_older_than_six_months_is_shown_though_it_is_still_stored(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(1, DRAMA)]}
    refresh(shop)

    shop.now.advance(days=179)
    assert shop.shown(POPULAR) == [1]
    shop.now.advance(days=1, minutes=1)

    assert shop.cache.list_page(POPULAR, 9) is None
    assert shop.cache.title(TitleId(MediaType.MOVIE, 1)) is None
    assert shop.cache.best_of_genre(MediaType.MOVIE, DRAMA, 9).titles == ()


def test_an_expired_title_that_is_still_stored_can_be_stored_anew(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(1)]}
    refresh(shop)
    shop.now.advance(days=200)

    refresh(shop, "run-2")

    assert shop.cache.title(TitleId(MediaType.MOVIE, 1)) is not None


def test_a_page_that_is_delivered_twice_is_read_and_counted_once(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(id_) for id_ in range(1, 31)]}
    begin(shop)
    first = shop.queue.waiting[0]
    shop.work()
    asked = Counter(shop.tmdb.asked)

    shop.queue.waiting.append(first)
    shop.work()

    assert shop.tmdb.asked == asked
    progress = shop.record.progress(first[0])
    assert progress is not None
    assert (progress.done, progress.titles) == (2, 30)
    assert len(shop.events("ListRefreshed")) == 1


def test_a_later_run_s_list_is_not_replaced_by_an_earlier_one_that_ends_late(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(1)]}
    begin(shop, "run-1")
    late = shop.queue.waiting.popleft()
    shop.tmdb.lists = {POPULAR: [film(2)]}
    refresh(shop, "run-2")

    shop.tmdb.lists = {POPULAR: [film(1)]}
    shop.worker.read(*late)

    assert shop.shown(POPULAR) == [2]
    run = shop.record.run("run-1")
    assert run is not None
    assert [progress.state for progress in run.lists] == [ListState.KEPT]
    assert run.completed_at is not None


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_at_any_call_loses_nothing_and_repeats_at_most_its_page(
    shop: Shop, moment: str
) -> None:
    titles = [*map(film, range(1, 6))]
    shop.tmdb.lists = {POPULAR: titles}
    refresh(shop, "run-0", pages=2)
    whole = shop.contents()
    killer = Killer(moment=moment)
    killer.watch(shop.dynamodb)
    struck, number = 0, 0

    while True:
        shop.forget()
        run = f"{number + 1}"
        shop.tmdb.asked.clear()
        begin(shop, f"run-{run}", pages=2)
        killer.left = number
        deaths = work_through_kills(shop)
        killer.left = -1
        if not deaths:
            break
        struck += deaths
        assert [
            {**item, "mediaId": _of_run(item["mediaId"], run)} for item in whole if _is_row(item)
        ] == [item for item in shop.contents() if _is_row(item)], number
        assert shop.shown(POPULAR) == list(range(1, 6))
        assert len(shop.cache.titles([TitleId(MediaType.MOVIE, t.id) for t in titles])) == 5
        assert told(shop) == {1, 2, 3, 4, 5}, number
        assert len(shop.events("ListRefreshed")) == 1, number
        repeated = {name for name, times in shop.tmdb.asked.items() if times > 1}
        assert _is_one_page(repeated), repeated
        assert max(shop.tmdb.asked.values()) <= 2
        record = shop.record.run(f"run-{run}")
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
    """Tell whether requests are all of the first page, or all of the second."""
    first = {"movie#popular 1", *(f"movie {id_}" for id_ in range(1, 4))}
    second = {"movie#popular 2", *(f"movie {id_}" for id_ in range(4, 6))}
    return names <= first or names <= second


def test_a_store_that_meets_another_keeps_what_was_fetched_later(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(1)]}
    refresh(shop)
    cached = shop.cache.title(TitleId(MediaType.MOVIE, 1))
    assert cached is not None
    older = replace(cached, cached_at=cached.cached_at - timedelta(days=1))
    newer = replace(
        cached,
        title=replace(cached.title, title="Another name"),
        cached_at=cached.cached_at + timedelta(days=1),
    )

    shop.store.store([newer], TRACE)
    shop.store.store([older], TRACE)

    now = shop.cache.title(TitleId(MediaType.MOVIE, 1))
    assert now is not None
    assert now.title.title == "Another name"
    assert len(shop.events("TitlesCached")) == 2


def test_a_page_counted_by_somebody_else_meanwhile_is_not_counted_again(shop: Shop) -> None:
    shop.tmdb.lists = {POPULAR: [film(1)]}
    begin(shop)
    place = shop.queue.waiting[0][0]

    def meet(name: str) -> None:
        if name == "movie 1":
            shop.record.fail_page(place)

    shop.tmdb.fails = meet
    with pytest.raises(CacheContended):
        shop.worker.read(place, TRACE)
    shop.tmdb.fails = lambda _: None
    shop.worker.read(place, TRACE)

    assert shop.record.page(place) is PageState.DONE
    progress = shop.record.progress(place)
    assert progress is not None
    assert (progress.done, progress.failed) == (1, 0)


def test_titles_of_many_words_are_told_in_as_many_events_as_the_bus_needs(shop: Shop) -> None:
    films = [replace(film(id_), overview="\x01" * 4000, title="題" * 500) for id_ in range(1, 21)]
    shop.tmdb = FakeTitles({POPULAR: films})

    refresh(shop)

    assert told(shop) == set(range(1, 21))
    assert all(len(item.detail.encode()) < 220_000 for item in shop.events("TitlesCached"))


def test_titles_of_many_genres_are_cut_into_as_many_transactions_as_needed(shop: Shop) -> None:
    shop.tmdb = FakeTitles({POPULAR: [film(id_, *range(1, 12)) for id_ in range(1, 21)]})

    refresh(shop)

    assert len(shop.events("TitlesCached")) == 3
    assert len(shop.cache.best_of_genre(MediaType.MOVIE, 11, 50).titles) == 20
