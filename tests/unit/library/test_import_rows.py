"""Imports of other sites' files: what becomes of each row, and what a client sees of it."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from library.api.import_files import SourceFile, parse_file
from library.domain.imports import LOOKUP_PATIENCE, ROWS_PER_PART
from library.domain.titles import Entry, ListName, Opinion, Viewing
from library.events.published import ImportCompleted
from library.use_cases.import_rows import ORPHAN_AGE, ImportAbsent
from matinee.media import MediaType
from tests.data.import_files import archive, content, letterboxd_files
from tests.fakes.clock import NOON
from tests.fakes.imports import known
from tests.fakes.library import TRACE, LibraryApp, film
from tests.fakes.library_http import ApiResponse, LibraryApi
from tests.fakes.schedule import Task

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

type Json = dict[str, Any]

SEEN = ListName.SEEN

TITLES = [
    known(807, "Se7en"),
    known(429, "The Good, the Bad and the Ugly"),
    known(194, "Amélie"),
    known(129, "千と千尋の神隠し"),
    known(593, "Solaris"),
    known(194662, "Birdman or (The Unexpected Virtue of Ignorance)"),
    known(87108, "Chernobyl", MediaType.TV),
    known(9475, 'The "Human" Factor'),
]


@pytest.fixture
def catalogued(api: LibraryApi) -> LibraryApi:
    api.library.catalogue.titles = list(TITLES)
    return api


def send(
    api: LibraryApi,
    body: bytes | str,
    name: str | None = None,
    media_type: str = "application/zip",
    **query: str,
) -> ApiResponse:
    """Post a file as a whole body."""
    named = {"name": name} if name else {}
    sent = {"content-type": media_type}
    return api("POST", "/user/imports", body, query=named | query, headers=sent)


def letterboxd(api: LibraryApi) -> ApiResponse:
    return send(api, archive(letterboxd_files()), "letterboxd-someone-2026.zip")


def show(api: LibraryApi, import_id: str, **query: str) -> Json:
    answer = api("GET", f"/user/imports/{import_id}", query=query)
    assert answer.status == 200
    return answer.body


def listed(api: LibraryApi, name: ListName, user: str = "ann") -> list[str]:
    return sorted(str(entry.title.title) for entry in api.library.tables.entries(user, name))


def test_an_archive_ends_on_the_lists_row_by_row(catalogued: LibraryApi) -> None:
    answer = letterboxd(catalogued)

    assert answer.status == 202
    assert answer.body["state"] == "running"
    assert answer.body["ignoredFiles"] == ["profile.csv"]
    import_id = answer.body["importId"]
    assert answer.headers["Location"] == f"/user/imports/{import_id}"

    catalogued.library.process_imports()

    report = show(catalogued, import_id)
    assert report["state"] == "completed"
    assert report["counts"] == {
        "waiting": 0,
        "added": 11,
        "already": 2,
        "kept": 0,
        "unresolved": 1,
        "skipped": 0,
    }
    assert listed(catalogued, ListName.FAVOURITES) == sorted(
        ["Se7en", "The Good, the Bad and the Ugly", "Amélie", "千と千尋の神隠し"]
    )
    assert listed(catalogued, ListName.WATCHLIST) == sorted(
        ["Solaris", "Birdman or (The Unexpected Virtue of Ignorance)"]
    )
    rows = {(row["file"], row["line"]): row for row in report["results"]}
    assert rows["likes/films.csv", 2]["mediaId"] == "194"
    assert rows["likes/films.csv", 2]["addedAt"] == "2022-05-16T00:00:00.000Z"
    unknown = rows["watchlist.csv", 5]
    assert (unknown["status"], unknown["reason"]) == ("unresolved", "TitleNotFound")
    assert unknown["message"].endswith("choose one yourself")
    assert listed(catalogued, ListName.SEEN) == sorted(
        ["Se7en", "The Good, the Bad and the Ugly", "Amélie", "Solaris", 'The "Human" Factor']
    )
    seen = {entry.title.title: entry for entry in catalogued.library.tables.entries("ann", SEEN)}
    assert seen["Se7en"].viewing == Viewing(datetime(2019, 3, 1, tzinfo=UTC), rating=9)
    assert seen["Amélie"].viewing == Viewing(rating=7)
    assert seen['The "Human" Factor'].viewing.verdict is Opinion.DISLIKED
    assert seen["Solaris"].viewing == Viewing(datetime(2019, 12, 31, tzinfo=UTC))


def test_titles_keep_the_days_of_the_file_and_the_catalogues_details(
    catalogued: LibraryApi,
) -> None:
    letterboxd(catalogued)
    catalogued.library.process_imports()

    items = catalogued("GET", "/user/favourites").body["items"]

    assert [item["addedAt"][:10] for item in items] == [
        "2024-02-29",
        "2022-05-16",
        "2021-11-07",
        "2019-03-02",
    ]
    assert items[0]["posterPath"] == "/p.jpg"


def test_events_carry_the_correlation_id_of_the_import(catalogued: LibraryApi) -> None:
    answer = catalogued(
        "POST",
        "/user/imports",
        archive(letterboxd_files()),
        headers={"content-type": "application/zip", "x-correlation-id": "my-import"},
    )
    catalogued.library.process_imports()

    events = catalogued.library.tables.outbox
    assert Counter(event.metadata.event_type for event in events) == {
        "FavouriteAdded": 4,
        "WatchlistItemAdded": 2,
        "TitleSeen": 5,
        "ImportCompleted": 1,
    }
    assert {event.metadata.correlation_id for event in events} == {"my-import"}
    completed = events[-1].data
    assert isinstance(completed, ImportCompleted)
    assert completed.import_id == answer.body["importId"]
    assert (completed.rows, completed.added, completed.kept, completed.unresolved) == (14, 11, 0, 1)


def test_the_same_file_twice_is_the_same_import(catalogued: LibraryApi) -> None:
    first = letterboxd(catalogued)
    catalogued.library.process_imports()
    before = len(catalogued.library.tables.outbox)
    catalogued.library.favourites.remove("ann", TITLES[0].key, TRACE)

    again = send(catalogued, archive(letterboxd_files()), "the same (1).zip")
    catalogued.library.process_imports()

    assert again.status == 202
    assert again.body["importId"] == first.body["importId"]
    assert again.body["state"] == "completed"
    assert len(catalogued.library.tables.outbox) == before + 1  # the removal alone
    assert len(catalogued("GET", "/user/imports").body["items"]) == 1


def test_one_users_file_is_no_other_users(catalogued: LibraryApi) -> None:
    mine = letterboxd(catalogued).body["importId"]

    answer = catalogued("GET", f"/user/imports/{mine}", user="bob")

    assert (answer.status, answer.code) == (404, "ImportNotFound")
    theirs = catalogued(
        "POST",
        "/user/imports",
        archive(letterboxd_files()),
        user="bob",
        headers={"content-type": "application/zip"},
    )
    assert theirs.body["importId"] != mine


def test_another_list_of_the_same_file_is_another_import(catalogued: LibraryApi) -> None:
    given = content("letterboxd/watchlist.csv").decode()

    liked = send(catalogued, given, media_type="text/csv", list="favourites")
    wanted = send(catalogued, given, media_type="text/csv", list="watchlist")

    assert liked.body["importId"] != wanted.body["importId"]


def test_a_file_of_seen_titles_ends_on_their_list(catalogued: LibraryApi) -> None:
    catalogued.library.catalogue.titles.append(known(17, "Mission: Impossible"))
    answer = send(
        catalogued, content("netflix-viewing-history.csv").decode(), media_type="text/csv"
    )

    assert answer.body["counts"]["waiting"] == 4
    catalogued.library.process_imports()
    [entry] = catalogued.library.tables.entries("ann", SEEN)
    assert entry.viewing.seen_at == entry.added_at == datetime(2023, 2, 3, tzinfo=UTC)
    assert catalogued.library.tables.published == ["TitleSeen", "ImportCompleted"]


def test_our_own_export_comes_back_without_a_lookup(catalogued: LibraryApi) -> None:
    send(catalogued, content("matinee-export.json").decode(), media_type="application/json")
    catalogued.library.process_imports()

    assert listed(catalogued, ListName.FAVOURITES) == ["Se7en"]
    assert listed(catalogued, ListName.WATCHLIST) == ["Chernobyl"]
    assert not catalogued.library.catalogue.asked


FORM = (
    b"preamble\r\n--AaB03x\r\n"
    b'Content-Disposition: form-data; name="list"\r\n\r\n%s\r\n'
    b"--AaB03x\r\n"
    b'content-disposition: form-data; name="file"; filename="%s"\r\n'
    b"Content-Type: text/csv\r\n\r\n%s\r\n--AaB03x--\r\n"
)


@pytest.mark.parametrize(
    ("wanted", "name", "shelf"),
    [
        (b"", b"watchlist.csv", "watchlist"),
        (b"favourites", b"mine.csv", "favourites"),
        (b"", b"films.csv", "favourites"),
        (b"", "\u00fcber/watchlist.csv".encode(), "watchlist"),
    ],
)
def test_a_form_has_the_file_its_name_and_its_list(
    catalogued: LibraryApi, wanted: bytes, name: bytes, shelf: str
) -> None:
    given = content("letterboxd/watchlist.csv").replace(b"\n", b"\r\n")
    body = FORM % (wanted, name, given)

    answer = send(catalogued, body, media_type="multipart/form-data; boundary=AaB03x")

    assert answer.status == 202
    rows = show(catalogued, answer.body["importId"])["results"]
    assert {row["list"] for row in rows} == {shelf}
    assert [row["line"] for row in rows] == [2, 3, 5]
    assert answer.body["file"] == name.decode()


def test_a_form_keeps_every_byte_of_an_archive(catalogued: LibraryApi) -> None:
    packed = archive(letterboxd_files())
    assert b"\r" in packed or b"\n" in packed
    raw = send(catalogued, packed).body["importId"]

    body = FORM % (b"", b"all.zip", packed)
    formed = send(catalogued, body, media_type='multipart/form-data; boundary="AaB03x"')

    assert formed.body["importId"] == raw


@pytest.mark.parametrize(
    ("body", "media_type", "query", "status", "code"),
    [
        (b"", "application/zip", {}, 400, "InvalidInput"),
        (b"x", "multipart/form-data", {}, 400, "InvalidInput"),
        (b"no parts", "multipart/form-data; boundary=B", {}, 400, "InvalidInput"),
        (FORM % (b"wishes", b"a", b"a,b\n1,2"), "multipart/form-data; boundary=AaB03x", {}, 400,
         "InvalidInput"),
        (b"a,b\n1,2\n", "application/zip", {}, 400, "ImportFileUnknown"),
        (b"PK\x03\x04", "application/zip", {}, 400, "ImportFileUnreadable"),
        (b" ", "application/zip", {}, 400, "ImportFileEmpty"),
        (b"x" * 4_000_001, "application/zip", {}, 413, "ImportTooLarge"),
        (b"x", "application/zip", {"list": "wishes"}, 400, "InvalidInput"),
        (b"x", "application/zip", {"lists": "seen"}, 400, "InvalidInput"),
        ("Date,Name,Year,Letterboxd URI\n,A,,\n", "text/csv", {}, 400, "ImportListUnknown"),
        ("Title,Date\nAm\ufffdlie,1/1/24\n", "text/csv", {}, 400, "ImportFileUnreadable"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_cannot_be_imported_is_refused_with_its_kind(
    api: LibraryApi,
    body: bytes | str,
    media_type: str,
    query: Mapping[str, str],
    status: int,
    code: str,
) -> None:
    answer = send(api, body, media_type=media_type, **query)

    assert (answer.status, answer.code) == (status, code)
    assert answer.body["error"]
    assert not api.library.tables.import_items


def test_rows_are_paged_and_filtered(catalogued: LibraryApi) -> None:
    lines = "".join(f"2020-01-01,Film {number},2000,x,5\n" for number in range(1, 121))
    text = f"Date,Name,Year,Letterboxd URI,Rating\n{lines}"
    catalogued.library.catalogue.titles += [known(n, f"Film {n}") for n in range(1, 121, 2)]
    import_id = send(catalogued, text, media_type="text/csv").body["importId"]
    catalogued.library.process_imports()

    numbers: list[int] = []
    query = {"limit": "50"}
    while True:
        page = show(catalogued, import_id, **query)
        numbers += [row["number"] for row in page["results"]]
        if "nextCursor" not in page:
            break
        query["cursor"] = page["nextCursor"]
    assert numbers == list(range(1, 121))

    missing = show(catalogued, import_id, status="unresolved", limit="1000")
    assert [row["number"] for row in missing["results"]] == list(range(2, 121, 2))
    progress = show(catalogued, import_id, limit="0")
    assert (progress["results"], progress.get("nextCursor")) == ([], None)
    assert catalogued.library.catalogue.asked == [ROWS_PER_PART, 120 - ROWS_PER_PART]


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/user/imports/nothing", {}, 400, "InvalidInput"),
        (f"/user/imports/{'0' * 32}", {}, 404, "ImportNotFound"),
        (f"/user/imports/{'0' * 32}", {"cursor": "x"}, 400, "InvalidInput"),
        (f"/user/imports/{'0' * 32}", {"status": "lost"}, 400, "InvalidInput"),
        (f"/user/imports/{'0' * 32}", {"limit": "1001"}, 400, "InvalidInput"),
    ],
)
def test_what_is_no_import_is_not_found(
    api: LibraryApi, path: str, query: Json, status: int, code: str
) -> None:
    answer = api("GET", path, query=query)

    assert (answer.status, answer.code) == (status, code)


def unresolved(api: LibraryApi) -> tuple[str, int]:
    """Import the archive; return its id and the number of its only unresolved row."""
    import_id = letterboxd(api).body["importId"]
    api.library.process_imports()
    [row] = show(api, import_id, status="unresolved")["results"]
    return import_id, row["number"]


def test_a_row_is_completed_by_hand_once(catalogued: LibraryApi) -> None:
    import_id, number = unresolved(catalogued)
    path = f"/user/imports/{import_id}/rows/{number}"

    done = catalogued("PUT", path, {"mediaId": "31", "mediaType": "movie"})
    again = catalogued("PUT", path, {"mediaId": 31, "mediaType": "movie"})

    assert (done.status, again.status) == (200, 200)
    assert done.body == again.body
    assert (done.body["row"]["status"], done.body["row"]["mediaId"]) == ("added", "31")
    on_it = catalogued("GET", "/user/watchlist").body["items"]
    assert [it["addedAt"][:10] for it in on_it if it["id"] == 31] == ["2023-01-12"]
    report = show(catalogued, import_id)
    assert (report["counts"]["unresolved"], report["counts"]["added"]) == (0, 12)
    assert report["state"] == "completed"
    published = Counter(catalogued.library.tables.published)
    assert (published["WatchlistItemAdded"], published["ImportCompleted"]) == (3, 1)
    added = catalogued.library.tables.outbox[-1]
    imported = catalogued.library.tables.outbox[0]
    assert added.metadata.correlation_id == imported.metadata.correlation_id


def test_a_row_that_is_done_cannot_be_completed(catalogued: LibraryApi) -> None:
    import_id, number = unresolved(catalogued)
    rows = show(catalogued, import_id)["results"]
    done = next(row["number"] for row in rows if row["status"] == "added")
    already = next(row["number"] for row in rows if row["status"] == "already")

    for other in (done, already):
        answer = catalogued("PUT", f"/user/imports/{import_id}/rows/{other}", {"mediaId": 31})
        assert (answer.status, answer.code) == (409, "ImportRowNotOpen")
    answer = catalogued("PUT", f"/user/imports/{import_id}/rows/999", {"mediaId": 31})
    assert (answer.status, answer.code) == (404, "ImportRowNotFound")
    answer = catalogued("PUT", f"/user/imports/{import_id}/rows/{number}", {"title": "x"})
    assert (answer.status, answer.code) == (400, "InvalidInput")
    answer = catalogued("PUT", f"/user/imports/{import_id}/rows/x", {"mediaId": 31})
    assert (answer.status, answer.code) == (400, "InvalidInput")


def test_what_was_on_a_list_stays_as_it_is(catalogued: LibraryApi) -> None:
    catalogued.library.favourites.add_all("ann", [Entry(TITLES[0], NOON)], TRACE)

    import_id = letterboxd(catalogued).body["importId"]
    catalogued.library.process_imports()

    report = show(catalogued, import_id)
    assert (report["counts"]["added"], report["counts"]["already"]) == (10, 3)
    items = catalogued("GET", "/user/favourites").body["items"]
    assert items[0]["addedAt"] == "2026-01-31T12:00:00.000Z"


def test_what_the_user_removes_meanwhile_stays_removed(catalogued: LibraryApi) -> None:
    library = catalogued.library
    library.favourites.add_all("ann", [Entry(TITLES[0], NOON - timedelta(days=9))], TRACE)
    import_id = letterboxd(catalogued).body["importId"]
    library.now.advance(seconds=1)
    library.favourites.remove("ann", TITLES[0].key, TRACE)

    library.process_imports()

    assert "Se7en" not in listed(catalogued, ListName.FAVOURITES)
    skipped = show(catalogued, import_id, status="skipped")["results"]
    assert [(row["file"], row["reason"]) for row in skipped] == [
        ("diary.csv", "RemovedMeanwhile"),
        ("ratings.csv", "RemovedMeanwhile"),
    ]


def test_one_title_in_two_rows_is_added_once(catalogued: LibraryApi) -> None:
    row = b"2019-03-02,Se7en,1995,https://boxd.it/2aDm,5\n"
    given = b"Date,Name,Year,Letterboxd URI,Rating\n" + row * 2

    import_id = send(catalogued, given.decode(), media_type="text/csv").body["importId"]
    catalogued.library.process_imports()

    report = show(catalogued, import_id)
    assert (report["counts"]["added"], report["counts"]["already"]) == (1, 1)
    assert catalogued.library.tables.published == [
        "FavouriteAdded",
        "TitleSeen",
        "ImportCompleted",
    ]


def test_rows_that_tmdb_cannot_be_asked_for_wait_and_lose_nothing(
    catalogued: LibraryApi,
) -> None:
    library = catalogued.library
    library.catalogue.unavailable = {"Solaris"}
    library.catalogue.retry_after = 7
    import_id = letterboxd(catalogued).body["importId"]

    library.import_consumer.handle(library.import_queue.take())

    report = show(catalogued, import_id)
    assert (report["state"], report["counts"]["waiting"]) == ("running", 2)
    [(_, delay)] = library.import_queue.sent
    assert delay == 7
    library.catalogue.unavailable = set()
    library.process_imports()
    report = show(catalogued, import_id)
    assert (report["state"], report["counts"]["added"]) == ("completed", 11)
    assert library.catalogue.asked == [14, 2]


def test_a_catalogue_that_is_down_is_asked_again_for_a_day(catalogued: LibraryApi) -> None:
    library = catalogued.library
    library.catalogue.down = True
    import_id = letterboxd(catalogued).body["importId"]

    for _ in range(3):
        library.import_consumer.handle(library.import_queue.take())
    assert show(catalogued, import_id)["counts"]["waiting"] == 14
    library.now.advance(seconds=LOOKUP_PATIENCE.total_seconds() + 1)
    library.process_imports()

    report = show(catalogued, import_id)
    assert (report["state"], report["counts"]["unresolved"]) == ("completed", 14)
    assert {row["reason"] for row in report["results"] if "reason" in row} == {
        "CatalogueUnavailable"
    }


def test_the_last_attempt_at_a_part_gives_up_its_rows_alone(catalogued: LibraryApi) -> None:
    lines = "".join(f"2020-01-01,Film {number},2000,x,5\n" for number in range(1, 111))
    text = f"Date,Name,Year,Letterboxd URI,Rating\n{lines}"
    catalogued.library.catalogue.titles = [known(n, f"Film {n}") for n in range(1, 111)]
    import_id = send(catalogued, text, media_type="text/csv").body["importId"]
    library = catalogued.library
    message = library.import_queue.take()
    library.tables.conflicts = 99  # nothing can be written

    with pytest.raises(Exception, match="same moment"):
        library.import_consumer.handle(message)
    library.tables.conflicts = 0
    library.import_consumer.give_up(message)
    library.import_consumer.handle(message)
    library.process_imports()

    report = show(catalogued, import_id, limit="1000")
    assert report["counts"] | {"unresolved": 100, "added": 10} == report["counts"]
    assert report["state"] == "completed"
    assert library.tables.published.count("ImportCompleted") == 1
    path = f"/user/imports/{import_id}/rows/1"
    assert catalogued("PUT", path, {"mediaId": 1}).body["row"]["status"] == "added"


def test_the_message_of_an_import_that_was_never_stored_is_dropped(
    catalogued: LibraryApi,
) -> None:
    library = catalogued.library
    letterboxd(catalogued)
    library.tables.import_items.clear()
    message = library.import_queue.take()

    with pytest.raises(ImportAbsent):
        library.import_consumer.handle(message)
    library.import_consumer.give_up(message)
    library.now.advance(seconds=ORPHAN_AGE.total_seconds())
    library.import_consumer.handle(message)

    assert not library.import_queue


def test_a_deleted_user_gets_nothing_more(catalogued: LibraryApi) -> None:
    library = catalogued.library
    letterboxd(catalogued)
    library.tables.blocked["ann"] = NOON

    library.process_imports()

    assert not library.tables.entries("ann", ListName.FAVOURITES)
    answer = send(catalogued, content("imdb-ratings.csv").decode(), media_type="text/csv")
    assert (answer.status, answer.code) == (403, "AccountDeleted")
    assert catalogued("GET", "/user/imports").code == "AccountDeleted"


# ── Ends at any point ────────────────────────────────────────────────────────────────────────────


def scenario() -> tuple[LibraryApp, bytes]:
    """Return a library and a file of two parts with rows of every kind."""
    library = LibraryApp()
    library.catalogue.titles = [known(n, f"Film {n}") for n in range(1, 121) if n % 7]
    library.catalogue.titles += [known(1000, "Film 14"), known(1001, "Film 14")]
    library.favourites.add_all("ann", [Entry(film(3), NOON)], TRACE)
    lines = [f"2020-01-01,Film {n},2000,x,{5 if n % 5 else 2}" for n in range(1, 121)]
    lines[8] = lines[7]
    return library, "\n".join(["Date,Name,Year,Letterboxd URI,Rating", *lines]).encode()


def begin(library: LibraryApp, given: bytes) -> str:
    parsed = parse_file(SourceFile("ratings.csv", given), library.now())
    return library.import_file("ann", "ratings.csv", given, parsed, TRACE).id


def outcome(library: LibraryApp, import_id: str) -> Json:
    """Return everything that an import has led to."""
    rows = library.read_imports.rows("ann", import_id, 0, 1000, None).rows
    of = library.read_imports.get("ann", import_id)
    return {
        "rows": [(row.number, row.status, row.reason, row.key) for row in rows],
        "counts": dict(of.counts),
        "completed": of.completed_at is not None,
        "favourites": {
            entry.title.key for entry in library.tables.entries("ann", ListName.FAVOURITES)
        },
        "events": Counter(library.tables.published),
    }


@pytest.fixture(scope="module")
def undisturbed() -> Json:
    library, given = scenario()
    import_id = begin(library, given)
    library.process_imports()
    found = outcome(library, import_id)
    assert set(found["counts"]) == {"added", "already", "unresolved"}
    assert found["events"]["ImportCompleted"] == 1
    return found


def test_a_worker_killed_at_any_point_loses_and_doubles_nothing(undisturbed: Json) -> None:
    points = 0
    for steps in range(1, 100):
        library, given = scenario()
        import_id = begin(library, given)
        left, done = steps, set[str]()
        killed = False
        while library.import_queue:
            message = library.import_queue.sent[0][0]
            if message.metadata.event_id in done:
                library.import_queue.take()
                continue
            task = Task("worker", partial(library.import_consumer.handle, message))
            while not task.done and (killed or left):
                task.step()
                left -= 1
            if not task.done:
                task.crash()
                killed = True
                continue  # the queue delivers it again
            assert task.error is None
            done.add(message.metadata.event_id)
            library.import_queue.take()
        assert outcome(library, import_id) == undisturbed, f"killed at step {steps}"
        if not killed:
            break
        points += 1
    assert points > 20


def test_a_request_killed_at_any_point_is_finished_by_the_next(undisturbed: Json) -> None:
    points = 0
    for steps in range(1, 50):
        library, given = scenario()
        task = Task("request", partial(begin, library, given))
        for _ in range(steps):
            if not task.done:
                task.step()
        if task.done:
            break
        task.crash()
        points += 1
        import_id = begin(library, given)
        library.process_imports()
        assert outcome(library, import_id) == undisturbed, f"killed at step {steps}"
    assert points > 5


def test_every_row_of_the_report_is_json_that_says_which_file(catalogued: LibraryApi) -> None:
    import_id = letterboxd(catalogued).body["importId"]
    catalogued.library.process_imports()

    report = show(catalogued, import_id)

    assert len(report["results"]) == report["rows"] == sum(report["counts"].values())
    assert [row["number"] for row in report["results"]] == list(range(1, 15))
    assert json.dumps(report)
