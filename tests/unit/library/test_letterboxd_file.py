"""The export as CSV for Letterboxd's importers."""

import csv
from dataclasses import replace

import pytest

from library.domain.titles import Entry, ListName, Viewing
from library.use_cases import export_films
from matinee.media import MediaType
from tests.fakes.clock import NOON
from tests.fakes.library import TRACE, film
from tests.fakes.library_http import ApiResponse, LibraryApi

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")


def rows(answer: ApiResponse) -> list[dict[str, str]]:
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv")
    return list(csv.DictReader(answer.body["csv"].splitlines(keepends=True)))


def test_seen_films_have_their_rating_and_day(api: LibraryApi) -> None:
    named = replace(film(550), title='One, "Two"\nThree', release_date="1999-10-15")
    seen = Entry.at(named, NOON, Viewing(seen_at=NOON.replace(day=3), rating=8.5))
    bare = Entry.at(replace(film(551), title=None), NOON)
    series = Entry.at(film(7, MediaType.TV), NOON)
    api.library.lists[ListName.SEEN].add_all("ann", [seen, bare, series], TRACE)

    answer = api("GET", "/user/export", query={"letterboxd": "seen"})

    nothing = {"Title": "", "Year": "", "Rating10": "", "WatchedDate": ""}
    assert rows(answer) == [
        {"tmdbID": "551", **nothing},
        {
            "tmdbID": "550",
            "Title": 'One, "Two"\nThree',
            "Year": "1999",
            "Rating10": "9",
            "WatchedDate": "2026-01-03",
        },
    ]
    disposition = answer.headers["Content-Disposition"]
    assert disposition == 'attachment; filename="letterboxd-seen.csv"'
    assert "Link" not in answer.headers


@pytest.mark.parametrize("name", [ListName.FAVOURITES, ListName.WATCHLIST])
def test_other_lists_are_files_of_their_own(api: LibraryApi, name: ListName) -> None:
    api.library.lists[name].add("ann", film(550), TRACE)

    found = rows(api("GET", "/user/export", query={"letterboxd": name.value}))

    assert [(row["tmdbID"], row["Title"]) for row in found] == [("550", "Film 550")]


def test_a_long_list_continues_in_another_file(
    api: LibraryApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_films, "FILMS_PER_PAGE", 2)
    monkeypatch.setattr(export_films, "MAX_FILMS", 3)
    watchlist = api.library.watchlist
    watchlist.add_all("ann", [Entry.at(film(n), NOON) for n in range(1, 8)], TRACE)

    query, found = {"letterboxd": "watchlist"}, []
    for _ in range(3):
        answer = api("GET", "/user/export", query=query)
        found.append([int(row["tmdbID"]) for row in rows(answer)])
        if link := answer.headers.get("Link"):
            target, _, rel = link.partition(">; ")
            assert (target.split("?")[0], rel) == ("<export", 'rel="next"')
            query["cursor"] = target.rpartition("cursor=")[2]

    assert found == [[7, 6, 5], [4, 3, 2], [1]]
    wrong = api("GET", "/user/export", query={**query, "letterboxd": "seen"})
    assert (wrong.status, wrong.code) == (400, "InvalidInput")


@pytest.mark.parametrize("name", ["dismissed", "loved", ""])
def test_a_list_that_letterboxd_does_not_have_is_refused(api: LibraryApi, name: str) -> None:
    answer = api("GET", "/user/export", query={"letterboxd": name})

    assert (answer.status, answer.code) == (400, "InvalidInput")
