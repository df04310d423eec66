"""What clients of the running product are configured with."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools.local.cli import main
from tools.local.client_config import FILES, NoTokenError, demo_token, exports, write_files

STACK: dict[str, Any] = {
    "rest_url": "http://127.0.0.1:50001/_aws/execute-api/abc",
    "graphql_url": "http://127.0.0.1:50002/graphql",
    "realtime_url": "ws://127.0.0.1:50002/graphql/realtime",
    "graphql_tls_url": "https://localhost:50004/graphql",
    "ca_file": "/home/ada/matinee/.local/tls/ca.pem",
    "emulator_url": "http://127.0.0.1:50001",
    "region": "eu-west-1",
    "user_pool_id": "eu-west-1_abc",
    "client_id": "client",
    "demo_user": {"email": "demo@matinee.example", "password": "Matinee-2026!"},
}


def in_a_shell(commands: str, **environment: str) -> dict[str, str]:
    """Return the variables that programs see once a shell has run the commands."""
    shown = subprocess.run(
        ["bash", "-c", f"{commands}\nenv -0"],  # noqa: S607 - the user's own
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    pairs = (line.partition("=") for line in shown.stdout.split("\0"))
    return {name: value for name, _, value in pairs if name}


def test_a_shell_gets_every_address_and_a_token() -> None:
    variables = in_a_shell(exports(STACK, "a 'token'"))
    assert variables["REST"] == STACK["rest_url"]
    assert variables["GRAPHQL"] == STACK["graphql_url"]
    assert variables["REALTIME"] == STACK["realtime_url"]
    assert variables["GRAPHQL_TLS"] == STACK["graphql_tls_url"]
    assert variables["NODE_EXTRA_CA_CERTS"] == STACK["ca_file"]
    assert variables["HOST"] == "127.0.0.1:50002"
    assert variables["TOKEN"] == "a 'token'"


def test_aws_programs_of_that_shell_reach_the_emulator_alone() -> None:
    variables = in_a_shell(
        exports(STACK, "token"),
        AWS_PROFILE="prod",
        AWS_ACCESS_KEY_ID="AKIAREAL",
        AWS_SECRET_ACCESS_KEY="real",
        AWS_SESSION_TOKEN="real",
        AWS_REGION="us-east-1",
    )
    assert {name: value for name, value in variables.items() if name.startswith("AWS_")} == {
        "AWS_ENDPOINT_URL": STACK["emulator_url"],
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def test_without_a_demo_user_there_is_no_token() -> None:
    with pytest.raises(NoTokenError, match="no demo user"):
        demo_token(STACK | {"demo_user": None})


def test_amplify_is_given_pool_and_endpoints(tmp_path: Path) -> None:
    write_files(STACK, tmp_path / "client")
    configuration = json.loads((tmp_path / "client" / "amplify.json").read_text(encoding="utf-8"))
    assert configuration["Auth"]["Cognito"]["userPoolId"] == "eu-west-1_abc"
    assert configuration["Auth"]["Cognito"]["userPoolEndpoint"] == STACK["emulator_url"]
    assert configuration["API"]["GraphQL"]["endpoint"] == STACK["graphql_tls_url"]


def test_an_env_file_has_each_variable_for_vite_too() -> None:
    lines = FILES["client.env"](STACK).splitlines()
    assert f"MATINEE_REST_URL={STACK['rest_url']}" in lines
    assert f"VITE_MATINEE_GRAPHQL_URL={STACK['graphql_url']}" in lines
    assert f"MATINEE_GRAPHQL_TLS_URL={STACK['graphql_tls_url']}" in lines


def test_the_requests_of_the_editor_take_the_token_of_the_first() -> None:
    text = FILES["matinee.http"](STACK)
    assert f"@rest = {STACK['rest_url']}\n" in text
    assert json.dumps(STACK["demo_user"]) in text
    assert "@token = {{signin.response.body.AccessToken}}" in text
    assert "Authorization: Bearer {{token}}" in text


@pytest.mark.parametrize("command", ["env", "client-config", "deploy"])
def test_without_a_running_product_a_command_says_what_to_do(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--state-dir", str(tmp_path)]) != 0
    said = capsys.readouterr()
    assert "make run" in said.out + said.err
    assert command != "env" or not said.out
