"""Secrets: values in Secrets Manager, kept in memory for some minutes after they were read."""

from dataclasses import dataclass

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import (
    GetParameterError,
    TransformParameterError,
)

SECRET_TTL_SECONDS = 300
"""After which every instance sees a rotated secret."""


class SecretUnavailable(Exception):
    """Secrets Manager refuses or does not answer.

    `reason` is the code or the name of the error; it contains nothing of the secret.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class MalformedSecret(Exception):
    """The value is no JSON."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret. The provider's timeouts decide how long a caller waits for it."""

    provider: SecretsProvider
    arn: str

    def read_text(self) -> str:
        """Return the value as it is stored; raise SecretUnavailable."""
        try:
            return str(self.provider.get(self.arn, max_age=SECRET_TTL_SECONDS))
        except GetParameterError as error:
            raise SecretUnavailable(_reason(error)) from None

    def read_json(self) -> object:
        """Return the value parsed as JSON; raise SecretUnavailable or MalformedSecret."""
        try:
            return self.provider.get(self.arn, max_age=SECRET_TTL_SECONDS, transform="json")
        except TransformParameterError:
            raise MalformedSecret from None  # its message would show the secret
        except GetParameterError as error:
            raise SecretUnavailable(_reason(error)) from None


def _reason(error: GetParameterError) -> str:
    cause = error.__cause__ or error.__context__ or error
    response: dict[str, dict[str, str]] | None = getattr(cause, "response", None)  # AWS's
    return response["Error"]["Code"] if response else type(cause).__name__
