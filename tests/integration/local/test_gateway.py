"""The emulator's HTTP APIs as the local product has them, in front of functions that fail."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest

from tests.fakes.emulator import running_emulator

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ORIGIN = "http://localhost:5173"
SOURCE = """
import time

def handler(event, context):
    match event["rawPath"]:
        case "/fails":
            raise RuntimeError("the secret cause")
        case "/late":
            time.sleep(60)
    return {"statusCode": 200, "headers": {"x-correlation-id": "its-own"}, "body": "{}"}
"""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """An HTTP API whose function fails at /fails, is out of time at /late, and works at /works."""
    with running_emulator(tmp_path_factory.mktemp("emulator"), patched=True) as url:
        api_id = _make_api(url)
        with httpx.Client(
            base_url=f"{url}/_aws/execute-api/{api_id}", headers={"Origin": ORIGIN}, timeout=60
        ) as client:
            yield client


def _make_api(url: str) -> str:
    session = boto3.Session("test", "test", region_name="eu-west-1")
    functions = session.client("lambda", endpoint_url=url)
    gateway = session.client("apigatewayv2", endpoint_url=url)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("code.py", SOURCE)
    role = session.client("iam", endpoint_url=url).create_role(
        RoleName="failing", AssumeRolePolicyDocument=json.dumps(TRUST)
    )["Role"]
    function = functions.create_function(
        FunctionName="failing",
        Runtime="python3.13",
        Handler="code.handler",
        Role=role["Arn"],
        Timeout=2,
        Code={"ZipFile": archive.getvalue()},
    )
    api: Any = gateway.create_api(
        Name="failing",
        ProtocolType="HTTP",
        CorsConfiguration={
            "AllowOrigins": [ORIGIN],
            "AllowMethods": ["GET"],
            "AllowCredentials": True,
            "ExposeHeaders": ["X-Correlation-Id"],
        },
    )
    integration = gateway.create_integration(
        ApiId=api["ApiId"],
        IntegrationType="AWS_PROXY",
        IntegrationUri=function["FunctionArn"],
        PayloadFormatVersion="2.0",
    )
    authorizer = gateway.create_authorizer(
        ApiId=api["ApiId"],
        AuthorizerType="JWT",
        Name="people",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": "https://issuer.example", "Audience": ["app"]},
    )
    target = f"integrations/{integration['IntegrationId']}"
    for path in ("/works", "/fails", "/late", "/works/{id}"):
        gateway.create_route(ApiId=api["ApiId"], RouteKey=f"GET {path}", Target=target)
    gateway.create_route(
        ApiId=api["ApiId"],
        RouteKey="GET /guarded",
        Target=target,
        AuthorizationType="JWT",
        AuthorizerId=authorizer["AuthorizerId"],
    )
    gateway.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    return str(api["ApiId"])


@pytest.mark.parametrize(
    ("path", "status"), [("/works", 200), ("/fails", 500), ("/guarded", 401), ("/nowhere", 404)]
)
def test_a_page_may_read_every_answer(api: httpx.Client, path: str, status: int) -> None:
    answer = api.get(path)
    foreign = api.get(path, headers={"Origin": "https://elsewhere.example"})

    assert answer.status_code == foreign.status_code == status
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in foreign.headers


@pytest.mark.parametrize("path", ["/fails", "/late"])
def test_a_function_that_fails_is_a_problem_without_its_cause(api: httpx.Client, path: str) -> None:
    answer = api.get(path)

    assert answer.status_code == answer.json()["status"] == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["message"] == "Internal Server Error"
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.json().keys().isdisjoint({"errorMessage", "errorType", "stackTrace"})


def test_every_answer_has_a_correlation_id(api: httpx.Client) -> None:
    given = api.get("/nowhere", headers={"X-Correlation-Id": "evening-42"})
    invalid = api.get("/nowhere", headers={"X-Correlation-Id": "two words"})

    assert given.headers["x-correlation-id"] == "evening-42"
    assert invalid.headers["x-correlation-id"] not in ("", "two words")
    assert api.get("/works").headers["x-correlation-id"] == "its-own"


def test_a_slash_at_the_end_is_another_path_as_on_aws(api: httpx.Client) -> None:
    assert [api.get(path).status_code for path in ("/works", "/works/7")] == [200, 200]
    assert [api.get(path).status_code for path in ("/works/", "/works/7/")] == [404, 404]


def test_head_is_no_route_unless_there_is_one(api: httpx.Client) -> None:
    assert api.head("/works").status_code == 404
