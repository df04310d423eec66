"""Show a user their profile, and let them choose what others see of them."""

from dataclasses import dataclass

from auth.domain.account import Profile
from auth.domain.errors import AccountGone
from auth.ports import Users
from matinee.observability import count


@dataclass(frozen=True, slots=True)
class EditProfile:
    """The use cases of one's own profile."""

    users: Users

    def get(self, user_id: str) -> Profile:
        """Return the profile. Raises AccountGone or AccountsUnavailable."""
        profile = self.users.find(user_id)
        if profile is None:
            raise AccountGone
        return profile

    def put(self, user_id: str, name: str | None, avatar: str | None) -> Profile:
        """Replace name and picture; None is the default. Raises AccountGone."""
        profile = self.users.set_public_profile(user_id, name, avatar)
        count("ProfileChanged")
        return profile
