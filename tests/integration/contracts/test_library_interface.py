"""The library's functions, by the samples and the OpenAPI document."""

import importlib
import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from inspect import getmembers, isclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

import library.domain.errors
from library import bootstrap
from library.api.routes import CSV, ROUTES
from library.events.published import PUBLISHED
from matinee.errors import MatineeError
from matinee.http.routes import Route
from tests.contract.stack import context, environment, messages
from tests.contract.test_openapi import TEMPLATE, documented, function_routes, validator
from tests.fakes.library_http import handler_of, library_api, reset_handlers
from tools.contracts.paths import ROOT
from tools.contracts.project import Project
from tools.contracts.refusals import REFUSALS

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

EVENTS = ROOT / "events" / "library"
REQUESTS = sorted(EVENTS.glob("*.http.*.json"))
REFUSED = {
    Path(name).stem: refusal.error
    for name, refusal in REFUSALS.items()
    if name.startswith("library/")
}
BUILDERS = (
    *("preferences", "favourites", "watchlist", "shelf", "move_to_favourites"),
    *("export_user", "export_films", "import_entries", "eraser", "relay"),
    *("import_file", "read_imports", "complete_row", "import_worker", "notices"),
)
"""The functions of the composition root."""
NOTHING_STORED = {
    "WatchlistFunction.http.move": "WatchlistItemNotFound",
    "WatchlistFunction.http.read-notices": "NoticeNotFound",
    "PreferencesFunction.http.save": "PreferencesChanged",
    "ImportsFunction.http.show": "ImportNotFound",
    "ImportsFunction.http.complete-row": "ImportNotFound",
}
"""The errors of valid samples while nothing is stored."""

type Json = dict[str, Any]
type Invoke = Callable[[str], Any]


def sample(stem: str) -> Json:
    event: Json = json.loads((EVENTS / f"{stem}.json").read_text())
    return event


@pytest.fixture
def invoke(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Invoke]:
    """Run functions as the template defines them, on tables and queues in moto."""

    def run(stem: str) -> Any:  # noqa: ANN401 - a function's response
        function = stem.partition(".")[0]
        for variable, value in environment(project.template, function).items():
            monkeypatch.setenv(variable, value)
        monkeypatch.setenv("STAGE", "local")
        monkeypatch.setenv("ALLOWED_ORIGINS", "http://localhost:3000")
        clear_caches()
        handler = TEMPLATE["Resources"][function]["Properties"]["Handler"]
        module = importlib.import_module(handler.rpartition(".")[0])
        return module.handler(sample(stem), context(function))

    with mock_aws():
        yield run
    clear_caches()


def clear_caches() -> None:
    for name in (*BUILDERS, "_dynamodb"):
        builder = getattr(bootstrap, name)
        if hasattr(builder, "cache_clear"):
            builder.cache_clear()
    reset_handlers()


def check_response(route_key: str, answer: Json) -> None:
    """Assert that a response of a function is one that the document describes."""
    promised = documented(route_key)["responses"][str(answer["statusCode"])]
    if answer["statusCode"] == HTTPStatus.NO_CONTENT:
        assert (answer["body"], promised.get("content")) == ("", None)
    else:
        media_type = answer["headers"]["Content-Type"]
        body = answer["body"] if media_type == CSV else json.loads(answer["body"])
        validator(promised["content"][media_type]["schema"]).validate(body)
    assert set(promised.get("headers", {})) <= set(answer["headers"])


@pytest.mark.parametrize("stem", [path.stem for path in REQUESTS])
def test_each_sample_gets_a_documented_response(stem: str, invoke: Invoke) -> None:
    answer = invoke(stem)

    check_response(sample(stem)["routeKey"], answer)
    is_json = answer["headers"].get("Content-Type") != CSV
    code = json.loads(answer["body"] or "{}").get("code") if is_json else None
    assert code == (REFUSED | NOTHING_STORED).get(stem)


def test_samples_read_what_earlier_samples_stored(invoke: Invoke) -> None:
    for stem in ("FavouritesFunction.http.add", "WatchlistFunction.http.add"):
        assert invoke(stem)["statusCode"] == 200
    assert invoke("WatchlistFunction.http.move")["statusCode"] == 200

    listed = json.loads(invoke("FavouritesFunction.http.list")["body"])["items"]
    again = json.loads(invoke("FavouritesFunction.http.add-by-old-name")["body"])
    removed = json.loads(invoke("FavouritesFunction.http.remove-by-body")["body"])
    part = json.loads(invoke("LibraryTransferFunction.http.export")["body"])

    assert [item["title"] for item in listed] == ["Harbour Lights", "The Lighthouse Orchard"]
    assert again["message"] == "Already among your favourites"
    assert removed["mediaId"] == "904217"
    assert [item["mediaId"] for item in part["favourites"]] == ["77120"]
    assert part["watchlist"] == []


def test_each_route_has_a_valid_sample() -> None:
    shown = {sample(path.stem)["routeKey"] for path in REQUESTS if path.stem not in REFUSED}

    assert shown == {f"{route.method} {route.path}" for route in ROUTES}
    for path in REQUESTS:
        assert sample(path.stem)["routeKey"] in function_routes()[path.stem.partition(".")[0]]


def test_each_error_is_documented() -> None:
    defined = {
        error
        for _, error in getmembers(library.domain.errors, isclass)
        if error.__module__ == library.domain.errors.__name__
    }

    assert defined <= {error for route in ROUTES for error in route.errors}


@pytest.mark.parametrize(
    ("route", "error"),
    [(route, error) for route in ROUTES for error in route.errors],
    ids=lambda value: value.name if isinstance(value, Route) else value.__name__,
)
def test_each_documented_error_has_a_documented_response(
    route: Route, error: type[MatineeError], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def __init__(self, *_: object) -> None:
            pass

        def __getattr__(self, _: str) -> Callable[..., None]:
            return self

        def __call__(self, *_: object, **__: object) -> None:
            raise error

    library_api(monkeypatch)
    for name in BUILDERS:
        monkeypatch.setattr(bootstrap, name, Refusing)
    key = f"{route.method} {route.path}"
    stem = next(
        path.stem
        for path in REQUESTS
        if path.stem not in REFUSED and sample(path.stem)["routeKey"] == key
    )

    answer = handler_of(route.path).handler(sample(stem), context(stem.partition(".")[0]))
    reset_handlers()

    check_response(key, answer)
    assert json.loads(answer["body"])["code"] == error.__name__


# ── Queue and stream ─────────────────────────────────────────────────────────────────────────────


def test_a_user_deleted_message_erases_the_user(invoke: Invoke) -> None:
    invoke("FavouritesFunction.http.add")
    invoke("PreferencesFunction.http.save")

    first = invoke("LibraryEraserFunction.sqs.user-deleted")
    again = invoke("LibraryEraserFunction.sqs.user-deleted")

    assert first == again == {"batchItemFailures": []}
    left = boto3.client("dynamodb").scan(TableName="FavouritesTable")["Items"]
    assert [item["mediaKey"]["S"] for item in left] == ["#erased"]
    refused = json.loads(invoke("FavouritesFunction.http.add")["body"])
    assert refused["code"] == "AccountDeleted"


def test_a_message_without_user_id_goes_to_the_dlq(
    invoke: Invoke,
) -> None:
    assert invoke("LibraryEraserFunction.sqs.no-user-id") == {"batchItemFailures": []}

    (rejected,) = messages("LibraryErasureDlq")
    reason = rejected["MessageAttributes"]["reason"]["StringValue"]
    assert "data.user_id: Field required" in reason


@pytest.mark.parametrize(
    ("stem", "published", "rejected"),
    [
        ("LibraryRelayFunction.stream.favourite-added", ["FavouriteAdded"], 0),
        ("LibraryRelayFunction.stream.broken-contract", ["WatchlistItemRemoved"], 1),
        ("LibraryRelayFunction.schedule.sweep", [], 0),
    ],
)
def test_the_relay_publishes_events_that_fit_their_contract(
    stem: str, published: list[str], rejected: int, invoke: Invoke, project: Project
) -> None:
    environment(project.template, "LibraryRelayFunction")
    queue = subscribed_queue()
    dynamodb = boto3.client("dynamodb")
    for record in sample(stem).get("Records", ()):
        image = record["dynamodb"]["NewImage"]
        dynamodb.put_item(TableName="LibraryOutboxTable", Item=image)

    invoke(stem)

    events = [json.loads(message["Body"]) for message in messages(queue)]
    assert [event["detail-type"] for event in events] == published
    assert all(PUBLISHED.read(event["detail"]) for event in events)
    assert len(messages("LibraryRelayDlq")) == rejected
    assert len(dynamodb.scan(TableName="LibraryOutboxTable")["Items"]) == rejected


def subscribed_queue() -> str:
    """Subscribe a queue to the bus; return its name."""
    events, sqs = boto3.client("events"), boto3.client("sqs")
    url = sqs.create_queue(QueueName="subscriber")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = json.dumps({"source": [{"prefix": "matinee."}]})
    events.put_rule(Name="all", EventBusName="EventBus", EventPattern=pattern)
    targets: Any = [{"Id": "queue", "Arn": arn["QueueArn"]}]
    events.put_targets(Rule="all", EventBusName="EventBus", Targets=targets)
    return "subscriber"
