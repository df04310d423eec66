"""The demo's people repeat what an app would, and fail with a sentence."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx

from tools.local.patience import patient_client
from tools.ops.client import Person, Refused, Stack
from tools.ops.client import person as person_module
from tools.ops.client.retries import explain
from tools.ops.demo import __main__ as demo

URL = "http://127.0.0.1:50002/graphql"
STACK = Stack("http://127.0.0.1:50001", URL, "", "", "", "eu-west-1", "pool", "client")
REQUEST = httpx.Request("POST", "http://127.0.0.1:50001/auth/signup")

type MakePerson = Callable[[bool], Person]


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> MakePerson:
    """Makes a person, patient or not, who does not pause between attempts."""
    monkeypatch.setattr(person_module, "PAUSES_SECONDS", (0.0, 0.0))

    def make(patient: bool) -> Person:  # noqa: FBT001 - the only argument
        return Person("Ada", "ada@example.com", "1", "t", STACK, httpx.AsyncClient(), patient)

    return make


def refusal(kind: str) -> httpx.Response:
    errors = [{"errorType": kind, "message": "No."}]
    return httpx.Response(200, json={"data": None, "errors": errors})


SUCCESS = httpx.Response(200, json={"data": {"vote": 1}})


@pytest.mark.parametrize("kind", ["RoomBusy", "CatalogUnavailable", "Lambda:Unhandled"])
async def test_a_patient_person_repeats_what_may_succeed_later(
    kind: str, person: MakePerson, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.post(URL).mock(side_effect=[refusal(kind), refusal(kind), SUCCESS])
    assert await person(True).ask("mutation") == {"vote": 1}
    assert route.call_count == 3


async def test_a_patient_person_gives_up_in_the_end(
    person: MakePerson, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.post(URL).mock(side_effect=[refusal("RoomBusy")] * 3)
    with pytest.raises(Refused, match="RoomBusy"):
        await person(True).ask("mutation")
    assert route.call_count == 3


@pytest.mark.parametrize(("kind", "patient"), [("RoomFull", True), ("RoomBusy", False)])
async def test_what_will_not_succeed_is_not_repeated(
    kind: str, patient: bool, person: MakePerson, respx_mock: respx.MockRouter
) -> None:
    respx_mock.post(URL).mock(side_effect=[refusal(kind)])
    with pytest.raises(Refused, match=kind):
        await person(patient).ask("mutation")


@pytest.mark.parametrize("failure", [httpx.Response(502), httpx.ConnectError("refused")])
async def test_a_patient_client_repeats_what_the_product_could_not_answer(
    failure: Any,  # noqa: ANN401 - an answer or an error
    respx_mock: respx.MockRouter,
) -> None:
    respx_mock.post(str(REQUEST.url)).mock(side_effect=[failure, httpx.Response(200)])
    async with patient_client() as http:
        assert (await http.post(REQUEST.url)).status_code == 200


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            httpx.HTTPStatusError(
                "Server error\nsee", request=REQUEST, response=httpx.Response(502, text="Timeout")
            ),
            "POST http://127.0.0.1:50001/auth/signup answered 502: Timeout",
        ),
        (httpx.ConnectError("refused"), "make status"),
        (ConnectionRefusedError(), "make status"),
        (Refused({"errorType": "RoomBusy", "message": "Try again."}), "RoomBusy: Try again."),
        (TimeoutError(), "too long"),
    ],
)
def test_a_failure_is_a_sentence(error: Exception, said: str) -> None:
    sentence = explain(error)
    assert said in sentence
    assert "\n" not in sentence


def test_a_failing_demo_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def show(*_: object) -> None:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(demo, "show", show)
    monkeypatch.setattr("sys.argv", ["demo"])
    monkeypatch.setattr(Stack, "load", lambda _path: STACK)
    assert demo.main() == 1
    assert "make status" in capsys.readouterr().out
