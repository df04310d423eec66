"""What every repository of devices promises: the fake, moto's DynamoDB and the emulator's alike."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time, timedelta

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from matinee.clock import iso
from matinee.retry import WriteConflict
from rooms.adapters.dynamodb.devices import DynamoDeviceRepository
from rooms.adapters.dynamodb.history import DynamoRoomHistory
from rooms.domain.device import QuietHours
from rooms.domain.errors import AccountDeleted
from rooms.ports import DeviceRepository
from tests.fakes.clock import NOON
from tests.fakes.devices import FakeDeviceRepository, a_device
from tests.fakes.rooms import FakeRoomHistory, InMemoryTables
from tests.integration.rooms.tables import DEVICES, TABLES

QUIET = QuietHours(time(22, 30), time(7), "Europe/Madrid")


@dataclass
class Store:
    devices: DeviceRepository
    block: Callable[[str], None]
    items: Callable[[], int]


@pytest.fixture(params=["fake", "moto", "emulator"])
def store(request: pytest.FixtureRequest) -> Store:
    until = NOON + timedelta(days=2)
    if request.param == "fake":
        tables = InMemoryTables()
        fake = FakeDeviceRepository(tables)
        history = FakeRoomHistory(tables)
        return Store(fake, lambda user: history.block(user, until), lambda: 2 * len(fake.stored))
    name = "moto_dynamodb" if request.param == "moto" else "emulated"
    client: DynamoDBClient = request.getfixturevalue(name)
    real = DynamoRoomHistory(TABLES.visits, client)
    return Store(
        DynamoDeviceRepository(DEVICES, TABLES.visits, client),
        lambda user: real.block(user, until),
        lambda: client.scan(TableName=DEVICES)["Count"],
    )


def test_a_device_is_found_as_it_was_stored(store: Store) -> None:
    plain, full = a_device(), replace(a_device(device="tablet"), quiet_hours=QUIET, language="es")

    for device in (plain, full):
        store.devices.save(device, None)

    assert sorted(store.devices.list_by_user("ann"), key=lambda it: it.device_id) == [plain, full]
    assert store.devices.list_by_user("bob") == []


def test_only_the_device_that_was_read_is_replaced(store: Store) -> None:
    first = a_device()
    store.devices.save(first, None)
    with pytest.raises(WriteConflict):
        store.devices.save(a_device(), None)

    second = replace(first, updated_at=NOON + timedelta(seconds=1))
    store.devices.save(second, first)
    with pytest.raises(WriteConflict):
        store.devices.save(replace(first, language="de"), first)

    assert store.devices.list_by_user("ann") == [second], iso(NOON)


def test_an_endpoint_belongs_to_who_registered_it_last(store: Store) -> None:
    browser = "https://push.example.com/one"
    store.devices.save(a_device("ann", "laptop", browser), None)
    store.devices.save(a_device("ann", "phone"), None)

    store.devices.save(a_device("bob", "chrome", browser), None)

    assert [it.device_id for it in store.devices.list_by_user("ann")] == ["phone"]
    assert [it.device_id for it in store.devices.list_by_user("bob")] == ["chrome"]
    assert store.items() == 4


def test_nothing_is_left_of_an_endpoint_that_was_replaced(store: Store) -> None:
    old = a_device(endpoint="https://push.example.com/old")
    new = a_device(endpoint="https://push.example.com/new")
    store.devices.save(old, None)
    store.devices.save(new, old)
    assert store.items() == 2

    with pytest.raises(WriteConflict):
        store.devices.delete(old)
    store.devices.delete(new)

    assert store.items() == 0


def test_nobody_registers_a_device_for_a_deleted_user(store: Store) -> None:
    store.block("ann")

    with pytest.raises(AccountDeleted):
        store.devices.save(a_device(), None)

    assert store.items() == 0
