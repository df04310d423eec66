"""Rate limits: of guesses of codes (docs/adr/0121), guests, and invitations (docs/adr/0098)."""

from datetime import timedelta

from matinee.rate_limits import RateLimit

GUESS = RateLimit("room-code", per_identifier=20, per_source=200, window=timedelta(hours=1))
"""Codes that no room has. An evening's guests, who may share an address, mistype fewer."""

GUEST = RateLimit("guest", per_identifier=100, per_source=60, window=timedelta(hours=1))
"""Guests of one room, and of one address, which those on one sofa share: twice what a room holds,
as somebody may come twice."""

INVITE = RateLimit("invite", per_identifier=20, per_source=400, window=timedelta(hours=1))
"""Crews that are created, and rooms that are started for them: each calls on other people."""
