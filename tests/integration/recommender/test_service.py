"""The functions together over moto: events in, a model trained, recommendations out.

Each fallback layer is reached by taking away the one above it.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws

from matinee.events.contract import Contract, Envelope
from matinee.events.envelope import Trace, create_envelope, detail
from matinee.ids import new_id
from matinee.media import MediaType
from recommender import bootstrap
from recommender.adapters.s3.model_store import CURRENT
from recommender.events.consumed import (
    CachedTitle,
    FavouriteAdded,
    FavouriteRemoved,
    PreferencesUpdated,
    TitlesCached,
    UserDeleted,
)
from recommender.handlers import (
    eraser,
    recommendations,
    relay,
    taste_projector,
    title_projector,
    trainer,
)
from tests.fakes.aws import FakeLambdaContext, sqs_record, stream_record
from tests.fakes.clock import NOON
from tests.integration.recommender.stores import (
    BUCKET,
    IDEMPOTENCY,
    OUTBOX,
    TASTES,
    TITLES,
    TRAINING,
    create_bucket,
    create_tables,
)
from tools.contracts.paths import ROOT

USER = "5f0c2a1e-7d34-4b8a-9c61-2e8d40b7f3a9"
GENRES = (28, 35, 18, 27)
FILMS = 60
CACHES = (
    bootstrap.edge,
    bootstrap.recommend_titles,
    bootstrap.taste_projector,
    bootstrap.title_projector,
    bootstrap.eraser,
    bootstrap.trainer,
    bootstrap.relay,
    recommendations.handler,
)


class Context(FakeLambdaContext):
    """An invocation that has just begun."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


CONTEXT = cast("LambdaContext", Context())


def delivered(data: Contract) -> dict[str, Any]:
    """Return an event as its queue delivers it."""
    envelope: Envelope[Contract] = create_envelope(
        data, event_id=new_id(), occurred_at=NOON, trace=Trace("test"), idempotency_key="test"
    )
    return sqs_record(json.dumps({"detail": json.loads(detail(envelope))}), new_id())


@dataclass
class Service:
    """The whole service."""

    calls: list[str] = field(default_factory=list)

    def handle(self, function: Any, *events: Contract) -> None:  # noqa: ANN401 - a handler's module
        for some in (events[start : start + 10] for start in range(0, len(events), 10)):
            answer = function.handler({"Records": [delivered(data) for data in some]}, CONTEXT)
            assert answer == {"batchItemFailures": []}

    def fill(self) -> None:
        titles = [
            CachedTitle(
                media_type=MediaType.MOVIE,
                media_id=number,
                title=f"Film {number}",
                genre_ids=[GENRES[number % 4]],
                vote_average=5 + number % 37 / 10,
                vote_count=1000,
                popularity=number % 50,
                cached_at=NOON,
                expires_at=NOON + timedelta(days=3650),
            )
            for number in range(1, FILMS + 1)
        ]
        self.handle(title_projector, *(TitlesCached(titles=titles[at : at + 30]) for at in (0, 30)))

    def like(self, user: str, *films: int) -> None:
        self.handle(
            taste_projector,
            *(
                FavouriteAdded(
                    user_id=user, media_type=MediaType.MOVIE, media_id=film, added_at=NOON
                )
                for film in films
            ),
        )

    def crowd(self) -> None:
        """Add the same films to the favourites of five users."""
        for number in range(5):
            self.like(f"user-{number}", *range(1 + 4 * number % 8, FILMS, 12))

    def train(self, **asked: object) -> dict[str, Any]:
        return cast("dict[str, Any]", trainer.handler(asked or {"train": True}, CONTEXT))

    def ask(self, **body: object) -> dict[str, Any]:
        sample = ROOT / "events" / "recommender" / "RecommendationsFunction.http.post.json"
        event = {**json.loads(sample.read_text()), "body": json.dumps(body)}
        answer: Any = recommendations.handler(event, CONTEXT)
        assert answer["statusCode"] == 200, answer["body"]
        return cast("dict[str, Any]", json.loads(answer["body"]))

    def restart(self) -> None:
        """Start every function in a new process."""
        for cached in CACHES:
            cached.cache_clear()

    def watched(self) -> list[str]:
        """Return the calls that the API's function makes from now on."""
        use_case = bootstrap.recommend_titles()
        for client in (use_case.tastes.client, use_case.models._published._client):  # type: ignore[attr-defined]
            client.meta.events.register(
                "before-call", lambda model, **_: self.calls.append(model.name)
            )
        self.calls.clear()
        return self.calls


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    for name, value in {
        "STAGE": "local",
        "POWERTOOLS_SERVICE_NAME": "recommender",
        "TASTES_TABLE": TASTES,
        "TITLES_TABLE": TITLES,
        "TRAINING_TABLE": TRAINING,
        "OUTBOX_TABLE": OUTBOX,
        "IDEMPOTENCY_TABLE": IDEMPOTENCY,
        "MODEL_BUCKET": BUCKET,
        "DISCOVER_FUNCTION": "there-is-none",
        "EVENT_BUS": "events",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_tables(boto3.client("dynamodb"))
        create_bucket()
        boto3.client("events").create_event_bus(Name="events")
        queue = boto3.client("sqs").create_queue(QueueName="dead")["QueueUrl"]
        monkeypatch.setenv("QUEUE_URL", queue)
        monkeypatch.setenv("DEAD_LETTER_URL", queue)
        service = Service()
        service.restart()
        yield service
        service.restart()


def test_a_favourite_counts_in_the_next_request_until_removed(
    service: Service,
) -> None:
    service.fill()
    service.crowd()
    assert service.train()["outcome"] == "trained"
    before = service.ask(mediaType="movie", limit=10)
    film = before["items"][0]["id"]

    service.like(USER, film)
    after = service.ask(mediaType="movie", limit=10)
    service.handle(
        taste_projector,
        FavouriteRemoved(user_id=USER, media_type=MediaType.MOVIE, media_id=film, added_at=NOON),
    )

    assert before["source"] == after["source"] == "model"
    assert film not in [item["id"] for item in after["items"]]
    liked = {"mediaType": "movie", "mediaId": str(film)}
    assert any(item["becauseOf"] == liked for item in after["items"])
    assert f"Film {film}" in " ".join(item["recommendationReason"] for item in after["items"])
    assert service.ask(mediaType="movie", limit=10)["items"] == before["items"]


def test_stated_preferences_count_in_the_next_request(service: Service) -> None:
    service.fill()
    service.train()

    stated = {"dislikedGenres": [28, 35, 18], "minRating": 6.0}
    service.handle(taste_projector, PreferencesUpdated(user_id=USER, version=1, preferences=stated))

    items = service.ask(mediaType="movie")["items"]
    assert {item["genres"] for item in items} == {"27"}
    assert min(item["voteAverage"] for item in items) >= 6


def test_a_warm_request_reads_two_tables_and_no_bucket(
    service: Service,
) -> None:
    service.fill()
    service.crowd()
    service.like(USER, 1, 5, 9)
    service.train()
    service.ask(mediaType="both", limit=50)
    calls = service.watched()

    service.ask(mediaType="both", limit=50)
    service.ask(mediaType="movie")

    assert calls == ["Query", "BatchGetItem"] * 2


def test_falls_back_to_content_without_a_model(service: Service) -> None:
    service.fill()
    service.like(USER, 4, 8)

    answer = service.ask(mediaType="movie")

    assert (answer["source"], answer["modelVersion"]) == ("content", None)
    assert len(answer["items"]) == 6


def test_falls_back_to_the_lists_of_the_request(service: Service) -> None:
    service.fill()
    service.crowd()
    service.train()
    boto3.client("dynamodb").delete_table(TableName=TASTES)

    answer = service.ask(mediaType="movie", favorites="1,13", limit=10)

    assert answer["source"] == "request"
    assert any(item["becauseOf"] for item in answer["items"])


def test_falls_back_to_the_catalogue_without_titles(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def discover(**call: Any) -> dict[str, Any]:  # noqa: ANN401
        asked.append(json.loads(call["Payload"]))
        candidates = [
            {
                "id": number,
                "title": f"Found {number}",
                "overview": "It goes on.",
                "posterPath": "",
                "releaseDate": None,
                "voteAverage": 7.0,
                "voteCount": 10,
                "genreIds": [35],
                "mediaType": asked[-1]["mediaType"],
            }
            for number in range(500, 550)
        ]
        body = {"data": {"candidates": candidates, "strategy": "ANY"}}
        return {"StatusCode": 200, "Payload": payload(json.dumps(body))}

    monkeypatch.setattr(bootstrap.recommend_titles().catalogue, "client", Invoked(discover))
    boto3.client("dynamodb").delete_table(TableName=TITLES)

    answer = service.ask(mediaType="tv", exclude="500,501")

    assert answer["source"] == "catalogue"
    assert {item["mediaType"] for item in answer["items"]} == {"tv"}
    assert not {500, 501} & {item["id"] for item in answer["items"]}
    assert {call["mediaType"] for call in asked} == {"tv"}
    assert service.ask(mediaType="tv", exclude="500,501") == answer
    assert service.ask(mediaType="tv", preferences={"favoriteGenres": ["35"]})["items"]


@pytest.mark.parametrize("media", ["movie", "tv"])
def test_falls_back_to_the_static_list_and_its_exclude(media: str, service: Service) -> None:
    for table in (TITLES, TASTES):
        boto3.client("dynamodb").delete_table(TableName=table)

    answer = service.ask(mediaType=media)
    seen = [item["id"] for item in answer["items"]]
    others = service.ask(mediaType=media, exclude=seen)

    assert answer["source"] == "built-in"
    assert {item["mediaType"] for item in answer["items"]} == {media}
    assert not set(seen) & {item["id"] for item in others["items"]}


def test_serves_the_previous_model_when_one_is_truncated(service: Service) -> None:
    service.fill()
    service.crowd()
    first = service.train()["modelVersion"]
    service.like(USER, 1)
    second = service.train()["modelVersion"]
    key = f"models/{second}"
    s3 = boto3.client("s3")
    content = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    s3.put_object(Bucket=BUCKET, Key=key, Body=content[: len(content) // 2])
    service.restart()

    assert service.ask(mediaType="movie")["modelVersion"] == first

    s3.delete_object(Bucket=BUCKET, Key=CURRENT)
    service.restart()
    assert service.ask(mediaType="movie")["source"] == "content"


def test_publishes_an_event_of_a_trained_model(service: Service) -> None:
    service.fill()
    service.crowd()
    version = service.train()["modelVersion"]
    dynamodb = boto3.client("dynamodb")
    [item] = dynamodb.scan(TableName=OUTBOX)["Items"]
    event = json.loads(item["detail"]["S"])

    relay.handler({"Records": [stream_record(cast("dict[str, Any]", item))]}, CONTEXT)

    assert event["metadata"]["event_type"] == "ModelTrained"
    assert event["data"]["model_version"] == version
    assert (event["data"]["users"], event["data"]["titles"]) == (5, FILMS)
    assert dynamodb.scan(TableName=OUTBOX)["Items"] == []


def test_erases_a_user_from_tastes_counts_and_next_model(service: Service) -> None:
    service.fill()
    service.crowd()
    reference = service.train()
    service.like(USER, 2, 6)
    assert service.train()["users"] == 6

    service.handle(eraser, UserDeleted(user_id=USER))
    service.like(USER, 10)
    trained = service.train()

    assert (trained["users"], trained["favourites"]) == (5, reference["favourites"])
    left = [item["entry"]["S"] for item in _items_of(USER)]
    assert left == ["blocked"]


def test_counting_anew_gives_the_same_model(service: Service) -> None:
    service.fill()
    service.crowd()
    service.train()
    service.like(USER, 1, 5)
    kept = service.train()
    before = service.ask(mediaType="movie", limit=20)["items"]

    anew = service.train(anew=True)
    service.restart()

    same = ("users", "titles", "favourites")
    assert {name: anew[name] for name in same} == {name: kept[name] for name in same}
    assert anew["changedUsers"] == 6
    assert service.ask(mediaType="movie", limit=20)["items"] == before


def _items_of(user: str) -> list[Any]:
    return list(
        boto3.client("dynamodb").query(
            TableName=TASTES,
            KeyConditionExpression="userId = :user",
            ExpressionAttributeValues={":user": {"S": user}},
        )["Items"]
    )


@dataclass
class Invoked:
    """A client of Lambda that invokes a function of the test."""

    invoke: Any


def payload(text: str) -> Any:  # noqa: ANN401 - a stream, as botocore gives it
    """Return a payload as a client does."""
    return io.BytesIO(text.encode())
