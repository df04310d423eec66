"""The key in its secret, the settings, and the composed function."""

import asyncio
import json
from collections.abc import Iterator
from functools import partial

import boto3
import httpx
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from catalog import bootstrap
from catalog.adapters.tmdb import TIMEOUT
from catalog.adapters.tmdb.api_key import SecretApiKey
from catalog.api.deadline_runner import DeadlineRunner
from catalog.domain import RoomCriteria
from catalog.domain.errors import TmdbKeyRefused, TmdbUnavailable
from catalog.settings import DiscoverSettings
from matinee.media import MediaType
from matinee.secrets import Secret
from tests.unit.catalog.fakes import LogLines


@pytest.fixture
def _aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.mark.usefixtures("_aws")
class TestApiKey:
    async def read(self, secret: str | None) -> str:
        arn = "matinee/missing"
        if secret is not None:
            client = boto3.client("secretsmanager")
            arn = client.create_secret(Name="matinee/tmdb", SecretString=secret)["ARN"]
        return await SecretApiKey(Secret(SecretsProvider(), arn))()

    async def test_reads_the_api_key_of_the_secret(self) -> None:
        assert await self.read('{"api_key": " abc123\\n", "note": "of the team"}') == "abc123"

    @pytest.mark.parametrize(
        "secret",
        ["{}", '{"api_key": ""}', '{"api_key": " "}', '{"api_key": 5}', "[]", "abc123", "null"],
    )
    async def test_logs_how_to_repair_a_secret_without_a_key(
        self, secret: str, log_lines: LogLines
    ) -> None:
        with pytest.raises(TmdbKeyRefused):
            await self.read(secret)

        [line] = log_lines()
        assert (line["message"], line["level"]) == ("tmdb_secret_empty", "ERROR")
        assert "abc123" not in str(line)

    async def test_logs_why_a_secret_cannot_be_read(self, log_lines: LogLines) -> None:
        with pytest.raises(TmdbUnavailable):
            await self.read(None)

        assert [line["reason"] for line in log_lines()] == ["ResourceNotFoundException"]

    async def test_reports_an_unreachable_secret_as_tmdb_unavailable(
        self, monkeypatch: pytest.MonkeyPatch, log_lines: LogLines
    ) -> None:
        def unreachable(**_: object) -> None:
            raise EndpointConnectionError(endpoint_url="http://secrets.test")

        secrets = SecretsProvider()
        monkeypatch.setattr(secrets.client, "get_secret_value", unreachable)

        with pytest.raises(TmdbUnavailable):
            await SecretApiKey(Secret(secrets, "arn"))()

        assert [line["reason"] for line in log_lines()] == ["EndpointConnectionError"]

    async def test_reads_the_secret_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        client = boto3.client("secretsmanager")
        arn = client.create_secret(Name="kept", SecretString='{"api_key": "one"}')["ARN"]
        key = SecretApiKey(Secret(SecretsProvider(), arn))
        await key()
        monkeypatch.setattr(key.secret.provider.client, "get_secret_value", None)

        assert await key() == "one"


ENVIRONMENT = {
    "TMDB_BASE_URL": "https://tmdb.test/3",
    "TMDB_SECRET_ARN": "matinee/tmdb",
    "RATE_TABLE": "RateLimits",
    "ANSWERS_TABLE": "Answers",
}


def test_settings_have_defaults() -> None:
    settings = DiscoverSettings.load(ENVIRONMENT)

    assert settings.tmdb_requests_per_second == 40
    assert settings.discovery_seconds < 5


@pytest.mark.parametrize(
    "mistake",
    [
        {"TMDB_BASE_URL": "not an address"},
        {"TMDB_SECRET_ARN": ""},
        {"TMDB_REQUESTS_PER_SECOND": "0"},
        {"TMDB_REQUESTS_PER_SECOND": "nan"},
        {"RATE_TABLE": ""},
        {"ANSWERS_TABLE": ""},
        {"DISCOVERY_SECONDS": "60"},
        {"PAGES_KEPT_SECONDS": "-1"},
    ],
)
def test_names_the_malformed_variable(mistake: dict[str, str]) -> None:
    [name] = mistake

    with pytest.raises(ValueError, match=name.lower()):
        DiscoverSettings.load({**ENVIRONMENT, **mistake})


@pytest.mark.usefixtures("_aws")
def test_discovers_twice_on_one_event_loop() -> None:
    boto3.client("secretsmanager").create_secret(
        Name="matinee/tmdb", SecretString=json.dumps({"api_key": "abc"})
    )
    boto3.client("dynamodb").create_table(
        TableName="RateLimits",
        KeySchema=[{"AttributeName": "bucket", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "bucket", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    boto3.client("dynamodb").create_table(
        TableName="Answers",
        KeySchema=[
            {"AttributeName": "question", "KeyType": "HASH"},
            {"AttributeName": "page", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "question", "AttributeType": "S"},
            {"AttributeName": "page", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.url.params["api_key"])
        row = {
            "id": int(request.url.params["page"]),
            "title": "One",
            "overview": "Of many.",
            "poster_path": "/one.jpg",
            "vote_count": 60,
            "genre_ids": [18],
            "original_language": "en",
        }
        return httpx.Response(200, json={"results": [row], "total_pages": 2, "total_results": 2})

    settings = DiscoverSettings.load(ENVIRONMENT)
    http = httpx.AsyncClient(
        base_url=str(settings.tmdb_base_url),
        transport=httpx.MockTransport(answer),
        timeout=TIMEOUT,
    )
    with asyncio.Runner() as runner:
        discovery = bootstrap.smart_discovery(settings, http)
        run = DeadlineRunner(60, runner)
        criteria = RoomCriteria(MediaType.MOVIE, (18,))
        found = [run(partial(discovery.discover, criteria)) for _ in range(2)]

    assert [len(one.candidates) for one in found] == [2, 2]
    assert keys == ["abc", "abc"]
