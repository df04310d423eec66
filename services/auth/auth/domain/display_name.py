"""What a user shows of themselves to others: a name and a picture."""

from dataclasses import dataclass

AVATAR_PATTERN = r"^[a-z0-9][a-z0-9-]{0,31}$"


@dataclass(frozen=True, slots=True)
class PublicProfile:
    """A user as others see them. `avatar` names one of the apps' pictures."""

    user_id: str
    name: str
    avatar: str | None = None
    is_guest: bool = False
