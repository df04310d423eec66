"""Rooms with a deck for their own people, and what they get when there is none."""

import json
from io import BytesIO
from typing import Any, cast

import pytest
from botocore.exceptions import ReadTimeoutError
from mypy_boto3_lambda import LambdaClient

from matinee.filters import Filters
from matinee.media import MediaType
from rooms.adapters.lambda_.recommender_client import LambdaGroupDeckClient
from rooms.domain.deal import DeckSource, DeckWish, HideSeen
from rooms.domain.errors import NoCandidates
from rooms.domain.room import Movie
from rooms.events.published import DeckDealt
from rooms.ports import GroupDeckUnavailable
from rooms.use_cases.create_room import CreateRoom
from tests.fakes.rooms import FakeCatalogClient, FakeGroupDeckClient, films
from tests.fakes.rooms_app import TRACE, RoomsApp

GROUP = CreateRoom(MediaType.MOVIE, (28,), 2, 10, source=DeckSource.GROUP)
STRICT = Filters(provider_ids=(8,), provider_country="DE")


def suited(number: int, *, first: int = 900) -> list[Movie]:
    """Return titles of a group's deck."""
    return [
        Movie(first + n, f"Suited {n}", "Text.", MediaType.MOVIE, reason="FITS_EVERYBODY")
        for n in range(number)
    ]


def an_app(deck: list[Movie], *, available: bool = True) -> RoomsApp:
    return RoomsApp(
        catalog=FakeCatalogClient(films(200)),
        recommender=FakeGroupDeckClient(deck, available=available),
    )


def test_a_group_s_room_is_dealt_for_its_creator_and_then_for_everybody() -> None:
    app = an_app(suited(60))
    room, first = app.use_cases.create_room("ann", GROUP, TRACE)
    for user in ("bob", "cid"):
        app.use_cases.join_room(user, room.code, TRACE)

    _, all_ = app.use_cases.deal_more("bob", room.id, 25, TRACE)

    assert [movie.id for movie in all_] == list(range(900, 950))
    assert {movie.reason for movie in first} == {"FITS_EVERYBODY"}
    assert [users for _, users in app.recommender.asked] == [("ann",), ("ann", "bob", "cid")]
    assert app.catalog.asked == []
    assert [event.candidate_count for event in app.tables.events(DeckDealt)] == [50]


def test_everybody_sees_a_group_s_deck_in_the_order_that_suits_all() -> None:
    app = an_app(suited(25))
    app.scores.scores = {user: {924: 90.0, 900: 0.0} for user in ("ann", "bob")}
    room, _ = app.use_cases.create_room("ann", GROUP, TRACE)
    app.use_cases.join_room("bob", room.code, TRACE)

    for user in ("ann", "bob"):
        deck = app.use_cases.get_deck(user, room.id, 25, TRACE)
        assert [movie.id for movie in deck] == list(range(900, 925))


def test_reasons_stay_with_the_candidates() -> None:
    app = an_app(suited(30))
    room, _ = app.use_cases.create_room("ann", GROUP, TRACE)

    assert app.use_cases.get_deck("ann", room.id, 1, TRACE)[0].reason == "FITS_EVERYBODY"


@pytest.mark.parametrize("app", [an_app([]), an_app(suited(30), available=False)])
def test_without_a_deck_for_the_group_the_catalog_deals_without_reasons(app: RoomsApp) -> None:
    room, candidates = app.use_cases.create_room("ann", GROUP, TRACE)

    assert len(candidates) == 50
    assert {movie.reason for movie in candidates} == {None}
    assert room.source is DeckSource.GROUP
    _, more = app.use_cases.deal_more("ann", room.id, None, TRACE)
    assert len(more) == 75


def test_a_group_can_have_any_filter() -> None:
    app = an_app(suited(30))
    command = CreateRoom(MediaType.MOVIE, (), 2, 10, filters=STRICT, source=DeckSource.GROUP)

    app.use_cases.create_room("ann", command, TRACE)

    assert [wish.filters for wish, _ in app.recommender.asked] == [STRICT]
    assert app.catalog.asked == []


def test_a_room_of_the_catalog_does_not_ask_for_tastes() -> None:
    app = an_app(suited(30))

    app.use_cases.create_room("ann", CreateRoom(MediaType.MOVIE, (), 2, 10), TRACE)

    assert app.recommender.asked == []


def test_when_neither_knows_more_there_is_no_more() -> None:
    app = an_app(suited(10))
    app.catalog.offers = []
    room, _ = app.use_cases.create_room("ann", GROUP, TRACE)

    with pytest.raises(NoCandidates):
        app.use_cases.deal_more("ann", room.id, None, TRACE)


class FakeLambda:
    """Returns every invocation alike."""

    def __init__(self, answer: object, **response: object) -> None:
        self.answer = answer
        self.response = response
        self.requests: list[Any] = []

    def invoke(self, **request: Any) -> dict[str, object]:  # noqa: ANN401 - as boto3 has it
        self.requests.append(json.loads(request["Payload"]))
        if isinstance(self.answer, Exception):
            raise self.answer
        payload = BytesIO(json.dumps(self.answer).encode())
        return {"StatusCode": 200, "Payload": payload, **self.response}


TITLE = {
    "id": 7,
    "mediaType": "movie",
    "title": "Amélie",
    "overview": "Paris.",
    "posterPath": "/p.jpg",
    "releaseDate": "2001-04-25",
    "voteAverage": 7.9,
    "voteCount": 11000,
    "genreIds": [35],
    "reason": "SEVERAL_LISTS",
}


def ask(fake: FakeLambda) -> list[Movie]:
    client = LambdaGroupDeckClient("group-deck", cast("LambdaClient", fake))
    wish = DeckWish(
        (MediaType.MOVIE, MediaType.TV),
        (35,),
        Filters(max_runtime=90),
        DeckSource.GROUP,
        HideSeen.NOBODY,
    )
    return list(client.deal(wish, ["ann", "bob"], 25, "thread-1", {5, 3}))


def test_the_client_asks_by_the_contract() -> None:
    fake = FakeLambda({"data": {"titles": [TITLE]}})

    [movie] = ask(fake)

    assert (movie.id, movie.reason, movie.release_date) == (7, "SEVERAL_LISTS", "2001-04-25")
    assert fake.requests == [
        {
            "userIds": ["ann", "bob"],
            "mediaType": "movie",
            "mediaTypes": ["movie", "tv"],
            "genreIds": [35],
            "filters": {"maxRuntime": 90},
            "limit": 25,
            "excludeIds": [3, 5],
            "hideSeenBy": "NOBODY",
            "correlationId": "thread-1",
        }
    ]


@pytest.mark.parametrize(
    "fake",
    [
        FakeLambda({"error": {"type": "GroupDeckUnavailable", "message": "No.", "info": None}}),
        FakeLambda({"errorMessage": "boom"}, FunctionError="Unhandled"),
        FakeLambda({"data": {"titles": [{"id": "seven"}]}}),
        FakeLambda(ReadTimeoutError(endpoint_url="https://lambda")),
    ],
)
def test_every_failure_of_the_recommender_is_one(fake: FakeLambda) -> None:
    with pytest.raises(GroupDeckUnavailable):
        ask(fake)
