"""The key of the pseudonyms in Secrets Manager, kept for five minutes."""

from dataclasses import dataclass

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from matinee.errors import Unavailable
from matinee.observability import logger

KEPT_FOR = 300
"""Seconds after which a rotated key is seen by every instance."""


@dataclass(frozen=True)
class SecretKey:
    """The key in Secrets Manager."""

    secrets: SecretsProvider
    arn: str

    def __call__(self) -> str:
        """Return the key. Raises Unavailable."""
        try:
            key = self.secrets.get(self.arn, max_age=KEPT_FOR)
        except GetParameterError as error:
            logger.error("pseudonym_key_unreadable")
            raise Unavailable from error
        return str(key)
