"""The description of the running stack that others read."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools.local.cli import settings_of
from tools.local.deploy import DeployedStack, Deployment
from tools.local.ports import Ports
from tools.local.settings import Folders, StackSettings
from tools.local.stack_file import describe_stack, read_stack_file, write_stack_file


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    return StackSettings(Folders(tmp_path), Ports(), tmp_path / "template.yaml")


@pytest.fixture
def deployment() -> Deployment:
    function = "AWS::Lambda::Function"
    auth = DeployedStack(
        application="Auth",
        name="matinee-auth",
        template=Path("services/auth/template.yaml"),
        outputs={"UserPoolId": "eu-west-1_abc", "UserPoolClientId": "client"},
        resources={
            "HttpApi": ("AWS::ApiGatewayV2::Api", "abc"),
            "StatusFunction": (function, "matinee-auth-StatusFunction-1"),
        },
        changed=("StatusFunction",),
    )
    rooms = DeployedStack(
        application="Rooms",
        name="matinee-rooms",
        template=Path("services/rooms/template.yaml"),
        outputs={
            "EventBusName": "bus",
            "RefreshQueueUrl": "http://localhost:4566/000000000000/matinee-Refresh",
        },
        resources={
            "RoomsApi": ("AWS::AppSync::GraphQLApi", "def"),
            "RoomsApiFunction": (function, "matinee-rooms-RoomsApiFunction-1"),
            "NotifierFunction": (function, "matinee-rooms-NotifierFunction-1"),
        },
        changed=("RoomsSchema",),
        graphql_fingerprint="g",
    )
    return Deployment(
        stacks=(auth, rooms),
        root_outputs={"HttpApiUrl": "https://abc.execute-api.eu-west-1.amazonaws.com"},
    )


def test_every_address_in_it_can_be_reached_without_dns(
    settings: StackSettings, deployment: Deployment
) -> None:
    settings = replace(settings, ports=Ports(5001, 5002, 5003, 5004))
    stack = describe_stack(settings, deployment, None)
    assert stack["rest_url"] == "http://127.0.0.1:5001/_aws/execute-api/abc"
    assert stack["outputs"]["HttpApiUrl"] == stack["rest_url"]
    assert stack["graphql_url"] == "http://127.0.0.1:5002/graphql"
    assert stack["realtime_url"] == "ws://127.0.0.1:5002/graphql/realtime"
    assert stack["graphql_tls_url"] == "https://localhost:5004/graphql"
    assert stack["ca_file"] == str(settings.folders.home / "tls" / "ca.pem")
    queue = "http://127.0.0.1:5001/000000000000/matinee-Refresh"
    assert stack["outputs"]["RefreshQueueUrl"] == queue


def test_it_says_who_may_sign_in_where(settings: StackSettings, deployment: Deployment) -> None:
    demo = {"email": "demo@matinee.example", "password": "Pass-word1"}
    stack = describe_stack(settings, deployment, demo)
    assert (stack["user_pool_id"], stack["client_id"]) == ("eu-west-1_abc", "client")
    assert stack["event_bus"] == "bus"
    assert stack["demo_user"] == demo


def test_it_names_every_stack_by_its_service(
    settings: StackSettings, deployment: Deployment
) -> None:
    stack = describe_stack(settings, deployment, None)
    assert stack["stacks"] == {"auth": "matinee-auth", "rooms": "matinee-rooms"}
    assert stack["functions"]["NotifierFunction"] == "matinee-rooms-NotifierFunction-1"


def test_a_deployment_knows_the_stack_of_the_graphql_api(deployment: Deployment) -> None:
    assert deployment.graphql_stack is deployment.stacks[1]
    assert deployment.graphql_fingerprint == "g"
    assert deployment.changed_stacks == ("matinee-auth", "matinee-rooms")


def test_it_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "stack.json"
    write_stack_file(path, {"pid": 1})
    write_stack_file(path, {"pid": 2})
    assert read_stack_file(path) == {"pid": 2}
    assert [entry.name for entry in path.parent.iterdir()] == ["stack.json"]


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_what_is_no_description_counts_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stack.json"
    path.write_text(text, encoding="utf-8")
    assert read_stack_file(path) is None
    assert read_stack_file(tmp_path / "missing.json") is None


def test_a_deployment_knows_which_functions_it_changed(deployment: Deployment) -> None:
    assert deployment.changed_functions == {
        "StatusFunction": deployment.functions["StatusFunction"]
    }


def test_a_second_place_for_it_is_beside_the_first(settings: StackSettings, tmp_path: Path) -> None:
    assert settings.stack_files == (tmp_path / "stack.json",)
    both = replace(settings, also_described_in=tmp_path / "elsewhere.json")
    assert both.stack_files == (tmp_path / "stack.json", tmp_path / "elsewhere.json")


@pytest.mark.parametrize("verify", [False, True])
def test_a_later_deployment_asks_for_codes_as_the_first_did(
    settings: StackSettings, deployment: Deployment, *, verify: bool
) -> None:
    (settings.folders.home / "template.yaml").write_text("Parameters: {}\nResources: {}\n")
    described = describe_stack(replace(settings, verify=verify), deployment, None)
    assert described["state"] == str(settings.folders.state)
    assert settings_of(described, settings.folders).verify is verify
