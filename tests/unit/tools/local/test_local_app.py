"""The app as the local product serves it."""

import json
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from tools.local.page import app

STACK = {
    "rest_url": "http://127.0.0.1:50001/_aws/execute-api/abc",
    "graphql_url": "http://127.0.0.1:50002/graphql",
    "realtime_url": "ws://127.0.0.1:50002/graphql/realtime",
    "region": "eu-west-1",
    "tmdb_url": "http://127.0.0.1:50003/3",
    "demo_user": {"email": "demo@example.com", "password": "p"},
}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("the app", encoding="utf-8")
    (built / "assets" / "main.js").write_text("the script", encoding="utf-8")
    return built


async def get(path: str, built: Path, stack_file: Path) -> httpx.Response:
    served = Starlette(routes=app.routes(stack_file, built))
    transport = httpx.ASGITransport(served)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.get(f"/_matinee/app/{path}")


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("", 200, "the app"),
        ("assets/main.js", 200, "the script"),
        ("rooms/abc", 200, "the app"),
        ("join/AB12CD", 200, "the app"),
        ("assets/gone.js", 404, "Not Found"),
        ("../secret.txt", 404, "Not Found"),
    ],
)
async def test_files_are_served_and_every_view_is_the_app(
    path: str, status: int, text: str, built: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")

    answer = await get(path, built, tmp_path / "stack.json")

    assert (answer.status_code, answer.text) == (status, text)


async def test_the_app_may_reach_what_the_product_is_and_nothing_else(
    built: Path, tmp_path: Path
) -> None:
    stack_file = tmp_path / "stack.json"
    stack_file.write_text(json.dumps(STACK), encoding="utf-8")

    for path in ("", "rooms/abc", "assets/main.js"):
        answer = await get(path, built, stack_file)
        policy = dict(
            part.strip().split(" ", 1)
            for part in answer.headers["content-security-policy"].split(";")
        )
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert policy["connect-src"].split() == [
            "'self'",
            "http://127.0.0.1:50001",
            "http://127.0.0.1:50002",
            "ws://127.0.0.1:50002",
        ]
        assert policy["img-src"] == "'self' data: http://127.0.0.1:50003"


async def test_before_it_is_built_the_app_says_how(tmp_path: Path) -> None:
    answer = await get("rooms", tmp_path / "nothing", tmp_path / "stack.json")

    assert answer.status_code == 503
    assert "make web" in answer.text


async def test_before_the_product_is_ready_there_is_no_configuration(
    built: Path, tmp_path: Path
) -> None:
    assert (await get("config.json", built, tmp_path / "stack.json")).status_code == 503


def test_the_configuration_says_where_the_product_is() -> None:
    assert app.client_configuration(STACK) == {
        "restUrl": STACK["rest_url"],
        "graphqlUrl": STACK["graphql_url"],
        "realtimeUrl": STACK["realtime_url"],
        "region": "eu-west-1",
        "picturesUrl": "http://127.0.0.1:50003/t/p",
        "local": True,
        "demoUser": {"email": "demo@example.com", "password": "p"},
    }


def test_pictures_of_the_real_tmdb_come_from_its_own_address() -> None:
    real = STACK | {"tmdb_url": "https://api.themoviedb.org/3"}

    assert app.client_configuration(real)["picturesUrl"] == "https://image.tmdb.org/t/p"
