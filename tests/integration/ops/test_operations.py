"""Operators' commands: parameters merged, nothing deleted unasked, prod never emptied."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from moto import mock_aws
from samcli.cli.types import CfnParameterOverridesType

from tools.contracts.paths import ROOT
from tools.ops import __main__ as command
from tools.ops import cleaning, removal
from tools.ops.cleaning import Protected, contents, empty
from tools.ops.deployment import (
    Deployer,
    DeploymentFailed,
    Sources,
    UnknownEnvironment,
    defaults,
    mark,
    overrides,
    stack_name,
)
from tools.ops.events.environment import Environment, MixedEnvironment
from tools.ops.health import findings
from tools.ops.inventory import BUCKET, POOL, QUEUE, TABLE, Inventory
from tools.ops.seeding import CAST, ROOMS, _entry, _liked

REGION = "eu-west-1"
CONFIG = """
[default.global.parameters]
stack_name = "matinee"
[dev.deploy.parameters]
stack_name = "matinee-dev"
parameter_overrides = ["Stage=dev", "AutoConfirm=true"]
"""


TEMPLATE = """
Resources: {}
Parameters:
  Stage: {Type: String, Default: dev}
  AutoConfirm: {Type: String, Default: 'false'}
  AlarmAddress: {Type: String, Default: ''}
  Refresh: {Type: String, Default: 'cron(0 3 ? * MON-SAT *)'}
  TmdbKeyReference: {Type: String, Default: ''}
  TmdbApiKey: {Type: String, NoEcho: true, Default: ''}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "samconfig.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


def understood(text: str) -> Mapping[str, str]:
    """Return the parameters as sam takes them from a shell's command line."""
    read: Mapping[str, str] = CfnParameterOverridesType().convert(
        tuple(shlex.split(text)), None, None
    )
    return read


def test_further_parameters_go_over_the_environment_s_and_those_over_the_template_s(
    template: Path, config: Path
) -> None:
    given = overrides(template, config, "dev", "AlarmAddress=a@example.com AutoConfirm=false")

    assert understood(given) == {
        "Stage": "dev",
        "AutoConfirm": "false",
        "AlarmAddress": "a@example.com",
        "Refresh": "cron(0 3 ? * MON-SAT *)",
        "TmdbKeyReference": "",
    }


def test_what_is_left_out_goes_back_to_what_is_written_down(template: Path, config: Path) -> None:
    """Sam has CloudFormation keep the last deployment's value of what is not named."""
    assert understood(overrides(template, config, "dev", ""))["AlarmAddress"] == ""


def test_a_secret_that_is_left_out_stays_as_it_was_last_given(template: Path, config: Path) -> None:
    assert "TmdbApiKey" not in understood(overrides(template, config, "dev", ""))


@pytest.mark.parametrize(
    "value", ["{{resolve:ssm:/matinee/key}}", "two words", 'a "word"', r"back\slash"]
)
def test_a_value_reaches_sam_as_it_was_typed(value: str, template: Path, config: Path) -> None:
    given = overrides(template, config, "dev", shlex.quote(f"TmdbKeyReference={value}"))

    assert understood(given)["TmdbKeyReference"] == value


def test_the_product_s_own_parameters_reach_sam() -> None:
    own = ROOT / "template.yaml"

    given = understood(overrides(own, ROOT / "samconfig.toml", "prod", ""))

    assert set(given) >= set(defaults(own))
    assert given["DailyRefresh"] == defaults(own)["DailyRefresh"]
    assert (given["Stage"], given["GradualDeployments"]) == ("prod", "true")


def test_a_parameter_that_the_root_does_not_have_is_refused(template: Path, config: Path) -> None:
    with pytest.raises(DeploymentFailed, match="Colour"):
        overrides(template, config, "dev", "Colour=red")


@pytest.mark.parametrize("service", ["auth", "catalog", "library", "recommender", "rooms"])
def test_a_changed_parameter_is_a_change_of_what_functions_are_given(
    service: str, tmp_path: Path
) -> None:
    marked = []
    for number, parameters in enumerate(("A=1", "A=1", "A=2")):
        built = tmp_path / f"{number}.yaml"
        own = ROOT / "services" / service / "template.yaml"
        built.write_text(own.read_text(encoding="utf-8"), encoding="utf-8")
        digest = mark(built, parameters)
        assert f"RELEASE: {digest}" in built.read_text(encoding="utf-8")
        marked.append(digest)

    assert marked[0] == marked[1] != marked[2]


class FakeCloudFormation:
    """Stacks by name, with their outputs; what sam deploys is there afterwards."""

    class exceptions:  # noqa: N801 - as boto3's clients have it
        ClientError = ClientError

    def __init__(self, *names: str) -> None:
        self.stacks: dict[str, dict[str, str]] = {name: {} for name in names}
        self.commands: list[list[str]] = []

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - as AWS has it
        if StackName not in self.stacks:
            message = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "")
        outputs = self.stacks[StackName].items()
        listed = [{"OutputKey": name, "OutputValue": value} for name, value in outputs]
        return {"Stacks": [{"Outputs": listed}]}

    def sam(self, command: Sequence[str]) -> int:
        self.commands.append(list(command))
        name = command[command.index("--stack-name") + 1]
        self.stacks[name] = {"Bus": f"{name}-events"}
        return 0

    @property
    def deployed(self) -> dict[str, Mapping[str, str]]:
        """The parameters that sam was given, by stack."""
        found = {}
        for asked in self.commands:
            name = asked[asked.index("--stack-name") + 1]
            start = asked.index("--parameter-overrides") + 1
            found[name] = understood(shlex.join(asked[start:]))
        return found


PRODUCT = """
Parameters:
  Stage: {Type: String, Default: local}
  AutoConfirm: {Type: String, Default: 'false'}
  TmdbApiKey: {Type: String, NoEcho: true, Default: ''}
Resources:
  Rooms:
    Type: AWS::Serverless::Application
    Properties:
      Location: rooms.yaml
      Parameters: {Stage: !Ref Stage, Bus: !GetAtt Platform.Outputs.Bus, Key: !Ref TmdbApiKey}
  Platform:
    Type: AWS::Serverless::Application
    Properties: {Location: platform.yaml, Parameters: {Stage: !Ref Stage}}
"""
SERVICE = """
Parameters: {Days: {Type: Number, Default: 90}}
Resources: {}
# RELEASE: unreleased
"""


@pytest.fixture
def sources(tmp_path: Path, config: Path) -> Sources:
    """A root of two stacks, and what sam has built of it."""
    (tmp_path / "template.yaml").write_text(PRODUCT)
    for name in ("Rooms", "Platform"):
        (tmp_path / f"{name.lower()}.yaml").write_text(SERVICE)
        (tmp_path / "build" / name).mkdir(parents=True)
        (tmp_path / "build" / name / "template.yaml").write_text(SERVICE)
    return Sources(tmp_path / "template.yaml", config, tmp_path / "build")


def test_stacks_are_deployed_in_order_with_outputs_of_others(sources: Sources) -> None:
    aws = FakeCloudFormation()

    Deployer(sources, "dev", "", aws, aws.sam).deploy_stacks()

    assert list(aws.deployed) == ["matinee-dev-platform", "matinee-dev-rooms"]
    assert aws.deployed["matinee-dev-rooms"] == {
        "Days": "90",
        "Stage": "dev",
        "Bus": "matinee-dev-platform-events",
    }
    assert "unreleased" not in (sources.built / "Rooms" / "template.yaml").read_text()


def test_one_service_is_deployed_alone(sources: Sources) -> None:
    aws = FakeCloudFormation()
    aws.stacks["matinee-dev-platform"] = {"Bus": "the-bus"}

    Deployer(sources, "dev", "TmdbApiKey=k", aws, aws.sam).deploy_stacks("rooms")

    assert list(aws.deployed) == ["matinee-dev-rooms"]
    assert aws.deployed["matinee-dev-rooms"]["Bus"] == "the-bus"
    assert aws.deployed["matinee-dev-rooms"]["Key"] == "k"


def test_a_service_needs_the_stack_whose_output_it_takes(sources: Sources) -> None:
    aws = FakeCloudFormation()

    with pytest.raises(DeploymentFailed, match="matinee-dev-platform is not there"):
        Deployer(sources, "dev", "", aws, aws.sam).deploy_stacks("rooms")
    assert aws.commands == []


def test_a_stack_that_fails_stops_the_deployment(sources: Sources) -> None:
    asked: list[Sequence[str]] = []

    def fail(command: Sequence[str]) -> int:
        asked.append(command)
        return 1

    with pytest.raises(DeploymentFailed, match="matinee-dev-platform was not deployed"):
        Deployer(sources, "dev", "", FakeCloudFormation(), fail).deploy_stacks()
    assert len(asked) == 1


def test_without_a_build_nothing_is_deployed(sources: Sources) -> None:
    (sources.built / "Platform" / "template.yaml").unlink()
    aws = FakeCloudFormation()

    with pytest.raises(DeploymentFailed, match="make build"):
        Deployer(sources, "dev", "", aws, aws.sam).deploy_stacks()
    assert aws.commands == []


def test_the_whole_is_one_stack_of_the_root(sources: Sources) -> None:
    aws = FakeCloudFormation()

    Deployer(sources, "dev", "", aws, aws.sam).deploy_whole()

    assert aws.deployed == {"matinee-dev": {"Stage": "dev", "AutoConfirm": "true"}}


def test_an_environment_is_never_deployed_both_ways(sources: Sources) -> None:
    whole, services = FakeCloudFormation("matinee-dev"), FakeCloudFormation("matinee-dev-platform")

    with pytest.raises(MixedEnvironment, match="one whole stack.*neither would see"):
        Deployer(sources, "dev", "", whole, whole.sam).deploy_stacks()
    with pytest.raises(MixedEnvironment, match="a stack per service"):
        Deployer(sources, "dev", "", services, services.sam).deploy_whole()
    assert whole.commands == services.commands == []


def test_an_unknown_environment_is_refused(template: Path, config: Path) -> None:
    assert stack_name(config, "dev") == "matinee-dev"
    with pytest.raises(UnknownEnvironment, match="staging"):
        overrides(template, config, "staging", "")


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        session = boto3.Session(region_name=REGION)
        bus = session.client("events").create_event_bus(Name="matinee-events")["EventBusArn"]
        outputs = {"EventBusName": "matinee-events", "EventBusArn": bus}
        yield Environment("matinee", outputs, session)


@pytest.fixture
def parts(place: Environment) -> Inventory:
    """A table with a sort key, an outbox, two queues and a pool, with something in each."""
    dynamodb, sqs = place.client("dynamodb"), place.client("sqs")
    for name, key in (("votes", "roomId"), ("outbox", "event_id")):
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        )
    for number in range(60):
        dynamodb.put_item(TableName="votes", Item={"roomId": {"S": str(number)}})
    event = {"event_id": {"S": "e"}, "occurred_at": {"S": "2026-01-01T12:00:00.000Z"}}
    dynamodb.put_item(TableName="outbox", Item=event)
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("NotifierQueue", "Dlq")}
    sqs.send_message(QueueUrl=urls["Dlq"], MessageBody="dead")
    pool = place.client("cognito-idp").create_user_pool(PoolName="p")["UserPool"]["Id"]
    place.client("cognito-idp").admin_create_user(UserPoolId=pool, Username="ann")
    s3 = place.client("s3")
    s3.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="models", VersioningConfiguration={"Status": "Enabled"})
    for key in ("current.json", "current.json", "counts/1"):
        s3.put_object(Bucket="models", Key=key, Body=b"{}")
    s3.delete_object(Bucket="models", Key="counts/1")
    return Inventory(
        {
            BUCKET: {"ModelBucket": "models"},
            TABLE: {"VotesTable": "votes", "RoomsOutboxTable": "outbox"},
            QUEUE: {"NotifierQueue": urls["NotifierQueue"], "NotifierDlq": urls["Dlq"]},
            POOL: {"UserPool": pool},
        }
    )


@pytest.mark.enable_socket
def test_everything_is_counted_and_then_gone(place: Environment, parts: Inventory) -> None:
    assert contents(place, parts).everything == 60 + 1 + 1 + 1 + 4

    gone = empty(place, parts, "dev", lambda _: None)

    assert gone == 60 + 1 + 1 + 4
    assert contents(place, parts).everything == 0


@pytest.mark.enable_socket
def test_prod_is_never_emptied(place: Environment, parts: Inventory) -> None:
    with pytest.raises(Protected):
        empty(place, parts, "prod", lambda _: None)

    assert contents(place, parts).everything == 67


@pytest.mark.enable_socket
def test_a_report_names_dead_letters_and_events_that_wait(
    place: Environment, parts: Inventory
) -> None:
    found = {finding.what: finding for finding in findings(place, parts)}

    assert found["NotifierDlq"].good is False
    assert found["NotifierQueue"].good is None
    assert found["RoomsOutboxTable"].good is False
    assert "1 events not published" in found["RoomsOutboxTable"].said
    assert found["catalogue"].good is False


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A stack that holds something; what is done to it is noted."""
    done: list[str] = []
    held = cleaning.Contents({"VotesTable": 3}, {}, {}, {})
    monkeypatch.setattr(
        command, "_environment", lambda _: Environment("matinee-dev", {}, boto3.Session())
    )
    monkeypatch.setattr(command, "_stage", lambda _: "dev")
    monkeypatch.setattr(command, "inventory", lambda _: Inventory({}))
    monkeypatch.setattr(cleaning, "contents", lambda *_: held)

    def emptied(*_: object) -> int:
        done.append("emptied")
        return 3

    monkeypatch.setattr(cleaning, "empty", emptied)
    monkeypatch.setattr(removal, "kept", lambda _: ["VotesTable"])
    monkeypatch.setattr(removal, "is_protected", lambda _: True)
    monkeypatch.setattr(removal, "never_complete", lambda _: ["matinee-dev-rooms"])

    def removed(*_: object, **__: object) -> list[str]:
        done.append("removed")
        return ["/aws/lambda/matinee-dev-rooms-Late"]

    monkeypatch.setattr(removal, "remove", removed)
    return done


@pytest.mark.parametrize("name", ["clean-data", "destroy"])
@pytest.mark.parametrize("typed", ["", "yes", "matinee"])
def test_nothing_is_deleted_unless_the_stack_s_name_is_typed(
    name: str,
    typed: str,
    standing: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: typed)

    assert command.main([name]) == 1

    assert standing == []
    assert "Nothing was changed" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "done"), [("clean-data", "emptied"), ("destroy", "removed")])
def test_whoever_types_it_has_been_told_what_goes(
    name: str,
    done: str,
    standing: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "matinee-dev")

    assert command.main([name]) == 0

    assert standing == [done]
    said = capsys.readouterr().out
    assert "VotesTable" in said


def test_a_characters_films_are_of_his_genres_and_none_that_he_dislikes() -> None:
    films: list[dict[str, Any]] = [
        {"id": 1, "title": "A", "genreIds": [27, 878]},
        {"id": 2, "title": "B", "genreIds": [35]},
        {"id": 3, "title": "C", "genreIds": [878]},
    ]

    assert [film["id"] for film in _liked(CAST[0], films)] == [3, 2]


def test_an_entry_is_what_the_original_s_client_sends() -> None:
    film = {"id": 7, "title": "T", "posterPath": "/p.jpg", "releaseDate": None, "genreIds": [28]}

    assert _entry(film) == {
        "mediaId": 7,
        "mediaType": "movie",
        "title": "T",
        "poster_path": "/p.jpg",
        "genreIds": [28],
    }


def test_everybody_in_a_room_is_of_the_cast() -> None:
    names = {one.name for one in CAST}

    assert all(set(people) <= names for _, people in ROOMS)


@pytest.mark.parametrize("name", ["default", "local"])
@pytest.mark.parametrize("action", ["deploy", "destroy", "logs", "protect"])
def test_what_goes_to_aws_names_an_environment_there(
    action: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command.main([action, "--env", name])
    assert f"{name} is no environment on AWS" in capsys.readouterr().err


def test_a_shell_without_credentials_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unknown(_: object) -> Environment:
        raise NoCredentialsError

    monkeypatch.setattr(command, "_environment", unknown)
    assert command.main(["--stack", "matinee-dev", "status"]) == 1
    assert "without ENV and STACK" in capsys.readouterr().err
