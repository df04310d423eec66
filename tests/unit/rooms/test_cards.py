"""Candidates with the catalog's details, in the language and for the country of who looks."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from matinee.graphql import resolve
from matinee.media import MediaType, TitleKey
from rooms.adapters.lambda_.cards_client import (
    CARDS_TTL_SECONDS,
    MAX_CACHED,
    LambdaCardReader,
)
from rooms.adapters.lambda_.recent import Recent
from rooms.api.resolvers import resolvers
from rooms.domain.card import Card, Provider, Reader, Trailer
from tests.fakes.appsync import call, signed_in
from tests.fakes.rooms_app import RoomsApp
from tools.contracts.paths import ROOT

EXAMPLE = ROOT / "contracts" / "functions" / "catalog" / "Cards" / "1.0.response.example.json"
PLAIN = ("candidates", "candidates/id", "candidates/title", "candidates/reason")
IN_GERMANY = Reader(("de",), "DE")


def a_card(number: int, **fields: Any) -> Card:  # noqa: ANN401
    texts = {"language": "de", "title": f"Film {number} auf Deutsch", "overview": "Worum es geht."}
    return Card(number, MediaType.MOVIE, **texts | fields)


@pytest.fixture
def app() -> RoomsApp:
    app = RoomsApp()
    app.cards.cards = {
        TitleKey(MediaType.MOVIE, 101): a_card(
            101,
            runtime=122,
            directors=("Jean-Pierre Jeunet",),
            cast=("Audrey Tautou",),
            trailer=Trailer("YouTube", "HUECWi5pX7o"),
            certification="6",
            providers=(Provider(8, "Netflix"),),
        ),
        TitleKey(MediaType.MOVIE, 102): a_card(102, overview=""),
    }
    return app


def answer(
    app: RoomsApp, field: str, arguments: dict[str, Any], *selection: str, accept: str = ""
) -> dict[str, Any]:
    event = call(field, arguments, identity=signed_in("ann"), selection=selection)
    event["request"] = {"headers": {"accept-language": accept}}
    return resolve(event, resolvers(app.use_cases))


def ask(app: RoomsApp, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    return answer(app, *args, **kwargs)["data"]


def test_a_card_says_what_the_catalog_knows(app: RoomsApp) -> None:
    room = app.room("ann")

    [first, second, third] = ask(
        app, "deck", {"roomId": room.id, "limit": 3, "language": "de-DE"}, "id", "runtime"
    )

    assert first["title"] == "Film 101 auf Deutsch"
    assert (first["runtime"], first["directors"], first["cast"]) == (
        122,
        ["Jean-Pierre Jeunet"],
        ["Audrey Tautou"],
    )
    assert first["trailer"] == {"site": "YouTube", "key": "HUECWi5pX7o"}
    assert (first["language"], first["certification"]) == ("de", "6")
    assert first["whereToWatch"] == {
        "country": "DE",
        "providers": [{"id": 8, "name": "Netflix"}],
        "credit": "JustWatch",
    }
    assert second["overview"], "what is not translated is the room's own text"
    assert (third["language"], third["cast"], third["directors"]) == ("en", [], [])
    assert third["title"] == "Film 3"
    assert app.cards.asked[-1][1] == IN_GERMANY


@pytest.mark.parametrize("accept", ["", "en", "en-GB,de;q=0.5", "*"])
def test_old_documents_in_english_ask_for_no_cards(app: RoomsApp, accept: str) -> None:
    room = app.room("ann")

    found = ask(app, "getRoom", {"id": room.id}, *PLAIN, accept=accept)

    assert [movie["title"] for movie in found["candidates"]] == ["Film 1", "Film 2", "Film 3"]
    assert app.cards.asked == []


@pytest.mark.parametrize(
    ("given", "accept", "reader"),
    [
        ({}, "de-AT,de;q=0.9,en;q=0.8,fr;q=0.5", Reader(("de",), "AT")),
        ({"language": "fr"}, "de-AT", Reader(("fr",), None)),
        ({"language": "pt-BR", "country": "DE"}, "", Reader(("pt",), "DE")),
        ({"country": "CH"}, "de,fr", Reader(("de", "fr"), "CH")),
    ],
)
def test_the_argument_counts_before_the_header(
    app: RoomsApp, given: dict[str, str], accept: str, reader: Reader
) -> None:
    room = app.room("ann")

    ask(app, "deck", {"roomId": room.id, **given}, "id", "title", accept=accept)

    assert app.cards.asked[-1][1] == reader


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("getRoom", lambda room: {"id": room.id}),
        ("getRoomByCode", lambda room: {"code": room.code}),
        ("joinRoom", lambda room: {"input": {"roomCode": room.code}}),
        ("leaveRoom", lambda room: {"roomId": room.id}),
        ("createRoom", lambda _: {"input": {"mediaType": "MOVIE"}}),
        ("dealMore", lambda room: {"roomId": room.id, "known": 1}),
    ],
)
def test_every_field_with_candidates_shows_them_alike(
    app: RoomsApp,
    field: str,
    arguments: Any,  # noqa: ANN401
) -> None:
    given = arguments(app.room("ann")) | {"language": "de"}

    found = ask(app, field, given, *PLAIN)

    assert found["candidates"][0]["title"] == "Film 101 auf Deutsch"


def test_a_details_alias_is_a_detail(app: RoomsApp) -> None:
    room = app.room("ann")

    ask(app, "getRoom", {"id": room.id}, "candidates", "candidates/minutes")

    assert len(app.cards.asked) == 1


def test_the_cards_of_a_list_of_rooms_are_asked_for_at_once(app: RoomsApp) -> None:
    app.room("ann")
    app.room("ann")

    rooms = ask(app, "getMyRooms", {"language": "de"}, *PLAIN)

    assert [room["candidates"][0]["title"] for room in rooms] == ["Film 101 auf Deutsch"] * 2
    assert len(app.cards.asked) == 1


@pytest.mark.parametrize("given", [{"language": "German"}, {"country": "de"}])
@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("createRoom", {"input": {"mediaType": "MOVIE"}}),
        ("joinRoom", {"input": {"roomCode": "ABCDEF"}}),
    ],
)
def test_a_bad_language_changes_nothing(
    app: RoomsApp, field: str, arguments: dict[str, Any], given: dict[str, str]
) -> None:
    error = answer(app, field, arguments | given, *PLAIN)["error"]

    assert error["type"] == "InvalidInput"
    assert app.tables.rooms == {}


class FakeLambda:
    """The catalog's function: it knows the example's title alone, unless it fails."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.failure: Exception | bytes | None = None

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert FunctionName == "cards"
        self.requests.append(json.loads(Payload))
        if isinstance(self.failure, Exception):
            raise self.failure
        return {"Payload": io.BytesIO(self.failure or EXAMPLE.read_bytes())}


AMELIE = TitleKey(MediaType.MOVIE, 194)
UNKNOWN = TitleKey(MediaType.TV, 194)


class Catalogue:
    """The client over the fake, at a time that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.function = FakeLambda()
        client: Any = self.function
        recent: Recent[tuple[TitleKey, Reader], Card] = Recent(
            CARDS_TTL_SECONDS, MAX_CACHED, lambda: self.now
        )
        self.client = LambdaCardReader("cards", client, recent)

    def titles(self, *keys: TitleKey, reader: Reader = IN_GERMANY) -> list[str]:
        return [card.title for card in self.client.find(keys, reader, "c-1").values()]


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue()


def test_cards_are_asked_for_by_the_contract_and_cached(catalogue: Catalogue) -> None:
    title = ["Die fabelhafte Welt der Amélie"]
    assert catalogue.titles(AMELIE, UNKNOWN) == catalogue.titles(AMELIE, UNKNOWN) == title

    assert catalogue.function.requests == [
        {
            "titles": [{"mediaType": "movie", "id": 194}, {"mediaType": "tv", "id": 194}],
            "languages": ["de"],
            "country": "DE",
            "correlationId": "c-1",
        }
    ]
    catalogue.titles(AMELIE, reader=Reader(("fr",)))
    catalogue.now += CARDS_TTL_SECONDS
    catalogue.titles(AMELIE)
    assert len(catalogue.function.requests) == 3


def test_a_hundred_cards_are_asked_for_at_once(catalogue: Catalogue) -> None:
    catalogue.titles(*(TitleKey(MediaType.MOVIE, number) for number in range(1, 201)))

    assert [len(request["titles"]) for request in catalogue.function.requests] == [100, 100]


@pytest.mark.parametrize(
    "failure",
    [
        ConnectTimeoutError(endpoint_url="https://lambda"),
        b'{"error": {"type": "CatalogBusy"}}',
        b"boom",
    ],
)
def test_without_the_catalog_there_are_no_cards(
    catalogue: Catalogue, failure: Exception | bytes
) -> None:
    catalogue.function.failure = failure
    assert catalogue.titles(AMELIE) == []

    catalogue.function.failure = None
    assert len(catalogue.titles(AMELIE)) == 1
