"""What DynamoDB cannot do now, as an error that a caller understands."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from catalog.domain.errors import CatalogUnavailable
from matinee.observability import count, logger


@contextmanager
def answering() -> Iterator[None]:
    """Turn the refusals and the silence of a table into CatalogUnavailable; also a decorator."""
    try:
        yield
    except ClientError as error:
        raise _broken(error.response["Error"]["Code"]) from error
    except BotoCoreError as error:
        raise _broken(type(error).__name__) from error


def _broken(reason: str) -> CatalogUnavailable:
    logger.error("catalog_table_failed", extra={"reason": reason})
    count("CatalogTableFailed")
    return CatalogUnavailable()
