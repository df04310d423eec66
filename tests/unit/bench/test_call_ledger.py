"""What the ledger books for each call, and that it hears of every one."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from bench.ledger import Call, Cost, Index, Item, Ledger, Shape

ROOMS = Shape(("id",))
VOTES = Shape(
    ("roomId", "name"),
    (Index(("memberId", "roomId"), frozenset({"memberId", "roomId", "name"})),),
)


def text(size: int) -> dict[str, str]:
    return {"S": "x" * size}


def room(padding: int = 0) -> Item:
    return {"id": {"S": "r"}, "padding": text(padding)}


def ballot(name: str, padding: int = 0, **more: Any) -> Item:  # noqa: ANN401
    return {"roomId": {"S": "r"}, "name": {"S": name}, "padding": text(padding), **more}


class Stored:
    """What the ledger finds when it looks at the tables itself."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.looks = 0

    def __call__(self, table: str, key: Item) -> Item | None:  # noqa: ARG002
        self.looks += 1
        return self.items.get(next(iter(key["name"].values())))


@pytest.fixture
def stored() -> Stored:
    return Stored()


@pytest.fixture
def ledger(stored: Stored) -> Ledger:
    return Ledger({"rooms": ROOMS, "votes": VOTES}, stored)


def booked(
    ledger: Ledger, operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]
) -> Cost:
    ledger.observe(operation, asked, answer)
    [call] = ledger.take()
    return call.cost


def test_a_consistent_get_costs_a_unit_and_reads_an_item(ledger: Ledger) -> None:
    asked = {"TableName": "rooms", "Key": {"id": {"S": "r"}}, "ConsistentRead": True}
    assert booked(ledger, "GetItem", asked, {"Item": room(5000)}) == Cost(
        calls=1, items_read=1, read_units=2
    )


def test_a_get_without_a_word_on_consistency_costs_half(ledger: Ledger) -> None:
    asked = {"TableName": "rooms", "Key": {"id": {"S": "r"}}}
    assert booked(ledger, "GetItem", asked, {"Item": room()}).read_units == 0.5


def test_a_get_of_what_is_not_there_costs_as_much_as_the_smallest(ledger: Ledger) -> None:
    asked = {"TableName": "rooms", "Key": {"id": {"S": "r"}}, "ConsistentRead": True}
    cost = booked(ledger, "GetItem", asked, {})
    assert (cost.items_read, cost.read_units) == (0, 1)


def test_a_batch_rounds_items_singly_and_skips_unprocessed_ones(
    ledger: Ledger,
) -> None:
    keys = [{"roomId": {"S": "r"}, "name": {"S": name}} for name in "abcd"]
    asked = {
        "RequestItems": {
            "rooms": {"Keys": [{"id": {"S": "r"}}]},
            "votes": {"Keys": keys, "ConsistentRead": True},
        }
    }
    answer = {
        "Responses": {"rooms": [room(3000)], "votes": [ballot("a", 3000), ballot("b", 5000)]},
        "UnprocessedKeys": {"votes": {"Keys": keys[3:]}},
    }
    assert booked(ledger, "BatchGetItem", asked, answer) == Cost(
        calls=1, items_read=3, read_units=0.5 + 1 + 2 + 1
    )


def test_a_query_sums_up_before_it_rounds(ledger: Ledger) -> None:
    answer = {"Items": [ballot(name, 1100) for name in "abcd"]}
    cost = booked(ledger, "Query", {"TableName": "votes", "ConsistentRead": True}, answer)
    assert cost == Cost(calls=1, items_read=4, read_units=2, queries=1)


def test_a_projected_read_is_refused_as_it_costs_the_whole_item(
    ledger: Ledger,
) -> None:
    with pytest.raises(ValueError, match="paid for whole"):
        ledger.observe("Query", {"TableName": "votes", "FilterExpression": "a = :a"}, {})


def test_an_operation_that_it_does_not_know_is_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="does not know what BatchWriteItem costs"):
        ledger.observe("BatchWriteItem", {}, {})


def test_a_put_over_a_larger_item_costs_the_larger_one(ledger: Ledger) -> None:
    assert booked(ledger, "PutItem", {"TableName": "rooms", "Item": room(2500)}, {}) == Cost(
        calls=1, items_written=1, write_units=3
    )
    assert booked(ledger, "PutItem", {"TableName": "rooms", "Item": room()}, {}).write_units == 3
    assert booked(ledger, "PutItem", {"TableName": "rooms", "Item": room()}, {}).write_units == 1


def test_a_deletion_costs_what_goes(ledger: Ledger) -> None:
    booked(ledger, "PutItem", {"TableName": "rooms", "Item": room(1500)}, {})
    asked = {"TableName": "rooms", "Key": {"id": {"S": "r"}}}
    assert booked(ledger, "DeleteItem", asked, {}).write_units == 2
    assert booked(ledger, "DeleteItem", asked, {}).write_units == 1


def test_an_update_that_shows_the_item_needs_no_look_at_the_table(
    ledger: Ledger, stored: Stored
) -> None:
    asked = {
        "TableName": "votes",
        "Key": {"roomId": {"S": "r"}, "name": {"S": "a"}},
        "ReturnValues": "ALL_NEW",
    }
    cost = booked(ledger, "UpdateItem", asked, {"Attributes": ballot("a", 1500)})
    assert (cost.write_units, stored.looks) == (2, 0)


def test_a_transaction_costs_twice_and_a_check_as_much_as_a_write(
    ledger: Ledger, stored: Stored
) -> None:
    booked(ledger, "PutItem", {"TableName": "votes", "Item": ballot("member", 1500)}, {})
    booked(ledger, "PutItem", {"TableName": "votes", "Item": ballot("film")}, {})
    stored.items["film"] = ballot("film", 3000)
    name = {"roomId": {"S": "r"}}
    actions = [
        {"ConditionCheck": {"TableName": "votes", "Key": {**name, "name": {"S": "member"}}}},
        {"Update": {"TableName": "votes", "Key": {**name, "name": {"S": "film"}}}},
        {"Put": {"TableName": "votes", "Item": ballot("vote")}},
        {"Delete": {"TableName": "votes", "Key": {**name, "name": {"S": "gone"}}}},
    ]
    assert booked(ledger, "TransactWriteItems", {"TransactItems": actions}, {}) == Cost(
        calls=1, items_checked=1, items_written=3, write_units=2 * (2 + 3 + 1 + 1)
    )
    assert stored.looks == 1


def test_a_refused_write_costs_what_is_there_and_changes_nothing(ledger: Ledger) -> None:
    booked(ledger, "PutItem", {"TableName": "rooms", "Item": room(1500)}, {})
    refusal = {"ResponseMetadata": {"HTTPStatusCode": 400}}
    refused = booked(ledger, "PutItem", {"TableName": "rooms", "Item": room(9000)}, refusal)
    assert refused == Cost(calls=1, refused=1, write_units=2)
    assert booked(ledger, "PutItem", {"TableName": "rooms", "Item": room()}, {}).write_units == 2


def test_an_index_costs_only_when_its_entry_changes(ledger: Ledger) -> None:
    def put(name: str, **more: Any) -> float:  # noqa: ANN401
        item = ballot(name, **more)
        return booked(ledger, "PutItem", {"TableName": "votes", "Item": item}, {}).write_units

    assert put("vote") == 1
    assert put("member", memberId={"S": "ada"}) == 1 + 1
    assert put("member", memberId={"S": "ada"}, other={"S": "not in the index"}) == 1
    assert put("member", memberId={"S": "bo"}) == 1 + 2
    assert put("member") == 1 + 1


def test_calls_are_booked_under_the_phase_in_which_they_are_made(ledger: Ledger) -> None:
    asked = {"TableName": "rooms", "Key": {"id": {"S": "r"}}}
    with ledger.phase("vote"):
        ledger.observe("GetItem", asked, {})
        with ledger.phase("relay"):
            ledger.observe("DeleteItem", asked, {})
        ledger.observe("GetItem", asked, {})
    assert [call.phase for call in ledger.take()] == ["vote", "relay", "vote"]
    assert ledger.take() == []


def test_who_asks_for_puts_hears_of_those_that_were_stored(stored: Stored) -> None:
    heard: list[tuple[str, Item]] = []
    ledger = Ledger(
        {"rooms": ROOMS}, stored, on_put=lambda table, item: heard.append((table, item))
    )
    asked = {"TableName": "rooms", "Item": room()}
    ledger.observe("PutItem", asked, {"ResponseMetadata": {"HTTPStatusCode": 400}})
    assert heard == []
    ledger.observe("TransactWriteItems", {"TransactItems": [{"Put": asked}]}, {})
    assert heard == [("rooms", room())]


def stubbed(ledger: Ledger) -> tuple[Any, Stubber]:
    with ledger.watching_new_clients():
        client = boto3.Session().client("dynamodb")
    return client, Stubber(client)


def test_records_the_calls_of_a_client_created_inside(
    ledger: Ledger,
) -> None:
    client, stub = stubbed(ledger)
    stub.add_response(
        "get_item",
        {"Item": room(), "ConsumedCapacity": {"TableName": "rooms", "CapacityUnits": 1.0}},
    )
    with stub, ledger.phase("vote"):
        client.get_item(TableName="rooms", Key={"id": {"S": "r"}}, ConsistentRead=True)
    assert ledger.take() == [
        Call("vote", "GetItem", (("r",),), Cost(calls=1, items_read=1, read_units=1), reported=1.0)
    ]


def test_requests_a_call_s_cost_and_an_update_s_new_item(
    ledger: Ledger,
) -> None:
    client, stub = stubbed(ledger)
    asked: list[dict[str, Any]] = []

    def keep(params: dict[str, Any], **_: object) -> None:
        asked.append(dict(params))

    client.meta.events.register_last("before-parameter-build.dynamodb", keep)
    stub.add_response("get_item", {})
    stub.add_response("update_item", {"Attributes": room()})
    with stub:
        client.get_item(TableName="rooms", Key={"id": {"S": "r"}})
        client.update_item(TableName="rooms", Key={"id": {"S": "r"}}, UpdateExpression="SET a = b")
    assert [request["ReturnConsumedCapacity"] for request in asked] == ["TOTAL", "TOTAL"]
    assert asked[1]["ReturnValues"] == "ALL_NEW"


def test_a_refused_call_of_a_client_is_heard_too(ledger: Ledger) -> None:
    client, stub = stubbed(ledger)
    stub.add_client_error("put_item", "ConditionalCheckFailedException", http_status_code=400)
    with stub, pytest.raises(ClientError):
        client.put_item(TableName="rooms", Item=dict(room()))
    [call] = ledger.take()
    assert call.cost == Cost(calls=1, refused=1, write_units=1)


def test_a_client_made_before_or_after_is_not_heard(ledger: Ledger) -> None:
    stubbed(ledger)
    client = boto3.Session().client("dynamodb")
    stub = Stubber(client)
    stub.add_response("get_item", {})
    with stub:
        client.get_item(TableName="rooms", Key={"id": {"S": "r"}})
    assert ledger.take() == []
