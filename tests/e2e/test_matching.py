"""Rooms, votes and matches on the running product: findings.md section 2, row by row."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from tests.e2e.conftest import Idle, MakePeople, eventually
from tools.ops.client import Person, Refused, Stack
from tools.ops.client.person import ARRIVAL_TIMEOUT_SECONDS, INVITED, Inbox
from tools.push_service import PushServer, push_server

FILMS = 50


async def open_room(host: Person, guests: Sequence[Person], **wish: object) -> dict[str, Any]:
    room = await host.create_room(**wish)
    for guest in guests:
        await guest.join_room(room["code"])
    return room


@pytest.fixture
def push_service() -> Iterator[PushServer]:
    with push_server() as running:
        yield running


def films(room: dict[str, Any]) -> list[int]:
    return [movie["id"] for movie in room["candidates"]]


def told(inbox: Inbox) -> Counter[str]:
    return Counter(message["matchId"] for _, message in inbox.received)


async def test_the_first_match_notifies_every_phone_once(
    people: MakePeople, idle: Idle, push_service: PushServer
) -> None:
    ada, boris, carmen = await people("Ada", "Boris", "Carmen")
    async with ada.listening() as a, boris.listening() as b, carmen.listening() as c:
        pocket = await ada.subscribe_to_pushes(push_service)
        room = await open_room(ada, [boris, carmen])
        film = films(room)[0]
        for person in (ada, boris):
            assert (await person.vote(room["id"], film))["match"] is None
        last = await carmen.vote(room["id"], film)
        for inbox in (a, b, c):
            await inbox.wait_for(1)
        pushed = await asyncio.to_thread(pocket.received.get, timeout=ARRIVAL_TIMEOUT_SECONDS)
        await idle()

    assert (pushed["id"], pushed["movieId"]) == (last["match"]["matchId"], film)
    assert pocket.received.empty()
    assert last["match"]["movieId"] == film
    for person, inbox in ((ada, a), (boris, b), (carmen, c)):
        [(_, message)] = inbox.received
        assert message["userId"] == person.user_id
        assert message["movieId"] == film
        assert message["movieTitle"] == room["candidates"][0]["title"]
        assert set(message["matchedUsers"]) == {ada.user_id, boris.user_id, carmen.user_id}
        [match] = await person.matches()
        assert match["matchId"] == message["matchId"] == last["match"]["matchId"]


async def test_a_decision_is_told_to_all_who_then_meet_again_as_a_crew(
    people: MakePeople, idle: Idle, push_service: PushServer
) -> None:
    ada, boris, carmen = await people("Ada", "Boris", "Carmen")
    room = await open_room(ada, [boris, carmen])
    film = films(room)[3]
    proposal = "mutation ($room: ID!, $film: Int!) { propose(roomId: $room, movieId: $film) {"
    proposal += " supporters of decision { decisionId by } } }"
    first = await boris.ask(proposal, room=room["id"], film=film)
    with pytest.raises(Refused):
        await boris.decide(room["id"], film)
    decision = await ada.decide(room["id"], film)
    with pytest.raises(Refused):
        await carmen.ask(proposal, room=room["id"], film=films(room)[4])
    await idle()

    assert first["propose"] == {"supporters": 1, "of": 3, "decision": None}
    assert (decision["movieId"], decision["by"]) == (film, "HOST")
    for person in (ada, boris, carmen):
        mine = await person.ask("{ getMyDecisions { decisionId } }")
        assert mine == {"getMyDecisions": [{"decisionId": decision["decisionId"]}]}
        assert await person.matches() == []

    pocket = await carmen.subscribe_to_pushes(push_service)
    crew = await boris.create_crew(room["id"], "Friday nights")
    async with ada.listening(subscription=INVITED) as inbox:
        again = await boris.start_room(crew["id"], "next-friday")
        repeated = await boris.start_room(crew["id"], "next-friday")
        [invitation] = await inbox.wait_for(1)
        pushed = await asyncio.to_thread(pocket.received.get, timeout=ARRIVAL_TIMEOUT_SECONDS)
        await idle()
    joined = await ada.join_room(invitation["code"])
    crews = await carmen.ask("{ myCrews { items { id people { name } } } }")
    [listed] = crews["myCrews"]["items"]

    assert (again["participants"], repeated["id"]) == ([boris.user_id], again["id"])
    assert joined["participants"] == [boris.user_id, ada.user_id]
    assert len(inbox.received) == 1
    assert pocket.received.empty()
    assert (pushed["kind"], pushed["roomId"]) == ("INVITATION", again["id"])
    assert "Friday nights" in pushed["body"]
    assert listed["id"] == crew["id"]
    assert len([it for it in listed["people"] if it["name"]]) == 3
    told = {entry["kind"] for entry in await boris.room_feed(again["id"])}
    assert told >= {"JOINED", "INVITED"}


async def test_the_host_alone_matches_nothing(people: MakePeople, idle: Idle) -> None:
    [ada] = await people("Ada")
    room = await open_room(ada, [])
    for film in films(room)[:10]:
        assert (await ada.vote(room["id"], film))["match"] is None
    await idle()
    assert await ada.matches() == []


async def test_three_yes_votes_at_once_are_a_match(people: MakePeople) -> None:
    group = await people("Ada", "Boris", "Carmen")
    room = await open_room(group[0], group[1:])
    for film in films(room)[:20]:
        await asyncio.gather(*(person.vote(room["id"], film) for person in group))

    async def all_found() -> bool:
        found = await asyncio.gather(*(person.matches() for person in group))
        return all({m["movieId"] for m in own} == set(films(room)[:20]) for own in found)

    assert await eventually(all_found)


async def test_concurrent_last_votes_make_one_match_and_one_push_each(
    people: MakePeople, stack: Stack, aws: Callable[[str], Any], idle: Idle
) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await open_room(ada, [boris])
    liked = films(room)
    async with ada.listening() as a, boris.listening() as b:
        for film in liked:
            await asyncio.gather(ada.vote(room["id"], film), boris.vote(room["id"], film))
        for inbox in (a, b):
            await inbox.wait_for(len(liked))
        await idle()

    assert len(liked) == FILMS
    for inbox in (a, b):
        assert set(told(inbox).values()) == {1}
        assert len(inbox.received) == len(liked)
    assert told(a).keys() == told(b).keys()
    records = aws("dynamodb").query(
        TableName=stack.outputs["MatchesTableName"],
        KeyConditionExpression="roomId = :room",
        ExpressionAttributeValues={":room": {"S": room["id"]}},
    )
    assert {int(item["movieId"]["N"]) for item in records["Items"]} == set(liked)


async def test_concurrent_joins_for_one_seat_admit_one(people: MakePeople) -> None:
    host, *others = await people("Ada", "Boris", "Carmen", "Dinah")
    for _ in range(10):
        room = await open_room(host, [], maxParticipants=2)
        joins = await asyncio.gather(
            *(other.join_room(room["code"]) for other in others), return_exceptions=True
        )
        refused = [join for join in joins if isinstance(join, Refused)]
        assert [error.type for error in refused] == ["RoomFull", "RoomFull"]
        assert len((await host.get_room(room["id"]))["participants"]) == 2


async def test_a_vote_of_a_non_participant_is_refused(people: MakePeople, idle: Idle) -> None:
    ada, boris, mallory = await people("Ada", "Boris", "Mallory")
    room = await open_room(ada, [boris])
    film = films(room)[0]
    await ada.vote(room["id"], film)
    with pytest.raises(Refused) as refusal:
        await mallory.vote(room["id"], film)
    assert refusal.value.type == "NotAParticipant"
    await idle()
    assert await ada.matches() == []


async def test_leaving_completes_the_others_matches(people: MakePeople, idle: Idle) -> None:
    ada, boris, carmen = await people("Ada", "Boris", "Carmen")
    async with ada.listening() as a, boris.listening() as b, carmen.listening() as c:
        room = await open_room(ada, [boris, carmen])
        liked = films(room)[:3]
        for film in liked:
            await ada.vote(room["id"], film)
            await boris.vote(room["id"], film)
        await carmen.vote(room["id"], liked[0], yes=False)
        left = await carmen.leave_room(room["id"])
        for inbox in (a, b):
            await inbox.wait_for(len(liked))
        await idle()

    assert left["participants"] == [ada.user_id, boris.user_id]
    assert c.received == []
    for inbox in (a, b):
        assert {message["movieId"] for _, message in inbox.received} == set(liked)
        assert set(told(inbox).values()) == {1}
    assert await carmen.matches() == []


async def test_a_room_of_three_with_two_people_can_match(people: MakePeople) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await open_room(ada, [boris], maxParticipants=3)
    film = films(room)[0]
    await ada.vote(room["id"], film)
    assert (await boris.vote(room["id"], film))["match"]["movieId"] == film


async def test_a_vote_changed_in_time_prevents_the_match(people: MakePeople) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await open_room(ada, [boris])
    film = films(room)[0]
    await ada.vote(room["id"], film)
    await ada.vote(room["id"], film, yes=False)
    assert (await boris.vote(room["id"], film))["match"] is None
    assert (await ada.vote(room["id"], film))["match"]["movieId"] == film


async def test_a_match_survives_later_votes_and_joins(people: MakePeople, idle: Idle) -> None:
    ada, boris, carmen = await people("Ada", "Boris", "Carmen")
    room = await open_room(ada, [boris])
    film = films(room)[0]
    await ada.vote(room["id"], film)
    match = (await boris.vote(room["id"], film))["match"]
    changed = await boris.vote(room["id"], film, yes=False)
    await carmen.join_room(room["code"])

    async def kept() -> bool:
        return [m["matchId"] for m in await ada.matches()] == [match["matchId"]]

    assert changed["match"]["matchId"] == match["matchId"]
    assert await eventually(kept)
    await idle()
    assert await carmen.matches() == []


async def test_a_returning_participant_keeps_their_votes(people: MakePeople) -> None:
    ada, boris, carmen = await people("Ada", "Boris", "Carmen")
    room = await open_room(ada, [boris, carmen])
    film = films(room)[0]
    await ada.vote(room["id"], film)
    await ada.leave_room(room["id"])
    await boris.vote(room["id"], film)
    await carmen.leave_room(room["id"])
    async with ada.listening() as a, boris.listening() as b:
        back = await ada.join_room(room["code"])
        for inbox in (a, b):
            await inbox.wait_for(1)
    assert back["participants"] == [boris.user_id, ada.user_id]
    assert back["hostId"] == boris.user_id


async def test_rejoining_a_full_room_returns_the_room(people: MakePeople) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await open_room(ada, [boris], maxParticipants=2)
    again = await boris.join_room(f" {room['code'].lower()} ")
    assert again["id"] == room["id"]
    assert again["participants"] == [ada.user_id, boris.user_id]


async def test_participants_see_the_same_candidates_in_order(people: MakePeople) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await open_room(ada, [boris], genreIds=[28])
    seen = await boris.get_room(room["id"], "candidates { id title posterPath releaseDate }")
    assert [movie["id"] for movie in seen["candidates"]] == films(room)
    assert len(set(films(room))) == FILMS


async def test_the_deck_puts_liked_candidates_first_without_repeats(
    people: MakePeople,
) -> None:
    ada, boris, carmen = await people("Ada", "Boris", "Carmen")
    room = await open_room(ada, [boris, carmen])
    liked, disliked = films(room)[40], films(room)[0]
    for other in (ada, carmen):
        await other.vote(room["id"], liked)
        await other.vote(room["id"], disliked, yes=False)
    first = await boris.deck(room["id"], limit=5)
    assert first[0]["id"] == liked
    dealt: list[int] = []
    while hand := await boris.deck(room["id"], limit=10):
        for movie in hand:
            await boris.vote(room["id"], movie["id"], yes=False)
            dealt.append(movie["id"])
    assert sorted(dealt) == sorted(films(room))
    assert dealt[-1] == disliked


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"genreIds": [*range(1, 22)]}, "genreIds"),
        ({"genreIds": [28, 28]}, "genreIds"),
        ({"genreIds": [4711]}, "genreIds"),
        ({"mediaType": "TV", "genreIds": [28]}, "genreIds"),
        ({"minParticipants": 1}, "minParticipants"),
        ({"maxParticipants": 51}, "maxParticipants"),
        ({"minParticipants": 5, "maxParticipants": 4}, "minParticipants"),
    ],
)
async def test_an_invalid_room_is_refused_with_the_reason(
    people: MakePeople, wish: dict[str, object], field: str
) -> None:
    [ada] = await people("Ada")
    with pytest.raises(Refused, match=field) as refusal:
        await ada.create_room(**wish)
    assert refusal.value.type == "InvalidInput"
    assert await ada.rooms() == []


async def test_every_refused_vote_says_why(people: MakePeople) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await open_room(ada, [])
    film = films(room)[0]
    nowhere = "01890000-0000-7000-8000-000000000000"
    for attempt, code in (
        (ada.vote(nowhere, film), "RoomNotFound"),
        (ada.vote("nonsense", film), "InvalidInput"),
        (ada.vote(room["id"], 999_999_999), "NotACandidate"),
        (boris.vote(room["id"], film), "NotAParticipant"),
        (boris.join_room("ZZZZZZ"), "RoomNotFound"),
        (boris.join_room("0O1Il"), "InvalidInput"),
        (boris.leave_room(room["id"]), "NotAParticipant"),
        (boris.get_room(room["id"]), "NotAParticipant"),
        (boris.deck(room["id"]), "NotAParticipant"),
        (ada.deck(room["id"], limit=51), "InvalidInput"),
    ):
        with pytest.raises(Refused) as refusal:
            await attempt
        assert refusal.value.type == code


async def test_a_room_lives_as_its_host_says_and_is_told_as_expired(
    people: MakePeople, stack: Stack, aws: Callable[[str], Any]
) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await open_room(ada, [boris])
    await ada.ask(
        f'mutation {{ extendRoom(roomId: "{room["id"]}", closesAfterHours: 48) {{ id }} }}'
    )
    removal = f'removeParticipant(roomId: "{room["id"]}", userId: "{boris.user_id}") {{ id }}'
    await ada.ask(f"mutation {{ {removal} }}")
    with pytest.raises(Refused) as removed:
        await boris.join_room(room["code"])
    assert removed.value.type == "RemovedFromRoom"
    extended = await ada.get_room(room["id"], "closesAt closeReason participants createdAt")
    assert extended["participants"] == [ada.user_id]
    assert extended["closeReason"] is None
    assert extended["closesAt"][:10] > extended["createdAt"][:10]
    dynamodb = aws("dynamodb")
    for table, key in (
        ("RoomsTableName", {"id": {"S": room["id"]}}),
        (
            "VotesTableName",
            {"roomId": {"S": room["id"]}, "userMovieId": {"S": f"{ada.user_id}#-1"}},
        ),
    ):
        dynamodb.update_item(
            TableName=stack.outputs[table],
            Key=key,
            UpdateExpression="SET expiresAt = :past",
            ExpressionAttributeValues={":past": {"N": "1"}},
        )
    for attempt in (
        boris.join_room(room["code"]),
        ada.vote(room["id"], films(room)[0]),
        ada.deck(room["id"]),
        ada.leave_room(room["id"]),
    ):
        with pytest.raises(Refused) as refusal:
            await attempt
        assert refusal.value.type == "RoomExpired"
    aws("lambda").invoke(FunctionName=stack.outputs["RoomCloserFunctionName"], Payload=b"{}")
    assert (await ada.get_room(room["id"], "closeReason"))["closeReason"] == "EXPIRED"


async def test_my_ten_of_three_hundred_matches_are_found(
    people: MakePeople, stack: Stack, aws: Callable[[str], Any]
) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await open_room(ada, [boris])
    mine = films(room)[:10]
    for film in mine:
        await ada.vote(room["id"], film)
        await boris.vote(room["id"], film)
    dynamodb = aws("dynamodb")
    for number in range(290):
        other = {"userId": {"S": f"somebody-{number % 29}"}, "matchId": {"S": f"match-{number}"}}
        dynamodb.put_item(TableName=stack.outputs["UserMatchesTableName"], Item=other)

    async def ten() -> bool:
        return {match["movieId"] for match in await ada.matches()} == set(mine)

    assert await eventually(ten)
    first = await ada.matches(limit=4)
    rest = await ada.matches(limit=100, after=first[-1]["matchId"])
    assert len(first) == 4
    assert {m["movieId"] for m in first + rest} == set(mine)
    assert [m["matchId"] for m in first + rest] == sorted(
        (m["matchId"] for m in first + rest), reverse=True
    )


async def test_my_ten_of_a_hundred_rooms_are_found(people: MakePeople) -> None:
    ada, *others = await people("Ada", "Boris", "Carmen", "Dinah")
    mine = [await ada.create_room() for _ in range(9)]
    theirs: list[dict[str, Any]] = []
    for _ in range(30):
        theirs += await asyncio.gather(*(other.create_room() for other in others))
    await ada.join_room(theirs[0]["code"])
    rooms = await ada.rooms(limit=50)
    assert {room["id"] for room in rooms} == {room["id"] for room in [*mine, theirs[0]]}
    assert [room["id"] for room in rooms] == sorted((r["id"] for r in rooms), reverse=True)
    page = await ada.rooms(limit=4)
    assert page == rooms[:4]
    assert await ada.rooms(limit=50, after=page[-1]["id"]) == rooms[4:]


async def test_a_missed_notification_is_in_the_inbox(people: MakePeople) -> None:
    ada, boris = await people("Ada", "Boris")
    room = await open_room(ada, [boris])
    await ada.vote(room["id"], films(room)[0])
    await boris.vote(room["id"], films(room)[0])

    async def found() -> bool:
        return len(await boris.matches()) == 1

    assert await eventually(found)
