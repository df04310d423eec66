"""The rules of rooms, votes and matches: no table, no queue, no clock of their own."""
