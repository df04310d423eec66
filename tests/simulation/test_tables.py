"""The simulation's tables do what moto's do: the same calls, the same answers, the same items."""

from collections.abc import Callable, Mapping
from itertools import count
from random import Random
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from tests.simulation.aws.errors import AwsError
from tests.simulation.aws.expressions import BadExpression, condition, update
from tests.simulation.aws.tables import Tables

TABLE: dict[str, Any] = {
    "AttributeDefinitions": [
        {"AttributeName": "who", "AttributeType": "S"},
        {"AttributeName": "what", "AttributeType": "S"},
        {"AttributeName": "rank", "AttributeType": "N"},
    ],
    "KeySchema": [
        {"AttributeName": "who", "KeyType": "HASH"},
        {"AttributeName": "what", "KeyType": "RANGE"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-rank",
            "KeySchema": [
                {"AttributeName": "who", "KeyType": "HASH"},
                {"AttributeName": "rank", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
NAMES = {"#s": "seen", "#r": "rank"}
VALUES: dict[str, Any] = {
    ":two": {"N": "2"},
    ":word": {"S": "word"},
    ":set": {"SS": ["a", "b"]},
    ":a": {"SS": ["a"]},
    ":list": {"L": [{"S": "x"}]},
    ":prefix": {"S": "film#"},
    ":map": {"M": {"users": {"L": []}}},
}
CONDITIONS = (
    "attribute_not_exists(who)",
    "attribute_exists(who) AND #r < :two",
    "#r = :two OR attribute_not_exists(#r)",
    "NOT (#r >= :two) AND begins_with(what, :prefix)",
    "#s <> :word",
    "(attribute_not_exists(#s) OR #s = :word) AND #r BETWEEN :two AND :two",
    "attribute_exists(tags) AND (contains(tags, :word) OR size(tags) >= :two)",
    "#r IN (:two, :two)",
    "#s = :list OR tags = :set",
)
UPDATES = (
    "SET #s = :word, #r = :two",
    "SET #r = if_not_exists(#r, :two) + :two",
    "ADD #r :two, tags :set",
    "ADD tags :a DELETE foes :a",
    "DELETE tags :a",
    "REMOVE #s, tags",
    "SET bag = :map REMOVE #s",
    "SET #s = if_not_exists(#s, :word) ADD #r :two",
)


class Both:
    """Moto's table and ours, to which the same happens."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.client = client
        client.create_table(TableName="T", **TABLE)
        moments = count(step=60)  # an index is read as it was a moment ago
        self.tables = Tables({"T": TABLE}, lambda: next(moments))

    def __call__(self, operation: str, params: Mapping[str, Any]) -> None:
        """Make a call of both; compare the answers."""
        method = {
            "TransactWriteItems": "transact_write_items",
            "PutItem": "put_item",
            "UpdateItem": "update_item",
            "DeleteItem": "delete_item",
            "Query": "query",
            "Scan": "scan",
            "GetItem": "get_item",
        }[operation]
        theirs = answer(lambda: getattr(self.client, method)(**params))
        ours = answer(lambda: self._ours(operation, params))
        assert ours == theirs, f"{operation} {params}"

    def _ours(self, operation: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if operation == "TransactWriteItems":
            commit = self.tables.prepare(params)
            return commit() if commit else {}
        if operation in {"GetItem", "Query", "Scan"}:
            return self.tables.begin_read(operation, params, Random(0))()
        return self.tables.write(operation, params)


def answer(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - any response
    """Return a response without what only one of the two has, or the error's code and reasons."""
    try:
        response = call()
    except (ClientError, AwsError) as error:
        found = error.response
        reasons = found.get("CancellationReasons", ())
        return found["Error"]["Code"], [it.get("Code") for it in reasons], found.get("Item")
    kept = {"Item", "Items", "Count", "Attributes"}  # moto has no key after a page that is the last
    return normal({name: value for name, value in response.items() if name in kept and value})


def normal(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a value whose sets are sorted."""
    if isinstance(value, dict):
        return {
            name: sorted(part) if name in {"SS", "NS"} else normal(part)
            for name, part in value.items()
        }
    return [normal(part) for part in value] if isinstance(value, list) else value


def expressions(chance: Random, text: str | None, change: str | None) -> dict[str, Any]:
    """Return the parameters of a condition and an update, with the names that they use alone."""
    params: dict[str, Any] = {}
    if text:
        params["ConditionExpression"] = text
    if change:
        params["UpdateExpression"] = change
    both = f"{text} {change}"
    if names := {name: NAMES[name] for name in NAMES if name in both}:
        params["ExpressionAttributeNames"] = names
    used = {name: VALUES[name] for name in VALUES if f"{name} " in f"{both.translate(_SPACED)} "}
    if used:
        params["ExpressionAttributeValues"] = used
    if text and chance.random() < 0.5:
        params["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return params


_SPACED = str.maketrans(dict.fromkeys("(),", " "))


def key(chance: Random) -> dict[str, Any]:
    return {
        "who": {"S": chance.choice("ab")},
        "what": {"S": chance.choice(("film#1", "film#2", "votes"))},
    }


def action(chance: Random) -> tuple[str, dict[str, Any]]:
    """Draw a write of one item."""
    text = chance.choice((None, *CONDITIONS))
    kind = chance.choice(("Put", "Update", "Delete"))
    change = chance.choice(UPDATES) if kind == "Update" else None
    params: dict[str, Any] = {"TableName": "T", **expressions(chance, text, change)}
    if kind == "Put":
        more = {
            "rank": {"N": str(chance.randint(0, 4))},
            "seen": {"S": "word"},
            "tags": VALUES[":set"],
        }
        chosen = {name: more[name] for name in more if chance.random() < 0.6}
        return kind, params | {"Item": key(chance) | chosen}
    return kind, params | {"Key": key(chance)}


def read(chance: Random) -> tuple[str, dict[str, Any]]:
    """Draw a read."""
    params: dict[str, Any] = {"TableName": "T", "ConsistentRead": True}
    if chance.random() < 0.3:
        return "GetItem", params | {"Key": key(chance)}
    if chance.random() < 0.3:
        return "Scan", params | {
            "FilterExpression": "attribute_exists(#r)",
            "ExpressionAttributeNames": {"#r": "rank"},
        }
    by_rank = chance.random() < 0.4
    params |= {
        "KeyConditionExpression": "who = :who"
        if by_rank
        else "who = :who AND begins_with(what, :p)",
        "ExpressionAttributeValues": {":who": {"S": "a"}}
        | ({} if by_rank else {":p": {"S": "film"}}),
        "ScanIndexForward": chance.random() < 0.5,
    }
    if by_rank:
        params |= {"IndexName": "by-rank"}
        del params["ConsistentRead"]
    elif chance.random() < 0.5:
        params["Limit"] = 1
    return "Query", params


@pytest.mark.parametrize("seed", range(4))
def test_calls_are_answered_as_by_moto(seed: int) -> None:
    chance = Random(seed)
    with mock_aws():
        both = Both(boto3.client("dynamodb"))
        for _ in range(150):
            if chance.random() < 0.3:
                both(*read(chance))
            elif chance.random() < 0.2:
                kinds = dict.fromkeys(("votes", "film#1"))
                actions = []
                for what in kinds:
                    kind, params = action(chance)
                    place = params.get("Key") or params["Item"]
                    place["what"] = {"S": what}
                    actions.append({kind: params})
                both("TransactWriteItems", {"TransactItems": actions})
            else:
                kind, params = action(chance)
                params["ReturnValues"] = chance.choice(("NONE", "ALL_OLD"))
                both(f"{kind}Item", params)
        scan = {"TableName": "T", "ConsistentRead": True}
        theirs = answer(lambda: both.client.scan(TableName="T"))["Items"]
        ours = answer(both.tables.begin_read("Scan", scan, chance))["Items"]
    assert sorted(ours, key=repr) == sorted(theirs, key=repr)


def test_pages_follow_one_another() -> None:
    tables = Tables({"T": TABLE}, lambda: 0.0)
    for number in range(5):
        tables.write("PutItem", {"TableName": "T", "Item": item(f"film#{number}")})
    page: dict[str, Any] = {"LastEvaluatedKey": None}
    seen: list[str] = []
    while "LastEvaluatedKey" in page:
        start = page["LastEvaluatedKey"]
        params = {"TableName": "T", "ConsistentRead": True, "Limit": 2} | (
            {"ExclusiveStartKey": start} if start else {}
        )
        page = tables.begin_read("Scan", params, Random(0))()
        seen += [it["what"]["S"] for it in page["Items"]]
    assert seen == [f"film#{number}" for number in range(5)]


def test_an_unknown_expression_is_an_error() -> None:
    for text in ("a ==", "a = :b :c", "f(a)", "a LIKE :b", "a = :b AND", ""):
        with pytest.raises(BadExpression):
            condition(text)
    for text in ("PUT a = :b", "SET a", "SET a = :b b"):
        with pytest.raises(BadExpression):
            update(text)


def item(what: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - typed values
    return {"who": {"S": "a"}, "what": {"S": what}, **more}


def test_a_transaction_holds_its_items_until_it_commits() -> None:
    tables = Tables({"T": TABLE}, lambda: 0.0)
    put = {"TransactItems": [{"Put": {"TableName": "T", "Item": item("x")}}]}
    commit = tables.prepare(put)
    assert commit is not None

    with pytest.raises(AwsError) as refused:
        tables.prepare(put)
    assert refused.value.response["CancellationReasons"] == [{"Code": "TransactionConflict"}]
    with pytest.raises(AwsError) as alone:
        tables.write("PutItem", {"TableName": "T", "Item": item("x")})
    assert alone.value.code == "TransactionConflictException"

    commit()
    tables.write("PutItem", {"TableName": "T", "Item": item("x")})


def test_a_read_of_many_items_may_see_each_at_another_instant() -> None:
    seen = set()
    for seed in range(40):
        tables = Tables({"T": TABLE}, lambda: 0.0)
        params = {
            "TableName": "T",
            "ConsistentRead": True,
            "KeyConditionExpression": "who = :who",
            "ExpressionAttributeValues": {":who": {"S": "a"}},
        }
        look_again = tables.begin_read("Query", params, Random(seed))
        for what in ("x", "y"):
            tables.write("PutItem", {"TableName": "T", "Item": item(what)})
        seen.add("".join(it["what"]["S"] for it in look_again()["Items"]))
    assert seen == {"", "x", "y", "xy"}


def test_a_read_that_is_not_consistent_may_see_an_older_state() -> None:
    time = [0.0]
    seen = set()
    for seed in range(20):
        tables = Tables({"T": TABLE}, lambda: time[0])
        time[0] += 10
        tables.write("PutItem", {"TableName": "T", "Item": item("x")})
        time[0] += 0.5
        get = {"TableName": "T", "Key": item("x")}
        seen.add("Item" in tables.begin_read("GetItem", get, Random(seed))())
        assert "Item" in tables.begin_read("GetItem", get | {"ConsistentRead": True}, Random(0))()
    assert seen == {True, False}
