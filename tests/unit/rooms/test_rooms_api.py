"""The GraphQL fields: an event to {"data"} or {"error"}, over fakes of the tables."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from matinee.filters import NO_FILTERS, Filters
from matinee.graphql import resolve
from matinee.media import MOVIE_GENRES, MediaType
from matinee.observability import logger, metrics
from matinee.principal import ACCESS_SCOPE
from rooms.api.resolvers import RESOLVERS, resolvers
from rooms.domain.errors import CatalogUnavailable
from rooms.domain.room import Room
from rooms.events.published import MatchFound, RoomCreated, VoteCast
from rooms.handlers import api
from tests.fakes.appsync import call, service_role, signed_in
from tests.fakes.clock import identifier
from tests.fakes.rooms import films
from tests.fakes.rooms_app import RoomsApp

ROOM = identifier(1)

USER_FIELDS: dict[str, dict[str, Any]] = {
    "createRoom": {"input": {"mediaType": "MOVIE"}},
    "joinRoom": {"input": {"roomCode": "ABC234"}},
    "leaveRoom": {"roomId": ROOM},
    "dealMore": {"roomId": ROOM},
    "heartbeat": {"roomId": ROOM},
    "extendRoom": {"roomId": ROOM, "closesAfterHours": 48},
    "closeRoom": {"roomId": ROOM},
    "removeParticipant": {"roomId": ROOM, "userId": "bob"},
    "vote": {"input": {"roomId": ROOM, "movieId": 101, "vote": True}},
    "decide": {"roomId": ROOM, "movieId": 101},
    "propose": {"roomId": ROOM, "movieId": 101},
    "roomDecision": {"roomId": ROOM},
    "getMyDecisions": {},
    "deck": {"roomId": ROOM},
    "getMyMatches": {},
    "getMyRooms": {},
    "getRoom": {"id": ROOM},
    "getRoomByCode": {"code": "ABC234"},
    "roomPreview": {"code": "ABC234"},
    "myVotes": {"roomId": ROOM},
    "roomMatches": {"roomId": ROOM},
    "standings": {"roomId": ROOM},
    "roomFeed": {"roomId": ROOM},
    "createCrew": {"roomId": ROOM, "name": "Fridays"},
    "leaveCrew": {"crewId": ROOM},
    "startRoom": {"crewId": ROOM},
    "myCrews": {},
    "getMyInvitations": {},
}


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> RoomsApp:
    app = RoomsApp()
    monkeypatch.setattr(api, "use_cases", lambda: app.use_cases)
    return app


def answer(event: dict[str, Any]) -> dict[str, Any]:
    return resolve(event, resolvers(vars(api)["use_cases"]()))  # the handler's


def ask(
    field: str,
    arguments: dict[str, Any] | None = None,
    *,
    by: str = "ann",
    selection: tuple[str, ...] = ("id",),
) -> dict[str, Any]:
    event = call(field, arguments, identity=signed_in(by), selection=selection)
    return answer(event)


def data(answer: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    assert "error" not in answer, answer
    return answer["data"]


def refusal(answer: dict[str, Any]) -> str:
    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"type", "message", "info"}
    assert answer["error"]["message"]
    return str(answer["error"]["type"])


def wrong_fields(answer: dict[str, Any]) -> set[str]:
    assert refusal(answer) == "InvalidInput"
    return set(answer["error"]["info"]["fields"])


def a_match(app: RoomsApp) -> Room:
    room = app.room("ann", "bob")
    app.vote(room, 101, "ann", "bob")
    app.deliver()
    return room


class TestResults:
    def test_create_room_returns_the_room_with_its_candidates(self, app: RoomsApp) -> None:
        arguments = {
            "mediaType": "TV",
            "genreIds": [18],
            "minParticipants": 3,
            "maxParticipants": 6,
        }

        app.catalog.offers = films(3, MediaType.TV)

        room = data(ask("createRoom", {"input": arguments}))

        assert room["hostId"] == "ann"
        assert room["participants"] == ["ann"]
        assert (room["mediaType"], room["genreIds"]) == ("TV", [18])
        assert (room["minParticipants"], room["maxParticipants"]) == (3, 6)
        assert len(room["code"]) == 6
        assert [movie["id"] for movie in room["candidates"]] == [101, 102, 103]
        assert room["id"] in app.rooms

    def test_a_room_matches_by_the_rule_that_its_creator_stated(self, app: RoomsApp) -> None:
        given = {"mediaType": "MOVIE", "rule": "AT_LEAST", "atLeast": 2}
        room = data(ask("createRoom", {"input": given}))
        for user in ("bob", "cid"):
            data(ask("joinRoom", {"code": room["code"]}, by=user))

        for user in ("ann", "cid"):
            cast = {"input": {"roomId": room["id"], "movieId": 101, "vote": True}}
            match = data(ask("vote", cast, by=user))["match"]
        app.deliver()

        assert (room["rule"], room["atLeast"]) == ("AT_LEAST", 2)
        assert (match["rule"], match["likes"]) == ("AT_LEAST", 2)
        assert match["matchedUsers"] == ["ann", "bob", "cid"], "who of them liked it stays unsaid"
        assert data(ask("getMyMatches", by="bob")) == [match]
        [found] = app.tables.events(MatchFound)
        assert (found.rule, found.at_least, found.likes) == ("at_least", 2, 2)

    def test_filters_limit_the_candidates_and_stay_with_the_room(self, app: RoomsApp) -> None:
        filters = {
            "excludedGenreIds": [53, 27, 27],
            "yearFrom": 1990,
            "minRating": 7,
            "providerIds": [8],
            "providerCountry": "DE",
            "certification": None,
        }
        arguments = {"mediaType": "MOVIE", "genreIds": list(MOVIE_GENRES), "filters": filters}

        room = data(ask("createRoom", {"input": arguments}))

        stored = app.rooms.get(room["id"])
        expected = Filters(
            excluded_genre_ids=(27, 53),
            year_from=1990,
            min_rating=7,
            provider_ids=(8,),
            provider_country="DE",
        )
        assert app.catalog.filtered == [expected]
        assert stored is not None
        assert stored.filters == expected
        assert room["genreIds"] == list(MOVIE_GENRES)

    def test_a_room_of_its_group_says_so_and_why(self, app: RoomsApp) -> None:
        app.recommender.deck = [replace(movie, reason="SEVERAL_LISTS") for movie in films(4)]
        given = {"mediaType": "MOVIE", "source": "GROUP", "hideSeenBy": "EVERYBODY"}

        room = data(ask("createRoom", {"input": given}, selection=("id", "candidates")))

        assert room["source"] == "GROUP"
        assert {movie["reason"] for movie in room["candidates"]} == {"SEVERAL_LISTS"}
        [(wish, users)] = app.recommender.asked
        assert (wish.hide_seen, users) == ("EVERYBODY", ("ann",))
        assert data(ask("createRoom", {"input": {"mediaType": "MOVIE"}}))["source"] == "DISCOVER"

    def test_a_host_may_mean_their_own_platforms(self, app: RoomsApp) -> None:
        app.platforms.of["ann"] = ("DE", (337, 8))
        filters = {"platforms": "MINE", "minRating": 7}

        room = data(ask("createRoom", {"input": {"mediaType": "MOVIE", "filters": filters}}))

        expected = Filters(min_rating=7, provider_ids=(8, 337), provider_country="DE")
        assert app.catalog.filtered == [expected]
        stored = app.rooms.get(room["id"])
        assert stored is not None
        assert stored.filters == expected

    @pytest.mark.parametrize(
        ("filters", "error"),
        [
            ({"platforms": "MINE"}, "NoOwnPlatforms"),
            ({"platforms": "YOURS"}, "InvalidInput"),
            (
                {"platforms": "MINE", "providerIds": [8], "providerCountry": "DE"},
                "InvalidInput",
            ),
        ],
        ids=["none are known", "unknown", "named twice"],
    )
    def test_platforms_that_cannot_be_meant_open_no_room(
        self, app: RoomsApp, filters: dict[str, object], error: str
    ) -> None:
        answer = ask("createRoom", {"input": {"mediaType": "MOVIE", "filters": filters}})

        assert refusal(answer) == error
        assert app.catalog.filtered == []

    def test_a_room_without_filters_asks_for_none(self, app: RoomsApp) -> None:
        ask("createRoom", {"input": {"mediaType": "MOVIE"}})
        ask("createRoom", {"input": {"mediaType": "MOVIE", "filters": {}}})

        assert app.catalog.filtered == [NO_FILTERS, NO_FILTERS]

    def test_ttl_is_in_seconds_since_the_epoch(self, app: RoomsApp) -> None:
        room = data(ask("createRoom", {"input": {"mediaType": "MOVIE"}}))

        assert room["createdAt"] == "2026-01-31T12:00:00.000Z"
        assert room["ttl"] == int(app.tables.now().timestamp()) + 24 * 60 * 60

    def test_omitted_fields_have_defaults(self, app: RoomsApp) -> None:
        room = data(ask("createRoom", {"input": {"mediaType": "MOVIE"}}))

        assert room["genreIds"] == []
        assert (room["minParticipants"], room["maxParticipants"]) == (2, 10)
        assert app.catalog.asked[0][0] is MediaType.MOVIE

    def test_an_explicit_null_is_the_same_as_omission(self, app: RoomsApp) -> None:
        nulls = {"genreIds": None, "minParticipants": None, "maxParticipants": None}

        room = data(ask("createRoom", {"input": {"mediaType": "MOVIE"} | nulls}))

        assert room["genreIds"] == []
        assert (room["minParticipants"], room["maxParticipants"]) == (2, 10)
        assert room["id"] in app.rooms

    def test_join_room_returns_the_room(self, app: RoomsApp) -> None:
        room = app.room("ann")

        joined = data(ask("joinRoom", {"input": {"roomCode": room.code.lower()}}, by="bob"))

        assert joined["participants"] == ["ann", "bob"]

    def test_join_room_takes_the_code_alone(self, app: RoomsApp) -> None:
        room = app.room("ann")
        arguments = {"input": None, "code": room.code.lower()}

        joined = data(ask("joinRoom", arguments, by="bob"))

        assert joined["participants"] == ["ann", "bob"]

    def test_leave_room_returns_the_room_without_the_caller(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")

        left = data(ask("leaveRoom", {"roomId": room.id}))

        assert (left["participants"], left["hostId"]) == (["bob"], "bob")

    def test_get_room_by_code_returns_null_when_there_is_none(self, app: RoomsApp) -> None:
        assert data(ask("getRoomByCode", {"code": "ABC234"})) is None
        assert len(app.rooms) == 0

    def test_vote_returns_the_vote(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")

        result = data(ask("vote", {"input": {"roomId": room.id, "movieId": 101, "vote": False}}))

        assert result == {
            "success": True,
            "vote": {
                "roomId": room.id,
                "userMovieId": "ann#101",
                "userId": "ann",
                "movieId": 101,
                "vote": False,
                "seen": None,
                "timestamp": "2026-01-31T12:00:00.000Z",
            },
            "match": None,
        }

    def test_a_null_vote_takes_the_vote_back(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "ann")

        result = data(ask("vote", {"input": {"roomId": room.id, "movieId": 101, "vote": None}}))

        assert result["vote"]["vote"] is None
        assert data(ask("myVotes", {"roomId": room.id})) == []

    def test_my_votes_are_the_caller_s_alone_and_newest_first(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "bob", no=("ann",))
        app.tables.now.advance(seconds=1)
        given = {"roomId": room.id, "movieId": 102, "vote": True, "seen": True}
        data(ask("vote", {"input": given}))

        votes = data(ask("myVotes", {"roomId": room.id}))

        shown = [(vote["movieId"], vote["vote"], vote["seen"]) for vote in votes]
        assert shown == [(102, True, True), (101, False, None)]
        assert {vote["userId"] for vote in votes} == {"ann"}
        assert refusal(ask("myVotes", {"roomId": room.id}, by="eve")) == "NotAParticipant"

    def test_the_vote_that_completes_a_match_returns_it(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.vote(room, 101, "bob")

        result = data(ask("vote", {"input": {"roomId": room.id, "movieId": 101, "vote": True}}))
        app.deliver()

        assert result["match"]["movieId"] == 101
        assert data(ask("getMyMatches")) == [result["match"]]

    def test_a_latecomers_vote_shows_no_earlier_match(self, app: RoomsApp) -> None:
        room = a_match(app)
        data(ask("joinRoom", {"input": {"roomCode": room.code}}, by="cid"))

        given = {"input": {"roomId": room.id, "movieId": 101, "vote": False}}
        late = data(ask("vote", given, by="cid"))

        assert (late["success"], late["match"]) == (True, None)
        assert data(ask("getMyMatches", by="cid")) == []
        assert data(ask("vote", given))["match"]["movieId"] == 101

    def test_participants_see_all_matches_of_their_room(self, app: RoomsApp) -> None:
        room = a_match(app)
        data(ask("joinRoom", {"input": {"roomCode": room.code}}, by="cid"))

        matches = [
            data(ask("roomMatches", {"roomId": room.id}, by=user)) for user in ("ann", "cid")
        ]

        assert matches == [data(ask("getMyMatches"))] * 2
        refused = ask("roomMatches", {"roomId": room.id}, by="eve")
        assert refused["error"]["type"] == "NotAParticipant"

    def test_a_repeated_request_creates_one_room(self, app: RoomsApp) -> None:
        given = {"input": {"mediaType": "MOVIE", "idempotencyKey": "tap-1"}}

        first, again = (data(ask("createRoom", given)) for _ in range(2))
        by_bob = data(ask("createRoom", given, by="bob"))
        given["input"]["idempotencyKey"] = "tap-2"
        other = data(ask("createRoom", given))

        assert first == again
        assert len({first["id"], by_bob["id"], other["id"]}) == len(app.tables.rooms) == 3

    def test_a_key_creates_another_room_once_the_first_has_closed(self, app: RoomsApp) -> None:
        given = {"input": {"mediaType": "MOVIE", "idempotencyKey": "tap-1"}}
        first = data(ask("createRoom", given))
        app.tables.now.advance(hours=25)

        assert data(ask("createRoom", given))["id"] != first["id"]

    @pytest.mark.parametrize("shape", ["{}-{}", " {} {} ", "{}–{}", "{} {}\n"])
    def test_a_code_is_accepted_as_people_write_it(self, app: RoomsApp, shape: str) -> None:
        room = app.room("ann", "bob")
        written = shape.format(room.code[:3].lower(), room.code[3:])

        assert data(ask("getRoomByCode", {"code": written}))["id"] == room.id

    def test_standings_count_likes_of_what_all_have_voted_on(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob", "cid")
        app.vote(room, 101, "bob", no=("ann", "cid"))
        app.vote(room, 102, "bob", "ann", no=("cid",))
        app.vote(room, 103, "bob", "ann")

        standings = data(ask("standings", {"roomId": room.id}))

        assert standings == [
            {
                "movieId": 102,
                "title": "Film 2",
                "posterPath": "/2.jpg",
                "mediaType": "MOVIE",
                "likes": 2,
                "of": 3,
                "missing": 1,
            },
            standings[1] | {"movieId": 101, "likes": 1, "missing": 2},
        ]
        assert data(ask("standings", {"roomId": room.id, "limit": 1})) == standings[:1]
        assert refusal(ask("standings", {"roomId": room.id}, by="eve")) == "NotAParticipant"
        assert wrong_fields(ask("standings", {"roomId": room.id, "limit": 51})) == {"limit"}

    def test_standings_leave_out_matches_and_rooms_of_two(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob", "cid")
        app.vote(room, 101, "ann", "bob", "cid")
        pair = app.room("ann", "bob")
        app.vote(pair, 101, "bob", no=("ann",))

        assert data(ask("standings", {"roomId": room.id})) == []
        assert data(ask("standings", {"roomId": pair.id})) == []

    def test_the_host_decides_and_everybody_finds_it(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")

        decision = data(ask("decide", {"roomId": room.id, "movieId": 102}))

        assert decision == {
            "decisionId": decision["decisionId"],
            "roomId": room.id,
            "movieId": 102,
            "title": "Film 2",
            "posterPath": "/2.jpg",
            "mediaType": "MOVIE",
            "by": "HOST",
            "timestamp": "2026-01-31T12:00:00.000Z",
        }
        assert data(ask("roomDecision", {"roomId": room.id}, by="bob")) == decision
        assert data(ask("getMyDecisions", by="bob")) == [decision]
        assert data(ask("getMyMatches", by="bob")) == []
        assert refusal(ask("roomDecision", {"roomId": room.id}, by="eve")) == "NotAParticipant"

    def test_a_proposal_says_how_it_stands(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob", "cid")
        given = {"roomId": room.id, "movieId": 101}

        first = data(ask("propose", given))
        second = data(ask("propose", given, by="bob"))

        assert (first["supporters"], first["of"], first["decision"]) == (1, 3, None)
        assert (second["supporters"], second["decision"]["by"]) == (2, "MAJORITY")

    def test_publish_user_decision_returns_the_notification(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        given = {"input": {"userId": "bob", "roomId": room.id}}
        early = answer(call("publishUserDecision", given, identity=service_role()))
        decision = data(ask("decide", {"roomId": room.id, "movieId": 102}))

        told = data(answer(call("publishUserDecision", given, identity=service_role())))
        given["input"]["userId"] = "eve"
        to_eve = answer(call("publishUserDecision", given, identity=service_role()))

        title = decision.pop("title")
        assert told == {"userId": "bob", "movieTitle": title, **decision}
        assert refusal(early) == "DecisionNotFound"
        assert refusal(to_eve) == "AccountDeleted"
        assert refusal(ask("publishUserDecision", given)) == "Forbidden"

    def test_get_my_matches_returns_all_fields(self, app: RoomsApp) -> None:
        room = a_match(app)

        match_id = app.tables.matches[room.id, 101].match_id

        [match] = data(ask("getMyMatches"))

        assert match == {
            "roomId": room.id,
            "movieId": 101,
            "matchId": match_id,
            "id": match_id,
            "title": "Film 1",
            "posterPath": "/1.jpg",
            "mediaType": "MOVIE",
            "matchedUsers": ["ann", "bob"],
            "rule": "ALL",
            "likes": 2,
            "timestamp": "2026-01-31T12:00:00.000Z",
        }

    def test_deck_returns_candidates_with_all_fields(self, app: RoomsApp) -> None:
        room = app.room("ann")

        [movie, *_] = data(ask("deck", {"roomId": room.id, "limit": 1}))

        assert movie == {
            "id": 101,
            "title": "Film 1",
            "overview": "What happens in film 1.",
            "posterPath": "/1.jpg",
            "releaseDate": "2024-05-17",
            "voteAverage": 7.5,
            "voteCount": 1200,
            "genreIds": [28, 12],
            "reason": None,
            "mediaType": "MOVIE",
            "language": "en",
            "directors": [],
            "cast": [],
        }

    def test_a_deck_has_one_candidate_by_default(self, app: RoomsApp) -> None:
        app.catalog.offers = films(50)
        room = app.room("ann")

        assert len(data(ask("deck", {"roomId": room.id}))) == 1

    def test_lists_are_paged(self, app: RoomsApp) -> None:
        rooms = [app.room("ann").id for _ in range(3)]

        first = data(ask("getMyRooms", {"limit": 2}))
        second = data(ask("getMyRooms", {"limit": 2, "after": first[-1]["id"]}))

        assert [room["id"] for room in (*first, *second)] == rooms[::-1]


class TestCandidatesAreReadOnlyWhenAskedFor:
    @pytest.fixture
    def questions(self, app: RoomsApp) -> dict[str, dict[str, Any]]:
        room = app.room("ann", "bob")
        app.tables.reads.clear()
        return {
            "getRoom": {"id": room.id},
            "getRoomByCode": {"code": room.code},
            "joinRoom": {"input": {"roomCode": room.code}},
            "getMyRooms": {},
            "leaveRoom": {"roomId": room.id},
        }

    @pytest.mark.parametrize(
        "field", ["getRoom", "getRoomByCode", "joinRoom", "getMyRooms", "leaveRoom"]
    )
    def test_not_selected(
        self, app: RoomsApp, questions: dict[str, dict[str, Any]], field: str
    ) -> None:
        answer = data(ask(field, questions[field]))

        assert "candidates" not in (answer[0] if isinstance(answer, list) else answer)
        assert app.tables.reads["candidates"] == 0

    @pytest.mark.parametrize(
        "field", ["getRoom", "getRoomByCode", "joinRoom", "getMyRooms", "leaveRoom"]
    )
    def test_selected(
        self, app: RoomsApp, questions: dict[str, dict[str, Any]], field: str
    ) -> None:
        answer = data(ask(field, questions[field], selection=("id", "candidates", "candidates/id")))

        room = answer[0] if isinstance(answer, list) else answer
        assert [movie["id"] for movie in room["candidates"]] == [101, 102, 103]
        assert app.tables.reads["candidates"] == 1


class TestRefusals:
    def test_every_refusal_has_a_type_and_a_sentence(self, app: RoomsApp) -> None:
        answer = ask("getRoom", {"id": ROOM})

        assert answer == {
            "error": {
                "type": "RoomNotFound",
                "message": "There is no such room. Please check the code.",
                "info": None,
            }
        }
        assert len(app.rooms) == 0

    def test_full(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob", at_most=2)
        answer = ask("joinRoom", {"input": {"roomCode": room.code}}, by="cid")
        assert refusal(answer) == "RoomFull"

    def test_expired(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        app.tables.now.advance(hours=24)
        answer = ask("joinRoom", {"input": {"roomCode": room.code}}, by="cid")
        assert refusal(answer) == "RoomExpired"

    def test_an_outsider_s_vote(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        arguments = {"roomId": room.id, "movieId": 101, "vote": True}
        assert refusal(ask("vote", {"input": arguments}, by="eve")) == "NotAParticipant"

    def test_a_title_that_is_no_candidate(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        arguments = {"roomId": room.id, "movieId": 999, "vote": True}
        assert refusal(ask("vote", {"input": arguments})) == "NotACandidate"

    def test_no_candidates(self, app: RoomsApp) -> None:
        app.catalog.offers, app.catalog.relax = [], ("years", "providers")
        answer = ask("createRoom", {"input": {"mediaType": "MOVIE"}})
        assert refusal(answer) == "NoCandidates"
        assert answer["error"]["info"] == {"relax": ["years", "providers"]}

    def test_no_catalog(self, app: RoomsApp) -> None:
        app.catalog.error = CatalogUnavailable()
        answer = ask("createRoom", {"input": {"mediaType": "MOVIE"}})
        assert refusal(answer) == "CatalogUnavailable"


TV_14 = {"certification": "TV-14", "certificationCountry": "US"}


class TestInvalidInput:
    @pytest.mark.parametrize(
        ("arguments", "fields"),
        [
            ({}, {"mediaType"}),
            ({"mediaType": None}, {"mediaType"}),
            ({"mediaType": "GAME"}, {"mediaType"}),
            ({"mediaType": "MOVIE", "genreIds": list(range(21))}, {"genreIds"}),
            ({"mediaType": "MOVIE", "source": "group"}, {"source"}),
            ({"mediaType": "MOVIE", "source": "GROUP", "hideSeenBy": "ME"}, {"hideSeenBy"}),
            ({"mediaType": "MOVIE", "filters": {"yearFrom": "1990"}}, {"filters.yearFrom"}),
            ({"mediaType": "MOVIE", "filters": {"yearFrom": 2000, "yearTo": 1999}}, {"filters"}),
            ({"mediaType": "MOVIE", "filters": {"providerIds": [8]}}, {"filters"}),
            ({"mediaType": "MOVIE", "filters": {"excludedGenreIds": [10765]}}, {"filters"}),
            ({"mediaType": "TV", "filters": TV_14}, {"filters"}),
            ({"mediaType": "MOVIE", "filters": {"maxRunTime": 90}}, {"filters.maxRunTime"}),
            ({"mediaType": "MOVIE", "filters": [{}]}, {"filters"}),
            ({"mediaType": "MOVIE", "genreIds": [28, 28]}, {"genreIds"}),
            ({"mediaType": "MOVIE", "genreIds": ["28"]}, {"genreIds.0"}),
            ({"mediaType": "MOVIE", "genreIds": [28, None]}, {"genreIds.1"}),
            ({"mediaType": "MOVIE", "genreIds": 28}, {"genreIds"}),
            ({"mediaType": "MOVIE", "minParticipants": 1}, {"minParticipants"}),
            ({"mediaType": "MOVIE", "maxParticipants": 51}, {"maxParticipants"}),
            ({"mediaType": "MOVIE", "minParticipants": "3"}, {"minParticipants"}),
            ({"mediaType": "MOVIE", "minParticipants": True}, {"minParticipants"}),
            ({"mediaType": "MOVIE", "minParticipants": 2.5}, {"minParticipants"}),
            ({"mediaType": "MOVIE", "rule": "MOST"}, {"rule"}),
            ({"mediaType": "MOVIE", "rule": "AT_LEAST", "atLeast": 1}, {"atLeast"}),
            ({"mediaType": "MOVIE", "userId": "eve"}, {"userId"}),
            ({"mediaType": "GAME", "minParticipants": 0}, {"mediaType", "minParticipants"}),
        ],
    )
    def test_create_room_names_every_wrong_field(
        self, app: RoomsApp, arguments: dict[str, Any], fields: set[str]
    ) -> None:
        assert wrong_fields(ask("createRoom", {"input": arguments})) == fields
        assert app.catalog.asked == []

    def test_more_participants_than_the_maximum(self, app: RoomsApp) -> None:
        arguments = {"mediaType": "MOVIE", "minParticipants": 5, "maxParticipants": 4}

        answer = ask("createRoom", {"input": arguments})

        assert wrong_fields(answer)
        assert "minParticipants must not be above maxParticipants" in answer["error"]["message"]
        assert len(app.rooms) == 0

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ({"rule": "AT_LEAST"}, "needs atLeast"),
            ({"rule": "ALL", "atLeast": 2}, "take none"),
            ({"atLeast": 2}, "take none"),
            ({"rule": "AT_LEAST", "atLeast": 11}, "not be above maxParticipants"),
        ],
    )
    def test_a_rule_that_says_too_little_or_too_much(
        self, app: RoomsApp, given: dict[str, object], reason: str
    ) -> None:
        answer = ask("createRoom", {"input": {"mediaType": "MOVIE", **given}})

        assert wrong_fields(answer)
        assert reason in answer["error"]["message"]
        assert len(app.rooms) == 0

    @pytest.mark.parametrize(
        "code", ["", "ABC23", "ABC2345", "ABC23I", "ABC230", "ÄBC234", "AB 234", 123456, None, []]
    )
    def test_an_invalid_code(self, app: RoomsApp, code: object) -> None:
        assert wrong_fields(ask("joinRoom", {"input": {"roomCode": code}})) == {"roomCode"}
        assert wrong_fields(ask("getRoomByCode", {"code": code})) == {"code"}
        assert app.tables.reads["code"] == 0

    @pytest.mark.parametrize(
        "room_id", ["", "42", "code#ABC234", f"{ROOM} ", ROOM.upper().replace("0", "A", 1), 7, None]
    )
    def test_an_invalid_id(self, app: RoomsApp, room_id: object) -> None:
        assert wrong_fields(ask("getRoom", {"id": room_id})) == {"id"}
        assert wrong_fields(ask("leaveRoom", {"roomId": room_id})) == {"roomId"}
        assert wrong_fields(ask("deck", {"roomId": room_id})) == {"roomId"}
        vote = {"roomId": room_id, "movieId": 1, "vote": True}
        assert wrong_fields(ask("vote", {"input": vote})) == {"roomId"}
        assert not app.tables.reads

    @pytest.mark.parametrize("limit", [0, 101, -1, "10", 1.5])
    def test_a_page_of_an_invalid_size(self, app: RoomsApp, limit: object) -> None:
        assert wrong_fields(ask("getMyRooms", {"limit": limit})) == {"limit"}
        assert wrong_fields(ask("getMyMatches", {"limit": limit})) == {"limit"}
        assert not app.tables.reads

    @pytest.mark.parametrize("limit", [0, 51])
    def test_a_deck_of_an_invalid_size(self, app: RoomsApp, limit: int) -> None:
        room = app.room("ann")

        assert wrong_fields(ask("deck", {"roomId": room.id, "limit": limit})) == {"limit"}

    @pytest.mark.parametrize("limit", [1, 50])
    def test_the_smallest_and_the_largest_page(self, app: RoomsApp, limit: int) -> None:
        app.room("ann")

        assert len(data(ask("getMyRooms", {"limit": limit}))) == 1

    @pytest.mark.parametrize("after", ["", "x", 5])
    def test_a_cursor_that_is_not_an_id(self, app: RoomsApp, after: object) -> None:
        assert wrong_fields(ask("getMyMatches", {"after": after})) == {"after"}
        assert not app.tables.reads

    @pytest.mark.parametrize("vote", [{"vote": "yes"}, {"vote": 1}, {}])
    def test_a_vote_that_is_neither_yes_nor_no_nor_null(
        self, app: RoomsApp, vote: dict[str, object]
    ) -> None:
        arguments = {"roomId": ROOM, "movieId": 101, **vote}

        assert wrong_fields(ask("vote", {"input": arguments})) == {"vote"}
        assert len(app.votes) == 0

    def test_seen_without_a_vote(self, app: RoomsApp) -> None:
        arguments = {"roomId": ROOM, "movieId": 101, "vote": None, "seen": True}

        assert wrong_fields(ask("vote", {"input": arguments}))
        assert not app.tables.reads

    @pytest.mark.parametrize("movie_id", ["101", 1.5, None, True])
    def test_a_movie_id_that_is_no_number(self, app: RoomsApp, movie_id: object) -> None:
        arguments = {"roomId": ROOM, "movieId": movie_id, "vote": True}

        assert wrong_fields(ask("vote", {"input": arguments})) == {"movieId"}
        assert len(app.votes) == 0

    @pytest.mark.parametrize("field", USER_FIELDS)
    def test_an_unknown_argument(self, app: RoomsApp, field: str) -> None:
        arguments = USER_FIELDS[field]
        unknown = "userId" if "userId" not in arguments else "hostId"
        inner = arguments.get("input", arguments) | {unknown: "eve"}
        given = {"input": inner} if "input" in arguments else inner

        assert wrong_fields(ask(field, given)) == {unknown}
        assert not app.tables.reads

    @pytest.mark.parametrize("field", ["createRoom", "joinRoom", "vote"])
    def test_no_input_at_all(self, app: RoomsApp, field: str) -> None:
        assert wrong_fields(ask(field, {}))
        assert wrong_fields(ask(field, {"input": None}))
        assert len(app.rooms) == 0

    def test_an_error_never_repeats_the_input(self, app: RoomsApp) -> None:
        answer = ask("joinRoom", {"input": {"roomCode": "my-password"}})

        assert "my-password" not in str(answer)
        assert len(app.rooms) == 0


ACCESS = {"token_use": "access", "scope": ACCESS_SCOPE}
IDENTITIES = {
    "nobody": None,
    "an empty identity": {},
    "a service role": service_role(),
    "claims without sub": {"claims": {"email": "ann@example.com", **ACCESS}},
    "an empty sub": {"claims": {"sub": "", **ACCESS}},
    "a sub beside the claims": {"sub": "ann", "claims": ACCESS},
    "a sub that is no text": {"claims": {"sub": ["ann"], **ACCESS}},
    "an ID token": {"claims": signed_in("ann")["claims"] | {"token_use": "id"}},
    "a token without Cognito's scope": {"claims": signed_in("ann")["claims"] | {"scope": "email"}},
}


class TestCallers:
    @pytest.mark.parametrize("identity", IDENTITIES.values(), ids=IDENTITIES.keys())
    @pytest.mark.parametrize("field", USER_FIELDS)
    def test_only_a_signed_in_user_is_accepted(
        self, app: RoomsApp, field: str, identity: dict[str, Any] | None
    ) -> None:
        event = call(field, USER_FIELDS[field], identity=identity)

        assert refusal(answer(event)) == "Unauthorized"
        assert len(app.rooms) == 0

    @pytest.mark.parametrize("field", USER_FIELDS)
    def test_the_caller_is_looked_at_before_the_arguments(self, app: RoomsApp, field: str) -> None:
        event = call(field, {"unknown": 1}, identity=IDENTITIES["an ID token"])

        assert refusal(answer(event)) == "Unauthorized"
        assert len(app.rooms) == 0

    @pytest.mark.parametrize("field", USER_FIELDS)
    def test_only_members_of_users_are_accepted(self, app: RoomsApp, field: str) -> None:
        event = call(field, USER_FIELDS[field], identity=signed_in("ann", "Editors"))

        assert refusal(answer(event)) == "Forbidden"
        assert len(app.rooms) == 0

    def test_all_fields_but_publish_user_match_are_for_users(self) -> None:
        fields = {name.split(".")[1] for name in RESOLVERS}

        ours = {
            "publishUserMatch",
            "publishUserDecision",
            "publishUserInvitation",
            "publishRoomFeed",
        }
        assert fields == {*USER_FIELDS, *ours}

    def test_publish_user_match_returns_the_notification(self, app: RoomsApp) -> None:
        room = a_match(app)
        arguments = {"userId": "bob", "roomId": room.id, "movieId": 101}

        event = call("publishUserMatch", {"input": arguments}, identity=service_role())
        notification = data(answer(event))

        assert notification == {
            "userId": "bob",
            "roomId": room.id,
            "matchId": app.tables.matches[room.id, 101].match_id,
            "movieId": 101,
            "movieTitle": "Film 1",
            "posterPath": "/1.jpg",
            "mediaType": "MOVIE",
            "matchedUsers": ["ann", "bob"],
            "rule": "ALL",
            "likes": 2,
            "timestamp": "2026-01-31T12:00:00.000Z",
        }

    @pytest.mark.parametrize("user", ["eve", "cid"])
    def test_nobody_is_notified_of_another_s_match(self, app: RoomsApp, user: str) -> None:
        room = a_match(app)
        arguments = {"userId": user, "roomId": room.id, "movieId": 101}

        event = call("publishUserMatch", {"input": arguments}, identity=service_role())

        assert refusal(answer(event)) == "MatchNotFound"

    @pytest.mark.parametrize(
        "identity", [None, signed_in("ann"), service_role() | signed_in("ann")], ids=str
    )
    def test_nobody_else_publishes_a_match(
        self, app: RoomsApp, identity: dict[str, Any] | None
    ) -> None:
        room = a_match(app)
        arguments = {"userId": "ann", "roomId": room.id, "movieId": 101}

        event = call("publishUserMatch", {"input": arguments}, identity=identity)

        assert refusal(answer(event)) in {"Forbidden", "Unauthorized"}


class TestCorrelation:
    def test_the_client_s_correlation_id_is_kept(self, app: RoomsApp) -> None:
        given = "phone-42:a.b_c"
        event = call(
            "createRoom",
            USER_FIELDS["createRoom"],
            identity=signed_in("ann"),
            headers={"x-correlation-id": given},
        )

        answer(event)

        assert app.tables.outbox[0].metadata.correlation_id == given
        assert app.catalog.asked[0][2] == given

    @pytest.mark.parametrize(
        "hostile",
        [
            "",
            " ",
            " x",
            "x ",
            "é",
            "☃",
            "a\nb",
            "a\r\nSet-Cookie: b",
            "a\tb",
            "a\x00b",
            'a"b',
            "{}",
            "${jndi:x}",
            "x" * 129,
        ],
    )
    def test_an_unsafe_correlation_id_is_replaced(self, app: RoomsApp, hostile: str) -> None:
        event = call(
            "createRoom",
            USER_FIELDS["createRoom"],
            identity=signed_in("ann"),
            headers={"x-correlation-id": hostile},
        )

        answer(event)

        [created] = app.tables.outbox
        assert created.metadata.correlation_id not in {hostile, hostile.strip(), ""}
        assert len(created.metadata.correlation_id) == 36

    @pytest.mark.parametrize("request_", [None, {}, {"headers": None}])
    def test_without_headers_a_new_correlation_id_is_created(
        self, app: RoomsApp, request_: object
    ) -> None:
        event = call("createRoom", USER_FIELDS["createRoom"], identity=signed_in("ann"))

        answer(event | {"request": request_})

        assert len(app.tables.outbox[0].metadata.correlation_id) == 36

    def test_calls_without_an_id_get_different_ids(self, app: RoomsApp) -> None:
        room = app.room("ann", "bob")
        for user in ("ann", "bob"):
            ask("vote", {"input": {"roomId": room.id, "movieId": 101, "vote": True}}, by=user)

        ids = {event.metadata.correlation_id for event in app.tables.outbox[-2:]}
        assert len(ids) == 2
        assert len(app.tables.events(VoteCast)) == 2


class TestDefects:
    def test_a_defect_is_raised_and_not_swallowed(self, app: RoomsApp) -> None:
        app.catalog.error = ZeroDivisionError("a defect")

        with pytest.raises(ZeroDivisionError):
            ask("createRoom", {"input": {"mediaType": "MOVIE"}})

    def test_a_field_that_no_resolver_knows_is_a_defect(self, app: RoomsApp) -> None:
        event = call("getRoom", {"id": ROOM}, identity=signed_in("ann"))
        event["info"]["fieldName"] = "getEverything"

        with pytest.raises(KeyError):
            answer(event)
        assert not app.tables.reads

    def test_every_call_reports_whether_it_failed(self, app: RoomsApp) -> None:
        ask("getMyRooms", {})
        ask("getRoom", {"id": "no id"})
        app.catalog.error = ZeroDivisionError("a defect")
        with pytest.raises(ZeroDivisionError):
            ask("createRoom", {"input": {"mediaType": "MOVIE"}})

        assert metrics.metric_set["ResolverErrors"]["Value"] == [0.0, 1.0, 1.0]


class TestTheHandler:
    def test_it_resolves_an_event(self, app: RoomsApp) -> None:
        event = call("createRoom", USER_FIELDS["createRoom"], identity=signed_in("ann"))

        response = api.handler(event, LambdaContext())  # type: ignore[arg-type]

        assert response["data"]["id"] in app.rooms
        assert len(app.tables.events(RoomCreated)) == 1

    def test_a_warmup_event_does_nothing(self, app: RoomsApp) -> None:
        assert api.handler({"warmup": True}, LambdaContext()) == {"warmed": True}  # type: ignore[arg-type]
        assert not app.tables.reads

    def test_it_logs_neither_the_token_nor_what_was_sent(
        self, app: RoomsApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        identity = signed_in("ann")
        log = StringIO()
        monkeypatch.setattr(logger.registered_handler, "stream", log)
        identity["claims"]["email"] = "ann@example.com"
        event = call(
            "joinRoom",
            {"input": {"roomCode": "secret"}},
            identity=identity,
            headers={"authorization": "a.b.c", "x-correlation-id": "thread-7"},
        )

        api.handler(event, LambdaContext())  # type: ignore[arg-type]

        written = log.getvalue()
        assert "thread-7" in written
        assert not [it for it in ("secret", "a.b.c", "ann@example.com") if it in written]
        assert len(app.rooms) == 0


class LambdaContext:
    """What Lambda says about an invocation."""

    function_name = "RoomsApiFunction"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:RoomsApiFunction"
    aws_request_id = "request-1"


@pytest.mark.parametrize("field", USER_FIELDS)
def test_every_field_is_refused_to_a_deleted_user(app: RoomsApp, field: str) -> None:
    room = app.room("bob")
    given = {"roomId": room.id, "id": room.id, "code": room.code}
    known = USER_FIELDS[field]
    arguments = {name: given.get(name, value) for name, value in known.items()}
    if "input" in known:
        names = {"roomId": room.id, "roomCode": room.code}
        arguments["input"] = {name: names.get(name, it) for name, it in known["input"].items()}
    app.tables.blocked["ann"] = app.tables.now()

    assert refusal(ask(field, arguments)) == "AccountDeleted"


def test_who_is_in_no_room_is_not_deleted(app: RoomsApp) -> None:
    assert data(ask("getMyRooms")) == data(ask("getMyMatches")) == []
    assert refusal(ask("getRoom", {"id": app.room("bob").id})) == "NotAParticipant"
