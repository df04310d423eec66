"""DynamoDB: tables as the templates define them, with streams, indexes, locks and older states.

A write takes effect at one instant; a transaction locks its items from its preparation to its
commit, and whoever else writes one of them meets a conflict. A read of several items sees each of
them at an instant of its own, and one that is not strongly consistent sees an older state.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.simulation.aws.errors import AwsError
from tests.simulation.aws.expressions import Item, condition, plain, update

type Key = tuple[Any, ...]
type Params = Mapping[str, Any]
type Watcher = Callable[[str, Item | None, Item | None], None]
"""Is told of each write: the table, the item before and the item after."""

MAX_ACTIONS = 100
MAX_LAG_SECONDS = 1.5
"""How old the state is that an eventually consistent read sees, at most."""

CANCELED = "TransactionCanceledException"
CONDITION_FAILED = "ConditionalCheckFailedException"
CONFLICT = "TransactionConflictException"


@dataclass
class Table:
    """One table: its items by their keys, and the items that were there a moment ago."""

    name: str
    key_names: tuple[str, ...]
    indexes: Mapping[str, tuple[str, ...]]
    streams: bool = False
    ttl: str | None = None
    items: dict[Key, Item] = field(default_factory=dict)
    locks: dict[Key, int] = field(default_factory=dict)
    past: deque[tuple[float, Key, Item | None]] = field(default_factory=deque)

    def key(self, item: Item) -> Key:
        """Return an item's key, or that of a Key parameter."""
        return tuple(plain(item[name]) for name in self.key_names)

    def one_at(self, moment: float, key: Key) -> Item | None:
        """Return one item as it was."""
        item = self.items.get(key)
        for time, other, before in reversed(self.past):
            if time <= moment:
                break
            if other == key:
                item = before
        return item

    def at(self, moment: float) -> dict[Key, Item]:
        """Return the items as they were."""
        if not self.past or self.past[-1][0] <= moment:
            return dict(self.items)
        items = dict(self.items)
        for time, key, before in reversed(self.past):
            if time <= moment:
                break
            if before is None:
                items.pop(key, None)
            else:
                items[key] = before
        return items


class Tables:
    """All tables of the product."""

    def __init__(self, definitions: Mapping[str, Params], now: Callable[[], float]) -> None:
        self.tables = {name: _table(name, it) for name, it in definitions.items()}
        self.watchers: list[Watcher] = []
        self._now = now
        self._tokens: dict[str, object] = {}
        self._transactions = 0

    def __getitem__(self, name: str) -> Table:
        """Return a table, also by its ARN."""
        return self.tables[name.rpartition("/")[2]]

    # ── writes ───────────────────────────────────────────────────────────────────────────────────

    def write(self, operation: str, params: Params) -> dict[str, Any]:
        """Do one PutItem, UpdateItem or DeleteItem, or a BatchWriteItem."""
        if operation == "BatchWriteItem":
            for name, requests in params["RequestItems"].items():
                for request in requests:
                    ((kind, one),) = request.items()
                    single = "PutItem" if kind == "PutRequest" else "DeleteItem"
                    self.write(single, {"TableName": name, **one})
            return {"UnprocessedItems": {}}
        table = self[params["TableName"]]
        key = table.key(params.get("Key") or params["Item"])
        if key in table.locks:
            raise AwsError(CONFLICT)
        before = table.items.get(key)
        if not _holds(params, before):
            found = {"Item": before} if _returns_found(params) and before else {}
            raise AwsError(CONDITION_FAILED, "The conditional request failed", **found)
        after = _after(operation, params, before)
        self._store(table, key, after)
        return _returned(params, before, after)

    def prepare(self, params: Params) -> Callable[[], dict[str, Any]] | None:
        """Check a transaction and lock its items; return what commits it.

        None when a transaction with the same token is committed already.
        """
        token = params.get("ClientRequestToken")
        if token and token in self._tokens:
            return None
        actions = [_action(action) for action in params["TransactItems"]]
        places = [
            (self[one["TableName"]], self[one["TableName"]].key(one.get("Key") or one["Item"]))
            for _, one in actions
        ]
        _require_distinct(places)
        reasons = [
            _reason(table, key, one) for (table, key), (_, one) in zip(places, actions, strict=True)
        ]
        if any(reason["Code"] != "None" for reason in reasons):
            raise AwsError(CANCELED, "Transaction cancelled", CancellationReasons=reasons)
        self._transactions += 1
        mine = self._transactions
        for table, key in places:
            table.locks[key] = mine

        def commit() -> dict[str, Any]:
            for (table, key), (operation, one) in zip(places, actions, strict=True):
                del table.locks[key]
                if operation != "ConditionCheck":
                    self._store(table, key, _after(operation, one, table.items.get(key)))
            if token:
                self._tokens[token] = True
            return {}

        return commit

    def expire(self, moment: float) -> None:
        """Delete the items whose time to live is over."""
        for table in self.tables.values():
            if table.ttl is None:
                continue
            for key, item in list(table.items.items()):
                if table.ttl in item and float(item[table.ttl]["N"]) < moment:
                    self._store(table, key, None)

    def _store(self, table: Table, key: Key, item: Item | None) -> None:
        before = table.items.get(key)
        if item is None:
            table.items.pop(key, None)
        else:
            table.items[key] = item
        now = self._now()
        table.past.append((now, key, before))
        while table.past[0][0] < now - 2 * MAX_LAG_SECONDS:
            table.past.popleft()
        for watcher in self.watchers:
            watcher(table.name, before, item)

    # ── reads ────────────────────────────────────────────────────────────────────────────────────

    def begin_read(self, operation: str, params: Params, random: Random) -> Callable[[], Any]:
        """Look at the tables now; return what looks again, and returns a mixture of both views."""
        if operation == "BatchGetItem":
            looks = [
                (name, wanted, self._look(name, wanted.get("ConsistentRead", False), random))
                for name, wanted in params["RequestItems"].items()
            ]
            return lambda: self._batch(looks, random)
        name = params["TableName"]
        if operation == "GetItem":
            return self._get(name, params, random)
        first = self._look(name, params.get("ConsistentRead", False), random)
        return lambda: _page(self[name], first(random), params, is_query=operation == "Query")

    def _get(self, name: str, params: Params, random: Random) -> Callable[[], Any]:
        table, lag = self[name], _lag(params.get("ConsistentRead", False), random)
        key = table.key(params["Key"])
        first = table.one_at(self._now() - lag, key)

        def read() -> dict[str, Any]:
            last = first if lag else table.items.get(key)
            found = first if last == first or random.random() < 0.5 else last
            return {"Item": _projected(found, params)} if found else {}

        return read

    def _look(
        self, name: str, consistent: object, random: Random
    ) -> Callable[[Random], dict[Key, Item]]:
        table, lag = self[name], _lag(consistent, random)
        first = table.at(self._now() - lag)

        def mixed(chance: Random) -> dict[Key, Item]:
            if lag:
                return first
            last = table.items
            if first == last:
                return first
            items = {}
            for key in {**first, **last}:
                item = (first if chance.random() < 0.5 else last).get(key)
                if item is not None:
                    items[key] = item
            return items

        return mixed

    def _batch(
        self,
        looks: Sequence[tuple[str, Params, Callable[[Random], dict[Key, Item]]]],
        random: Random,
    ) -> dict[str, Any]:
        responses: dict[str, list[Item]] = {}
        for name, wanted, look in looks:
            items = look(random)
            keys = [self[name].key(key) for key in wanted["Keys"]]
            found = [_projected(items[key], wanted) for key in keys if key in items]
            random.shuffle(found)
            responses[name] = found
        return {"Responses": responses, "UnprocessedKeys": {}}


def _lag(consistent: object, random: Random) -> float:
    return 0.0 if consistent is True else random.choice((0.0, random.uniform(0, MAX_LAG_SECONDS)))


def _require_distinct(places: Sequence[tuple[Table, Key]]) -> None:
    distinct = {(table.name, key) for table, key in places}
    if len(places) > MAX_ACTIONS or len(distinct) < len(places):
        raise AwsError("ValidationException", "too many actions, or two on one item")


def _table(name: str, definition: Params) -> Table:
    ttl = definition.get("TimeToLiveSpecification", {})
    return Table(
        name,
        _key_names(definition["KeySchema"]),
        {
            index["IndexName"]: _key_names(index["KeySchema"])
            for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
            for index in definition.get(kind, ())
        },
        "StreamSpecification" in definition,
        ttl.get("AttributeName"),
    )


def _key_names(schema: Iterable[Params]) -> tuple[str, ...]:
    by_kind = {part["KeyType"]: part["AttributeName"] for part in schema}
    return tuple(by_kind[kind] for kind in ("HASH", "RANGE") if kind in by_kind)


def _action(action: Params) -> tuple[str, Params]:
    ((kind, one),) = action.items()
    return ("ConditionCheck" if kind == "ConditionCheck" else f"{kind}Item"), one


def _holds(params: Params, item: Item | None) -> bool:
    text = params.get("ConditionExpression")
    if text is None:
        return True
    names = params.get("ExpressionAttributeNames", {})
    return condition(text)(item or {}, names, params.get("ExpressionAttributeValues", {}))


def _returns_found(params: Params) -> bool:
    return params.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"


def _reason(table: Table, key: Key, one: Params) -> dict[str, Any]:
    if key in table.locks:
        return {"Code": "TransactionConflict"}
    item = table.items.get(key)
    if _holds(one, item):
        return {"Code": "None"}
    found = {"Item": item} if _returns_found(one) and item else {}
    return {"Code": "ConditionalCheckFailed", **found}


def _after(operation: str, params: Params, before: Item | None) -> Item | None:
    if operation == "PutItem":
        return dict(params["Item"])
    if operation == "DeleteItem":
        return None
    old = before or dict(params["Key"])
    new = dict(old)
    names = params.get("ExpressionAttributeNames", {})
    values = params.get("ExpressionAttributeValues", {})
    for change in update(params["UpdateExpression"]):
        change(new, old, names, values)
    return new


def _returned(params: Params, before: Item | None, after: Item | None) -> dict[str, Any]:
    match params.get("ReturnValues", "NONE"):
        case "NONE":
            return {}
        case "ALL_OLD":
            return {"Attributes": before} if before else {}
        case "ALL_NEW":
            return {"Attributes": after}
        case "UPDATED_NEW":
            old, new = before or {}, after or {}
            return {"Attributes": {it: new[it] for it in new if new[it] != old.get(it)}}
        case other:
            raise AwsError("ValidationException", str(other))


def _projected(item: Item, params: Params) -> Item:
    text = params.get("ProjectionExpression")
    if text is None:
        return dict(item)
    names = params.get("ExpressionAttributeNames", {})
    wanted = [names.get(name.strip(), name.strip()) for name in text.split(",")]
    return {name: item[name] for name in wanted if name in item}


def _page(
    table: Table, items: Mapping[Key, Item], params: Params, *, is_query: bool
) -> dict[str, Any]:
    index = params.get("IndexName")
    key_names = table.indexes[index] if index else table.key_names
    order = (*key_names, *(name for name in table.key_names if name not in key_names))
    found = [item for item in items.values() if all(name in item for name in order)]
    names = params.get("ExpressionAttributeNames", {})
    values = params.get("ExpressionAttributeValues", {})
    if is_query:
        wanted = condition(params["KeyConditionExpression"])
        found = [item for item in found if wanted(item, names, values)]

    def place(item: Item) -> Key:
        return tuple(plain(item[name]) for name in (order[1:] if is_query else order))

    backwards = not params.get("ScanIndexForward", True)
    found.sort(key=place, reverse=backwards)
    if start := params.get("ExclusiveStartKey"):
        after = place(start)
        found = [it for it in found if (place(it) < after if backwards else place(it) > after)]
    limit = params.get("Limit") or len(found)
    page = found[:limit]
    response: dict[str, Any] = {}
    if page and (len(found) > limit or (len(found) == limit and params.get("Limit"))):
        response["LastEvaluatedKey"] = {name: page[-1][name] for name in order}
    if text := params.get("FilterExpression"):
        page = [item for item in page if condition(text)(item, names, values)]
    response |= {"Items": [_projected(item, params) for item in page], "Count": len(page)}
    return response
