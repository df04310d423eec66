"""Secrets: read once in five minutes, refused with the kind of failure and nothing else."""

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from matinee.secret import KEPT_FOR, Secret, SecretUnreadable


def secret_with(*texts: str) -> tuple[Secret, list[float]]:
    """A secret whose text changes with each reading, and the clock that it looks at."""
    client, clock = boto3.client("secretsmanager", region_name="eu-west-1"), [0.0]
    stub = Stubber(client)
    for text in texts:
        stub.add_response("get_secret_value", {"SecretString": text}, {"SecretId": "arn"})
    stub.activate()
    return Secret(client, "arn", lambda: clock[0]), clock


def test_it_is_read_once_and_kept() -> None:
    secret, clock = secret_with("one")

    assert secret() == "one"
    clock[0] += KEPT_FOR
    assert secret() == "one"


def test_a_rotated_secret_is_known_after_a_while() -> None:
    secret, clock = secret_with("one", "two")
    secret()

    clock[0] += KEPT_FOR + 1

    assert secret() == "two"


def test_a_refusal_is_named_by_its_code_alone() -> None:
    client = boto3.client("secretsmanager", region_name="eu-west-1")
    with Stubber(client) as stub:
        stub.add_client_error("get_secret_value", "AccessDeniedException", "user x may not")
        with pytest.raises(SecretUnreadable, match=r"^AccessDeniedException$"):
            Secret(client, "arn")()


def test_an_unreachable_one_is_named_by_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    client = boto3.client("secretsmanager", region_name="eu-west-1")

    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://secrets.example")

    monkeypatch.setattr(client, "get_secret_value", unreachable)
    with pytest.raises(SecretUnreadable, match=r"^EndpointConnectionError$"):
        Secret(client, "arn")()
