"""Rooms: a group opens a room, swipes through the same fifty candidates, and finds its film."""
