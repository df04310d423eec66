"""The environment of this service's functions."""

from typing import Annotated

from pydantic import BeforeValidator, SecretStr

from matinee.settings import Settings


def _comma_separated(text: object) -> object:
    return tuple(filter(None, map(str.strip, text.split(",")))) if isinstance(text, str) else text


def _absent_if_empty(text: object) -> object:
    return text or None


class EdgeSettings(Settings):
    """What every function behind the HTTP API needs.

    ALLOWED_ORIGINS are the browsers' origins that may read the answers, comma-separated.
    """

    stage: str
    powertools_service_name: str = "auth"
    allowed_origins: Annotated[tuple[str, ...], BeforeValidator(_comma_separated)] = ()


class AuthSettings(EdgeSettings):
    """What signing up and signing in need.

    AUTO_CONFIRM ("true" where no mail is sent) confirms every account without a code. The client's
    secret may be left empty: then the client has none.
    """

    user_pool_id: str
    user_pool_client_id: str
    user_pool_client_secret: Annotated[SecretStr | None, BeforeValidator(_absent_if_empty)] = None
    user_profiles_table: str
    auto_confirm: bool = False
