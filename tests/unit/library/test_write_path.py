"""From a request to its write there are at most four hops: route, use case, repository, commit."""

import inspect
from collections.abc import Sequence
from typing import Any

import pytest

from library import bootstrap
from library.adapters.dynamodb.entries import DynamoDBEntryRepository, Tables
from library.adapters.dynamodb.preferences import DynamoDBPreferencesRepository
from library.domain.titles import ListName
from library.events.factory import LibraryEventFactory
from library.use_cases.describe_titles import DescribeTitles
from library.use_cases.preferences import PreferencesService
from tests.fakes.library import RequestsOfList
from tests.fakes.library_http import LibraryApi

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

TABLES = Tables({ListName.FAVOURITES: "Favourites"}, "Outbox")


class StackRecorder:
    """A client that records through which of our functions a transaction reaches it."""

    def __init__(self) -> None:
        self.hops: Sequence[str] = ()

    def get_item(self, **_: object) -> dict[str, Any]:
        return {}

    def transact_write_items(self, **_: object) -> None:
        modules = [(frame.frame.f_globals["__name__"], frame.function) for frame in inspect.stack()]
        self.hops = [
            f"{module}.{function}"
            for module, function in reversed(modules)
            if module.partition(".")[0] in {"library", "matinee"}
            and not module.startswith(("matinee.http", "matinee.observability"))
        ]


@pytest.fixture
def client(api: LibraryApi, monkeypatch: pytest.MonkeyPatch) -> StackRecorder:
    recorder = StackRecorder()
    events, now = LibraryEventFactory(now=api.library.now), api.library.now
    entries = DynamoDBEntryRepository(TABLES, recorder)  # type: ignore[arg-type]
    rows = DynamoDBPreferencesRepository("Preferences", "Outbox", recorder)  # type: ignore[arg-type]
    titles = DescribeTitles(api.library.facts)
    lists = RequestsOfList.over(ListName.FAVOURITES, entries, events, titles, now).use_cases
    monkeypatch.setattr(bootstrap, "favourites", lambda: lists)
    monkeypatch.setattr(bootstrap, "preferences", lambda: PreferencesService(rows, events, now))
    return recorder


@pytest.mark.parametrize(
    ("path", "body", "hops"),
    [
        (
            "/user/favourites",
            {"mediaId": 550},
            [
                "library.api.entries.add",
                "library.use_cases.add_entries.__call__",
                "library.use_cases.add_entries._add",
                "library.adapters.dynamodb.entries.commit",
                "matinee.dynamodb.transactions.transact_write",
            ],
        ),
        (
            "/user/preferences",
            {"minRating": 7},
            [
                "library.api.preferences.save",
                "library.use_cases.preferences.change",
                "library.adapters.dynamodb.preferences.save",
                "matinee.dynamodb.transactions.transact_write",
            ],
        ),
    ],
)
def test_a_request_is_written_in_four_hops(
    api: LibraryApi, client: StackRecorder, path: str, body: object, hops: list[str]
) -> None:
    assert api("POST", path, body).status == 200
    assert client.hops == hops


def test_a_favourite_is_removed_in_four_hops(api: LibraryApi, client: StackRecorder) -> None:
    removed = {"mediaId": 550, "mediaType": "movie", "addedAt": "2026-01-31T12:00:00.000Z"}

    assert api("DELETE", "/user/favourites", removed).status == 200
    assert len(client.hops) == 4
