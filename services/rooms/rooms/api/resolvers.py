"""The resolvers: one for each field of contracts/graphql/schema.graphql."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from matinee.clock import iso
from matinee.graphql import Call, Resolver
from matinee.principal import GUESTS
from rooms.api.cards import reader_of, show_all, show_movies
from rooms.api.crew_resolvers import CREW_RESOLVERS
from rooms.api.crew_schemas import StartRoomArguments
from rooms.api.feed_resolvers import FEED_RESOLVERS
from rooms.api.schemas import (
    CandidateArguments,
    CloseRoomArguments,
    CreateRoomInput,
    DealMoreArguments,
    DeckArguments,
    ExtendRoomArguments,
    GetRoomArguments,
    HeartbeatArguments,
    JoinRoomInput,
    LeaveRoomArguments,
    MatchPageArguments,
    MyVotesArguments,
    PublishUserDecisionInput,
    PublishUserMatchInput,
    RemoveParticipantArguments,
    RoomCodeArguments,
    RoomDecisionArguments,
    RoomMatchesArguments,
    RoomPageArguments,
    StandingsArguments,
    VoteInput,
    decision_type,
    match_type,
    outside,
    participant_type,
    preview_type,
    proposal_type,
    room_type,
    standing_type,
    user_decision_event,
    user_match_event,
    vote_type,
)
from rooms.api.use_cases import UseCases
from rooms.domain.deal import DeckSource
from rooms.domain.errors import CrewNotFound, NotAParticipant, NotInCrew, RoomNotFound
from rooms.domain.person import Person
from rooms.domain.rate_limits import INVITE
from rooms.domain.room import Movie, Room, require_room
from rooms.domain.rule import Rule
from rooms.use_cases.create_room import CreateRoom


def create_room(use_cases: UseCases, call: Call) -> object:
    """Create a room."""
    reader_of(call)  # What it refuses must not have made a room.
    given = call.read(CreateRoomInput, call.arguments.get("input"))
    filters = given.room_filters
    if given.filters and given.filters.platforms:
        filters = use_cases.limit_to_platforms(
            filters, call.caller.user_id, call.trace.correlation_id
        )
    command = CreateRoom(
        given.types[0],
        tuple(given.genre_ids),
        given.min_participants,
        given.max_participants,
        given.idempotency_key,
        Rule(given.rule, given.at_least),
        filters,
        given.source,
        given.hide_seen_by,
        both_types=len(given.types) > 1,
        ttl=timedelta(hours=given.closes_after_hours),
    )
    room, candidates = use_cases.create_room(call.caller.user_id, command, call.trace)
    shown = _dealt(use_cases, call, room, candidates)
    return _with_people(use_cases, call, room) | {"candidates": shown}


def start_room(use_cases: UseCases, call: Call) -> object:
    """Create a room for a crew, and invite the others."""
    reader_of(call)  # What it refuses must not have made a room.
    user_id, given = call.caller.user_id, call.read(StartRoomArguments)
    use_cases.crews.limiter.check(INVITE, user_id, call.source)
    room, candidates = use_cases.crews.start_room(
        user_id, given.crew_id, given.idempotency_key, call.trace
    )
    shown = _dealt(use_cases, call, room, candidates)
    return _with_people(use_cases, call, room) | {"candidates": shown}


def join_room(use_cases: UseCases, call: Call) -> object:
    """Add the caller to a room."""
    reader_of(call)  # What it refuses must not have let anybody in.
    given = call.arguments.get("input")
    if given is None:
        code = call.read(RoomCodeArguments).code
    else:
        code = call.read(JoinRoomInput, given).room_code
    user_id = call.caller.user_id
    with use_cases.guesses.counted(user_id, call.source):
        only = _only_room(use_cases, call)
        room = use_cases.join_room(user_id, code, call.trace, only)
    return _selected(use_cases, call, room)


def leave_room(use_cases: UseCases, call: Call) -> object:
    """Remove the caller from a room."""
    given = call.read(LeaveRoomArguments)
    room = use_cases.leave_room(call.caller.user_id, given.room_id, call.trace)
    return _selected(use_cases, call, room)


def extend_room(use_cases: UseCases, call: Call) -> object:
    """Keep a room open for longer, as its host."""
    given = call.read(ExtendRoomArguments)
    ttl = timedelta(hours=given.closes_after_hours)
    room = use_cases.extend_room(call.caller.user_id, given.room_id, ttl, call.trace)
    return _selected(use_cases, call, room)


def close_room(use_cases: UseCases, call: Call) -> object:
    """Close a room, as its host."""
    given = call.read(CloseRoomArguments)
    room = use_cases.close_room(call.caller.user_id, given.room_id, call.trace)
    return _selected(use_cases, call, room)


def remove_participant(use_cases: UseCases, call: Call) -> object:
    """Remove a participant from a room, as its host."""
    given = call.read(RemoveParticipantArguments)
    room = use_cases.remove_participant(
        call.caller.user_id, given.room_id, given.user_id, call.trace
    )
    return _selected(use_cases, call, room)


def deal_more(use_cases: UseCases, call: Call) -> object:
    """Add candidates to a room."""
    given = call.read(DealMoreArguments)
    room, candidates = use_cases.deal_more(
        call.caller.user_id, given.room_id, given.known, call.trace
    )
    shown = _dealt(use_cases, call, room, candidates)
    return _with_people(use_cases, call, room) | {"candidates": shown}


def heartbeat(use_cases: UseCases, call: Call) -> object:
    """Record that the caller is there; return until when they show as present."""
    given = call.read(HeartbeatArguments)
    return iso(use_cases.heartbeat(call.caller.user_id, given.room_id))


def get_room(use_cases: UseCases, call: Call) -> object:
    """Return a room to a participant."""
    room = use_cases.rooms.get(call.caller.user_id, call.read(GetRoomArguments).id)
    return _selected(use_cases, call, room)


def get_room_by_code(use_cases: UseCases, call: Call) -> object:
    """Return a room to a participant who has its code; to others what a preview says."""
    user_id = call.caller.user_id
    room = _find(use_cases, call)
    if room is None:
        return None
    return _selected(use_cases, call, room) if user_id in room.participants else outside(room)


def room_preview(use_cases: UseCases, call: Call) -> object:
    """Return what a user who has a room's code may know before they join."""
    room = _find(use_cases, call)
    if room is None:
        return None
    host = use_cases.names.find([room.host_id], call.trace.correlation_id).get(room.host_id)
    return preview_type(room, host)


def get_my_rooms(use_cases: UseCases, call: Call) -> object:
    """List the caller's rooms."""
    page = call.read(RoomPageArguments)
    rooms = use_cases.rooms.list_by_user(call.caller.user_id, page.limit, page.after)
    return _all_selected(use_cases, call, rooms)


def get_my_matches(use_cases: UseCases, call: Call) -> object:
    """List the caller's matches."""
    page = call.read(MatchPageArguments)
    matches = use_cases.matches.list_by_user(call.caller.user_id, page.limit, page.after)
    return [match_type(match) for match in matches]


def room_matches(use_cases: UseCases, call: Call) -> object:
    """List a room's matches to a participant."""
    room = use_cases.rooms.get(call.caller.user_id, call.read(RoomMatchesArguments).room_id)
    return [match_type(match) for match in use_cases.matches.list_by_room(room)]


def my_votes(use_cases: UseCases, call: Call) -> object:
    """List the caller's votes in a room."""
    room_id = call.read(MyVotesArguments).room_id
    return [vote_type(vote) for vote in use_cases.votes.list_by_user(call.caller.user_id, room_id)]


def deck(use_cases: UseCases, call: Call) -> object:
    """Return the caller's next candidates."""
    given = call.read(DeckArguments)
    movies = use_cases.get_deck(call.caller.user_id, given.room_id, given.limit, call.trace)
    return show_movies(use_cases.cards, call, movies)


def standings(use_cases: UseCases, call: Call) -> object:
    """Return how near the room is to a match on what everybody has voted on."""
    given = call.read(StandingsArguments)
    nearest = use_cases.get_standings(call.caller.user_id, given.room_id, given.limit)
    return [standing_type(standing) for standing in nearest]


def vote(use_cases: UseCases, call: Call) -> object:
    """Store the caller's vote, or take it back."""
    given = call.read(VoteInput, call.arguments.get("input"))
    stored, match = use_cases.cast_vote(
        call.caller.user_id,
        given.room_id,
        given.movie_id,
        call.trace,
        yes=given.vote,
        seen=given.seen,
    )
    return {
        "success": True,
        "vote": vote_type(stored),
        "match": match_type(match) if match else None,
    }


def decide(use_cases: UseCases, call: Call) -> object:
    """Decide for the room, as its host."""
    given = call.read(CandidateArguments)
    decision = use_cases.decide_room.decide(
        call.caller.user_id, given.room_id, given.movie_id, call.trace
    )
    return decision_type(decision)


def propose(use_cases: UseCases, call: Call) -> object:
    """Store the caller's proposal."""
    given = call.read(CandidateArguments)
    room, proposals = use_cases.decide_room.propose(
        call.caller.user_id, given.room_id, given.movie_id, call.trace
    )
    return proposal_type(room, proposals, given.movie_id)


def room_decision(use_cases: UseCases, call: Call) -> object:
    """Return a room's decision to a participant."""
    room = use_cases.rooms.get(call.caller.user_id, call.read(RoomDecisionArguments).room_id)
    decision = use_cases.decisions.get_by_room(room)
    return decision_type(decision) if decision else None


def get_my_decisions(use_cases: UseCases, call: Call) -> object:
    """List the decisions of the caller's rooms."""
    page = call.read(MatchPageArguments)
    decisions = use_cases.decisions.list_by_user(call.caller.user_id, page.limit, page.after)
    return [decision_type(decision) for decision in decisions]


def publish_user_decision(use_cases: UseCases, call: Call) -> object:
    """Return what a user's subscriptions receive of a decision; @aws_iam admits the notifier."""
    call.require_service()
    given = call.read(PublishUserDecisionInput, call.arguments.get("input"))
    decision = use_cases.decisions.get_for_user(given.user_id, given.room_id)
    return user_decision_event(decision, given.user_id)


def publish_user_match(use_cases: UseCases, call: Call) -> object:
    """Return what a matched user's subscriptions receive; @aws_iam admits the notifier alone."""
    call.require_service()
    given = call.read(PublishUserMatchInput, call.arguments.get("input"))
    match = use_cases.matches.get_for_user(given.user_id, given.room_id, given.movie_id)
    return user_match_event(match, given.user_id)


RESOLVERS: Mapping[str, Callable[[UseCases, Call], object]] = {
    "Mutation.createRoom": create_room,
    "Mutation.decide": decide,
    "Mutation.propose": propose,
    "Mutation.publishUserDecision": publish_user_decision,
    "Mutation.joinRoom": join_room,
    "Mutation.leaveRoom": leave_room,
    "Mutation.extendRoom": extend_room,
    "Mutation.closeRoom": close_room,
    "Mutation.removeParticipant": remove_participant,
    "Mutation.dealMore": deal_more,
    "Mutation.heartbeat": heartbeat,
    "Mutation.startRoom": start_room,
    "Mutation.vote": vote,
    "Mutation.publishUserMatch": publish_user_match,
    "Query.deck": deck,
    "Query.getMyDecisions": get_my_decisions,
    "Query.getMyMatches": get_my_matches,
    "Query.getMyRooms": get_my_rooms,
    "Query.getRoom": get_room,
    "Query.getRoomByCode": get_room_by_code,
    "Query.myVotes": my_votes,
    "Query.roomDecision": room_decision,
    "Query.roomMatches": room_matches,
    "Query.roomPreview": room_preview,
    "Query.standings": standings,
    **CREW_RESOLVERS,
    **FEED_RESOLVERS,
}


SERVICES_ONLY = frozenset(
    {
        "Mutation.publishRoomFeed",
        "Mutation.publishUserDecision",
        "Mutation.publishUserInvitation",
        "Mutation.publishUserMatch",
    }
)
"""Fields for our own functions; all others are for users."""

FOR_GUESTS = frozenset(
    {
        *("Mutation.joinRoom", "Mutation.leaveRoom", "Mutation.vote", "Mutation.heartbeat"),
        *("Query.getRoom", "Query.getRoomByCode", "Query.roomPreview", "Query.deck"),
        *("Query.myVotes", "Query.standings", "Query.roomMatches", "Query.roomDecision"),
        *("Query.getMyMatches", "Query.getMyDecisions"),
        *("Query.roomFeed", "Subscription.roomFeed"),
    }
)
"""Fields that guests may ask for, too: those of the one room that they are bound to."""

ANYBODYS = frozenset({"Query.getRoomByCode", "Query.roomPreview"})
"""Fields that return something to whoever asks."""


def resolvers(use_cases: UseCases) -> Mapping[str, Resolver]:
    """Return the resolvers of all fields, over some use cases."""
    return {field: partial(_resolve, use_cases, field) for field in RESOLVERS}


def _resolve(use_cases: UseCases, field: str, call: Call) -> object:
    """Resolve a field; raise AccountDeleted for a caller whose account is deleted.

    The caller is looked at before the arguments: whoever is not let in learns nothing of them.
    Deleted users are in no room and have no match any more, or will not soon. So it is looked up
    for those who get nothing, and for fields that return something to anybody.
    """
    if field in FOR_GUESTS:
        call = replace(call, groups=call.groups | {GUESTS})
    if field not in SERVICES_ONLY:
        _ = call.caller
    try:
        found = RESOLVERS[field](use_cases, call)
    except (NotAParticipant, RoomNotFound, NotInCrew, CrewNotFound):
        use_cases.accounts.require(call.caller.user_id)
        raise
    if found == [] or field in ANYBODYS:
        use_cases.accounts.require(call.caller.user_id)
    return found


def _find(use_cases: UseCases, call: Call) -> Room | None:
    code = call.read(RoomCodeArguments).code
    with suppress(RoomNotFound), use_cases.guesses.counted(call.caller.user_id, call.source):
        room = require_room(use_cases.rooms.get_by_code(code))
        if _only_room(use_cases, call) in (None, room.id):
            return room
        raise RoomNotFound
    return None


def _only_room(use_cases: UseCases, call: Call) -> str | None:
    """Return the one room that there is for a guest; None for users, who may go anywhere.

    Raises RoomNotFound for a guest who is bound to none.
    """
    if not call.caller.is_guest:
        return None
    room_id = use_cases.bindings.room_of(call.caller.user_id)
    if room_id is None:
        raise RoomNotFound
    return room_id


def _selected(use_cases: UseCases, call: Call, room: Room) -> dict[str, Any]:
    """Return a room; its candidates are read only if the client selects them."""
    return _all_selected(use_cases, call, [room])[0]


def _all_selected(use_cases: UseCases, call: Call, rooms: Sequence[Room]) -> list[dict[str, Any]]:
    """Return rooms; what other services know is asked for together, and of all at once."""
    names = _names(use_cases, call, *rooms)
    selected = [_with_people(use_cases, call, room, names) for room in rooms]
    if not call.selects("candidates"):
        return selected
    thread = call.trace.correlation_id
    candidates = [use_cases.rooms.list_candidates(room, thread) for room in rooms]
    shown = show_all(use_cases.cards, call, candidates, "candidates")
    return [room | {"candidates": movies} for room, movies in zip(selected, shown, strict=True)]


def _dealt(
    use_cases: UseCases, call: Call, room: Room, movies: Sequence[Movie]
) -> list[dict[str, Any]]:
    """Return candidates that were dealt just now: in a room of GROUP they are seen by this."""
    if room.source is DeckSource.GROUP:
        thread = call.trace.correlation_id
        movies = use_cases.rooms.list_candidates(room, thread) if call.selects("candidates") else ()
    return show_movies(use_cases.cards, call, movies, "candidates")


def _with_people(
    use_cases: UseCases, call: Call, room: Room, names: Mapping[str, Person] | None = None
) -> dict[str, Any]:
    """Return a room with its people, and of them what the client selects: each part costs."""
    people = use_cases.people(
        room,
        _names(use_cases, call, room) if names is None else names,
        presence=call.selects("people/joinedAt") or call.selects("people/isPresent"),
        progress=call.selects("people/progress"),
    )
    return room_type(room) | {"people": [*map(participant_type, people)]}


def _names(use_cases: UseCases, call: Call, *rooms: Room) -> Mapping[str, Person]:
    if not (any(call.selects(f"people/{part}") for part in ("name", "avatar", "isGuest"))):
        return {}
    user_ids = {user_id for room in rooms for user_id in room.participants}
    return use_cases.names.find(user_ids, call.trace.correlation_id)
