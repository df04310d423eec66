"""Rate limits against the guessing of passwords and codes (docs/adr/0012)."""

from datetime import timedelta

from matinee.rate_limits import RateLimit

SIGN_UP = RateLimit("signup", per_identifier=10, per_source=100, window=timedelta(minutes=15))
"""Sign-ups that are refused because something is taken; whoever repeats their own is among them."""
SIGN_IN = RateLimit("signin", per_identifier=10, per_source=100, window=timedelta(minutes=15))
VERIFY = RateLimit("verify", per_identifier=10, per_source=100, window=timedelta(minutes=15))
RESET = RateLimit("reset", per_identifier=10, per_source=100, window=timedelta(minutes=15))
SEND_CODE = RateLimit("send-code", per_identifier=5, per_source=50, window=timedelta(hours=1))
"""A request for a code sends a mail whatever comes of it, so it is never refunded."""
