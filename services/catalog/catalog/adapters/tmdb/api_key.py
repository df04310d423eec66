"""TMDB's key in Secrets Manager: JSON {"api_key": "..."}."""

import asyncio
from dataclasses import dataclass

from catalog.domain.errors import TmdbKeyRefused, TmdbUnavailable
from matinee.observability import logger
from matinee.secrets import MalformedSecret, Secret, SecretUnavailable


@dataclass(frozen=True, slots=True)
class SecretApiKey:
    """The `ApiKey` in a secret. Its provider must have short timeouts: a room waits for it."""

    secret: Secret

    async def __call__(self) -> str:
        """Return the key.

        Raises TmdbKeyRefused when the secret has none, TmdbUnavailable when it cannot be read.
        """
        try:
            value = await asyncio.to_thread(self.secret.read_json)
        except MalformedSecret:
            value = None
        except SecretUnavailable as error:
            logger.error("tmdb_secret_unreadable", extra={"reason": error.reason})
            raise TmdbUnavailable from None
        key = value.get("api_key") if isinstance(value, dict) else None
        if not isinstance(key, str) or not key.strip():
            logger.error("tmdb_secret_empty", extra={"repair": 'store {"api_key": "..."} in it'})
            raise TmdbKeyRefused
        return key.strip()
