"""What must be true of a room's matches, told from its history alone.

The oracle sees every committed state and works out, from the membership and every user's latest
vote, on which films the room agreed at that instant. It does not look at tallies or agreements,
which are what it judges.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from matinee.contract import Contract, Envelope
from rooms.contracts import MatchFound, ParticipantJoined, ParticipantLeft, VoteCast
from rooms.domain import Match
from tests.fakes.house import House

type Film = tuple[str, int]
"""A room and a movie id."""


@dataclass
class Oracle:
    """Watches a house from the first commit on."""

    house: House
    agreed: dict[Film, set[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(set))
    answered: list[Match] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.house.world.after_commit = self.witness

    def witness(self, event: Envelope[Contract]) -> None:
        """Note which films the rooms agree on at this instant, and hold the event to the state."""
        self._holds_true(event.data)
        world = self.house.world
        for room in world.rooms.values():
            assert len(room.participants) <= room.max_participants
            assert len(set(room.participants)) == len(room.participants)
            assert not room.participants or room.host_id in room.participants
            if len(room.participants) < room.min_participants:
                continue
            for movie in world.candidates[room.id]:
                votes = (world.votes.get((room.id, user, movie.id)) for user in room.participants)
                if all(vote is not None and vote.yes for vote in votes):
                    self.agreed[room.id, movie.id].add(room.participants)

    def judge(self) -> None:
        """Check the invariants of matches, lists, events and notifications, all being delivered."""
        world, told = self.house.world, self.house.phones.told
        assert set(world.matches) == set(self.agreed), "a match exactly where there was agreement"
        found = world.events(MatchFound)
        assert len(found) == len(world.matches)
        for key, match in world.matches.items():
            assert match.matched_users in self.agreed[key], "they were in it together, agreeing"
            assert [
                event.match_id for event in found if (event.room_id, event.movie_id) == key
            ] == [match.match_id]
        expected = Counter(
            (user, match.room_id, match.movie_id)
            for match in world.matches.values()
            for user in match.matched_users
        )
        assert Counter(told) == expected, "each matched user is told once, and nobody else"
        listed = Counter(
            (user, match.room_id, match.movie_id)
            for user, inbox in world.inboxes.items()
            for match in inbox.values()
        )
        assert listed == expected, "each matched user finds the match in his list, once"
        for match in self.answered:
            assert world.matches[match.room_id, match.movie_id] == match, "as the vote had said"
        event_ids = [event.metadata.event_id for event in world.outbox]
        assert len(set(event_ids)) == len(event_ids)
        changes = [event.metadata.idempotency_key for event in world.outbox]
        assert len(set(changes)) == len(changes), "one event for one change"

    def _holds_true(self, data: Contract) -> None:
        world = self.house.world
        match data:
            case VoteCast(room_id=room_id, user_id=user_id, movie_id=movie_id):
                vote = world.votes[room_id, user_id, movie_id]
                assert vote.yes is data.vote
                assert user_id in world.rooms[room_id].participants
                assert movie_id in {movie.id for movie in world.candidates[room_id]}
                assert world.now() < world.rooms[room_id].expires_at
                tally = world.tallies[room_id, movie_id]
                assert tally.vote_of(user_id) is data.vote
            case ParticipantJoined(room_id=room_id, user_id=user_id):
                assert user_id in world.rooms[room_id].participants
                assert data.participant_count == len(world.rooms[room_id].participants)
            case ParticipantLeft(room_id=room_id, user_id=user_id):
                assert user_id not in world.rooms[room_id].participants
                assert data.participant_count == len(world.rooms[room_id].participants)
            case MatchFound(room_id=room_id, movie_id=movie_id):
                match = world.matches[room_id, movie_id]
                assert data.match_id == match.match_id
                assert tuple(data.matched_users) == match.matched_users
            case _:
                pass
