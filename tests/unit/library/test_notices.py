"""The inbox: what a user was told, page by page, and what of it is read."""

from datetime import timedelta

import pytest

from library.domain.notices import Notice
from library.use_cases import read_notices as module
from matinee.clock import iso
from tests.fakes.clock import NOON
from tests.fakes.library import film
from tests.fakes.library_http import LibraryApi


@pytest.fixture
def inbox(api: LibraryApi) -> LibraryApi:
    """Ann was told of films 1 to 5."""
    for number in range(1, 6):
        at = NOON + timedelta(minutes=number)
        notice = Notice(film(number).key, f"Film {number}", None, "DE", {8: "Netflix"}, at)
        api.library.tables.notices.setdefault("ann", {})[notice.id] = notice
    return api


def test_shows_notices_newest_first(inbox: LibraryApi) -> None:
    answer = inbox("GET", "/user/notices", query={"limit": "1"})

    at = iso(NOON + timedelta(minutes=5))
    assert answer.body["items"] == [
        {
            "noticeId": f"{at}#movie#5",
            "mediaId": "5",
            "id": 5,
            "mediaType": "movie",
            "title": "Film 5",
            "region": "DE",
            "platforms": [{"id": 8, "name": "Netflix"}],
            "availableAt": at,
            "isRead": False,
        }
    ]


def test_pages_reach_every_notice_once(inbox: LibraryApi) -> None:
    found: list[int] = []
    cursor = ""
    while not found or cursor:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        body = inbox("GET", "/user/notices", query=query).body
        found += [item["id"] for item in body["items"]]
        cursor = body.get("nextCursor", "")

    assert found == [5, 4, 3, 2, 1]


def test_reads_up_to_a_notice(inbox: LibraryApi) -> None:
    third = inbox("GET", "/user/notices").body["items"][2]["noticeId"]

    assert inbox("PUT", "/user/notices/read", {"until": third}).status == 204

    items = inbox("GET", "/user/notices").body["items"]
    assert [item["isRead"] for item in items] == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("until", "status"),
    [("2026-01-31T12:00:00.000Z#movie#9", 404), ("everything", 400), (None, 400), (1, 400)],
)
def test_reads_nothing_that_is_not_there(inbox: LibraryApi, until: object, status: int) -> None:
    assert inbox("PUT", "/user/notices/read", {"until": until}).status == status
    assert not inbox.library.tables.read_until


def test_another_user_has_an_inbox_of_their_own(inbox: LibraryApi) -> None:
    first = inbox("GET", "/user/notices").body["items"][0]["noticeId"]

    assert inbox("GET", "/user/notices", user="bob").body == {"items": []}
    assert inbox("PUT", "/user/notices/read", {"until": first}, user="bob").status == 404


@pytest.mark.parametrize("cursor", ["nonsense", "W10"])
def test_refuses_an_invented_cursor(inbox: LibraryApi, cursor: str) -> None:
    assert inbox("GET", "/user/notices", query={"cursor": cursor}).status == 400


def test_an_export_has_every_notice(inbox: LibraryApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NOTICES_READ", 2)

    part = inbox("GET", "/user/export").body

    assert part["notices"] == inbox("GET", "/user/notices").body["items"]
    assert len(part["notices"]) == 5
