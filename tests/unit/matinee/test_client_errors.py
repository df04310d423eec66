"""The translation of DynamoDB's errors into a service's own."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from matinee.dynamodb.transactions import ConditionFailed, WriteConflict, translate_client_errors
from matinee.errors import Conflict, MatineeError, Unavailable


def error(code: str, **response: object) -> ClientError:
    return ClientError({"Error": {"Code": code}, **response}, "UpdateItem")  # type: ignore[typeddict-item]


def test_a_failed_condition_of_a_single_write_is_not_unavailable() -> None:
    found = {"id": {"S": "1"}}
    failed = error("ConditionalCheckFailedException", Item=found)
    with pytest.raises(ConditionFailed) as failure, translate_client_errors(Unavailable):
        raise failed
    assert (failure.value.failed, failure.value.items) == ((True,), (found,))


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (error("InternalServerError"), Unavailable),
        (ConnectTimeoutError(endpoint_url="https://dynamodb.example"), Unavailable),
        (error("TransactionConflictException"), Conflict),
        (WriteConflict(), Conflict),
    ],
)
def test_other_errors_are_unavailable_or_contention(
    raised: Exception, expected: type[MatineeError]
) -> None:
    with pytest.raises(expected), translate_client_errors(Unavailable, busy=Conflict):
        raise raised
