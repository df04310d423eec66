"""The key of the pseudonyms in Secrets Manager."""

from dataclasses import dataclass

from matinee.errors import Unavailable
from matinee.observability import logger
from matinee.secret import Secret, SecretUnreadable


@dataclass(frozen=True)
class SecretKey:
    """The key in a secret."""

    secret: Secret

    def __call__(self) -> str:
        """Answer the key. Raises Unavailable."""
        try:
            return self.secret()
        except SecretUnreadable as error:
            logger.error("pseudonym_key_unreadable", extra={"reason": str(error)})
            raise Unavailable from error
