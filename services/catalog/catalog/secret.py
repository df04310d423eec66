"""TMDB's key in Secrets Manager: JSON {"api_key": "..."}, kept for five minutes."""

import asyncio
from dataclasses import dataclass

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import (
    GetParameterError,
    TransformParameterError,
)
from botocore.exceptions import ClientError

from catalog.errors import TmdbKeyRefused, TmdbUnavailable
from matinee.observability import logger

KEPT_FOR = 300
"""Seconds after which a rotated key is seen by every instance."""


@dataclass(frozen=True, slots=True)
class SecretApiKey:
    """The `ApiKey` in a secret. The provider must be quick to give up: a room waits for it."""

    secrets: SecretsProvider
    arn: str

    async def __call__(self) -> str:
        """Return the key.

        Raises TmdbKeyRefused when the secret has none, TmdbUnavailable when it cannot be read.
        """
        try:
            secret = await asyncio.to_thread(
                self.secrets.get, self.arn, max_age=KEPT_FOR, transform="json"
            )
        except TransformParameterError:
            secret = None
        except GetParameterError as error:
            logger.error("tmdb_secret_unreadable", extra={"reason": _reason(error)})
            raise TmdbUnavailable from None
        key = secret.get("api_key") if isinstance(secret, dict) else None
        if not isinstance(key, str) or not key.strip():
            logger.error("tmdb_secret_empty", extra={"repair": 'store {"api_key": "..."} in it'})
            raise TmdbKeyRefused
        return key.strip()


def _reason(error: GetParameterError) -> str:
    """Name the kind of failure; the message of a failed transformation would show the secret."""
    cause = error.__cause__ or error.__context__ or error
    if isinstance(cause, ClientError):
        return cause.response["Error"]["Code"]
    return type(cause).__name__
