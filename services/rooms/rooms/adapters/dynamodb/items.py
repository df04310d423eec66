"""Keys and items: what is stored where, and how it is parsed.

    table         key                                   what
    Rooms         id = <room>                           a room and its participants
    Rooms         id = code#<code>                      the room that has this code
    Rooms         id = code#request-<hash>              the room that this request has created
    Votes         <room>, candidates                    the candidates, in the room's order
    Votes         <room>, film#<movie>                  the tally of one candidate
    Votes         <room>, <user>#-1                     a participation; in the index member-index
    Votes         <room>, <user>#<movie>                a vote
    Matches       <room>, <movie>                       a match
    UserMatches   <user>, <match>                       the same match, in a user's own list
    Rooms         id = decision#<room>                  the proposals of a room, and its decision
    UserMatches   <user>, ~decision#<decision>          the decision, in a user's own list
    Visits        <user>, <room>                        that the user has been in the room
    Visits        <user>, #bound                        the room that a guest is bound to
    Visits        <user>, #erased                       that the user is blocked: account deleted

A participation has the room's version: a vote is stored on condition that it is still the one with
which the room was read, without touching an item that all voters share.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from zlib import crc32

from pydantic import ConfigDict, TypeAdapter
from pydantic.alias_generators import to_camel

from matinee.clock import epoch_seconds, from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item
from matinee.filters import Filters
from matinee.media import MediaType
from rooms.domain.deal import DeckSource, HideSeen
from rooms.domain.decision import DecidedBy, Decision, Proposals
from rooms.domain.life import CloseReason
from rooms.domain.match import Match
from rooms.domain.presence import Presence
from rooms.domain.room import Movie, Room
from rooms.domain.rule import Rule, RuleKind
from rooms.domain.tally import Agreement, Tally, Vote

CANDIDATES_NAME = "candidates"
TALLY_PREFIX = "film#"
PARTICIPATION = -1
"""The seed's movie id for "is in the room"."""

MEMBER_INDEX = "member-index"
CLOSING_INDEX = "closing-index"
"""Of the rooms whose closing is not recorded, by shard and closing time."""

CLOSING_SHARDS = 8
"""So that no partition of the index takes the writes of all rooms that are created or closed."""

DECISION_PREFIX = "~decision#"
"""Sorts after every match's id: a user's matches are what comes before it."""

BLOCK = "#erased"
"""Sorts before every room's id: a user's history is what comes after it."""

BOUND = "#bound"
"""Sorts before BLOCK, and so before a user's history."""

_movies = TypeAdapter(list[Movie], config=ConfigDict(alias_generator=to_camel, defer_build=True))


def room_key(room_id: str) -> Item:
    """Return the key of a room."""
    return to_item({"id": room_id})


def code_key(code: str) -> Item:
    """Return the key of the reservation of a code."""
    return to_item({"id": f"code#{code}"})


def votes_key(room_id: str, name: str) -> Item:
    """Return the key of an item of a room in the votes table."""
    return to_item({"roomId": room_id, "userMovieId": name})


def tally_name(movie_id: int) -> str:
    """Return the sort key of a tally."""
    return f"{TALLY_PREFIX}{movie_id}"


def vote_name(user_id: str, movie_id: int | Literal[""]) -> str:
    """Return the sort key of a vote, or of a participation; with "" their common prefix."""
    return f"{user_id}#{movie_id}"


def match_key(room_id: str, movie_id: int) -> Item:
    """Return the key of a match."""
    return to_item({"roomId": room_id, "movieId": movie_id})


def visit_key(user_id: str, room_id: str) -> Item:
    """Return the key of a room in a user's history, or with BLOCK that of the user's block."""
    return to_item({"userId": user_id, "roomId": room_id})


def closing_shard(room_id: str) -> str:
    """Return the partition of the closing index that a room is in."""
    return str(crc32(room_id.encode()) % CLOSING_SHARDS)


def expiry_of(room: Room) -> int:
    """Return when a room's items expire, in seconds since the epoch."""
    return epoch_seconds(room.kept_until)


def room_item(room: Room) -> Item:
    """Return the item of a room."""
    return to_item(
        {
            "id": room.id,
            "code": room.code,
            "hostId": room.host_id,
            "mediaType": room.media_type.value,
            "bothTypes": room.both_types or None,
            "dealtVersion": room.dealt_version,
            "genreIds": room.genre_ids,
            "filters": room.filters.as_values() or None,
            "source": room.source.value,
            "hideSeen": room.hide_seen.value,
            "participants": room.participants,
            "minParticipants": room.min_participants,
            "maxParticipants": room.max_participants,
            "createdAt": iso(room.created_at),
            "expiresAt": epoch_seconds(room.expires_at),
            "version": room.version,
            "closed": room.closed and room.closed.value,
            "closingShard": None if room.closed else closing_shard(room.id),
            "removed": room.removed,
            "request": room.request,
            "crewId": room.crew_id,
            "ttl": expiry_of(room),
            **rule_values(room.rule),
        }
    )


def parse_room(item: Mapping[str, Any]) -> Room:
    """Parse a room."""
    values = from_item(item)
    return Room(
        id=values["id"],
        code=values["code"],
        host_id=values["hostId"],
        media_type=MediaType(values["mediaType"]),
        genre_ids=tuple(values["genreIds"]),
        participants=tuple(values["participants"]),
        min_participants=values["minParticipants"],
        max_participants=values["maxParticipants"],
        created_at=from_iso(values["createdAt"]),
        expires_at=datetime.fromtimestamp(values["expiresAt"], UTC),
        version=values["version"],
        rule=parse_rule(values),
        filters=Filters.from_values(values.get("filters", {})),
        source=DeckSource(values.get("source", DeckSource.DISCOVER)),
        hide_seen=HideSeen(values.get("hideSeen", HideSeen.ANYBODY)),
        both_types=values.get("bothTypes", False),
        dealt_version=values.get("dealtVersion", 1),
        closed=CloseReason(values["closed"]) if "closed" in values else None,
        removed=tuple(values.get("removed", ())),
        request=values.get("request"),
        crew_id=values.get("crewId"),
    )


def code_item(room: Room, code: str) -> Item:
    """Return the reservation of a code for a room."""
    return code_key(code) | to_item(
        {
            "roomId": room.id,
            "expiresAt": epoch_seconds(room.expires_at),
            "ttl": expiry_of(room),
        }
    )


def candidates_item(room: Room, candidates: Sequence[Movie]) -> Item:
    """Return the item of a room's candidates: one, as they are always read together."""
    return votes_key(room.id, CANDIDATES_NAME) | to_item(
        {"candidates": candidate_values(candidates), "ttl": expiry_of(room)}
    )


def candidate_values(candidates: Sequence[Movie]) -> list[dict[str, Any]]:
    """Return candidates as the value of an attribute."""
    values: list[dict[str, Any]] = _movies.dump_python(list(candidates), by_alias=True, mode="json")
    return values


def parse_candidates(item: Mapping[str, Any]) -> Sequence[Movie]:
    """Parse a room's candidates."""
    return _movies.validate_python(from_item(item)["candidates"])


def tally_item(room: Room, position: int, movie: Movie) -> Item:
    """Return the item of the tally of a candidate on which nobody has voted yet."""
    return votes_key(room.id, tally_name(movie.id)) | to_item(
        {
            "movieId": movie.id,
            "mediaType": movie.media_type.value,
            "position": position,
            "title": movie.title,
            "posterPath": movie.poster_path,
            "version": 0,
            "ttl": expiry_of(room),
        }
    )


def parse_tally(item: Mapping[str, Any]) -> Tally:
    """Parse a tally."""
    values = from_item(item)
    agreement = values.get("agreement")
    return Tally(
        room_id=values["roomId"],
        movie_id=values["movieId"],
        media_type=MediaType(values["mediaType"]),
        position=values["position"],
        title=values["title"],
        poster_path=values.get("posterPath"),
        likes=frozenset(values.get("likes", ())),
        dislikes=frozenset(values.get("dislikes", ())),
        version=values["version"],
        agreement=_parse_agreement(agreement) if agreement else None,
        shown=values.get("shown", False),
    )


def agreement_value(agreement: Agreement) -> dict[str, object]:
    """Return an agreement as the value of a tally's attribute."""
    return {
        "matchId": agreement.match_id,
        "users": agreement.users,
        "at": iso(agreement.at),
        **rule_values(agreement.rule, agreement.likes),
    }


def participation_key(room_id: str, user_id: str) -> Item:
    """Return the key of a user's participation in a room."""
    return votes_key(room_id, vote_name(user_id, PARTICIPATION))


def participation_item(room: Room, user_id: str, now: datetime) -> Item:
    """Return the item of the participation of a user who joins a room: they are there."""
    return participation_key(room.id, user_id) | to_item(
        {
            "userId": user_id,
            "memberId": user_id,
            "movieId": PARTICIPATION,
            "isParticipation": True,
            "roomVersion": room.version,
            "joinedAt": iso(now),
            "seenAt": iso(now),
            "expiresAt": epoch_seconds(room.expires_at),
            "ttl": expiry_of(room),
        }
    )


def parse_presence(item: Mapping[str, Any]) -> Presence:
    """Parse what a participation says of presence; older ones say nothing."""
    values = from_item(item)
    joined, seen = values.get("joinedAt"), values.get("seenAt")
    return Presence(from_iso(joined) if joined else None, from_iso(seen) if seen else None)


def visit_item(room: Room, user_id: str) -> Item:
    """Return the item of a room in a user's history; it stays as long as the room."""
    return visit_key(user_id, room.id) | to_item({"ttl": expiry_of(room)})


def bound_item(user_id: str, room_id: str, until: datetime) -> Item:
    """Return the item that binds a guest to a room."""
    values = {"boundTo": room_id, "ttl": epoch_seconds(until)}
    return visit_key(user_id, BOUND) | to_item(values)


def block_item(user_id: str, until: datetime) -> Item:
    """Return the item that blocks a user whose account is deleted."""
    return visit_key(user_id, BLOCK) | to_item({"ttl": epoch_seconds(until)})


def vote_item(room: Room, vote: Vote) -> Item:
    """Return the item of a vote."""
    values = {
        "userId": vote.user_id,
        "movieId": vote.movie_id,
        "vote": vote.yes,
        "timestamp": iso(vote.at),
        "isParticipation": False,
        "ttl": expiry_of(room),
    }
    if vote.seen is not None:
        values["seen"] = vote.seen
    return votes_key(room.id, vote_name(vote.user_id, vote.movie_id)) | to_item(values)


def parse_vote(item: Mapping[str, Any]) -> Vote:
    """Parse a vote."""
    values = from_item(item)
    return Vote(
        room_id=values["roomId"],
        user_id=values["userId"],
        movie_id=values["movieId"],
        yes=values["vote"],
        at=from_iso(values["timestamp"]),
        seen=values.get("seen"),
    )


def match_item(match: Match) -> Item:
    """Return the item of a match."""
    return to_item(
        {
            "roomId": match.room_id,
            "movieId": match.movie_id,
            "matchId": match.match_id,
            "mediaType": match.media_type.value,
            "title": match.title,
            "posterPath": match.poster_path,
            "matchedUsers": match.matched_users,
            "timestamp": iso(match.at),
            **rule_values(match.rule, match.likes),
        }
    )


def user_match_key(user_id: str, match_id: str) -> Item:
    """Return the key of an entry of a user's own list of matches."""
    return to_item({"userId": user_id, "matchId": match_id})


def user_match_item(match: Match, user_id: str) -> Item:
    """Return the item of a match in one user's own list."""
    return match_item(match) | to_item({"userId": user_id})


def parse_match(item: Mapping[str, Any]) -> Match:
    """Parse a match, the room's or one of a user's list."""
    values = from_item(item)
    return Match(
        match_id=values["matchId"],
        room_id=values["roomId"],
        movie_id=values["movieId"],
        media_type=MediaType(values["mediaType"]),
        title=values["title"],
        poster_path=values.get("posterPath"),
        matched_users=tuple(values["matchedUsers"]),
        at=from_iso(values["timestamp"]),
        rule=parse_rule(values),
        likes=values.get("likes"),
    )


def proposals_key(room_id: str) -> Item:
    """Return the key of a room's proposals."""
    return to_item({"id": f"decision#{room_id}"})


def proposals_item(room: Room, proposals: Proposals) -> Item:
    """Return the item of a room's proposals and its decision."""
    decision = proposals.decision
    return proposals_key(room.id) | to_item(
        {
            "roomId": room.id,
            "proposals": dict(proposals.of_users),
            "decision": _decision_values(decision) if decision else None,
            "version": proposals.version,
            "ttl": expiry_of(room),
        }
    )


def parse_proposals(item: Mapping[str, Any]) -> Proposals:
    """Parse a room's proposals."""
    values = from_item(item)
    decision = values.get("decision")
    return Proposals(
        room_id=values["roomId"],
        of_users=values["proposals"],
        version=values["version"],
        decision=_parse_decision(decision) if decision else None,
    )


def user_decision_key(user_id: str, decision_id: str) -> Item:
    """Return the key of a decision in a user's own list."""
    return user_match_key(user_id, f"{DECISION_PREFIX}{decision_id}")


def decision_item(decision: Decision, user_id: str) -> Item:
    """Return the item of a decision in one user's own list. It names nobody else."""
    key = user_decision_key(user_id, decision.decision_id)
    return key | to_item(_decision_values(decision))


def parse_decision(item: Mapping[str, Any]) -> Decision:
    """Parse a decision of a user's list."""
    return _parse_decision(from_item(item))


def _decision_values(decision: Decision) -> dict[str, object]:
    return {
        "decisionId": decision.decision_id,
        "roomId": decision.room_id,
        "movieId": decision.movie_id,
        "mediaType": decision.media_type.value,
        "title": decision.title,
        "posterPath": decision.poster_path,
        "by": decision.by.value,
        "timestamp": iso(decision.at),
    }


def _parse_decision(values: Mapping[str, Any]) -> Decision:
    return Decision(
        decision_id=values["decisionId"],
        room_id=values["roomId"],
        movie_id=values["movieId"],
        media_type=MediaType(values["mediaType"]),
        title=values["title"],
        poster_path=values.get("posterPath"),
        by=DecidedBy(values["by"]),
        at=from_iso(values["timestamp"]),
    )


def _parse_agreement(values: Mapping[str, Any]) -> Agreement:
    return Agreement(
        values["matchId"],
        tuple(values["users"]),
        from_iso(values["at"]),
        parse_rule(values),
        values.get("likes"),
    )


def rule_values(rule: Rule, likes: int | None = None) -> dict[str, object]:
    """Return a rule, and the likes by which it was met, but for what is the default."""
    values = {"rule": rule.kind.value, "atLeast": rule.at_least, "likes": likes}
    return {
        name: value
        for name, value in values.items()
        if value is not None and value != RuleKind.ALL.value
    }


def parse_rule(values: Mapping[str, Any]) -> Rule:
    """Parse a rule; the default where there is none."""
    return Rule(RuleKind(values.get("rule", RuleKind.ALL)), values.get("atLeast"))
