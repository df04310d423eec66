"""The tables behind the ports. Every write is one transaction with the event that tells it."""

from rooms.adapters.dynamodb.history import DynamoVisits
from rooms.adapters.dynamodb.matches import DynamoMatches
from rooms.adapters.dynamodb.rooms import DynamoRooms
from rooms.adapters.dynamodb.tables import Tables
from rooms.adapters.dynamodb.votes import DynamoVotes

__all__ = ["DynamoMatches", "DynamoRooms", "DynamoVisits", "DynamoVotes", "Tables"]
