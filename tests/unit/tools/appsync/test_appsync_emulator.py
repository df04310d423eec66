"""What the emulator is asked: functions, whose keys these are, what a role may do."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from tests.unit.tools.appsync.harness import ACCOUNT, REGION
from tools.appsync.definition import read_stack
from tools.appsync.errors import DefinitionError, FieldError
from tools.appsync.functions import EmulatorFunctions, FunctionFailed
from tools.appsync.iam import EmulatorCredentials, EmulatorPermissions
from tools.appsync.identity import IamIdentity
from tools.appsync.server import arguments

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient

ROLE = f"arn:aws:iam::{ACCOUNT}:role/stack-NotifierRole"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:stack-Notifier"
FIELD = f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/a/types/Mutation/fields/tell"


@pytest.fixture
def stubbed() -> Iterator[tuple["LambdaClient", Stubber]]:
    client = boto3.client("lambda", region_name=REGION)
    with Stubber(client) as stubber:
        yield client, stubber


# -- functions ----------------------------------------------------------------------------------


def answer(value: object, **more: object) -> dict[str, object]:
    """Build Invoke's answer."""
    body = json.dumps(value).encode()
    return {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(body), len(body)), **more}


def test_a_function_is_invoked_with_its_payload(stubbed: tuple["LambdaClient", Stubber]) -> None:
    client, stubber = stubbed
    expected = {
        "FunctionName": "fn",
        "InvocationType": "RequestResponse",
        "Payload": b'{"a": 1}',
    }
    stubber.add_response("invoke", answer({"data": 7}), expected)

    assert EmulatorFunctions(client).invoke("fn", {"a": 1}, wait=True) == {"data": 7}


def test_nobody_waits_for_an_event_invocation(stubbed: tuple["LambdaClient", Stubber]) -> None:
    client, stubber = stubbed
    expected = {"FunctionName": "fn", "InvocationType": "Event", "Payload": b"null"}
    stubber.add_response("invoke", {"StatusCode": 202}, expected)

    assert EmulatorFunctions(client).invoke("fn", None, wait=False) is None


def test_a_function_s_failure_is_unhandled(stubbed: tuple["LambdaClient", Stubber]) -> None:
    client, stubber = stubbed
    told = {"errorMessage": "boom", "errorType": "ValueError", "stackTrace": ["x"]}
    stubber.add_response("invoke", answer(told, FunctionError="Unhandled"))

    with pytest.raises(FunctionFailed) as failed:
        EmulatorFunctions(client).invoke("fn", {}, wait=True)

    assert (failed.value.message, failed.value.error_type) == ("boom", "Lambda:Unhandled")


def test_a_function_that_is_not_there_is_named_by_lambda_s_code(
    stubbed: tuple["LambdaClient", Stubber],
) -> None:
    client, stubber = stubbed
    stubber.add_client_error("invoke", "ResourceNotFoundException", "not found")

    with pytest.raises(FunctionFailed) as failed:
        EmulatorFunctions(client).invoke("fn", {}, wait=True)

    assert failed.value.error_type == "Lambda:ResourceNotFoundException"


class Broken:
    """A client whose every call fails in the same way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def invoke(self, **_: object) -> None:
        raise self._error


def test_a_function_that_takes_too_long_is_given_up() -> None:
    client = cast("LambdaClient", Broken(ReadTimeoutError(endpoint_url="http://x")))

    with pytest.raises(FieldError) as failed:
        EmulatorFunctions(client).invoke("fn", {}, wait=True)

    assert failed.value.error_type == "ExecutionTimeout"


def test_an_emulator_that_is_down_is_a_failed_function() -> None:
    client = cast("LambdaClient", Broken(EndpointConnectionError(endpoint_url="http://x")))

    with pytest.raises(FunctionFailed):
        EmulatorFunctions(client).invoke("fn", {}, wait=True)


# -- keys ---------------------------------------------------------------------------------------


@dataclass
class Versions:
    """Lambda, as far as versions go. `asked` counts the calls."""

    roles: dict[str, str]
    asked: int = 0

    def list_versions_by_function(self, FunctionName: str) -> Mapping[str, Any]:  # noqa: N803 - boto3's
        self.asked += 1
        if FunctionName not in self.roles:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "ListVersions")
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FunctionName}"
        version = {
            "FunctionArn": f"{arn}:$LATEST",
            "FunctionName": FunctionName,
            "Role": self.roles[FunctionName],
        }
        return {"Versions": [version]}


@dataclass
class Seconds:
    """A clock that stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def credentials(
    versions: Versions, *names: str, sessions: bool, clock: Seconds | None = None
) -> EmulatorCredentials:
    """Know the keys of these functions."""
    return EmulatorCredentials(
        cast("LambdaClient", versions),
        lambda: names,
        account_id=ACCOUNT,
        root=("test", "secret"),
        sessions=sessions,
        clock=clock or Seconds(),
    )


def test_the_operator_s_keys_are_root() -> None:
    versions = Versions({})

    root = credentials(versions, sessions=False).find("test")

    assert root is not None
    assert root.is_root
    assert root.secret_access_key == "secret"
    assert root.policy_sources == ()
    assert versions.asked == 0


def test_without_sessions_the_account_id_is_every_function() -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/other"
    versions = Versions({"stack-Notifier": ROLE, "stack-Other": other})
    known = credentials(versions, "stack-Notifier", "stack-Other", "gone", sessions=False)

    shared = known.find(ACCOUNT)

    assert shared is not None
    assert not shared.is_root
    assert set(shared.policy_sources) == {ROLE, other}
    assert known.find("ASIASOMEBODY") is None


def test_with_sessions_every_function_has_its_own_derived_keys() -> None:
    known = credentials(Versions({"stack-Notifier": ROLE}), "stack-Notifier", sessions=True)
    digest = hashlib.sha256(f"{FUNCTION}:{ROLE}".encode()).hexdigest()

    found = known.find(f"ASIA{digest[:16].upper()}")

    assert found is not None
    assert found.secret_access_key == hashlib.sha256(f"secret:{digest}".encode()).hexdigest()
    assert found.session_token == hashlib.sha256(f"token:{digest}".encode()).hexdigest()
    assert found.policy_sources == (ROLE,)
    assert found.user_arn == (
        f"arn:aws:sts::{ACCOUNT}:assumed-role/stack-NotifierRole/stack-Notifier"
    )
    assert known.find(ACCOUNT) is None


def test_a_flood_of_unknown_keys_does_not_reach_iam() -> None:
    versions, clock = Versions({"stack-Notifier": ROLE}), Seconds()
    known = credentials(versions, "stack-Notifier", sessions=True, clock=clock)

    for number in range(100):
        known.find(f"AKIA{number}")
    assert versions.asked == 1

    clock.now += 5
    known.find("AKIANEW")
    assert versions.asked == 2


def test_a_function_s_new_role_is_noticed() -> None:
    versions, clock = Versions({"stack-Notifier": "old"}), Seconds()
    known = credentials(versions, "stack-Notifier", sessions=False, clock=clock)
    before = known.find(ACCOUNT)

    versions.roles["stack-Notifier"] = "new"
    clock.now += 31
    after = known.find(ACCOUNT)

    assert before is not None
    assert after is not None
    assert (before.policy_sources, after.policy_sources) == (("old",), ("new",))


# -- policies -----------------------------------------------------------------------------------


@dataclass
class Simulator:
    """IAM's simulator: allows pairs of source and resource."""

    allowed: set[tuple[str, str]] = field(default_factory=set)
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def simulate_principal_policy(
        self,
        PolicySourceArn: str,  # noqa: N803 - boto3's names
        ActionNames: list[str],  # noqa: N803
        ResourceArns: list[str],  # noqa: N803
    ) -> Mapping[str, Any]:
        self.asked.append((PolicySourceArn, *ActionNames, *ResourceArns))
        if PolicySourceArn == "gone":
            raise ClientError({"Error": {"Code": "NoSuchEntity"}}, "SimulatePrincipalPolicy")
        allowed = (PolicySourceArn, ResourceArns[0]) in self.allowed
        return {"EvaluationResults": [{"EvalDecision": "allowed" if allowed else "implicitDeny"}]}


def principal(*sources: str, is_root: bool = False) -> IamIdentity:
    """Be somebody with these roles."""
    return IamIdentity(ACCOUNT, "arn", "id", sources, is_root, "127.0.0.1")


def permissions(
    simulator: Simulator, *, allow_root: bool = False, clock: Seconds | None = None
) -> EmulatorPermissions:
    """Ask a simulator."""
    iam = cast("IAMClient", simulator)
    return EmulatorPermissions(iam, allow_root=allow_root, clock=clock or Seconds())


def test_a_role_may_what_its_policy_says() -> None:
    simulator = Simulator({(ROLE, FIELD)})
    asked = permissions(simulator)

    assert asked.allows(principal(ROLE), FIELD)
    assert asked.allows(principal("other", ROLE), FIELD)
    assert not asked.allows(principal("other"), FIELD)
    assert not asked.allows(principal(ROLE), f"{FIELD}s")
    assert not asked.allows(principal("gone"), FIELD)
    assert not asked.allows(principal(), FIELD)
    assert simulator.asked[0] == (ROLE, "appsync:GraphQL", FIELD)


def test_root_is_refused_unless_it_was_let_in() -> None:
    simulator = Simulator()

    assert not permissions(simulator).allows(principal(is_root=True), FIELD)
    assert permissions(simulator, allow_root=True).allows(principal(is_root=True), FIELD)
    assert simulator.asked == []


def test_an_answer_is_remembered_for_half_a_minute() -> None:
    simulator, clock = Simulator({(ROLE, FIELD)}), Seconds()
    asked = permissions(simulator, clock=clock)

    asked.allows(principal(ROLE), FIELD)
    simulator.allowed.clear()
    assert asked.allows(principal(ROLE), FIELD)
    clock.now += 31
    assert not asked.allows(principal(ROLE), FIELD)
    assert len(simulator.asked) == 2


# -- the stack ----------------------------------------------------------------------------------


def test_a_stack_is_read_whole() -> None:
    client = boto3.client("cloudformation", region_name=REGION)
    stack_id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/matinee/1"
    described = {
        "StackName": "matinee",
        "StackId": stack_id,
        "CreationTime": "2026-01-01T00:00:00Z",
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": [{"ParameterKey": "Stage", "ParameterValue": "local"}],
    }
    resources = [
        {
            "LogicalResourceId": logical,
            "PhysicalResourceId": f"matinee-{logical}",
            "ResourceType": kind,
            "LastUpdatedTimestamp": "2026-01-01T00:00:00Z",
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for logical, kind in (("Fn", "AWS::Lambda::Function"), ("Pool", "AWS::Cognito::UserPool"))
    ]
    with Stubber(client) as stubber:
        stubber.add_response("describe_stacks", {"Stacks": [described]})
        stubber.add_response("list_stack_resources", {"StackResourceSummaries": resources})

        stack = read_stack(client, "matinee", REGION)

    assert stack.account == ACCOUNT
    assert stack.physical_ids == {"Fn": "matinee-Fn", "Pool": "matinee-Pool"}
    assert stack.function_names == ("matinee-Fn",)
    assert stack.parameters == {"Stage": "local"}


def test_a_stack_that_is_not_there_is_reported() -> None:
    client = boto3.client("cloudformation", region_name=REGION)
    with Stubber(client) as stubber:
        stubber.add_client_error("describe_stacks", "ValidationError", "does not exist")

        with pytest.raises(DefinitionError, match="matinee"):
            read_stack(client, "matinee", REGION)


def test_the_command_line_has_the_local_stack_s_defaults() -> None:
    options = arguments([])

    assert options.port == 4567
    assert options.emulator == "http://127.0.0.1:4566"
    assert options.stack_name == "matinee"
    assert str(options.template) == "template.yaml"
    assert not options.allow_root
    assert not options.reload_on_change
