"""Clients of the emulator go there, whatever the shell is set up for."""

from pathlib import Path
from typing import Any

import pytest

from tools.local.emulator import Aws

URL = "http://127.0.0.1:50001"


def test_clients_ignore_the_shells_profile_files_and_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configuration = tmp_path / "config"
    configuration.write_text("[default]\nregion = us-east-1\nendpoint_url = http://elsewhere\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("AWS_PROFILE", "one-that-is-not-there")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://elsewhere")
    aws = Aws(URL)
    clients: list[Any] = [aws.cloudformation, aws.s3, aws.lambda_, aws.ssm]
    for client in clients:
        assert client.meta.endpoint_url == URL
        assert client.meta.region_name == "eu-west-1"
        assert client._request_signer._credentials.access_key == "test"
