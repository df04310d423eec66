"""The events of rooms: what it publishes, and what its consumers read."""
