"""The events of rooms."""
