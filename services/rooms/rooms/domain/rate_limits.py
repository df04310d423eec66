"""Rate limits against the guessing of room codes (docs/adr/0121)."""

from datetime import timedelta

from matinee.rate_limits import RateLimit

GUESS = RateLimit("room-code", per_identifier=20, per_source=200, window=timedelta(hours=1))
"""Codes that no room has. An evening's guests, who may share an address, mistype fewer."""
