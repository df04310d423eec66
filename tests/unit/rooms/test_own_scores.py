"""A participant's own taste breaks the ties of their deck, and nobody else's."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from matinee.media import MediaType, TitleKey
from rooms.adapters.lambda_.own_scores_client import (
    MAX_CACHED,
    PAUSE_SECONDS,
    SCORES_TTL_SECONDS,
    LambdaOwnScores,
)
from rooms.adapters.lambda_.recent import Recent
from rooms.domain.room import Room
from tests.fakes.rooms import FakeCatalogClient, films
from tests.fakes.rooms_app import TRACE, RoomsApp
from tools.contracts.paths import ROOT

EXAMPLE = (
    ROOT / "contracts" / "functions" / "recommender" / "OwnScores" / "1.0.response.example.json"
)
ANNS = {101: 10.0, 103: 90.0, 104: 0.0}
"""Their mean is 33.3: in between are the titles without a score."""


@pytest.fixture
def app() -> RoomsApp:
    app = RoomsApp(catalog=FakeCatalogClient(films(5)))
    app.scores.scores["ann"] = ANNS
    return app


def deck(app: RoomsApp, user: str, room: Room) -> list[int]:
    return [movie.id for movie in app.use_cases.get_deck(user, room.id, 10, TRACE)]


def test_what_suits_them_comes_first_and_what_breaks_their_deal_last(app: RoomsApp) -> None:
    room = app.room("ann", "bob")

    assert deck(app, "ann", room) == [103, 102, 105, 101, 104]
    assert deck(app, "bob", room) == [101, 102, 103, 104, 105]


def test_what_becomes_a_match_still_comes_first(app: RoomsApp) -> None:
    room = app.room("ann", "bob", "cid")
    app.vote(room, 104, "bob", "cid")

    assert deck(app, "ann", room) == [104, 103, 102, 105, 101]


def test_the_room_has_its_own_order(app: RoomsApp) -> None:
    room = app.room("ann")

    found = app.use_cases.rooms.list_candidates(room, "thread-1")

    assert [movie.id for movie in found] == [101, 102, 103, 104, 105]


class FakeLambda:
    """The recommender's function: it knows the example's titles alone, unless it fails."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.failure: Exception | bytes | None = None

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert FunctionName == "own-scores"
        self.requests.append(json.loads(Payload))
        if isinstance(self.failure, Exception):
            raise self.failure
        return {"Payload": io.BytesIO(self.failure or EXAMPLE.read_bytes())}


FIGHT_CLUB, UNKNOWN = TitleKey(MediaType.MOVIE, 550), TitleKey(MediaType.TV, 550)


class Recommender:
    """The client over the fake, at a time that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.function = FakeLambda()
        client: Any = self.function
        scores: Recent[tuple[str, TitleKey], float] = Recent(
            SCORES_TTL_SECONDS, MAX_CACHED, lambda: self.now
        )
        failed: Recent[str, bool] = Recent(PAUSE_SECONDS, MAX_CACHED, lambda: self.now)
        self.client = LambdaOwnScores("own-scores", client, scores, failed)

    def ask(self, user: str = "ann") -> dict[TitleKey, float]:
        return dict(self.client.find(user, {FIGHT_CLUB, UNKNOWN}, "c-1"))


@pytest.fixture
def recommender() -> Recommender:
    return Recommender()


def test_scores_are_asked_for_by_the_contract_and_cached(recommender: Recommender) -> None:
    assert recommender.ask()[FIGHT_CLUB] == 71.25
    assert UNKNOWN not in recommender.ask()

    assert recommender.function.requests == [
        {
            "userId": "ann",
            "titles": [{"mediaType": "movie", "id": 550}, {"mediaType": "tv", "id": 550}],
            "correlationId": "c-1",
        }
    ]
    recommender.ask("bob")
    recommender.now += SCORES_TTL_SECONDS
    recommender.ask()
    assert [request["userId"] for request in recommender.function.requests] == ["ann", "bob", "ann"]


@pytest.mark.parametrize(
    "failure",
    [
        ConnectTimeoutError(endpoint_url="https://lambda"),
        b'{"error": {"type": "GroupDeckUnavailable"}}',
        b"boom",
    ],
)
def test_a_recommender_that_fails_is_left_alone_for_a_while(
    recommender: Recommender, failure: Exception | bytes
) -> None:
    recommender.function.failure = failure
    assert recommender.ask() == recommender.ask() == {}
    assert len(recommender.function.requests) == 1

    recommender.function.failure = None
    recommender.now += PAUSE_SECONDS
    assert recommender.ask()
