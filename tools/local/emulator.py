"""The embedded AWS emulator: its process and the clients that talk to it."""

import functools
import os
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config

from tools.local.processes import Child, spawn
from tools.local.settings import REGION, StackSettings

if TYPE_CHECKING:
    from mypy_boto3_appsync import AppSyncClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

NAME = "emulator"
_START_SECONDS = 60.0
_UNCONFIGURED = {"profile": None, "config_file": os.devnull, "credentials_file": os.devnull}
# The first worker of a function stays for ever; those that a burst added go after this.
_SURPLUS_WORKER_SECONDS = "300"


def emulator_environment(settings: StackSettings, base: dict[str, str]) -> dict[str, str]:
    """Return the emulator's environment, which its functions inherit."""
    state = settings.folders.state
    return base | {
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "PERSIST_STATE": "1",
        "AUTH": "true",
        "STATE_DIR": str(state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "LAMBDA_WARM_TTL_SECONDS": _SURPLUS_WORKER_SECONDS,
        # No Docker daemon is asked for anything.
        "DOCKER_HOST": f"unix://{settings.folders.temporary / 'no-docker.sock'}",
        # For the functions: where AWS is, and no tracing daemon to talk to.
        "AWS_ENDPOINT_URL": settings.emulator_url,
        "POWERTOOLS_TRACE_DISABLED": "true",
        "AWS_XRAY_SDK_ENABLED": "false",
    }


def start_emulator(settings: StackSettings, base: dict[str, str]) -> Child:
    """Start the emulator's process; `wait_until_ready` tells when it answers."""
    return spawn(
        NAME,
        "tools.local.emulator_process",
        [
            *("--port", str(settings.ports.emulator)),
            *("--stack-file", str(settings.folders.stack_file)),
            *(["--strict"] if settings.strict else ()),
        ],
        emulator_environment(settings, base),
        settings.folders.logs,
    )


def wait_until_ready(emulator: Child, settings: StackSettings) -> None:
    """Wait until the emulator has loaded its state and answers. Raises ChildFailedError."""
    emulator.wait_ready(
        lambda: answers(f"{settings.emulator_url}/_ministack/ready"), _START_SECONDS
    )


def answers(url: str, timeout: float = 2.0) -> bool:
    """Return whether an HTTP GET of a local URL succeeds."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout) as response:
            return bool(response.status < 400)  # noqa: PLR2004 - the first of HTTP's errors
    except (urllib.error.URLError, OSError, ValueError):
        return False


def emulator_session(account: str = "test") -> boto3.Session:
    """Return a session that knows nothing of the shell's AWS: no profile, files or credentials."""
    core = botocore.session.Session(
        {name: (None, None, default, None) for name, default in _UNCONFIGURED.items()}
    )
    return boto3.Session(
        aws_access_key_id=account,
        aws_secret_access_key="test",  # noqa: S106 - the emulator's
        region_name=REGION,
        botocore_session=core,
    )


class Aws:
    """AWS clients bound to one emulator, made when first asked for.

    An account other than the product's is given by its twelve digits, as the access key's id.
    """

    def __init__(self, endpoint_url: str, account: str = "test") -> None:
        self.endpoint_url = endpoint_url
        self._session = emulator_session(account)
        self._config = Config(
            retries={"max_attempts": 2, "mode": "standard"},
            connect_timeout=5,
            read_timeout=120,
            proxies={},
            s3={"addressing_style": "path"},
        )

    @functools.cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """CloudFormation."""
        return self._session.client(
            "cloudformation", endpoint_url=self.endpoint_url, config=self._config
        )

    @functools.cached_property
    def s3(self) -> "S3Client":
        """S3."""
        return self._session.client("s3", endpoint_url=self.endpoint_url, config=self._config)

    @functools.cached_property
    def ssm(self) -> Any:  # noqa: ANN401 - its type stubs are not installed
        """Systems Manager: the parameter store."""
        return self._session.client("ssm", endpoint_url=self.endpoint_url, config=self._config)

    @functools.cached_property
    def appsync(self) -> "AppSyncClient":
        """AppSync."""
        return self._session.client("appsync", endpoint_url=self.endpoint_url, config=self._config)

    @functools.cached_property
    def lambda_(self) -> "LambdaClient":
        """Lambda."""
        return self._session.client("lambda", endpoint_url=self.endpoint_url, config=self._config)

    @functools.cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """DynamoDB."""
        return self._session.client("dynamodb", endpoint_url=self.endpoint_url, config=self._config)

    @functools.cached_property
    def events(self) -> "EventBridgeClient":
        """EventBridge."""
        return self._session.client("events", endpoint_url=self.endpoint_url, config=self._config)

    @functools.cached_property
    def cognito(self) -> "CognitoIdentityProviderClient":
        """Cognito user pools."""
        return self._session.client(
            "cognito-idp", endpoint_url=self.endpoint_url, config=self._config
        )

    @functools.cached_property
    def logs(self) -> Any:  # noqa: ANN401 - its type stubs are not installed
        """CloudWatch Logs."""
        return self._session.client("logs", endpoint_url=self.endpoint_url, config=self._config)
