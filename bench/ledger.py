"""Every DynamoDB call that the product makes, and what it costs by DynamoDB's own rules.

The ledger listens to the clients' events, so the product's code and its adapters are what they are
in the cloud. It keeps its own copy of every item, since an update's price depends on the item's
size before and after; so all who write must be listened to, from the tables' creation on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import boto3

from bench.capacity import TRANSACTIONAL, item_size, read_units, write_units

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Item = Mapping[str, Any]
type Peek = Callable[[str, Item], Item | None]
"""Return the item of a table under a key, read without the ledger's taking notice."""

_FIRST_ERROR = 300
_PARAMETERS = "bench_parameters"


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index. `attributes` are what it holds; None for the whole item."""

    keys: tuple[str, ...]
    attributes: frozenset[str] | None = None

    def entry(self, item: Item | None) -> Item | None:
        """Return the entry that an item has in the index, None for none."""
        if item is None or not all(key in item for key in self.keys):
            return None
        if self.attributes is None:
            return item
        return {name: value for name, value in item.items() if name in self.attributes}


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: the names of its key's attributes, and its secondary indexes."""

    keys: tuple[str, ...]
    indexes: tuple[Index, ...] = ()

    def key_of(self, item: Item) -> tuple[str, ...]:
        """Return an item's key, as something that a dictionary can be asked for."""
        return tuple(str(next(iter(item[name].values()))) for name in self.keys)


@dataclass(frozen=True, slots=True)
class Cost:
    """What calls cost. `items_read` are those that reads returned.

    `items_checked` are those that a transaction looked at by a ConditionCheck alone: DynamoDB
    charges them as writes. `queries` counts queries and scans.
    """

    calls: int = 0
    items_read: int = 0
    read_units: float = 0
    items_checked: int = 0
    items_written: int = 0
    write_units: float = 0
    queries: int = 0
    refused: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            *(getattr(self, name.name) + getattr(other, name.name) for name in fields(Cost))
        )


@dataclass(frozen=True, slots=True)
class Call:
    """One call: in which phase of the work, what it read, and its cost.

    `reported` is the cost that the service itself reports, in units; None when it reports none.
    """

    phase: str
    operation: str
    keys_read: tuple[tuple[str, ...], ...]
    cost: Cost
    reported: float | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one action of a write came to."""

    write_units: float = 0
    items_checked: int = 0
    items_written: int = 0


@dataclass(slots=True)
class Ledger:
    """Records calls. `on_put` is called with every item that was stored whole."""

    tables: Mapping[str, Shape]
    peek: Peek
    on_put: Callable[[str, Item], None] | None = None
    calls: list[Call] = field(default_factory=list)
    _phase: str = ""
    _known: dict[tuple[str, tuple[str, ...]], Item] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def watch(self, client: DynamoDBClient) -> None:
        """Listen to a client."""
        client.meta.events.register("before-parameter-build.dynamodb", self._before)
        client.meta.events.register("after-call.dynamodb", self._after)

    @contextmanager
    def watching_new_clients(self) -> Iterator[None]:
        """Record every DynamoDB client that is created inside the block."""
        original = boto3.session.Session.client

        def client(
            session: boto3.session.Session,
            service_name: str,
            *args: Any,  # noqa: ANN401 - boto3's own signature
            **kwargs: Any,  # noqa: ANN401
        ) -> Any:  # noqa: ANN401
            made = original(session, service_name, *args, **kwargs)  # type: ignore[call-overload]
            if service_name == "dynamodb":
                self.watch(made)
            return made

        boto3.session.Session.client = client  # type: ignore[method-assign,assignment]
        try:
            yield
        finally:
            boto3.session.Session.client = original  # type: ignore[method-assign]

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Book what is called inside the block, in whichever thread, under a name."""
        before, self._phase = self._phase, name
        try:
            yield
        finally:
            self._phase = before

    def take(self) -> list[Call]:
        """Return the calls since the last time, and begin anew."""
        with self._lock:
            taken, self.calls = self.calls, []
        return taken

    def observe(self, operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Book one call from its parameters and its answer.

        Raises ValueError when the price of such a call cannot be derived from these.
        """
        refused = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 200) >= _FIRST_ERROR
        with self._lock:
            if operation in _READS:
                keys, cost = self._read(operation, asked, {} if refused else answer)
            elif operation in _WRITES:
                keys, cost = (), self._write(operation, asked, answer, refused=refused)
            else:
                message = f"the ledger does not know what {operation} costs"
                raise ValueError(message)
            cost += Cost(calls=1, refused=int(refused))
            self.calls.append(Call(self._phase, operation, keys, cost, _told(answer)))

    def _before(self, params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        if "UpdateExpression" in params:
            params.setdefault("ReturnValues", "ALL_NEW")
        context[_PARAMETERS] = dict(params)

    def _after(
        self,
        parsed: dict[str, Any],
        model: Any,  # noqa: ANN401 - botocore's own signature
        context: dict[str, Any],
        **_: object,
    ) -> None:
        self.observe(model.name, context[_PARAMETERS], parsed)

    # -- reads ----------------------------------------------------------------------------

    def _read(
        self, operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> tuple[tuple[tuple[str, ...], ...], Cost]:
        if "ProjectionExpression" in asked or "FilterExpression" in asked:
            message = "items that are shown in part are paid for whole, and the whole is not known"
            raise ValueError(message)
        match operation:
            case "GetItem":
                return self._get(asked, answer)
            case "BatchGetItem":
                return self._batch_get(asked, answer)
            case _:
                return self._query(asked, answer)

    def _get(
        self, asked: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> tuple[tuple[tuple[str, ...], ...], Cost]:
        found = answer.get("Item")
        units = read_units(
            item_size(found) if found else 0, consistent=asked.get("ConsistentRead", False)
        )
        key = self.tables[asked["TableName"]].key_of(asked["Key"])
        return (key,), Cost(items_read=int(found is not None), read_units=units)

    def _batch_get(
        self, asked: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> tuple[tuple[tuple[str, ...], ...], Cost]:
        """Book each item as a read of its own; also those that are not there."""
        keys: list[tuple[str, ...]] = []
        cost = Cost()
        for table, wanted in asked["RequestItems"].items():
            consistent = wanted.get("ConsistentRead", False)
            found = answer.get("Responses", {}).get(table, ())
            left = len(answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ()))
            sizes = [item_size(item) for item in found]
            sizes += [0] * (len(wanted["Keys"]) - len(found) - left)
            units = sum(read_units(size, consistent=consistent) for size in sizes)
            cost += Cost(items_read=len(found), read_units=units)
            keys += [self.tables[table].key_of(key) for key in wanted["Keys"]]
        return tuple(keys), cost

    def _query(
        self, asked: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> tuple[tuple[tuple[str, ...], ...], Cost]:
        """Book a page: its items are summed up before they are rounded."""
        shape = self.tables[asked["TableName"]]
        found: Sequence[Item] = answer.get("Items", ())
        units = read_units(
            sum(map(item_size, found)), consistent=asked.get("ConsistentRead", False)
        )
        cost = Cost(items_read=len(found), read_units=units, queries=1)
        return tuple(shape.key_of(item) for item in found), cost

    # -- writes ---------------------------------------------------------------------------

    def _write(
        self,
        operation: str,
        asked: Mapping[str, Any],
        answer: Mapping[str, Any],
        *,
        refused: bool,
    ) -> Cost:
        if operation == "TransactWriteItems":
            actions = [next(iter(action.items())) for action in asked["TransactItems"]]
            factor = TRANSACTIONAL
        else:
            known = {"After": answer["Attributes"]} if _shows_all(asked, answer) else {}
            actions = [(operation.removesuffix("Item"), {**asked, **known})]
            factor = 1
        outcomes = [
            self._act(kind, action, factor=factor, refused=refused) for kind, action in actions
        ]
        return Cost(
            write_units=sum(outcome.write_units for outcome in outcomes),
            items_checked=sum(outcome.items_checked for outcome in outcomes),
            items_written=sum(outcome.items_written for outcome in outcomes),
        )

    def _act(self, kind: str, action: Mapping[str, Any], *, factor: int, refused: bool) -> _Outcome:
        table = action["TableName"]
        shape = self.tables[table]
        name = (table, shape.key_of(action["Item"] if kind == "Put" else action["Key"]))
        before = self._known.get(name)
        size = item_size(before) if before else 0
        if refused or kind == "ConditionCheck":
            units = factor * write_units(size, size)
            return _Outcome(units, items_checked=int(kind == "ConditionCheck"))
        after = self._after_action(kind, action)
        if after is None:
            self._known.pop(name, None)
        else:
            self._known[name] = after
        if kind == "Put" and self.on_put and after is not None:
            self.on_put(table, after)
        units = factor * write_units(size, item_size(after) if after else 0)
        units += sum(_index_units(index, before, after) for index in shape.indexes)
        return _Outcome(units, items_written=1)

    def _after_action(self, kind: str, action: Mapping[str, Any]) -> Item | None:
        match kind:
            case "Put":
                item: Item = action["Item"]
                return item
            case "Delete":
                return None
            case _:
                return action.get("After") or self.peek(action["TableName"], action["Key"])


_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})


def _shows_all(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    return asked.get("ReturnValues") == "ALL_NEW" and "Attributes" in answer


def _told(answer: Mapping[str, Any]) -> float | None:
    reported = answer.get("ConsumedCapacity")
    if not reported:
        return None
    tables = [reported] if isinstance(reported, Mapping) else reported
    return float(sum(table["CapacityUnits"] for table in tables))


def _index_units(index: Index, before: Item | None, after: Item | None) -> int:
    """Return what a write costs in an index: nothing, one entry, or two when its key moves."""
    old, new = index.entry(before), index.entry(after)
    if old == new:
        return 0
    old_size, new_size = item_size(old or {}), item_size(new or {})
    if old and new and any(old[key] != new[key] for key in index.keys):
        return write_units(old_size, 0) + write_units(0, new_size)
    return write_units(old_size, new_size)
