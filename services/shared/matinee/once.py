"""Doing a thing once for a key, as far as a table can remember it.

Powertools' idempotency with its DynamoDB table. A failure forgets the key, so that the thing is
tried again; a crash in the middle leaves the key taken until the invocation would have timed out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from matinee.errors import Unavailable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

REMEMBERED_FOR = timedelta(days=20)
"""Longer than a message can come back from a dead-letter queue, which keeps it for 14 days."""


class Once:
    """Remembers in one table what has been done under one name."""

    def __init__(self, table: str, name: str) -> None:
        # Here, not above: bootstraps import this module for API functions too, and their cold
        # starts would wait for it.
        from aws_lambda_powertools.utilities import idempotency  # noqa: PLC0415

        self._in_progress = idempotency.exceptions.IdempotencyAlreadyInProgressError
        self._config = idempotency.IdempotencyConfig(
            expires_after_seconds=int(REMEMBERED_FOR.total_seconds())
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
        """Tell of an invocation: what it does not finish may be done again after its timeout."""
        self._config.register_lambda_context(context)

    def __call__(self, key: str, action: Callable[[], None]) -> None:
        """Do it unless it has been done; raises what it raises, and Unavailable while another does.

        Safe to be called from several threads.
        """
        try:
            self._do(key=key, action=action)
        except self._in_progress as error:
            message = "Somebody is doing this at this moment."
            raise Unavailable(message) from error
