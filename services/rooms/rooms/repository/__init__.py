"""The tables behind the ports. Every write is one transaction with the event that tells it."""

from rooms.repository.matches import DynamoMatches
from rooms.repository.rooms import DynamoRooms
from rooms.repository.transactions import Tables
from rooms.repository.visits import DynamoVisits
from rooms.repository.votes import DynamoVotes

__all__ = ["DynamoMatches", "DynamoRooms", "DynamoVisits", "DynamoVotes", "Tables"]
