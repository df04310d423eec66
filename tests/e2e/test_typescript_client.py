"""A front end in TypeScript, its client generated from the OpenAPI document."""

import json
import shutil
from pathlib import Path

import pytest

from tests.clients.node import PROGRAMS, run_node
from tests.e2e.accounts import Visitor
from tools.contracts.openapi import DOCUMENT
from tools.ops.client import Stack

GENERATOR = "node_modules/openapi-typescript/bin/cli.js"
COMPILER = "node_modules/typescript/bin/tsc"
STRICTLY = ("--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck")


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """Generate the client's types, and compile rest_client.ts with them."""
    (tmp_path / "node_modules").symlink_to(PROGRAMS / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    program = Path(shutil.copy(PROGRAMS / "rest_client.ts", tmp_path))
    run_node(GENERATOR, str(DOCUMENT), "--output", str(tmp_path / "rest.d.ts"))
    run_node(COMPILER, *STRICTLY, str(program))
    return program.with_suffix(".js")


def test_a_generated_client_compiles_and_works(client: Path, stack: Stack) -> None:
    visitor = Visitor(stack)
    visitor.sign_up().raise_for_status()
    visitor.sign_in().raise_for_status()

    credentials = json.dumps({"email": visitor.email, "password": visitor.password})
    seen = json.loads(run_node(str(client), stack.rest_url, env={"VISITOR": credentials}))

    assert seen.pop("film") == seen.pop("title")
    assert seen == {
        "lifetime": 3600,
        "favourites": seen["favourites"],
        "kinds": ["movie"],
        "refused": [400, "InvalidInput"],
        "unknown": [401, "InvalidCredentials"],
        "unsent": 4,
    }
    stored = visitor.signed_in("GET", "/user/favourites").json()["items"]
    assert [entry["id"] for entry in stored] == seen["favourites"]
