"""Web Push over real sockets: signed, encrypted, guarded against what users' URLs may mean."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from py_vapid import Vapid02

from matinee.errors import Unavailable
from rooms.adapters.web_push.http import AddressRefused, GuardedHttp, Unreachable
from rooms.adapters.web_push.service import VapidKey, WebPushService
from rooms.domain.device import EndpointRules
from rooms.ports import PushRefused, SubscriptionGone
from tests.fakes.devices import a_device, device_of
from tools import vapid
from tools.push_service import PushServer, push_server

KEYS = vapid.generate()
OTHER_KEYS = vapid.generate()
LOCAL = EndpointRules(private=True)
PAYLOAD = {"kind": "MATCH", "title": "¡Hay coincidencia!"}


@dataclass(frozen=True, slots=True)
class FixedKey:
    private: str = KEYS.private

    def get(self) -> Vapid02:
        return Vapid02.from_raw(self.private.encode())


@dataclass(frozen=True, slots=True)
class FakeSecret:
    value: Any

    def read_json(self) -> Any:  # noqa: ANN401 - whatever is stored
        return self.value


@pytest.fixture(scope="module")
def server() -> Iterator[PushServer]:
    with push_server() as running:
        yield running


@pytest.fixture
def service() -> WebPushService:
    return WebPushService(GuardedHttp(LOCAL), FixedKey(), "mailto:ops@example.com")


def test_a_browser_decrypts_what_was_sent(server: PushServer, service: WebPushService) -> None:
    browser = server.subscribe(KEYS.public)

    service.send(device_of(browser), "match-1", PAYLOAD)
    service.send(device_of(browser), "match-2", PAYLOAD)

    assert [browser.received.get_nowait() for _ in range(2)] == [PAYLOAD, PAYLOAD]
    first, second = browser.topics
    assert len(first) == 32
    assert first != second


def test_another_key_than_the_subscriptions_is_refused(
    server: PushServer, service: WebPushService
) -> None:
    browser = server.subscribe(OTHER_KEYS.public)

    with pytest.raises(PushRefused, match="403"):
        service.send(device_of(browser), "match", PAYLOAD)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, SubscriptionGone),
        (410, SubscriptionGone),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
        (400, PushRefused),
        (413, PushRefused),
        (301, PushRefused),
        (307, PushRefused),
    ],
)
def test_each_answer_has_its_meaning(
    server: PushServer, service: WebPushService, status: int, error: type[Exception]
) -> None:
    browser = server.subscribe(KEYS.public, status)

    with pytest.raises(error):
        service.send(device_of(browser), "match", PAYLOAD)

    assert browser.requests == 1


def test_a_key_that_is_no_point_of_the_curve_is_gone(
    server: PushServer, service: WebPushService
) -> None:
    device = device_of(server.subscribe(KEYS.public))
    broken = replace(device.subscription, p256dh="B" + "A" * 86)

    with pytest.raises(SubscriptionGone):
        service.send(replace(device, subscription=broken), "match", PAYLOAD)


def test_nobody_there_is_no_reason_to_forget_a_device(service: WebPushService) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}/push"

    with pytest.raises(Unavailable):
        service.send(a_device(endpoint=closed), "match", PAYLOAD)


def test_private_addresses_are_not_connected_to(
    server: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = server.subscribe(KEYS.public)
    port = browser.endpoint.rsplit(":", 1)[1].split("/", 1)[0]
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(port)))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
    guarded = WebPushService(GuardedHttp(EndpointRules()), FixedKey(), "mailto:ops@example.com")

    with pytest.raises(SubscriptionGone):
        guarded.send(device_of(browser), "match", PAYLOAD)
    with pytest.raises(AddressRefused):
        GuardedHttp(EndpointRules()).post("http://rebound.example.com/", {}, b"")

    assert browser.requests == 0


@pytest.mark.parametrize("deadline", [0.4, 0.0])  # the other is over before it is connected
def test_a_request_ends_at_its_deadline_however_slow_the_answer(deadline: float) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def drip() -> None:
            with suppress(OSError), listening.accept()[0] as connection:
                connection.sendall(b"HTTP/1.1 201 Created\r\n")
                while not ended.wait(0.05):
                    connection.sendall(b"a: b\r\n")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
            with pytest.raises(Unreachable):
                GuardedHttp(LOCAL, timeout=deadline).post(url, {}, b"")
        finally:
            ended.set()
            listening.shutdown(socket.SHUT_RDWR)  # if nobody has connected, nobody will
            dripping.join()


@pytest.mark.parametrize(
    "stored",
    [{"private_key": OTHER_KEYS.private}, {"private_key": "short"}, {"private_key": ""}, {}, []],
)
@pytest.mark.filterwarnings("ignore:No application metrics")
def test_a_key_that_does_not_fit_is_said_at_once(stored: object) -> None:
    with pytest.raises(Unavailable):
        VapidKey(FakeSecret(stored), KEYS.public).get()  # type: ignore[arg-type]


def test_the_right_key_is_read_from_its_secret() -> None:
    key = VapidKey(FakeSecret({"private_key": KEYS.private}), KEYS.public)  # type: ignore[arg-type]

    assert key.get().public_key.key_size == 256
