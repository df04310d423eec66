"""Files of other sites on the running product, from the upload to the lists and the event."""

import asyncio
import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from tests.data.import_files import archive
from tests.e2e.accounts import PATIENCE, Visitor
from tests.e2e.conftest import eventually
from tools.ops.client import Stack

type Json = dict[str, Any]

ATTEMPTS = 20


def table(columns: str, *rows: Sequence[object]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([columns.split(","), *rows])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def letterboxd(films: Sequence[Json]) -> bytes:
    """Return the archive of somebody who liked, rated, wants to see and has seen a film each."""
    columns = "Date,Name,Year,Letterboxd URI"
    rows = [
        ("2020-01-10", it["title"], it["release_date"][:4], "https://boxd.it/x") for it in films
    ]
    return archive(
        {
            "likes/films.csv": table(columns, rows[0]),
            "ratings.csv": table(f"{columns},Rating", (*rows[1], "4.5"), (*rows[2], "2")),
            "watchlist.csv": table(columns, rows[3], ("2020-01-10", "No Such Film", "1999", "x")),
            "watched.csv": table(columns, *rows[:3]),
            "profile.csv": table("Date Joined,Username", ("2018-07-01", "someone")),
        }
    )


def imdb_ratings(films: Sequence[Json]) -> bytes:
    columns = (
        "Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,"
        "Runtime (mins),Year,Genres,Num Votes,Release Date,Directors"
    )
    row = (f"tt1{films[4]['id']:07}", 9, "2021-01-01", "As IMDb has it", "", "", "Movie")
    return table(columns, row)


def trakt_watchlist(films: Sequence[Json]) -> bytes:
    ids = {"trakt": 1, "slug": "x", "imdb": None, "tmdb": films[5]["id"]}
    film = {"title": films[5]["title"], "year": 2000, "ids": ids}
    item = {"rank": 1, "id": 1, "listed_at": "2016-09-01T09:10:11.000Z", "type": "movie"}
    return json.dumps([item | {"movie": film}]).encode()


class Importer(Visitor):
    """A user who sends files."""

    def send(self, **request: Any) -> httpx.Response:  # noqa: ANN401 - httpx's
        """Send a file, and again while the product asks for it."""
        headers = {
            "Authorization": f"Bearer {self.tokens['AccessToken']}",
            "X-Correlation-Id": self.correlation_id,
            **request.pop("headers", {}),
        }
        answer = httpx.Response(503)
        for _ in range(ATTEMPTS):
            answer = httpx.post(
                f"{self.stack.rest_url}/user/imports", headers=headers, timeout=PATIENCE, **request
            )
            if answer.status_code not in {429, 503}:
                break
        return answer

    async def completed(self, import_id: str) -> Json:
        """Wait for the end of an import; return its report."""
        report: Json = {}

        async def is_completed() -> bool:
            answer = await asyncio.to_thread(self.signed_in, "GET", f"/user/imports/{import_id}")
            report.update(answer.json())
            return bool(report.get("state") == "completed")

        assert await eventually(is_completed), report
        return report

    def listed(self, name: str) -> set[int]:
        return {item["id"] for item in self.signed_in("GET", f"/user/{name}").json()["items"]}


async def test_files_of_several_sites_end_on_the_lists(
    stack: Stack, films: Sequence[Json], wiretap: Callable[[], list[Json]]
) -> None:
    ann = Importer(stack)
    ann.sign_up().raise_for_status()
    ann.sign_in().raise_for_status()
    packed = letterboxd(films)

    first = ann.send(files={"file": ("letterboxd-ann.zip", packed, "application/zip")})
    again = ann.send(content=packed, headers={"Content-Type": "application/zip"})
    rated = ann.send(content=imdb_ratings(films), headers={"Content-Type": "text/csv"})
    listed = ann.send(files={"file": ("watchlist.json", trakt_watchlist(films))})
    unknown = ann.send(content=b"a,b\n1,2\n", headers={"Content-Type": "text/csv"})

    assert [it.status_code for it in (first, again, rated, listed)] == [202] * 4
    assert again.json()["importId"] == first.json()["importId"]
    assert (unknown.status_code, unknown.json()["code"]) == (400, "ImportFileUnknown")
    report = await ann.completed(first.json()["importId"])
    for other in (rated, listed):
        assert (await ann.completed(other.json()["importId"]))["counts"]["added"] == 1
    assert report["counts"] == {
        "waiting": 0,
        "added": 6,
        "already": 1,
        "kept": 0,
        "unresolved": 1,
        "skipped": 0,
    }
    ids = [film["id"] for film in films]
    assert ann.listed("favourites") == {ids[0], ids[1], ids[4]}
    assert ann.listed("watchlist") == {ids[3], ids[5]}
    assert ann.listed("seen") == {ids[0], ids[1], ids[2], ids[4]}

    [row] = [row for row in report["results"] if row["status"] == "unresolved"]
    path = f"/user/imports/{report['importId']}/rows/{row['number']}"
    done = ann.signed_in("PUT", path, {"mediaId": ids[2], "mediaType": "movie"})
    assert (done.status_code, done.json()["row"]["status"]) == (200, "added")
    assert ann.listed("watchlist") == {ids[2], ids[3], ids[5]}

    def heard() -> Counter[str]:
        mine = [it for it in wiretap() if ann.correlation_id in json.dumps(it["detail"])]
        return Counter(it["detail-type"] for it in mine if it["source"] == "matinee.library")

    async def all_of_them() -> bool:
        return await asyncio.to_thread(heard) == {
            "FavouriteAdded": 3,
            "WatchlistItemAdded": 3,
            "TitleSeen": 4,
            "ImportCompleted": 3,
        }

    assert await eventually(all_of_them), heard()
