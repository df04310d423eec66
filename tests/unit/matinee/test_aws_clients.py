"""Clients without boto3: the same clients, and nothing imported that they do not need."""

import subprocess
import sys

import pytest

from matinee import aws


def test_a_client_is_one_of_the_service_in_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    client = aws.client("dynamodb")

    assert client.meta.service_model.service_name == "dynamodb"
    assert client.meta.region_name == "eu-west-1"


def test_credentials_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-key")

    assert aws.credentials() is not None


@pytest.mark.parametrize(
    "module",
    ["auth.handlers.signin", "auth.handlers.status", "rooms.handlers.api"],
)
@pytest.mark.parametrize(
    "unwanted",
    ["boto3", "s3transfer", "httpx", "jose", "aws_xray_sdk", "jsonschema", "numpy"],
)
def test_an_api_function_imports_nothing_that_its_path_does_not_need(
    module: str, unwanted: str
) -> None:
    code = f"import sys, {module}; sys.exit({unwanted!r} in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=False
    )

    assert done.returncode == 0
