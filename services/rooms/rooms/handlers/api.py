"""The GraphQL API's function: one resolver for each field of contracts/graphql/schema.graphql."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.graphql import Call, Resolver, resolve
from matinee.observability import entry_point
from rooms.api.schemas import (
    CodeReference,
    CreateRoomInput,
    DeckRequest,
    JoinRoomInput,
    MatchPage,
    Page,
    PublishUserMatchInput,
    RoomId,
    RoomReference,
    VoteInput,
    match_type,
    movie_type,
    room_type,
    user_match_event,
    vote_type,
)
from rooms.bootstrap import room_service
from rooms.domain.anonymization import ERASED
from rooms.domain.errors import AccountDeleted, MatchNotFound
from rooms.domain.room import Room
from rooms.use_cases.create_room import Opening


def create_room(call: Call) -> object:
    """Open a room."""
    wish = call.read(CreateRoomInput, call.arguments.get("input"))
    opening = Opening(
        wish.media_type, tuple(wish.genre_ids), wish.min_participants, wish.max_participants
    )
    room, candidates = room_service().open(call.caller.user_id, opening, call.trace)
    return room_type(room) | {"candidates": [movie_type(movie) for movie in candidates]}


def join_room(call: Call) -> object:
    """Take a seat."""
    wish = call.read(JoinRoomInput, call.arguments.get("input"))
    return _shown(call, room_service().join(call.caller.user_id, wish.room_code, call.trace))


def leave_room(call: Call) -> object:
    """Leave."""
    wish = call.read(RoomReference)
    return _shown(call, room_service().leave(call.caller.user_id, wish.room_id, call.trace))


def get_room(call: Call) -> object:
    """Show a room to a participant."""
    return _shown(call, room_service().room(call.caller.user_id, call.read(RoomId).id))


def get_room_by_code(call: Call) -> object:
    """Show a room to whoever has its code."""
    call.require_user()
    room = room_service().room_by_code(call.read(CodeReference).code)
    return _shown(call, room) if room else None


def get_my_rooms(call: Call) -> object:
    """List the caller's rooms."""
    page = call.read(Page)
    rooms = room_service().my_rooms(call.caller.user_id, page.limit, page.after)
    return [_shown(call, room) for room in rooms]


def get_my_matches(call: Call) -> object:
    """List the caller's matches."""
    page = call.read(MatchPage)
    matches = room_service().my_matches(call.caller.user_id, page.limit, page.after)
    return [match_type(match) for match in matches]


def deck(call: Call) -> object:
    """Deal the caller's next candidates."""
    wish = call.read(DeckRequest)
    movies = room_service().deck(call.caller.user_id, wish.room_id, wish.limit)
    return [movie_type(movie) for movie in movies]


def vote(call: Call) -> object:
    """Take a vote."""
    ballot = call.read(VoteInput, call.arguments.get("input"))
    cast, match = room_service().vote(
        call.caller.user_id, ballot.room_id, ballot.movie_id, call.trace, yes=ballot.vote
    )
    return {
        "success": True,
        "vote": vote_type(cast),
        "match": match_type(match) if match else None,
    }


def publish_user_match(call: Call) -> object:
    """Return what a matched user's phones are told; @aws_iam lets only the notifier ask."""
    call.require_service()
    wish = call.read(PublishUserMatchInput, call.arguments.get("input"))
    match = room_service().matches.find(wish.room_id, wish.movie_id)
    if match is None:
        raise MatchNotFound
    if wish.user_id not in match.matched_users:
        raise AccountDeleted if ERASED in match.matched_users else MatchNotFound
    return user_match_event(match, wish.user_id)


def _shown(call: Call, room: Room) -> dict[str, Any]:
    """Return a room; its candidates are read only if the client asks for them."""
    shown = room_type(room)
    if call.selects("candidates"):
        shown["candidates"] = [movie_type(movie) for movie in room_service().candidates(room)]
    return shown


RESOLVERS: Mapping[str, Resolver] = {
    "Mutation.createRoom": create_room,
    "Mutation.joinRoom": join_room,
    "Mutation.leaveRoom": leave_room,
    "Mutation.vote": vote,
    "Mutation.publishUserMatch": publish_user_match,
    "Query.deck": deck,
    "Query.getMyMatches": get_my_matches,
    "Query.getMyRooms": get_my_rooms,
    "Query.getRoom": get_room,
    "Query.getRoomByCode": get_room_by_code,
}


@entry_point(prepare=room_service)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Return one field of one GraphQL request."""
    return resolve(event, RESOLVERS)
