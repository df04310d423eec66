"""Sessions: a signed-in user and their tokens."""

from dataclasses import dataclass, field

from auth.domain.account import Account, PoolUser


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in user, their tokens, and what these say of them.

    `expires_in` is the lifetime of the access token in seconds.
    """

    account: Account
    groups: frozenset[str]
    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    preferred_username: str | None = None
    given_name: str | None = field(default=None, repr=False)
    is_verified: bool = False
    expires_in: int = 3600

    @property
    def user(self) -> PoolUser:
        """The user as their tokens describe them."""
        return PoolUser(self.account, self.preferred_username, self.given_name, self.is_verified)

    @property
    def email(self) -> str:
        """The address of the user."""
        return self.account.email
