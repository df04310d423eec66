"""How far a refresh is, in a line of a terminal."""

from typing import Any

from tools.ops.refresh.progress import bar, summary

REPORT: dict[str, Any] = {
    "pages": 120,
    "pagesDone": 30,
    "titles": 600,
    "requests": 455,
    "elapsed": 13.0,
    "failures": 0,
    "details": [
        {
            "mediaType": "tv",
            "listType": "genre",
            "genreId": 18,
            "state": "published",
            "titles": 400,
            "done": 20,
            "requests": 214,
        },
        {
            "mediaType": "movie",
            "listType": "popular",
            "genreId": None,
            "state": "running",
            "titles": 200,
            "done": 10,
            "requests": 155,
        },
    ],
}


def test_the_bar_is_as_long_as_the_share_that_is_done() -> None:
    shown = bar(REPORT)

    assert shown.startswith("[########......................]  25%")
    assert "30/120 pages, 600 titles, 455 requests (35.0/s), 13 s" in shown
    assert "failures" not in shown


def test_a_refresh_that_has_just_begun_divides_by_nothing() -> None:
    shown = bar(REPORT | {"pages": 0, "pagesDone": 0, "requests": 0, "elapsed": 0.0})

    assert "0%" in shown
    assert "(0.0/s)" in shown


def test_failures_are_shown_when_there_are_some() -> None:
    assert bar(REPORT | {"failures": 3}).endswith("3 failures")


def test_the_summary_has_a_line_for_each_list() -> None:
    first, second = summary(REPORT).splitlines()

    assert first.split()[:4] == ["tv", "genre", "18", "published"]
    assert second.split()[:3] == ["movie", "popular", "running"]
