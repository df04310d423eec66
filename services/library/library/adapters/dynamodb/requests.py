"""How the repositories send requests: their retries, and the errors that they raise."""

from contextlib import AbstractContextManager

from library.domain.errors import LibraryBusy, LibraryUnavailable
from matinee.dynamodb.transactions import translate_client_errors
from matinee.retry import Backoff

WRITE_BACKOFF = Backoff(attempts=12, initial=0.02, longest=1.0)
"""All changes of a user check the same block, and DynamoDB cancels one of two transactions that
hold an item: when an app adds sixty titles at once, all are stored within four seconds."""


def translated() -> AbstractContextManager[None]:
    """Raise LibraryBusy for contention, and LibraryUnavailable for what else DynamoDB refuses."""
    return translate_client_errors(LibraryUnavailable, busy=LibraryBusy)
