"""Names under which addresses are counted: nobody who reads them learns an address."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from matinee.errors import Unavailable
from matinee.observability import logger

KEPT_FOR = 300
"""Seconds after which a rotated key is seen by every instance."""


@dataclass(frozen=True)
class Pseudonyms:
    """HMAC-SHA256 under a key that is in no table: a list of likely addresses finds nobody."""

    key: Callable[[], str]

    def of(self, kind: str, text: str) -> str:
        """Answer the pseudonym of a text among those of its kind. Raises Unavailable."""
        message = f"{kind}\0{text}".encode()
        return hmac.new(self.key().encode(), message, hashlib.sha256).hexdigest()[:40]


@dataclass(frozen=True)
class SecretKey:
    """The key in Secrets Manager."""

    secrets: SecretsProvider
    arn: str

    def __call__(self) -> str:
        """Answer the key. Raises Unavailable."""
        try:
            key = self.secrets.get(self.arn, max_age=KEPT_FOR)
        except GetParameterError as error:
            logger.error("pseudonym_key_unreadable")
            raise Unavailable from error
        return str(key)
