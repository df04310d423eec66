"""Imports over the fakes, moto and the emulator: the same tables, queue and function."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from jsonschema import Draft202012Validator
from moto import mock_aws

from library.adapters.dynamodb.erasure import DynamoDBErasureRepository
from library.adapters.dynamodb.imports import DynamoDBImportRepository
from library.adapters.lambda_.title_catalogue import LambdaTitleCatalogue
from library.adapters.sqs.import_queue import SqsImportQueue
from library.domain.errors import AccountDeleted, LibraryUnavailable
from library.domain.imports import (
    IMPORT_TTL,
    Import,
    ImportPart,
    ImportRow,
    Reason,
    RowStatus,
    Site,
    Suggestion,
    numbered,
)
from library.domain.titles import ListName, Title
from library.events.factory import LibraryEventFactory
from library.events.published import COMMANDS
from library.ports import (
    CatalogueUnavailable,
    ErasureRepository,
    ImportConflict,
    ImportParts,
    ImportRepository,
)
from library.use_cases.erase_user import UserDataEraser
from matinee.events.envelope import Trace
from matinee.media import MediaType, TitleKey
from tests.fakes.clock import NOON, FakeClock, FakeIds
from tests.fakes.library import FakeErasureRepository, FakeImportRepository, InMemoryTables
from tests.integration.library.conftest import IMPORTS, OUTBOX, PREFERENCES, STORES
from tools.contracts import function_schemas

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ID = "0" * 32
TRACE = Trace("a-correlation-id")
KEY = TitleKey(MediaType.MOVIE, 807)
FULL = ImportRow(
    file="likes/films.csv",
    line=7,
    shelf=ListName.FAVOURITES,
    name="千と千尋の神隠し",
    year=2001,
    media_type=MediaType.MOVIE,
    imdb_id="tt0245429",
    key=KEY,
    at=datetime(2020, 1, 10, tzinfo=UTC),
    rating=8.5,
    title=Title(key=KEY, title="x", genre_ids=(1, 2), vote_average=7.5),
    suggestions=(Suggestion(KEY, "y", "2001-01-01"), Suggestion(KEY, "z")),
    intended=True,
    was_there=True,
)
PLAIN = ImportRow(file="a.csv", line=2, shelf=ListName.WATCHLIST, name="Salt")


class Imports:
    """The ports over one kind of tables."""

    def __init__(
        self,
        repository: FakeImportRepository | DynamoDBImportRepository,
        erasure: ErasureRepository,
        clock: FakeClock,
    ) -> None:
        self.imports: ImportRepository = repository
        self.parts: ImportParts = repository
        self.erasure = erasure
        self.now = clock


@pytest.fixture(params=["fake", "moto", "emulator"])
def store(request: pytest.FixtureRequest) -> Imports:
    clock = FakeClock()
    if request.param == "fake":
        tables = InMemoryTables()
        return Imports(FakeImportRepository(tables), FakeErasureRepository(tables), clock)
    name = "moto_dynamodb" if request.param == "moto" else "emulated"
    return in_dynamodb(request.getfixturevalue(name), clock)


def in_dynamodb(client: DynamoDBClient, clock: FakeClock) -> Imports:
    repository = DynamoDBImportRepository(IMPORTS, OUTBOX, client, clock)
    erasure = DynamoDBErasureRepository(PREFERENCES, STORES, client)
    return Imports(repository, erasure, clock)


def an_import(parts: Sequence[ImportPart], number: int = 0, user: str = "ann") -> Import:
    rows = [row for part in parts for row in part.rows]
    return Import(
        id=f"{number:032x}",
        user_id=user,
        site=Site.LETTERBOXD,
        file="letterboxd.zip",
        created_at=NOON + timedelta(seconds=number),
        correlation_id="a-correlation-id",
        counts={RowStatus.WAITING: len(rows)},
        to_do=tuple(part.number for part in parts),
        ignored=("diary.csv",),
    )


def stored(store: Imports, rows: int = 120, number: int = 0) -> tuple[Import, Sequence[ImportPart]]:
    parts = numbered([replace(PLAIN, line=line) for line in range(2, rows + 2)])
    new = an_import(parts, number)
    store.imports.put_parts("ann", new.id, parts)
    return store.imports.create(new, None), parts


def test_what_is_stored_comes_back_as_it_was(store: Imports) -> None:
    parts = numbered([FULL, PLAIN, PLAIN.ended(RowStatus.SKIPPED, Reason.EPISODE)])
    new = replace(an_import(parts), completed_at=NOON, version=3)

    store.imports.put_parts("ann", ID, parts)
    assert store.imports.get("ann", ID) is None
    assert store.imports.create(new, None) == new

    assert store.imports.get("ann", ID) == new
    assert store.imports.get("bob", ID) is None
    assert store.parts.get_part("ann", ID, 0) == parts[0]
    assert store.parts.get_part("ann", ID, 1) is None


def test_parts_are_read_in_order(store: Imports) -> None:
    _, parts = stored(store, rows=250)

    assert list(store.parts.get_parts("ann", ID, 0, 10)) == list(parts)
    assert [part.number for part in store.parts.get_parts("ann", ID, 1, 1)] == [1]
    assert not store.parts.get_parts("ann", ID, 3, 10)


def test_a_second_request_with_the_same_file_overwrites_nothing(store: Imports) -> None:
    of, parts = stored(store)
    done = parts[1].with_rows([parts[1].rows[0].ended(RowStatus.ADDED)])
    store.imports.save(done, None, of, None)

    store.imports.put_parts("ann", ID, parts)
    other = store.imports.create(replace(of, correlation_id="another"), None)

    assert other == of
    assert store.parts.get_part("ann", ID, 1) == done


def test_a_part_and_its_import_are_saved_together_or_not(store: Imports) -> None:
    of, parts = stored(store)
    ended = [row.ended(RowStatus.ADDED) for row in parts[0].rows]
    changed = of.with_changes(parts[0].rows, ended, NOON)
    part = parts[0].with_rows(ended)
    event = LibraryEventFactory(now=store.now, new_id=FakeIds(store.now)).import_completed(
        replace(changed, completed_at=NOON), TRACE
    )

    store.imports.save(part, changed, of, event)

    assert store.imports.get("ann", ID) == changed
    assert store.parts.get_part("ann", ID, 0) == part
    other = parts[1].with_rows([parts[1].rows[0].ended(RowStatus.ADDED)])
    with pytest.raises(ImportConflict):  # the import is another by now
        store.imports.save(other, of.with_changes((), (), NOON), of, None)
    with pytest.raises(ImportConflict):  # the part is
        store.imports.save(part, None, of, None)
    assert store.parts.get_part("ann", ID, 1) == parts[1]


def test_imports_are_listed_newest_first(store: Imports) -> None:
    for number in (2, 1, 3):
        stored(store, rows=1, number=number)

    found = store.imports.list("ann")

    assert [int(one.id, 16) for one in found] == [3, 2, 1]
    assert not store.imports.list("bob")


def test_an_erased_user_has_no_imports_and_gets_none(store: Imports) -> None:
    of, parts = stored(store, rows=5000)

    UserDataEraser(store.erasure, store.now)("ann")

    with pytest.raises(AccountDeleted):
        store.imports.get("ann", ID)
    assert not store.parts.get_parts("ann", ID, 0, 10)
    with pytest.raises(AccountDeleted):
        store.imports.list("ann")
    with pytest.raises(AccountDeleted):
        store.imports.put_parts("ann", ID, parts[:1])
    with pytest.raises(AccountDeleted):
        store.imports.create(of, None)
    with pytest.raises(ImportConflict):
        store.imports.save(parts[0].with_rows([]), None, of, None)


def test_every_item_expires(moto_dynamodb: DynamoDBClient) -> None:
    store = in_dynamodb(moto_dynamodb, FakeClock())
    stored(store, rows=120)

    items = moto_dynamodb.scan(TableName=IMPORTS)["Items"]

    expires_at = str(int((NOON + IMPORT_TTL).timestamp()))
    assert len(items) == 3
    assert {item["ttl"]["N"] for item in items} == {expires_at}
    store.now.advance(days=91)  # DynamoDB deletes within days
    assert store.imports.get("ann", ID) is None
    assert not store.imports.list("ann")
    again = replace(an_import(numbered([PLAIN])), created_at=store.now())
    assert store.imports.create(again, None) == again == store.imports.get("ann", ID)


def test_twenty_thousand_rows_are_stored_with_few_requests(moto_dynamodb: DynamoDBClient) -> None:
    store = in_dynamodb(moto_dynamodb, FakeClock())
    requests: list[str] = []
    moto_dynamodb.meta.events.register(
        "before-call.dynamodb", lambda model, **_: requests.append(model.name)
    )
    long_rows = [replace(FULL, name="千" * 300, title=None) for _ in range(20_000)]

    parts = numbered(long_rows)
    store.imports.put_parts("ann", ID, parts)

    assert len(parts) == 200
    assert len(requests) <= 10


@pytest.fixture
def queue_url() -> Iterator[str]:
    with mock_aws():
        yield boto3.client("sqs").create_queue(QueueName="imports")["QueueUrl"]


def received(url: str) -> list[Any]:
    answer = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_a_message_is_a_command_of_the_import(queue_url: str) -> None:
    of = an_import(numbered([PLAIN]))
    queue = SqsImportQueue(queue_url, boto3.client("sqs"), FakeClock(), FakeIds())

    queue.send(of, 0)
    queue.send(of, 1, "cause")
    queue.send(of, 1, "cause")
    queue.send(of, 1, "another cause")

    messages = [COMMANDS.read(message["detail"]) for message in received(queue_url)]
    assert [cast("Any", message.data).part for message in messages] == [0, 1, 1, 1]
    assert {message.metadata.correlation_id for message in messages} == {"a-correlation-id"}
    first, second, again, other = (message.metadata.event_id for message in messages)
    assert second == again
    assert len({first, second, other}) == 3


def test_a_queue_that_is_gone_is_unavailable(queue_url: str) -> None:
    queue = SqsImportQueue(f"{queue_url}-gone", boto3.client("sqs"))

    with pytest.raises(LibraryUnavailable):
        queue.send(an_import(numbered([PLAIN])), 0)


FOUND = {
    "id": 807,
    "mediaType": "movie",
    "title": "Se7en",
    "overview": "",
    "posterPath": None,
    "backdropPath": None,
    "releaseDate": "1995-09-22",
    "voteAverage": 8.4,
    "voteCount": 20000,
    "popularity": 60.5,
    "genreIds": [80],
    "originalLanguage": "en",
}


def catalogue_with(answer: Mapping[str, Any] | bytes, **more: Any) -> LambdaTitleCatalogue:  # noqa: ANN401
    client = boto3.client("lambda")
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    stub = Stubber(client)
    stub.add_response(
        "invoke", {"StatusCode": 200, "Payload": cast("Any", io.BytesIO(body)), **more}
    )
    stub.activate()
    return LambdaTitleCatalogue("resolve", client)


def test_the_catalogue_is_asked_in_the_form_of_its_contract() -> None:
    sent: list[Any] = []

    class Client:
        def invoke(self, FunctionName: str, Payload: bytes) -> Mapping[str, Any]:  # noqa: N803 - AWS's
            assert FunctionName == "resolve"
            sent.append(json.loads(Payload))
            results = [
                {"outcome": "found", "title": FOUND, "suggestions": []},
                {"outcome": "ambiguous", "title": None, "suggestions": [FOUND]},
            ]
            body = json.dumps({"data": {"results": results, "retryAfter": None}}).encode()
            return {"StatusCode": 200, "Payload": io.BytesIO(body)}

    catalogue = LambdaTitleCatalogue("resolve", cast("Any", Client()))
    [found, unclear], pause = catalogue.resolve([FULL, PLAIN], "a-correlation-id")

    assert found.title
    assert (found.title.key, found.title.title, found.title.genre_ids) == (KEY, "Se7en", (80,))
    assert (unclear.is_ambiguous, unclear.suggestions) == (
        True,
        (Suggestion(KEY, "Se7en", "1995-09-22"),),
    )
    assert pause is None
    [request] = sent
    schema = json.loads(function_schemas.texts()["catalog/Resolve/1.0.request.json"])
    Draft202012Validator(schema).validate(request)
    assert request["titles"][0] == {
        "mediaId": 807,
        "mediaType": "movie",
        "imdbId": "tt0245429",
        "title": "千と千尋の神隠し",
        "year": 2001,
    }


@pytest.mark.parametrize(
    ("answer", "more"),
    [
        ({"error": {"type": "CatalogUnavailable", "message": "x", "info": None}}, {}),
        ({"data": {"results": [], "retryAfter": None}}, {}),
        (b"no JSON", {}),
        ({}, {"FunctionError": "Unhandled"}),
    ],
    ids=["refused", "too few", "broken", "failed"],
)
def test_a_catalogue_that_cannot_answer_is_unavailable(answer: Any, more: Any) -> None:  # noqa: ANN401
    with pytest.raises(CatalogueUnavailable):
        catalogue_with(answer, **more).resolve([PLAIN], "x")


def test_a_function_that_cannot_be_reached_is_unavailable() -> None:
    client = boto3.client("lambda")
    stub = Stubber(client)
    stub.add_client_error("invoke", "TooManyRequestsException")
    stub.activate()

    with pytest.raises(CatalogueUnavailable) as refused:
        LambdaTitleCatalogue("resolve", client).resolve([PLAIN], "x")
    assert isinstance(refused.value.__cause__, ClientError)
