"""The app for people on AWS: its stack, its files, and what is kept of earlier ones."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

import boto3
import pytest
from moto import mock_aws
from quickjs import Function

from tools.contracts.paths import ROOT
from tools.local.template import load_template
from tools.ops import web
from tools.ops.deployment import Deployer, DeploymentFailed, Sources
from tools.ops.events.environment import Environment

REGION: Final = "eu-west-1"
BUCKET = "the-app"
OUTPUTS = {
    "HttpApiUrl": "https://abc.execute-api.eu-west-1.amazonaws.com",
    "GraphqlUrl": "https://def.appsync-api.eu-west-1.amazonaws.com/graphql",
    "RealtimeUrl": "wss://def.appsync-realtime-api.eu-west-1.amazonaws.com/graphql",
}
WHERE = web.Configuration(OUTPUTS["HttpApiUrl"], OUTPUTS["GraphqlUrl"], REGION)

pytestmark = pytest.mark.enable_socket


class FakeCloudFormation:
    """Stacks by name with their outputs, and one parameter; sam's deployments make more."""

    class exceptions:  # noqa: N801 - boto3's
        ClientError = LookupError

    def __init__(self, origins: str = "", stacks: dict[str, dict[str, str]] | None = None) -> None:
        self.origins, self.stacks = origins, stacks or {}
        self.given: list[str] = []

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        if StackName not in self.stacks:
            raise LookupError(f"{StackName} does not exist")
        outputs = [{"OutputKey": k, "OutputValue": v} for k, v in self.stacks[StackName].items()]
        origins = {"ParameterKey": "AllowedOrigins", "ParameterValue": self.origins}
        return {"Stacks": [{"Outputs": outputs, "Parameters": [origins]}]}

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803
        del self.stacks[StackName]

    def get_waiter(self, _: str) -> SimpleNamespace:
        return SimpleNamespace(wait=lambda **_: None)

    def sam(self, command: Sequence[str]) -> int:
        self.given = list(command[command.index("--parameter-overrides") + 1 :])
        self.stacks[command[command.index("--stack-name") + 1]] = {"WebBucketName": BUCKET}
        return 0


class FakeSession:
    region_name = REGION

    def __init__(self, cloudformation: FakeCloudFormation) -> None:
        self.cloudformation = cloudformation

    def client(self, service: str, **_: object) -> object:
        return self.cloudformation if service == "cloudformation" else boto3.client("s3", REGION)


def environment(cloudformation: FakeCloudFormation) -> Environment:
    session = cast("Any", FakeSession(cloudformation))
    return Environment("films-dev", OUTPUTS, session, stacks=tuple(cloudformation.stacks))


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", REGION)
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    for name in ("index.html", "sw.js", "manifest.webmanifest", "assets/main-1.js", "icon.svg"):
        (tmp_path / "dist" / name).write_text(name, encoding="utf-8")
    return tmp_path / "dist"


def keys(s3: Any) -> set[str]:  # noqa: ANN401 - boto3's client
    return {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def test_the_page_comes_after_everything_that_it_loads(s3: Any, built: Path) -> None:  # noqa: ANN401
    uploaded = web.upload(s3, BUCKET, built, WHERE)

    assert uploaded[0] == "assets/main-1.js"
    assert uploaded[-1] == "index.html"
    assert keys(s3) == {*uploaded} >= {"config.json", "sw.js"}


@pytest.mark.parametrize(
    ("key", "kind", "cached"),
    [
        ("assets/main-1.js", "text/javascript", "public, max-age=31536000, immutable"),
        ("index.html", "text/html", "no-cache"),
        ("sw.js", "text/javascript", "no-cache"),
        ("config.json", "application/json", "no-cache"),
        ("manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("icon.svg", "image/svg+xml", "no-cache"),
    ],
)
def test_only_what_never_changes_is_kept_for_ever(
    s3: Any,  # noqa: ANN401
    built: Path,
    key: str,
    kind: str,
    cached: str,
) -> None:
    web.upload(s3, BUCKET, built, WHERE)

    head = s3.head_object(Bucket=BUCKET, Key=key)
    assert (head["ContentType"], head["CacheControl"]) == (kind, cached)


def test_the_configuration_is_the_environment_s_not_the_build_s(s3: Any, built: Path) -> None:  # noqa: ANN401
    (built / "config.json").write_text('{"restUrl": "http://127.0.0.1"}', encoding="utf-8")

    web.upload(s3, BUCKET, built, web.configuration(environment(FakeCloudFormation())))

    assert json.load(s3.get_object(Bucket=BUCKET, Key="config.json")["Body"]) == {
        "restUrl": OUTPUTS["HttpApiUrl"],
        "graphqlUrl": OUTPUTS["GraphqlUrl"],
        "region": REGION,
        "picturesUrl": "https://image.tmdb.org/t/p",
    }


def test_what_open_pages_may_still_load_stays_a_week(
    s3: Any,  # noqa: ANN401
    built: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    s3.put_object(Bucket=BUCKET, Key="assets/main-0.js", Body=b"earlier")
    web.upload(s3, BUCKET, built, WHERE)
    assert "assets/main-0.js" in keys(s3)

    monkeypatch.setattr(web, "_PAGES_STAY_OPEN", timedelta(0))
    uploaded = web.upload(s3, BUCKET, built, WHERE)
    assert keys(s3) == {*uploaded}


def test_what_was_not_built_is_not_uploaded(s3: Any, tmp_path: Path) -> None:  # noqa: ANN401
    with pytest.raises(web.NotBuilt, match="make web-deploy"):
        web.upload(s3, BUCKET, tmp_path, WHERE)
    assert keys(s3) == set()


def test_the_app_is_a_stack_beside_the_product_s(tmp_path: Path) -> None:
    aws = FakeCloudFormation()
    sources = Sources(ROOT / "template.yaml", ROOT / "samconfig.toml", tmp_path)
    deployer = Deployer(sources, "dev", "WebDomain=films.example.com", aws, aws.sam)

    outputs = deployer.deploy_beside(
        "films-dev-web", web.TEMPLATE, web.parameters(environment(aws))
    )

    assert outputs == {"WebBucketName": BUCKET}
    assert {
        "RestOrigin=https://abc.execute-api.eu-west-1.amazonaws.com",
        "GraphqlOrigin=https://def.appsync-api.eu-west-1.amazonaws.com",
        "RealtimeOrigin=wss://def.appsync-realtime-api.eu-west-1.amazonaws.com",
        "WebDomain=films.example.com",
    } <= {*aws.given}
    with pytest.raises(DeploymentFailed, match="no parameter Typo"):
        Deployer(sources, "dev", "Typo=1", aws, aws.sam).deploy_beside("s", web.TEMPLATE, {})


def test_a_page_that_the_rest_interface_refuses_is_noticed() -> None:
    aws = FakeCloudFormation("https://films.example.com,https://x", {"films-dev-platform": {}})

    assert web.permits(environment(aws), "https://films.example.com/")
    assert not web.permits(environment(aws), "https://d1.cloudfront.net/")


def test_the_app_goes_with_its_files(s3: Any, built: Path) -> None:  # noqa: ANN401
    aws = FakeCloudFormation(stacks={"films-dev-web": {"WebBucketName": BUCKET}})
    web.upload(s3, BUCKET, built, WHERE)
    web.upload(s3, BUCKET, built, WHERE)

    assert web.remove(environment(aws))
    assert aws.stacks == {}
    assert not s3.list_object_versions(Bucket=BUCKET).get("Versions")
    assert not web.remove(environment(aws))


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/", "/index.html"),
        ("/rooms/abc", "/index.html"),
        ("/join/AB12CD", "/index.html"),
        ("/v1.0/rooms", "/index.html"),
        ("/assets/main-1.js", "/assets/main-1.js"),
        ("/config.json", "/config.json"),
    ],
)
def test_every_view_is_the_one_page(asked: str, answered: str) -> None:
    function = load_template(web.TEMPLATE)["Resources"]["ViewFunction"]["Properties"]

    handle = Function("handler", function["FunctionCode"])

    assert handle({"request": {"uri": asked}})["uri"] == answered
