"""Devices over REST: what is registered, what is refused, and whose it is."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from matinee.principal import Principal
from rooms import bootstrap
from rooms.api.device_schemas import SubscriptionKeys
from rooms.domain.device import MAX_DEVICES, EndpointRules, QuietHours
from rooms.handlers import devices as handler
from rooms.settings import DevicesSettings
from rooms.use_cases.register_device import DeviceRegistrar
from tests.fakes.aws import FakeLambdaContext
from tests.fakes.clock import FakeClock
from tests.fakes.devices import AUTH, MOZILLA, PUBLIC_KEY, FakeDeviceRepository, a_device
from tests.fakes.rooms import FakeRoomHistory, InMemoryTables

CONTEXT = cast("LambdaContext", FakeLambdaContext())
SUBSCRIPTION: dict[str, Any] = {
    "endpoint": f"{MOZILLA}one",
    "expirationTime": None,
    "keys": {"p256dh": PUBLIC_KEY, "auth": AUTH},
}

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")


class DevicesApi:
    """DevicesFunction behind a gateway, over the fakes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, key: str = "BKey") -> None:
        self.now = FakeClock()
        self.tables = InMemoryTables(self.now)
        self.devices = FakeDeviceRepository(self.tables)
        self.registrar = DeviceRegistrar(
            self.devices, FakeRoomHistory(self.tables), key, now=self.now
        )
        settings = DevicesSettings(
            stage="local",
            powertools_service_name="rooms",
            devices_table="",
            visits_table="",
        )
        monkeypatch.setattr(bootstrap, "edge", lambda: settings)
        monkeypatch.setattr(bootstrap, "devices", lambda: self.registrar)

    def __call__(
        self, method: str, device: str = "", body: object = None, user: str = "ann"
    ) -> tuple[int, dict[str, Any]]:
        path = f"/user/devices/{device}" if device else "/user/devices"
        route = "/user/devices/{deviceId}" if device else "/user/devices"
        event = {
            "version": "2.0",
            "routeKey": f"{method} {route}",
            "rawPath": path,
            "headers": {},
            "requestContext": {
                "http": {"method": method, "path": path},
                "stage": "$default",
                "authorizer": {"jwt": {"claims": {}}},
            },
            "pathParameters": {"deviceId": device} if device else None,
            "body": None if body is None else json.dumps(body),
            "isBase64Encoded": False,
        }
        built = handler.build(lambda _: Principal(user, frozenset({"Users"})))
        answer = built.handle(event, CONTEXT)
        return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> DevicesApi:
    return DevicesApi(monkeypatch)


def test_a_browsers_subscription_is_registered_and_listed(api: DevicesApi) -> None:
    quiet = {"from": "22:30", "until": "07:00", "timeZone": "Europe/Madrid"}
    body = {"subscription": SUBSCRIPTION, "quietHours": quiet, "language": "es"}

    status, device = api("PUT", "phone", body)

    assert (status, device["deviceId"], device["quietHours"]) == (200, "phone", quiet)
    assert device["endpoint"] == SUBSCRIPTION["endpoint"]
    assert AUTH not in json.dumps(device)
    assert api("GET") == (
        200,
        {"items": [device], "devices": [device], "applicationServerKey": "BKey"},
    )
    assert api("GET", user="bob")[1]["items"] == []


def test_the_document_names_the_key_as_browsers_do_and_its_old_name_is_read(
    api: DevicesApi,
) -> None:
    assert set(SubscriptionKeys.model_json_schema()["properties"]) == set(SUBSCRIPTION["keys"])
    generated = {"endpoint": f"{MOZILLA}one", "keys": {"p256Dh": PUBLIC_KEY, "auth": AUTH}}

    assert api("PUT", "phone", {"subscription": generated})[0] == 200


def test_registering_again_replaces_the_whole_device(api: DevicesApi) -> None:
    _, first = api("PUT", "phone", {"subscription": SUBSCRIPTION, "language": "es"})
    api.now.advance(days=1)

    _, second = api("PUT", "phone", {"subscription": SUBSCRIPTION})

    assert second["createdAt"] == first["createdAt"] < second["updatedAt"]
    assert "language" not in second
    assert len(api("GET")[1]["items"]) == 1


def test_removing_is_no_error_when_there_is_nothing(api: DevicesApi) -> None:
    api("PUT", "phone", {"subscription": SUBSCRIPTION})

    assert api("DELETE", "phone", user="bob") == (200, {"removed": False})
    assert api("DELETE", "phone") == (200, {"removed": True})
    assert api("DELETE", "phone") == (200, {"removed": False})


def test_a_user_has_ten_devices_at_most(api: DevicesApi) -> None:
    for number in range(MAX_DEVICES):
        api.devices.save(a_device(device=f"old-{number}"), None)

    assert api("PUT", "new", {"subscription": SUBSCRIPTION})[1]["code"] == "TooManyDevices"
    assert api("PUT", "old-3", {"subscription": SUBSCRIPTION})[0] == 200


def test_a_deleted_user_is_told_so(api: DevicesApi) -> None:
    api.tables.blocked["ann"] = api.now()

    answers = [api("GET"), api("DELETE", "phone"), api("PUT", "p", {"subscription": SUBSCRIPTION})]

    assert {(status, body["code"]) for status, body in answers} == {(403, "AccountDeleted")}


def test_without_a_key_there_are_no_notifications(monkeypatch: pytest.MonkeyPatch) -> None:
    api = DevicesApi(monkeypatch, key="")

    assert api("PUT", "phone", {"subscription": SUBSCRIPTION})[1]["code"] == "PushNotAvailable"
    assert api("GET") == (200, {"items": [], "devices": []})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"language": "klingon"}, "language"),
        ({"platform": "pager"}, "platform"),
        ({"quietHours": {"from": "22:30", "until": "07:00", "timeZone": "Mars"}}, "quietHours"),
        ({"quietHours": {"from": "25:00", "until": "07:00", "timeZone": "UTC"}}, "quietHours"),
        ({"quietHours": {"from": "22:00", "until": "22:00", "timeZone": "UTC"}}, "quietHours"),
        ({"quietHours": {"from": "1:00", "until": "7:00", "timeZone": "Europe"}}, "quietHours"),
        ({"subscription": {**SUBSCRIPTION, "keys": {"p256dh": AUTH, "auth": AUTH}}}, "subscri"),
        ({"subscription": {**SUBSCRIPTION, "keys": {"p256dh": PUBLIC_KEY, "auth": "AA"}}}, "sub"),
        ({"subscription": {**SUBSCRIPTION, "endpoint": "http://push.example.com/"}}, "sub"),
        ({"nickname": "my phone"}, "nickname"),
    ],
)
def test_what_cannot_be_used_is_refused(
    api: DevicesApi, change: dict[str, Any], field: str
) -> None:
    status, problem = api("PUT", "phone", {"subscription": SUBSCRIPTION} | change)

    assert (status, problem["code"]) == (400, "InvalidInput")
    assert all(name.startswith(field) for name in problem["fields"])
    assert not api.devices.stored


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/a",
        "ftp://push.example.com/a",
        "https://localhost/a",
        "https://db.internal/a",
        "https://printer.local./a",
        "https://127.0.0.1/a",
        "https://10.1.2.3/a",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a",
        "https://[::ffff:10.0.0.1]/a",
        "https://[64:ff9b::7f00:1]/a",
        "https://[2002:7f00:1::]/a",
        "https://224.0.0.1/a",
        "https://ann@push.example.com/a",
        "https://push.example.com:8443/a",
        "https://push.example.com:99999/a",
        "https://push.example.com/a#b",
        "https://push.example.com\\@10.0.0.1/",
        "https://push.example.com/a b",
        "https://[::1/a",
        "https:///a",
        "https://push.example.com/" + "a" * 1000,
        "https://пуш.example.com/a",
    ],
)
def test_endpoints_of_private_places_are_refused(endpoint: str) -> None:
    assert EndpointRules().objection(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        f"{MOZILLA}gAAAA",
        "https://fcm.googleapis.com/fcm/send/abc:APA91b-_",
        "https://web.push.apple.com/QGuQyavXutnMZ",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAD%2f",
        "https://93.184.216.34/a",
    ],
)
def test_endpoints_of_push_services_are_accepted(endpoint: str) -> None:
    assert EndpointRules().objection(endpoint) is None


def test_a_name_is_connected_to_if_all_its_addresses_are_public() -> None:
    rules = EndpointRules()

    assert rules.admit(["93.184.216.34", "2606:2800:220:1::1"])
    assert not rules.admit(["93.184.216.34", "10.0.0.1"])
    assert not rules.admit([])


def test_the_local_product_may_use_its_own_machine() -> None:
    rules = EndpointRules(private=True)

    assert rules.objection("http://127.0.0.1:9000/push/one") is None
    assert rules.admit(["127.0.0.1"])
    assert rules.objection("http://ann@127.0.0.1/")


def test_nobody_may_use_the_addresses_where_machines_find_their_credentials() -> None:
    rules = EndpointRules(private=True)

    assert rules.objection("http://169.254.169.254/latest/meta-data")
    assert not rules.admit(["127.0.0.1", "169.254.169.254"])
    assert not rules.admit(["fe80::1"])


@pytest.mark.parametrize(
    ("hour", "quiet"), [(21.0, False), (21.6, True), (23.9, True), (5.9, True), (6.0, False)]
)
def test_quiet_hours_pass_midnight_in_their_own_zone(hour: float, *, quiet: bool) -> None:
    hours = QuietHours(time(22, 30), time(7), "Europe/Madrid")  # an hour before UTC in January

    moment = datetime(2026, 1, 31, int(hour), int(hour % 1 * 60), tzinfo=UTC)

    assert replace(a_device(), quiet_hours=hours).is_quiet(moment) is quiet
    assert QuietHours(time(9), time(10), "UTC").include(moment) is False
