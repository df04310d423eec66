"""The recommender's functions, from the request to the response, over fakes."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.errors import InvalidInput
from matinee.events.contract import Contract, Envelope, Registry
from recommender import bootstrap
from recommender.api.routes import ROUTES
from recommender.api.schemas import BecauseOf, Item
from recommender.domain.errors import AccountDeleted
from recommender.domain.recommendation import Recommendation, ScoreBreakdown
from recommender.domain.taste import ListEntry, TasteList
from recommender.events.consumed import CONSUMERS, FavouriteAdded
from recommender.events.factory import model_trained
from recommender.events.handling import (
    handle_library_event,
    handle_titles_cached,
    handle_user_deleted,
)
from recommender.handlers import recommendations, trainer
from recommender.ports import ModelProvider
from recommender.use_cases.erase_user import EraseUser
from recommender.use_cases.project_tastes import ProjectTastes
from recommender.use_cases.project_titles import ProjectTitles
from recommender.use_cases.recommend_titles import RecommendTitles
from recommender.use_cases.train_model import TrainModel
from tests.fakes.aws import FakeLambdaContext
from tests.fakes.clock import FakeClock, FakeIds
from tests.fakes.recommender import (
    FakeLog,
    FakeModelStore,
    FakeTastes,
    FakeTitleStore,
    FakeTrainer,
    movie,
    title,
    tv,
)
from tools.contracts.paths import ROOT

EVENTS = ROOT / "events" / "recommender"
USER = "5f0c2a1e-7d34-4b8a-9c61-2e8d40b7f3a9"
CONTEXT = cast("LambdaContext", FakeLambdaContext())
ENVIRONMENT = {
    "STAGE": "local",
    "ALLOWED_ORIGINS": "http://localhost:3000",
    "POWERTOOLS_SERVICE_NAME": "recommender",
}
READ_BY_CLIENTS = {
    "mediaId",
    "id",
    "mediaType",
    "title",
    "overview",
    "posterPath",
    "backdropPath",
    "voteAverage",
    "releaseDate",
    "popularity",
    "genres",
    "score",
    "recommendationReason",
}
"""The fields of an item that the original's clients read."""


class NoModel:
    """A provider without a model."""

    def current(self) -> None:
        return None


class Api:
    """The API's function over fakes."""

    def __init__(self) -> None:
        self.now = FakeClock()
        self.tastes = FakeTastes(self.now)
        genres = [(28, 12), (28,), (18,), (35, 18), (27,)]
        self.titles = FakeTitleStore.of(
            *(
                title(movie(n), genre_ids=genres[n % 5], vote_average=5 + n % 40 / 10)
                for n in range(1, 81)
            ),
            *(title(tv(number), genre_ids=(18, 10765)) for number in range(1, 41)),
        )
        self.catalogue = FakeTitleStore(dict(self.titles.known))
        self.models: ModelProvider = NoModel()

    def service(self) -> RecommendTitles:
        return RecommendTitles(
            tastes=self.tastes,
            models=self.models,
            projection=self.titles,
            catalogue=self.catalogue,
            now=self.now,
        )

    def send(self, event: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = recommendations.handler(event, CONTEXT)
        return {**answer, "json": json.loads(answer["body"])}

    def serve(self, sample: str) -> dict[str, Any]:
        return self.send(sample_event(sample))

    def ask(self, **body: object) -> dict[str, Any]:
        event = sample_event("RecommendationsFunction.http.post")
        answer = self.send({**event, "body": json.dumps(body)})
        assert answer["statusCode"] == 200, answer["body"]
        return cast("dict[str, Any]", answer["json"])


def read(function: str, detail: object) -> Envelope[Contract]:
    return Registry(CONSUMERS[function]).read(detail)


def sample_event(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    api = Api()
    monkeypatch.setattr(bootstrap, "recommend_titles", api.service)
    for cached in (bootstrap.edge, recommendations.handler):
        cached.cache_clear()
    yield api
    for cached in (bootstrap.edge, recommendations.handler):
        cached.cache_clear()


def names(answer: dict[str, Any]) -> list[tuple[str, int]]:
    return [(item["mediaType"], item["id"]) for item in answer["items"]]


@pytest.mark.parametrize("case", ["get", "post", "post-arrays"])
def test_accepts_every_form_of_request(case: str, api: Api) -> None:
    answer = api.serve(f"RecommendationsFunction.http.{case}")

    assert answer["statusCode"] == 200
    assert answer["json"]["items"]
    assert answer["headers"]["Access-Control-Allow-Origin"]


def test_an_item_has_the_fields_of_the_original_s_clients(api: Api) -> None:
    [item] = api.ask(mediaType="movie", limit=1)["items"]

    assert item.keys() >= READ_BY_CLIENTS
    facts = api.titles.known[movie(item["id"])]
    assert item["mediaId"] == str(item["id"])
    assert item["genres"] == "|".join(map(str, facts.genre_ids))
    assert item["poster_path"] == item["posterPath"] == facts.poster_path
    assert item["vote_average"] == item["voteAverage"] == facts.vote_average
    assert item["genre_ids"] == item["genreIds"] == list(facts.genre_ids)
    parts = item["scoreParts"]
    assert item["score"] == pytest.approx(
        sum(parts[name] for name in ("genre", "quality", "personalization", "popularity"))
    )


def test_accepts_ids_in_digits_as_returned(
    api: Api,
) -> None:
    first = api.ask(mediaType="movie")
    digits = [item["mediaId"] for item in first["items"]]
    numbers = [item["id"] for item in first["items"]]

    others = api.ask(mediaType="movie", exclude=digits)
    because = api.ask(mediaType="movie", favorites=digits[:1], limit=50)

    assert digits == [str(number) for number in numbers]
    assert not set(numbers) & {item["id"] for item in others["items"]}
    assert others == api.ask(mediaType="movie", exclude=numbers)
    assert because == api.ask(mediaType="movie", favorites=numbers[:1], limit=50)


def test_becauseof_names_a_title_as_the_library_does() -> None:
    because = BecauseOf.model_validate({"mediaType": "movie", "mediaId": "27205"})
    shown = Item.from_recommendation(
        Recommendation(
            title(movie(1)), ScoreBreakdown(1, 2, 3), "Because you liked it", movie(27205)
        )
    )

    assert shown.because_of == because


def test_both_spellings_of_a_field_are_the_same_field() -> None:
    aliases = {field.alias or name for name, field in Item.model_fields.items()}

    for snake in (alias for alias in aliases if "_" in alias):
        head, *rest = snake.split("_")
        assert head + "".join(part.capitalize() for part in rest) in aliases


def test_the_same_request_has_the_same_response(api: Api) -> None:
    first = api.ask(mediaType="movie")

    assert api.ask(mediaType="movie") == first
    assert names(api.ask(mediaType="movie", seed=7)) != names(first)


def test_the_cursor_pages_through_all_titles(api: Api) -> None:
    shown: list[tuple[str, int]] = []
    answer = api.ask(mediaType="tv", limit=15)
    while True:
        shown += names(answer)
        if answer["nextCursor"] is None:
            break
        answer = api.ask(mediaType="tv", limit=15, cursor=answer["nextCursor"])

    assert len(shown) == len(set(shown)) == 40


def test_rejects_a_cursor_of_another_list(api: Api) -> None:
    cursor = api.ask(mediaType="tv")["nextCursor"]
    event = sample_event("RecommendationsFunction.http.post")

    for wrong in ({"mediaType": "movie", "cursor": cursor}, {"cursor": "bm9uZQ"}):
        answer = api.send({**event, "body": json.dumps(wrong)})
        assert answer["statusCode"] == 400
        assert answer["json"]["fields"].keys() == {"cursor"}


def test_never_recommends_titles_of_any_list(api: Api) -> None:
    api.tastes.add_entry(USER, TasteList.FAVOURITES, ListEntry(movie(1), api.now()))
    api.tastes.add_entry(USER, TasteList.WATCHLIST, ListEntry(movie(2), api.now()))

    answer = api.ask(mediaType="movie", limit=50, favorites="3", watchlist=[4], exclude="5,tv:6")

    assert not {("movie", number) for number in range(1, 6)} & set(names(answer))
    assert ("movie", 6) in names(answer) or len(names(answer)) == 50


def test_uses_the_request_s_taste_when_the_stored_is_unreadable(api: Api) -> None:
    api.tastes.unreadable = True

    assert api.ask(mediaType="movie", favorites="5")["source"] == "request"


def test_rejects_requests_without_a_token(api: Api) -> None:
    for sample in ("get", "post", "similar"):
        event = sample_event(f"RecommendationsFunction.http.{sample}")
        del event["requestContext"]["authorizer"]
        assert api.send(event)["statusCode"] == 401
    assert api.serve("RecommendationsFunction.http.not-signed-in")["json"]["code"] == "Unauthorized"


def test_rejects_an_id_token(api: Api) -> None:
    event = sample_event("RecommendationsFunction.http.get")
    event["requestContext"]["authorizer"]["jwt"]["claims"]["token_use"] = "id"

    assert api.send(event)["statusCode"] == 401


@pytest.mark.parametrize("sample", ["get", "post", "similar"])
def test_every_route_is_refused_to_a_deleted_user(api: Api, sample: str) -> None:
    event = sample_event(f"RecommendationsFunction.http.{sample}")
    user_id = event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    api.tastes.block(user_id)

    answer = api.send(event)

    assert (answer["statusCode"], answer["json"]["code"]) == (403, "AccountDeleted")


def test_similar_titles_have_the_same_media_type(api: Api) -> None:
    api.titles.known[movie(27205)] = title(movie(27205), genre_ids=(28, 12))

    answer = api.serve("RecommendationsFunction.http.similar")["json"]

    assert names(answer)
    assert {kind for kind, _ in names(answer)} == {"movie"}
    assert ("movie", 27205) not in names(answer)


@pytest.mark.parametrize("which", [TasteList.SEEN, TasteList.DISMISSED])
def test_similar_titles_are_none_that_were_seen_or_dismissed(api: Api, which: TasteList) -> None:
    api.titles.known[movie(27205)] = title(movie(27205), genre_ids=(28, 12))
    shown = names(api.serve("RecommendationsFunction.http.similar")["json"])
    for _, number in shown[:3]:
        api.tastes.add_entry(USER, which, ListEntry(movie(number), api.now()))
    api.tastes.add_entry(USER, TasteList.FAVOURITES, ListEntry(movie(shown[3][1]), api.now()))

    again = names(api.serve("RecommendationsFunction.http.similar")["json"])

    assert not set(shown[:3]) & set(again)
    assert shown[3] in again


def test_an_unknown_title_is_not_found(api: Api) -> None:
    answer = api.serve("RecommendationsFunction.http.similar")

    assert answer["statusCode"] == 404
    assert answer["json"]["code"] == "TitleNotFound"


def test_similar_is_503_while_titles_are_unavailable(api: Api) -> None:
    api.titles.fails = api.catalogue.fails = True

    answer = api.serve("RecommendationsFunction.http.similar")

    assert answer["statusCode"] == 503
    assert answer["json"]["code"] == "SimilarUnavailable"


@pytest.mark.parametrize("case", ["limit-too-high", "unknown-media-type"])
def test_rejects_invalid_requests(case: str, api: Api) -> None:
    answer = api.serve(f"RecommendationsFunction.http.{case}")

    assert answer["statusCode"] == 400
    assert answer["json"]["code"] == InvalidInput.__name__


def test_every_route_has_a_sample_event() -> None:
    keys = {
        json.loads(file.read_text())["routeKey"]
        for file in EVENTS.glob("RecommendationsFunction.http.*.json")
    }

    assert keys == {f"{route.method} {route.path}" for route in ROUTES}


def test_projects_every_event_of_the_library() -> None:
    tastes = FakeTastes()
    project = ProjectTastes(tastes)
    for case in ("favourites", "watchlist", "preferences"):
        for record in sample_event(f"TasteProjectorFunction.sqs.{case}")["Records"]:
            handle_library_event(
                project, read("TasteProjectorFunction", json.loads(record["body"])["detail"])
            )

    taste = tastes.get(USER)
    assert (taste.favourites, taste.watchlist) == ((), ())
    assert {key for _, _, key in tastes.removed} == {movie(27205), tv(1396)}
    assert taste.preferences.min_rating == 7


def test_projects_a_favourite_with_its_title_and_genres() -> None:
    tastes = FakeTastes()
    first = sample_event("TasteProjectorFunction.sqs.favourites")["Records"][0]
    event = read("TasteProjectorFunction", json.loads(first["body"])["detail"])
    assert isinstance(event.data, FavouriteAdded)

    handle_library_event(ProjectTastes(tastes), event)

    assert tastes.get(USER).favourites == (
        ListEntry(movie(27205), event.data.added_at, "Inception", (28, 878, 12)),
    )


def test_projects_titles_with_all_their_facts() -> None:
    titles = FakeTitleStore()
    [record] = sample_event("TitleProjectorFunction.sqs.titles-cached")["Records"]
    detail = json.loads(record["body"])["detail"]
    detail["data"]["titles"].append(
        {**detail["data"]["titles"][0], "media_id": 5, "release_date": "0000-00-00"}
    )
    detail["data"]["titles"][0]["certifications"] = {"US": "PG-13", "DE": "16"}
    detail["data"]["titles"][0]["providers"] = {"DE": [337, 8]}
    detail["data"]["provider_names"] = {"8": "Netflix", "337": "Disney Plus"}

    handle_titles_cached(ProjectTitles(titles), read("TitleProjectorFunction", detail))

    [inception, dateless] = titles.known.values()
    assert inception.title == "Inception"
    assert inception.directors == ("Christopher Nolan",)
    assert str(inception.release_date) == "2010-07-15"
    assert dateless.release_date is None
    assert (inception.maturity, dateless.maturity) == ("adults", None)
    assert inception.local.providers("DE") == (337, 8)
    assert titles.provider_names == {8: "Netflix", 337: "Disney Plus"}


def test_erases_a_deleted_user_for_good() -> None:
    tastes = FakeTastes()
    tastes.add_entry(USER, TasteList.FAVOURITES, ListEntry(movie(1), tastes.now()))
    [record] = sample_event("TasteEraserFunction.sqs.user-deleted")["Records"]

    event = read("TasteEraserFunction", json.loads(record["body"])["detail"])
    handle_user_deleted(EraseUser(tastes), event)

    tastes.now.advance(hours=1)
    assert not tastes.add_entry(USER, TasteList.FAVOURITES, ListEntry(movie(1), tastes.now()))
    with pytest.raises(AccountDeleted):
        tastes.get(USER)


class TrainersContext(FakeLambdaContext):
    """An invocation that has just begun."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def test_the_trainer_returns_the_outcome_of_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    tastes = FakeTastes(new_id=FakeIds())
    tastes.add_entry(USER, TasteList.FAVOURITES, ListEntry(movie(1), tastes.now()))
    log = FakeLog(tastes)
    train = TrainModel(
        runs=log,
        dirty_users=log,
        outbox=log,
        tastes=tastes,
        titles=FakeTitleStore.of(title(movie(1))),
        store=FakeModelStore(),
        trainer=FakeTrainer(),
        model_trained=model_trained,
        now=tastes.now,
    )
    monkeypatch.setattr(trainer, "trainer", lambda: train)
    context = cast("LambdaContext", TrainersContext())

    trained = trainer.handler(sample_event("TrainerFunction.schedule.train"), context)
    tastes.now.advance(seconds=1)
    anew = trainer.handler(sample_event("TrainerFunction.invoke.anew"), context)
    refused = trainer.handler(sample_event("TrainerFunction.invoke.anew-perhaps"), context)

    assert trained == {
        "outcome": "trained",
        "changedUsers": 1,
        "leftForTheNext": False,
        "modelVersion": trained["modelVersion"],
        "users": 1,
        "titles": 1,
        "favourites": 1,
    }
    assert anew["changedUsers"] == 1
    assert refused["error"]["type"] == "InvalidInput"
