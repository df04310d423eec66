"""Movie nights: an example of a team that consumes Matinee's events."""
