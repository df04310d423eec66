"""Movie nights: an example of a team that listens to Matinee's events."""
