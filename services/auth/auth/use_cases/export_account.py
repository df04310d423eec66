"""Export what is stored of a user beside the user pool's own record."""

from dataclasses import dataclass

from auth.domain.account import Profile
from auth.domain.errors import AccountGone
from auth.ports import Users


@dataclass(frozen=True, slots=True)
class ExportAccount:
    """Exports a user's account to themselves."""

    users: Users

    def __call__(self, user_id: str) -> Profile:
        """Return a user's profile. Raises AccountGone, AccountsUnavailable."""
        profile = self.users.find(user_id)
        if profile is None:
            raise AccountGone
        return profile
