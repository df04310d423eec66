"""Guests: people without an account, each bound to one room."""

from dataclasses import dataclass, field
from datetime import timedelta

BOUND_FOR = timedelta(days=8)
"""Longer than auth keeps a guest."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A new guest and their tokens, which go to the guest and nowhere else."""

    user_id: str
    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
