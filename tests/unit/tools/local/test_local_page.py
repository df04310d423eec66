"""The page of the running product, for browsers alone."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from tools.local.mailbox import FILE
from tools.local.page import is_for_the_page, with_page
from tools.local.stack_file import write_stack_file

EMULATOR = "http://127.0.0.1:50001"
STACK: dict[str, Any] = {
    "emulator_url": EMULATOR,
    "rest_url": f"{EMULATOR}/_aws/execute-api/abc",
    "graphql_url": "http://127.0.0.1:50002/graphql",
    "realtime_url": "ws://127.0.0.1:50002/graphql/realtime",
    "graphql_tls_url": "https://localhost:50004/graphql",
    "tmdb_url": "http://127.0.0.1:50003/3",
    "user_pool_id": "eu-west-1_abc",
    "client_id": "client",
    "demo_user": {"email": "demo@matinee.example", "password": "Matinee-2026!"},
}
BROWSER = {"accept": "text/html,application/xhtml+xml"}
NOT_HERE = "The emulator's."

type Get = Callable[..., Awaitable[httpx.Response]]


async def emulator(_scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": NOT_HERE.encode()})


@pytest.fixture
def stack_file(tmp_path: Path) -> Path:
    path = tmp_path / "stack.json"
    write_stack_file(path, STACK | {"state": str(tmp_path)})
    return path


@pytest.fixture
def get(stack_file: Path) -> Get:
    transport = httpx.ASGITransport(with_page(emulator, stack_file))

    async def ask(path: str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url=EMULATOR) as http:
            return await http.get(path, headers=BROWSER | headers)

    return ask


@pytest.fixture
def product(respx_mock: respx.MockRouter) -> respx.MockRouter:
    """A product of which everything answers but GraphQL."""
    respx_mock.get("http://127.0.0.1:50002/status").respond(503)
    respx_mock.get(f"{STACK['rest_url']}/status").respond(200)
    respx_mock.get(f"{EMULATOR}/_ministack/ready").respond(200)
    respx_mock.get("http://127.0.0.1:50003/__ready").respond(200)
    films = [{"title": "<Alien>", "poster_path": "/1.jpg"}, {"title": "B", "poster_path": None}]
    popular = respx_mock.get("http://127.0.0.1:50003/3/movie/popular")
    popular.respond(200, json={"results": films})
    respx_mock.post(f"{STACK['rest_url']}/auth/signin").respond(
        200, json={"AccessToken": "the-token"}
    )
    return respx_mock


@pytest.mark.usefixtures("product")
@pytest.mark.respx(assert_all_called=False)
async def test_the_page_says_what_runs_and_who_may_sign_in(get: Get) -> None:
    text = (await get("/")).text
    for name in ("rest_url", "graphql_url", "realtime_url", "user_pool_id", "client_id"):
        assert STACK[name] in text
    assert STACK["demo_user"]["email"] in text
    assert STACK["demo_user"]["password"] in text
    assert text.count("does not answer") == 3  # GraphQL, and real time and TLS with it
    assert "/_matinee/graphiql" in text
    assert "/_matinee/openapi" in text


@pytest.mark.usefixtures("product")
@pytest.mark.respx(assert_all_called=False)
async def test_the_page_shows_films_with_posters_and_nothing_of_theirs_as_markup(get: Get) -> None:
    text = (await get("/")).text
    assert "http://127.0.0.1:50003/t/p/w185/1.jpg" in text
    assert "&lt;Alien&gt;" in text
    assert text.count("<img") == 1


@pytest.mark.usefixtures("product")
@pytest.mark.respx(assert_all_called=False)
async def test_the_page_shows_the_newest_mails_first(get: Get, tmp_path: Path) -> None:
    assert "No mail." in (await get("/")).text
    with (tmp_path / FILE).open("w", encoding="utf-8") as box:
        for number in range(12):
            mail = {
                "to": ["ada@example.com"],
                "subject": "Your code",
                "text": f"<b>{123400 + number}",
                "sent_at": number,
            }
            box.write(json.dumps(mail) + "\n")
    text = (await get("/")).text
    assert text.index("&lt;b&gt;123411") < text.index("&lt;b&gt;123402")
    assert "123401" not in text


@pytest.mark.usefixtures("product")
@pytest.mark.respx(assert_all_called=False)
@pytest.mark.parametrize("tool", ["graphiql", "openapi"])
async def test_tools_are_signed_in_as_the_demo_user(tool: str, get: Get) -> None:
    answer = await get(f"/_matinee/{tool}")
    assert answer.status_code == 200
    assert "the-token" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/_matinee/graphiql/graphiql.min.js",
        "/_matinee/graphiql/react.production.min.js",
        "/_matinee/swagger/swagger-ui-bundle.js",
    ],
)
async def test_what_a_tool_is_made_of_comes_from_here(path: str, get: Get) -> None:
    assert (await get(path)).status_code == 200


async def test_the_interface_is_that_of_the_running_product(get: Get) -> None:
    document = (await get("/_matinee/openapi.json")).json()
    assert document["servers"] == [{"url": STACK["rest_url"]}]
    assert "/user/favourites" in document["paths"]


async def test_a_browser_at_the_interfaces_base_url_is_led_to_the_page(get: Get) -> None:
    answer = await get("/_aws/execute-api/abc")
    assert answer.headers["location"] == "/"


async def test_before_the_product_is_ready_the_page_says_so(get: Get, stack_file: Path) -> None:
    stack_file.unlink()
    answer = await get("/")
    assert answer.status_code == 503
    assert "starting" in answer.text


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {"accept": "*/*"}),
        ("/", {"authorization": "AWS4-HMAC-SHA256 Credential=test/..."}),
        ("/?X-Amz-Signature=abc", {}),
        ("/bucket", {}),
        ("/_aws/execute-api/abc/media", {}),
        ("/_ministack/ready", {}),
    ],
)
async def test_everything_else_is_the_emulators(
    path: str, headers: dict[str, str], get: Get
) -> None:
    assert (await get(path, **headers)).text == NOT_HERE


def test_websockets_and_the_start_are_the_emulators() -> None:
    assert not is_for_the_page({"type": "lifespan"})
    assert not is_for_the_page({"type": "websocket", "path": "/", "headers": []})
