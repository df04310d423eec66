"""Secrets of Secrets Manager, kept for a while: one call in five minutes for each instance.

Powertools' provider does the same. It imports boto3 and every other kind of parameter, for which a
cold start would wait longer than for the rest of a route together.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEPT_FOR = 300.0
"""Seconds after which every instance knows a rotated secret."""


class SecretUnreadable(Exception):
    """A secret cannot be read. The message names the kind of failure, nothing of the secret."""


@dataclass(slots=True)
class Secret:
    """The text of one secret."""

    secrets: SecretsManagerClient
    arn: str
    monotonic: Callable[[], float] = time.monotonic
    _text: str = field(default="", init=False, repr=False)
    _read_at: float = field(default=float("-inf"), init=False)

    def __call__(self) -> str:
        """Answer the text. Raises SecretUnreadable."""
        now = self.monotonic()
        if now - self._read_at > KEPT_FOR:
            try:
                self._text = self.secrets.get_secret_value(SecretId=self.arn)["SecretString"]
            except ClientError as error:
                raise SecretUnreadable(error.response["Error"]["Code"]) from None
            except (BotoCoreError, KeyError) as error:
                raise SecretUnreadable(type(error).__name__) from None
            self._read_at = now
        return self._text
