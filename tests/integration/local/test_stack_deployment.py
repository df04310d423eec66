"""A root of two stacks, deployed to the emulator as `make run` and `make deploy` do it."""

import dataclasses
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from tools.contracts.paths import ROOT as CHECKOUT
from tools.local.deploy import DeployedStack, DeploymentError, OldStateError, deploy
from tools.local.emulator import Aws, start_emulator, wait_until_ready
from tools.local.ports import free_ports
from tools.local.settings import STACK_NAME, Folders, StackSettings, child_environment
from tools.local.template import TemplateError

ROOT = """
Parameters: {Stage: {Type: String, Default: dev}}
Resources:
  Rooms:
    Type: AWS::Serverless::Application
    Properties:
      Location: rooms/template.yaml
      Parameters: {Bus: !GetAtt Platform.Outputs.Bus, Api: !GetAtt Platform.Outputs.Api}
  Platform:
    Type: AWS::Serverless::Application
    Properties: {Location: platform/template.yaml, Parameters: {Stage: !Ref Stage}}
Outputs:
  Bus: {Value: !GetAtt Platform.Outputs.Bus}
"""
PLATFORM = """
Parameters: {Stage: {Type: String}, Origins: {Type: CommaDelimitedList, Default: 'https://a.example'}}
Resources:
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: !Sub '${AWS::StackName}-${Stage}'}}
  Archive: {Type: AWS::Events::Archive, Properties: {SourceArn: !GetAtt Bus.Arn, RetentionDays: 7}}
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: films
      ProtocolType: HTTP
      CorsConfiguration: {AllowOrigins: !Ref Origins}
Outputs:
  Bus: {Value: !Ref Bus}
  Api: {Value: !Ref Api}
"""
ROOMS = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters: {Bus: {Type: String}, Api: {Type: String}}
Globals: {Function: {Runtime: python3.13, CodeUri: rooms}}
Resources:
  StatusFunction: {Type: AWS::Serverless::Function, Properties: {Handler: rooms.status.handler}}
  Fn::ForEach::Tables:
    - Table
    - [Votes, Matches]
    - ${Table}Table:
        Type: AWS::DynamoDB::Table
        Properties:
          BillingMode: PAY_PER_REQUEST
          AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
          KeySchema: [{AttributeName: id, KeyType: HASH}]
          TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
  Policy:
    Type: AWS::Events::EventBusPolicy
    Properties:
      EventBusName: !Ref Bus
      StatementId: only-rooms
      Statement: {Effect: Deny, Principal: '*', Action: events:PutEvents, Resource: '*'}
Outputs:
  StatusFunctionName: {Value: !Ref StatusFunction}
"""

WITHIN_A_PARENT = {"AWS::ApiGatewayV2::Stage", "AWS::Cognito::UserPoolGroup"}
"""Types whose names need be their own in an API or a user pool only."""


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    for name, text in (
        ("template.yaml", ROOT),
        ("platform/template.yaml", PLATFORM),
        ("rooms/template.yaml", ROOMS),
        ("rooms/rooms/__init__.py", ""),
        ("rooms/rooms/status.py", "def handler(event, context):\n    return 'ok'\n"),
    ):
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    folders = Folders(tmp_path / "state")
    folders.create()
    return StackSettings(folders, free_ports(), tmp_path / "checkout" / "template.yaml")


@pytest.fixture
def aws(settings: StackSettings) -> Iterator[Aws]:
    emulator = start_emulator(settings, child_environment(settings.folders, os.environ))
    try:
        wait_until_ready(emulator, settings)
        yield Aws(settings.emulator_url)
    finally:
        emulator.stop(20)


def updated(aws: Aws) -> Mapping[str, datetime | None]:
    """When each stack was last updated."""
    return {
        stack["StackName"]: stack.get("LastUpdatedTime")
        for stack in aws.cloudformation.describe_stacks()["Stacks"]
    }


def edit(settings: StackSettings, name: str, old: str, new: str) -> None:
    path = settings.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_each_application_becomes_a_stack_and_only_changes_are_deployed(
    settings: StackSettings, aws: Aws
) -> None:
    first = deploy(settings, aws)

    assert [stack.name for stack in first.stacks] == ["matinee-platform", "matinee-rooms"]
    assert first.outputs["Bus"] == "matinee-platform-local"
    tables = first.stacks[1].of_type("AWS::DynamoDB::Table")
    assert set(tables) == {"VotesTable", "MatchesTable"}
    expiry = aws.dynamodb.describe_time_to_live(TableName=tables["VotesTable"])
    assert expiry["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    assert aws.events.list_archives()["Archives"][0]["RetentionDays"] == 7
    assert "only-rooms" in aws.events.describe_event_bus(Name=first.outputs["Bus"])["Policy"]
    answer = aws.lambda_.invoke(FunctionName=first.functions["StatusFunction"])
    assert answer["Payload"].read() == b'"ok"'

    before = updated(aws)
    assert deploy(settings, aws).changed == ()
    assert updated(aws) == before

    edit(settings, "rooms/rooms/status.py", "'ok'", "'fine'")
    second = deploy(settings, aws)
    assert [*second.changed_functions] == ["StatusFunction"]
    assert second.changed_stacks == ("matinee-rooms",)
    assert updated(aws)["matinee-platform"] == before["matinee-platform"]
    answer = aws.lambda_.invoke(FunctionName=second.functions["StatusFunction"])
    assert answer["Payload"].read() == b'"fine"'

    edit(settings, "platform/template.yaml", "RetentionDays: 7", "RetentionDays: 8")
    edit(settings, "rooms/rooms/status.py", "'fine'", "'good'")
    third = deploy(settings, aws, "rooms")
    assert third.changed_stacks == ("matinee-rooms",)
    assert aws.events.list_archives()["Archives"][0]["RetentionDays"] == 7
    assert third.functions == second.functions

    edit(settings, "rooms/template.yaml", "EventBusPolicy", "Nothing")
    with pytest.raises(DeploymentError, match="matinee-rooms"):
        deploy(settings, aws, "rooms")
    edit(settings, "rooms/template.yaml", "Nothing", "EventBusPolicy")
    assert deploy(settings, aws).outputs == first.outputs


def test_a_state_of_one_stack_asks_for_a_fresh_start(settings: StackSettings, aws: Aws) -> None:
    aws.cloudformation.create_stack(
        StackName=STACK_NAME, TemplateBody='{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'
    )

    with pytest.raises(OldStateError, match="make run FRESH=1"):
        deploy(settings, aws)
    assert set(updated(aws)) == {STACK_NAME}


def test_a_service_alone_needs_the_others_to_be_there(settings: StackSettings, aws: Aws) -> None:
    with pytest.raises(DeploymentError, match="matinee-platform is not deployed yet"):
        deploy(settings, aws, "rooms")
    with pytest.raises(TemplateError, match="There are: platform, rooms"):
        deploy(settings, aws, "room")


def test_two_environments_of_the_product_share_no_physical_name(
    settings: StackSettings, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = dataclasses.replace(settings, template=CHECKOUT / "template.yaml")
    environments = []
    for name in ("matinee-dev", "matinee-prod"):
        monkeypatch.setattr("tools.local.deploy.STACK_NAME", name)
        monkeypatch.setattr("tools.local.deploy._FINGERPRINT", f"/{name}/fingerprint")
        environments.append(physical_names(deploy(product, aws).stacks))

    dev, prod = environments
    assert len(dev) == len(prod) > 300
    assert dev & prod == set()


def physical_names(stacks: tuple[DeployedStack, ...]) -> set[tuple[str, str]]:
    """Return type and physical id of every resource that needs a name of its own."""
    return {
        (kind, name)
        for stack in stacks
        for kind, name in stack.resources.values()
        if kind not in WITHIN_A_PARENT
    }
