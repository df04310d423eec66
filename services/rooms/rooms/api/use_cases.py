"""The use cases behind the fields of GraphQL."""

from dataclasses import dataclass

from rooms.ports import Accounts, CardReader, GuestRooms, NameDirectory, RateLimiter
from rooms.use_cases.cast_vote import VoteCaster
from rooms.use_cases.close_room import RoomCloser
from rooms.use_cases.create_crew import CrewCreator
from rooms.use_cases.create_room import RoomCreator
from rooms.use_cases.deal_more import MoreDealer
from rooms.use_cases.decide_room import RoomDecider
from rooms.use_cases.describe_people import PeopleQuery
from rooms.use_cases.extend_room import RoomExtender
from rooms.use_cases.get_deck import DeckQuery
from rooms.use_cases.get_standings import StandingsQuery
from rooms.use_cases.join_room import RoomJoiner
from rooms.use_cases.leave_crew import CrewLeaver
from rooms.use_cases.leave_room import RoomLeaver
from rooms.use_cases.limit_guesses import GuessLimiter
from rooms.use_cases.limit_to_platforms import PlatformLimiter
from rooms.use_cases.list_crews import CrewQueries
from rooms.use_cases.list_decisions import DecisionQueries
from rooms.use_cases.list_matches import MatchQueries
from rooms.use_cases.list_rooms import RoomQueries
from rooms.use_cases.list_votes import VoteQueries
from rooms.use_cases.read_feed import FeedQuery
from rooms.use_cases.record_heartbeat import HeartbeatRecorder
from rooms.use_cases.remove_participant import ParticipantRemover
from rooms.use_cases.start_room import CrewRoomStarter


@dataclass(frozen=True, slots=True)
class CrewUseCases:
    """The use cases of crews. What calls on other people is limited."""

    create: CrewCreator
    leave: CrewLeaver
    start_room: CrewRoomStarter
    queries: CrewQueries
    limiter: RateLimiter


@dataclass(frozen=True, slots=True)
class UseCases:
    """The use cases behind the fields."""

    create_room: RoomCreator
    limit_to_platforms: PlatformLimiter
    join_room: RoomJoiner
    leave_room: RoomLeaver
    extend_room: RoomExtender
    close_room: RoomCloser
    remove_participant: ParticipantRemover
    deal_more: MoreDealer
    cast_vote: VoteCaster
    decide_room: RoomDecider
    decisions: DecisionQueries
    get_deck: DeckQuery
    get_standings: StandingsQuery
    rooms: RoomQueries
    votes: VoteQueries
    matches: MatchQueries
    guesses: GuessLimiter
    names: NameDirectory
    people: PeopleQuery
    heartbeat: HeartbeatRecorder
    cards: CardReader
    feed: FeedQuery
    crews: CrewUseCases
    accounts: Accounts
    bindings: GuestRooms
