"""The use cases of rooms, one a file."""
