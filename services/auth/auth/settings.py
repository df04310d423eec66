"""The environment of this service's functions."""

from typing import Annotated

from pydantic import BeforeValidator, SecretStr

from matinee.settings import EdgeSettings, Settings


def _absent_if_empty(text: object) -> object:
    return text or None


class PoolSettings(Settings):
    """The user pool and our client of it, whose secret may be empty: then it has none."""

    user_pool_id: str
    user_pool_client_id: str
    user_pool_client_secret: Annotated[SecretStr | None, BeforeValidator(_absent_if_empty)] = None


class UserTables(Settings):
    """The tables of profiles and usernames, and the outbox of their events."""

    user_profiles_table: str
    usernames_table: str
    outbox_table: str


class GuardSettings(Settings):
    """Where attempts are counted, and the secret whose key makes their pseudonyms."""

    attempts_table: str
    pseudonym_key: str


class SessionSettings(EdgeSettings, PoolSettings):
    """What staying in and signing out need."""


class PasswordSettings(SessionSettings, GuardSettings):
    """What a forgotten password needs."""


class AuthSettings(PasswordSettings, UserTables):
    """What signing up and signing in need."""


class OwnAccountSettings(EdgeSettings, UserTables):
    """What a signed-in user's own account needs: his username, and its end."""

    user_pool_id: str


class TriggerSettings(UserTables):
    """What the user pool's triggers need. They learn from their events which pool it is.

    AUTO_CONFIRM ("true" where no mail is sent) lets everybody in without a code: for development.
    """

    auto_confirm: bool = False
