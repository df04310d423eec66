"""Idempotency: an action is performed once for a key, by Powertools' DynamoDB persistence.

A failure deletes the key, so that the action is tried again; a crash in the middle leaves the key
in progress until the invocation would have timed out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from matinee.errors import Unavailable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

IDEMPOTENCY_TTL = timedelta(days=20)
"""Longer than a message can come back from a dead-letter queue, which keeps it for 14 days."""


class IdempotencyGuard:
    """Performs actions at most once for a key; `name` separates the users of one table."""

    def __init__(self, table: str, name: str) -> None:
        # Here, not above: bootstraps import this module for API functions too, and their cold
        # starts would wait for it.
        from aws_lambda_powertools.utilities import idempotency  # noqa: PLC0415

        self._in_progress = idempotency.exceptions.IdempotencyAlreadyInProgressError
        self._config = idempotency.IdempotencyConfig(
            expires_after_seconds=int(IDEMPOTENCY_TTL.total_seconds())
        )

        @idempotency.idempotent_function(  # type: ignore[untyped-decorator]
            data_keyword_argument="key",
            # Its own: a layer takes its configuration from the first who uses it.
            persistence_store=idempotency.DynamoDBPersistenceLayer(table),
            config=self._config,
            key_prefix=name,
        )
        def do(key: str, action: Callable[[], None]) -> None:  # noqa: ARG001 - the decorator reads it
            action()

        self._do = do

    def begin(self, context: LambdaContext) -> None:
        """Register an invocation: what it does not finish may be repeated after its timeout."""
        self._config.register_lambda_context(context)

    def __call__(self, key: str, action: Callable[[], None]) -> None:
        """Perform `action` unless it has been performed for this key. Thread-safe.

        Raises what `action` raises, and Unavailable while another invocation performs it.
        """
        try:
            self._do(key=key, action=action)
        except self._in_progress as error:
            message = "Another request is doing this at this moment."
            raise Unavailable(message) from error
