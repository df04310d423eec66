"""Keys and items: what is stored where, and how it is read back.

    table         key                                   what
    Rooms         id = <room>                           the room and who is in it
    Rooms         id = code#<code>                      the room that has this code
    Votes         <room>, candidates                    the fifty candidates, in the room's order
    Votes         <room>, film#<movie>                  the tally of one candidate
    Votes         <room>, <user>#-1                     a participation; in the index member-index
    Votes         <room>, <user>#<movie>                a vote
    Matches       <room>, <movie>                       a match
    UserMatches   <user>, <match>                       the same match, in a user's own list
    Visits        <user>, <room>                        that the user has been in the room
    Visits        <user>, #erased                       that the user's account is gone

A participation carries the room's version: a vote is stored on condition that it is still the
one under which the room was read, without touching an item that all voters share.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from matinee.clock import epoch_seconds, from_iso, iso
from matinee.dynamodb.items import Item, from_item, to_item
from rooms.domain.room import (
    KEPT_AFTER_CLOSING,
    Agreement,
    Match,
    MediaType,
    Movie,
    Room,
    Tally,
    Vote,
)

CANDIDATES_KEY = "candidates"
FILM_PREFIX = "film#"
PARTICIPATION = -1
"""The seed's movie id for "is in the room"."""

MEMBER_INDEX = "member-index"

ERASURE = "#erased"
"""Sorts before every room's id: a user's visits are what comes after it."""


def room_key(room_id: str) -> Item:
    """Return the key of a room."""
    return to_item({"id": room_id})


def code_key(code: str) -> Item:
    """Return the key of a code's reservation."""
    return to_item({"id": f"code#{code}"})


def votes_key(room_id: str, name: str) -> Item:
    """Return the key of an item of a room in the votes table."""
    return to_item({"roomId": room_id, "userMovieId": name})


def film(movie_id: int) -> str:
    """Return the name of a tally."""
    return f"{FILM_PREFIX}{movie_id}"


def ballot(user_id: str, movie_id: int) -> str:
    """Return the name of a vote, or with PARTICIPATION that of a participation."""
    return f"{user_id}#{movie_id}"


def match_key(room_id: str, movie_id: int) -> Item:
    """Return the key of a match."""
    return to_item({"roomId": room_id, "movieId": movie_id})


def visit_key(user_id: str, room_id: str) -> Item:
    """Return the key of a visit, or with ERASURE that of the mark of an erased user."""
    return to_item({"userId": user_id, "roomId": room_id})


def purged_at(room: Room) -> int:
    """Return when a room's items may go, in seconds since the epoch."""
    return epoch_seconds(room.expires_at + KEPT_AFTER_CLOSING)


def room_item(room: Room) -> Item:
    """Write a room."""
    return to_item(
        {
            "id": room.id,
            "code": room.code,
            "hostId": room.host_id,
            "mediaType": room.media_type.value,
            "genreIds": room.genre_ids,
            "participants": room.participants,
            "minParticipants": room.min_participants,
            "maxParticipants": room.max_participants,
            "createdAt": iso(room.created_at),
            "expiresAt": epoch_seconds(room.expires_at),
            "version": room.version,
            "ttl": purged_at(room),
        }
    )


def read_room(item: Mapping[str, Any]) -> Room:
    """Read a room."""
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
    )


def code_item(room: Room) -> Item:
    """Write the reservation of a room's code."""
    return code_key(room.code) | to_item(
        {
            "roomId": room.id,
            "expiresAt": epoch_seconds(room.expires_at),
            "ttl": purged_at(room),
        }
    )


def candidates_item(room: Room, candidates: Sequence[Movie]) -> Item:
    """Write a room's candidates, all in one item: they are only ever read together."""
    return votes_key(room.id, CANDIDATES_KEY) | to_item(
        {"candidates": [_movie(movie) for movie in candidates], "ttl": purged_at(room)}
    )


def read_candidates(item: Mapping[str, Any]) -> Sequence[Movie]:
    """Read a room's candidates."""
    return [_read_movie(values) for values in from_item(item)["candidates"]]


def tally_item(room: Room, position: int, movie: Movie) -> Item:
    """Write the tally of a candidate on which nobody has voted yet."""
    return votes_key(room.id, film(movie.id)) | to_item(
        {
            "movieId": movie.id,
            "mediaType": movie.media_type.value,
            "position": position,
            "title": movie.title,
            "posterPath": movie.poster_path,
            "version": 0,
            "ttl": purged_at(room),
        }
    )


def read_tally(item: Mapping[str, Any]) -> Tally:
    """Read a tally."""
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
        agreement=_read_agreement(agreement) if agreement else None,
    )


def agreement_value(agreement: Agreement) -> dict[str, object]:
    """Write an agreement, as the value of a tally's attribute."""
    return {
        "matchId": agreement.match_id,
        "users": agreement.users,
        "at": iso(agreement.at),
    }


def participation_item(room: Room, user_id: str) -> Item:
    """Write that a user is in a room."""
    return votes_key(room.id, ballot(user_id, PARTICIPATION)) | to_item(
        {
            "userId": user_id,
            "memberId": user_id,
            "movieId": PARTICIPATION,
            "isParticipation": True,
            "roomVersion": room.version,
            "expiresAt": epoch_seconds(room.expires_at),
            "ttl": purged_at(room),
        }
    )


def visit_item(room: Room, user_id: str) -> Item:
    """Write that a user has been in a room; it stays when he leaves, as long as the room."""
    return visit_key(user_id, room.id) | to_item({"ttl": purged_at(room)})


def erasure_item(user_id: str, until: datetime) -> Item:
    """Write that a user's account is gone."""
    return visit_key(user_id, ERASURE) | to_item({"ttl": epoch_seconds(until)})


def vote_item(room: Room, vote: Vote) -> Item:
    """Write a vote."""
    return votes_key(room.id, ballot(vote.user_id, vote.movie_id)) | to_item(
        {
            "userId": vote.user_id,
            "movieId": vote.movie_id,
            "vote": vote.yes,
            "timestamp": iso(vote.at),
            "isParticipation": False,
            "ttl": purged_at(room),
        }
    )


def read_vote(item: Mapping[str, Any]) -> Vote:
    """Read a vote."""
    values = from_item(item)
    return Vote(
        room_id=values["roomId"],
        user_id=values["userId"],
        movie_id=values["movieId"],
        yes=values["vote"],
        at=from_iso(values["timestamp"]),
    )


def match_item(match: Match) -> Item:
    """Write a match."""
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
        }
    )


def user_match_key(user_id: str, match_id: str) -> Item:
    """Return the key of an entry of a user's own list of matches."""
    return to_item({"userId": user_id, "matchId": match_id})


def user_match_item(match: Match, user_id: str) -> Item:
    """Write a match as an entry of one user's own list."""
    return match_item(match) | to_item({"userId": user_id})


def read_match(item: Mapping[str, Any]) -> Match:
    """Read a match, from the room's or from a user's list."""
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
    )


def _movie(movie: Movie) -> dict[str, object]:
    return {
        "id": movie.id,
        "title": movie.title,
        "overview": movie.overview,
        "mediaType": movie.media_type.value,
        "genreIds": movie.genre_ids,
        "posterPath": movie.poster_path,
        "releaseDate": movie.release_date,
        "voteAverage": movie.vote_average,
        "voteCount": movie.vote_count,
    }


def _read_movie(values: Mapping[str, Any]) -> Movie:
    return Movie(
        id=values["id"],
        title=values["title"],
        overview=values["overview"],
        media_type=MediaType(values["mediaType"]),
        genre_ids=tuple(values["genreIds"]),
        poster_path=values.get("posterPath"),
        release_date=values.get("releaseDate"),
        vote_average=values.get("voteAverage"),
        vote_count=values.get("voteCount"),
    )


def _read_agreement(values: Mapping[str, Any]) -> Agreement:
    return Agreement(values["matchId"], tuple(values["users"]), from_iso(values["at"]))
