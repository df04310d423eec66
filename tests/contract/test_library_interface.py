"""The library's functions, from the samples and from the document: what is promised is answered."""

import importlib
import json
from collections.abc import Callable, Iterator
from inspect import getmembers, isclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

import library.errors
from library import bootstrap
from library.contracts import PUBLISHED
from library.routes import ROUTES
from matinee.errors import MatineeError
from matinee.http.routes import Route
from tests.contract.stack import context, environment, messages
from tests.contract.test_openapi import TEMPLATE, documented, function_routes, validator
from tests.fakes.library_http import forget, handler_of, library_api
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
MAKERS = ("preferences", "favourites", "watchlist", "mover", "transfer", "eraser", "relay")
EMPTY_HANDED = {
    "FavouritesFunction.http.remove": "FavouriteNotFound",
    "FavouritesFunction.http.remove-by-body": "FavouriteNotFound",
    "WatchlistFunction.http.remove": "WatchlistItemNotFound",
    "WatchlistFunction.http.move": "WatchlistItemNotFound",
    "PreferencesFunction.http.save": "PreferencesChanged",
}
"""What good samples come to while nothing is stored."""

type Json = dict[str, Any]
type Invoke = Callable[[str], Any]


def sample(stem: str) -> Json:
    event: Json = json.loads((EVENTS / f"{stem}.json").read_text())
    return event


@pytest.fixture
def invoke(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Invoke]:
    """Run functions as the template has them, on tables and queues made in moto."""

    def run(stem: str) -> Any:  # noqa: ANN401 - what a function answers
        function = stem.partition(".")[0]
        for variable, value in environment(project.template, function).items():
            monkeypatch.setenv(variable, value)
        monkeypatch.setenv("STAGE", "local")
        monkeypatch.setenv("ALLOWED_ORIGINS", "http://localhost:3000")
        start_afresh()
        handler = TEMPLATE["Resources"][function]["Properties"]["Handler"]
        module = importlib.import_module(handler.rpartition(".")[0])
        return module.handler(sample(stem), context(function))

    with mock_aws():
        yield run
    start_afresh()


def start_afresh() -> None:
    for name in MAKERS:
        maker = getattr(bootstrap, name)
        if hasattr(maker, "cache_clear"):
            maker.cache_clear()
    forget()


def check_answer(route_key: str, answer: Json) -> None:
    """Assert that an answer of a function is one that the document promises."""
    promised = documented(route_key)["responses"][str(answer["statusCode"])]
    content = promised["content"][answer["headers"]["Content-Type"]]
    validator(content["schema"]).validate(json.loads(answer["body"]))
    assert set(promised.get("headers", {})) <= set(answer["headers"])


@pytest.mark.parametrize("stem", [path.stem for path in REQUESTS])
def test_each_request_gets_an_answer_that_is_documented(stem: str, invoke: Invoke) -> None:
    answer = invoke(stem)

    check_answer(sample(stem)["routeKey"], answer)
    code = json.loads(answer["body"]).get("code")
    assert code == (REFUSED | EMPTY_HANDED).get(stem)


def test_what_one_sample_stores_the_next_one_finds(invoke: Invoke) -> None:
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


def test_each_route_accepts_its_samples_and_has_one() -> None:
    shown = {sample(path.stem)["routeKey"] for path in REQUESTS if path.stem not in REFUSED}

    assert shown == {f"{route.method} {route.path}" for route in ROUTES}
    for path in REQUESTS:
        assert sample(path.stem)["routeKey"] in function_routes()[path.stem.partition(".")[0]]


def test_each_error_of_the_service_is_documented_somewhere() -> None:
    defined = {
        error
        for _, error in getmembers(library.errors, isclass)
        if error.__module__ == library.errors.__name__
    }

    assert defined <= {error for route in ROUTES for error in route.errors}


@pytest.mark.parametrize(
    ("route", "error"),
    [(route, error) for route in ROUTES for error in route.errors],
    ids=lambda value: value.name if isinstance(value, Route) else value.__name__,
)
def test_each_documented_error_is_answered_as_documented(
    route: Route, error: type[MatineeError], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def __getattr__(self, _: str) -> Callable[..., None]:
            def refuse(*_: object) -> None:
                raise error

            return refuse

    library_api(monkeypatch)
    for name in MAKERS:
        monkeypatch.setattr(bootstrap, name, Refusing)
    key = f"{route.method} {route.path}"
    stem = next(
        path.stem
        for path in REQUESTS
        if path.stem not in REFUSED and sample(path.stem)["routeKey"] == key
    )

    answer = handler_of(route.path).handler(sample(stem), context(stem.partition(".")[0]))
    forget()

    check_answer(key, answer)
    assert json.loads(answer["body"])["code"] == error.__name__


# ── queue and stream ─────────────────────────────────────────────────────────────────────────────


def test_a_message_makes_the_eraser_block_and_erase_the_user(invoke: Invoke) -> None:
    invoke("FavouritesFunction.http.add")
    invoke("PreferencesFunction.http.save")

    first = invoke("LibraryEraserFunction.sqs.user-deleted")
    again = invoke("LibraryEraserFunction.sqs.user-deleted")

    assert first == again == {"batchItemFailures": []}
    left = boto3.client("dynamodb").scan(TableName="FavouritesTable")["Items"]
    assert [item["mediaKey"]["S"] for item in left] == ["#erased"]
    refused = json.loads(invoke("FavouritesFunction.http.add")["body"])
    assert refused["code"] == "AccountDeleted"


def test_a_message_without_a_user_goes_to_the_dlq_with_a_reason(
    invoke: Invoke,
) -> None:
    assert invoke("LibraryEraserFunction.sqs.no-user-id") == {"batchItemFailures": []}

    (buried,) = messages("LibraryErasureDlq")
    reason = buried["MessageAttributes"]["reason"]["StringValue"]
    assert "data.user_id: Field required" in reason


@pytest.mark.parametrize(
    ("stem", "published", "buried"),
    [
        ("LibraryRelayFunction.stream.favourite-added", ["FavouriteAdded"], 0),
        ("LibraryRelayFunction.stream.broken-contract", ["WatchlistItemRemoved"], 1),
        ("LibraryRelayFunction.schedule.sweep", [], 0),
    ],
)
def test_the_relay_publishes_what_keeps_its_contract(
    stem: str, published: list[str], buried: int, invoke: Invoke, project: Project
) -> None:
    environment(project.template, "LibraryRelayFunction")
    heard = listening()
    dynamodb = boto3.client("dynamodb")
    for record in sample(stem).get("Records", ()):
        image = record["dynamodb"]["NewImage"]
        dynamodb.put_item(TableName="LibraryOutboxTable", Item=image)

    invoke(stem)

    events = [json.loads(message["Body"]) for message in messages(heard)]
    assert [event["detail-type"] for event in events] == published
    assert all(PUBLISHED.read(event["detail"]) for event in events)
    assert len(messages("LibraryRelayDlq")) == buried
    assert len(dynamodb.scan(TableName="LibraryOutboxTable")["Items"]) == buried


def listening() -> str:
    """Put a queue behind the bus; returns its name."""
    events, sqs = boto3.client("events"), boto3.client("sqs")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = json.dumps({"source": [{"prefix": "matinee."}]})
    events.put_rule(Name="all", EventBusName="EventBus", EventPattern=pattern)
    targets: Any = [{"Id": "queue", "Arn": arn["QueueArn"]}]
    events.put_targets(Rule="all", EventBusName="EventBus", Targets=targets)
    return "heard"
