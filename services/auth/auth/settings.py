"""The environment of this service's functions."""

from typing import Annotated

from pydantic import BeforeValidator, SecretStr

from matinee.settings import EdgeSettings, Settings


def _absent_if_empty(text: object) -> object:
    return text or None


class PoolSettings(Settings):
    """The user pool and our app client of it. An empty secret means that the client has none."""

    user_pool_id: str
    user_pool_client_id: str
    user_pool_client_secret: Annotated[SecretStr | None, BeforeValidator(_absent_if_empty)] = None


class UserTables(Settings):
    """The tables of profiles and usernames, and the outbox of their events."""

    user_profiles_table: str
    usernames_table: str
    outbox_table: str


class RateLimitSettings(Settings):
    """The table of the rate limiter's counters, and the secret with the key of their hashes."""

    attempts_table: str
    pseudonym_key: str


class SessionSettings(EdgeSettings, PoolSettings):
    """The settings of refreshing a session and signing out."""


class PasswordSettings(SessionSettings, RateLimitSettings):
    """The settings of a forgotten password."""


class AuthSettings(PasswordSettings, UserTables):
    """The settings of signing up and signing in."""


class OwnAccountSettings(EdgeSettings, UserTables):
    """The settings of changing a username and deleting an account."""

    user_pool_id: str


class GuestSettings(PoolSettings, UserTables):
    """The settings of creating guests."""


class PreSignUpSettings(Settings):
    """The settings of the user pool's trigger before a sign-up.

    AUTO_CONFIRM ("true" where no mail is sent) confirms accounts without a code: for development.
    """

    auto_confirm: bool = False


class UpgradeSettings(AuthSettings, PreSignUpSettings):
    """The settings of making users of guests."""


class ExportSettings(Settings):
    """The settings of exporting an account."""

    user_profiles_table: str
