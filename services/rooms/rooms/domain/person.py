"""People as others see them: auth knows their names, rooms keeps none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A user by the name and the picture that they have chosen."""

    user_id: str
    name: str
    avatar: str | None = None
    is_guest: bool = False
