"""Films and series in one deck: one id, one candidate, and each with its own genres."""

from typing import Any

import pytest

from matinee.filters import Filters
from matinee.graphql import resolve
from matinee.media import MediaType
from rooms.api.resolvers import resolvers
from rooms.domain.deal import DeckSource
from rooms.domain.room import Movie
from rooms.events.published import DeckDealt, MatchFound, RoomCreated, VoteCast
from tests.fakes.appsync import call, signed_in
from tests.fakes.rooms import FakeCatalogClient, FakeGroupDeckClient, films
from tests.fakes.rooms_app import TRACE, RoomsApp

MOVIE, TV = MediaType.MOVIE, MediaType.TV
BOTH = {"mediaTypes": ["MOVIE", "TV"]}


def titles(media_type: MediaType, first: int, number: int) -> list[Movie]:
    return [
        Movie(first + n, f"{media_type} {first + n}", "Text.", media_type) for n in range(number)
    ]


def an_app(*offers: Movie) -> RoomsApp:
    return RoomsApp(catalog=FakeCatalogClient(offers))


def answer(app: RoomsApp, field: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401
    event = call(
        field, arguments, identity=signed_in("ann"), selection=("id", "code", "candidates")
    )
    return resolve(event, resolvers(app.use_cases))


def create(app: RoomsApp, **given: Any) -> dict[str, Any]:  # noqa: ANN401
    data: dict[str, Any] = answer(app, "createRoom", input=given)["data"]
    return data


def test_films_and_series_are_dealt_in_turns() -> None:
    app = an_app(*titles(MOVIE, 1, 60), *titles(TV, 1001, 60))

    room = create(app, **BOTH)

    kinds = [movie["mediaType"] for movie in room["candidates"]]
    assert kinds == ["MOVIE", "TV"] * 25
    assert (room["mediaType"], room["mediaTypes"]) == ("MOVIE", ["MOVIE", "TV"])
    [created] = app.tables.events(RoomCreated)
    assert (created.media_type, created.media_types) == (MOVIE, [MOVIE, TV])


def test_there_are_fifty_whenever_fifty_exist() -> None:
    app = an_app(*titles(MOVIE, 1, 60), *titles(TV, 1001, 3))

    kinds = [movie["mediaType"] for movie in create(app, **BOTH)["candidates"]]

    assert (kinds.count("MOVIE"), kinds.count("TV")) == (47, 3)


def test_no_two_candidates_have_the_same_id() -> None:
    app = an_app(*titles(MOVIE, 550, 30), *titles(TV, 550, 31))

    room = create(app, **BOTH)
    more = answer(app, "dealMore", roomId=room["id"])

    ids = [movie["id"] for movie in room["candidates"]]
    assert sorted(ids) == list(range(550, 581))
    assert more["error"]["type"] == "NoCandidates"


def test_a_vote_a_match_and_a_deal_say_which_media_type() -> None:
    app = an_app(*titles(MOVIE, 1, 40), *titles(TV, 1001, 40))
    room = create(app, **BOTH)
    app.use_cases.join_room("bob", room["code"], TRACE)
    for user in ("ann", "bob"):
        app.use_cases.cast_vote(user, room["id"], 1001, TRACE, yes=True)
    app.use_cases.deal_more("ann", room["id"], 50, TRACE)
    app.deliver()

    assert {vote.media_type for vote in app.tables.events(VoteCast)} == {TV}
    assert [match.media_type for match in app.tables.events(MatchFound)] == [TV]
    [dealt] = app.tables.events(DeckDealt)
    assert dealt.media_types is not None
    assert set(dealt.media_types) == {MOVIE, TV}
    assert len(dealt.media_types) == len(dealt.movie_ids)


def test_each_media_type_is_asked_for_its_own_genres() -> None:
    app = an_app(*titles(MOVIE, 1, 40), *titles(TV, 1001, 40))

    create(app, **BOTH, genreIds=[28, 18], filters={"excludedGenreIds": [10765]})

    assert [asked[:2] for asked in app.catalog.asked] == [(MOVIE, (18, 28)), (TV, (18, 10759))]
    assert app.catalog.filtered == [
        Filters(excluded_genre_ids=(14, 878)),
        Filters(excluded_genre_ids=(10765,)),
    ]


def test_a_media_type_without_the_genre_is_left_out() -> None:
    app = an_app(*titles(MOVIE, 1, 60), *titles(TV, 1001, 60))

    room = create(app, **BOTH, genreIds=[27])

    assert [asked[:2] for asked in app.catalog.asked] == [(MOVIE, (27,))]
    assert {movie["mediaType"] for movie in room["candidates"]} == {"MOVIE"}


def test_says_what_to_relax_of_either() -> None:
    app = an_app()
    app.catalog.relax = ("years",)

    error = answer(app, "createRoom", input=BOTH | {"filters": {"yearFrom": 2020}})["error"]

    assert (error["type"], error["info"]) == ("NoCandidates", {"relax": ["years"]})


def test_a_group_is_dealt_both() -> None:
    deck = [*titles(MOVIE, 1, 20), *titles(TV, 1001, 20)]
    app = RoomsApp(recommender=FakeGroupDeckClient(deck))

    room = create(app, **BOTH, source="GROUP")

    assert {movie["mediaType"] for movie in room["candidates"]} == {"MOVIE", "TV"}
    [(wish, _)] = app.recommender.asked
    assert wish.media_types == (MOVIE, TV)


FSK = {"certification": "12", "certificationCountry": "DE"}


def test_a_group_s_series_can_have_a_certification() -> None:
    app = RoomsApp(recommender=FakeGroupDeckClient(titles(TV, 1, 20)))

    room = create(app, mediaType="TV", source="GROUP", filters=FSK)

    assert len(room["candidates"]) == 20
    [(wish, _)] = app.recommender.asked
    assert wish.filters.certification == "12"


def test_the_catalog_is_not_asked_for_what_it_cannot_tell() -> None:
    app = RoomsApp(catalog=FakeCatalogClient([*titles(MOVIE, 1, 60), *titles(TV, 1001, 60)]))
    given = {"source": "GROUP", "filters": FSK}

    films_alone = create(app, **BOTH, **given)
    error = answer(app, "createRoom", input={"mediaType": "TV", **given})["error"]

    assert {movie["mediaType"] for movie in films_alone["candidates"]} == {"MOVIE"}
    assert error["info"] == {"relax": ["certification"]}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"mediaType": "MOVIE", "mediaTypes": ["MOVIE", "TV"]},
        {"mediaTypes": ["TV", "TV"]},
        {"mediaTypes": []},
        {"mediaTypes": ["BOOK"]},
        BOTH | {"genreIds": [9999]},
        BOTH | {"filters": {"excludedGenreIds": [9999]}},
        BOTH | {"filters": FSK},
        {"mediaType": "TV", "filters": FSK},
    ],
)
def test_refuses_what_it_cannot_keep(given: dict[str, Any]) -> None:
    app = an_app(*films(60))

    assert answer(app, "createRoom", input=given)["error"]["type"] == "InvalidInput"
    assert app.tables.rooms == {}


def test_one_type_may_be_said_either_way() -> None:
    app = an_app(*titles(TV, 1, 60))

    room = create(app, mediaTypes=["TV"])

    assert (room["mediaType"], room["mediaTypes"]) == ("TV", ["TV"])
    assert app.tables.rooms[room["id"]].wish.source is DeckSource.DISCOVER
