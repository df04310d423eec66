"""Whatever is in template.yaml is watched: rules over the whole of it, and each can fail."""

import ast
import tomllib
from collections.abc import Callable

import pytest

from tests.template import watching
from tests.template.stack import Finding, Stack, target
from tools.contracts.paths import ROOT

MOST_RESOURCES = 490
"""Of one stack. CloudFormation's quota is 500; there must be room for an alarm on a bad day."""

PARTS_OF_DASHBOARD = {"REST", "GraphQL"}


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack((ROOT / "template.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def emitted() -> set[str]:
    """The business metrics that the services' code counts or measures, by their names."""
    names: set[str] = set()
    for path in (ROOT / "services").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for call in ast.walk(tree):
            match call:
                case ast.Call(func=ast.Name(id="count" | "measure"), args=[ast.Constant(v), *_]):
                    names.add(str(v))
                case ast.Call(func=ast.Name(id="count" | "measure"), args=[ast.Name(id=name), *_]):
                    names.add(str(constants.get(name)))
    return names


@pytest.mark.parametrize(
    "rule",
    [
        watching.unwatched_functions,
        watching.unwatched_queues,
        watching.unwatched_streams,
        watching.unwatched_product,
        watching.silent_alarms,
        watching.missing_on_dashboard,
        watching.partial_queries,
        watching.untraced_functions,
        watching.unguarded_deployments,
    ],
    ids=lambda rule: rule.__name__,
)
def test_nothing_goes_unwatched(rule: Finding, stack: Stack) -> None:
    assert rule(stack) == []


def test_every_business_metric_with_an_alarm_is_counted_by_a_service(
    stack: Stack, emitted: set[str]
) -> None:
    assert "VotesCast" in emitted
    assert watching.idle_metrics(stack, emitted) == []


def test_an_alarm_on_a_metric_that_nobody_counts_is_found(stack: Stack) -> None:
    assert any(
        "TmdbFailuresAlarm" in fault for fault in watching.idle_metrics(stack, {"RefreshCompleted"})
    )


def test_one_dashboard_shows_people_interfaces_and_parts(stack: Stack) -> None:
    titles = {widget["properties"]["title"] for widget in watching.dashboard(stack)}

    assert titles >= PARTS_OF_DASHBOARD
    assert len(titles) == len(watching.dashboard(stack))


def test_the_seeds_three_questions_are_saved_as_queries(stack: Stack) -> None:
    names = {
        query["Name"]["Fn::Sub"].rpartition("/")[2]
        for query in stack.of_type("AWS::Logs::QueryDefinition").values()
    }

    assert names >= {"Find errors", "Track API calls", "Monitor performance"}


@pytest.mark.parametrize("name", ["RefreshMissingAlarm", "ModelsMissingAlarm"])
def test_silence_of_what_runs_each_day_is_an_alarm_after_26_hours(name: str, stack: Stack) -> None:
    alarm = watching.alarms(stack)[name]

    assert alarm["Period"] * alarm["EvaluationPeriods"] == 26 * 3600
    assert alarm["TreatMissingData"] == "breaching"
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)


def test_a_match_must_be_told_within_five_seconds(stack: Stack) -> None:
    alarm = watching.alarms(stack)["VoteToNotificationAlarm"]

    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (5000, "GreaterThanThreshold")


FAULTS: list[tuple[Callable[[Stack], list[str]], str, str, str, str]] = [
    (
        watching.unwatched_functions,
        "EraserFunctionErrorsAlarm",
        "MetricName: Errors",
        "MetricName: Invocations",
        "EraserFunction has no alarm",
    ),
    (
        watching.unwatched_queues,
        "NotifierQueueAgeAlarm",
        "NotifierQueue.QueueName",
        "NotifierDlq.QueueName",
        "NotifierQueue has no alarm on its oldest",
    ),
    (
        watching.unwatched_queues,
        "NotifierDlqAlarm",
        "NotifierDlq.QueueName",
        "NotifierQueue.QueueName",
        "NotifierDlq has no alarm on its first",
    ),
    (
        watching.unwatched_streams,
        "AuthRelayLagAlarm",
        "MetricName: IteratorAge",
        "MetricName: Duration",
        "AuthRelayFunction has no alarm",
    ),
    (
        watching.unwatched_product,
        "VoteToNotificationAlarm",
        "Namespace: Matinee",
        "Namespace: Matinée",
        "told too late",
    ),
    (
        watching.silent_alarms,
        "GraphqlErrorRateAlarm",
        "      AlarmActions: [!Ref AlarmTopic]\n",
        "",
        "GraphqlErrorRateAlarm does not tell",
    ),
    (
        watching.silent_alarms,
        "GraphqlErrorRateAlarm",
        "      TreatMissingData: notBreaching\n",
        "",
        "GraphqlErrorRateAlarm does not say what silence",
    ),
    (
        watching.missing_on_dashboard,
        "Dashboard",
        'MetricName=\\"Errors\\" ${AWS::StackName}',
        'MetricName=\\"Errors\\" ${AWS::StackName} Rooms',
        "AWS/Lambda Errors is not shown",
    ),
    (
        watching.partial_queries,
        "FindErrorsQuery",
        "        - !Ref EraserFunctionLogs\n",
        "",
        "FindErrorsQuery does not look into EraserFunctionLogs",
    ),
    (
        watching.unguarded_deployments,
        "AnyFunctionErrorsAlarm",
        "      Statistic: Sum\n",
        "      Statistic: Sum\n      Dimensions: [{Name: F, Value: !Ref EraserFunction}]\n",
        "AnyFunctionErrorsAlarm waits for EraserFunction",
    ),
    (
        watching.untraced_functions,
        "EraserFunction",
        "      Timeout: 60\n",
        "      Timeout: 60\n      Tracing: PassThrough\n",
        "EraserFunction is not traced",
    ),
]


@pytest.mark.parametrize(
    "fault",
    FAULTS,
    ids=[f"{finding.__name__}-{number}" for number, (finding, *_) in enumerate(FAULTS)],
)
def test_each_of_these_rules_can_be_broken(
    fault: tuple[Finding, str, str, str, str], stack: Stack
) -> None:
    finding, resource, old, new, reason = fault

    broken = stack.in_resource(resource, old, new)

    assert any(reason in found for found in finding(broken)), finding(broken)


def test_prod_shifts_calls_to_new_code_step_by_step() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))

    assert (
        "GradualDeployments=true" in config["prod"]["deploy"]["parameters"]["parameter_overrides"]
    )


def test_new_code_without_a_guard_is_found(stack: Stack) -> None:
    at_once = stack.without("Type: Canary10Percent5Minutes", "Type: AllAtOnce")
    unguarded = stack.without("    AutoPublishAlias: live\n")

    assert "new code gets all calls at once" in watching.unguarded_deployments(at_once)
    assert watching.unguarded_deployments(unguarded)


def test_the_stack_stays_below_cloudformation_s_limit_even_with_gradual_deployments(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    gradual = stack.without(
        "Default: 'false'\n    Description: Whether new code", "Default: 'true'\n    Description: W"
    )

    groups = [r for r in gradual.transformed.values() if r["Type"].startswith("AWS::CodeDeploy::")]
    assert len(groups) > len(stack.functions)
    assert len(gradual.transformed) <= MOST_RESOURCES


def versions(text: str, layer: str = "1") -> dict[str, str]:
    """Answer the version of each function that SAM publishes, by the function's name."""
    stack = Stack(text)
    for name in ("MatineeLayer", "TrainingLayer"):
        stack.resources[name]["Properties"]["Description"] = layer  # stands for its content
    return {
        target(resource["Properties"]["FunctionName"]): name
        for name, resource in stack.transformed.items()
        if resource["Type"] == "AWS::Lambda::Version"
    }


@pytest.mark.parametrize(
    ("old", "new", "layer"),
    [
        ("Timeout: 10\n    Tracing", "Timeout: 11\n    Tracing", "1"),
        ("RELEASE: unreleased", "RELEASE: r1", "1"),
        ("Tracing: Active", "Tracing: Active", "2"),
    ],
    ids=["a setting", "a parameter's value", "a layer"],
)
def test_what_is_called_is_a_new_version_after_each_change(
    old: str, new: str, layer: str, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    before = versions(stack.text)
    after = versions(stack.without(old, new).text, layer)
    own = {name for name, function in stack.functions.items() if "Timeout" in function}

    same = {name for name in before if before[name] == after[name]}

    assert set(before) == set(after) == set(stack.functions)
    assert same <= (own if "Timeout" in old else set())
    assert versions(stack.text) == before


def test_a_version_is_not_kept_from_changes_unseen(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule above can fail: without the two switches a layer changes nothing."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    for switch in ("AutoPublishAliasAllProperties", "PublishLambdaVersion"):
        blind = stack.without(f"{switch}: true", f"{switch}: false").text
        assert versions(blind, "1") == versions(blind, "2")


def test_whoever_calls_a_function_calls_its_alias(stack: Stack) -> None:
    assert watching.called_past_their_alias(stack) == []

    broken = stack.in_resource(
        "RecommendationsFunction",
        "DISCOVER_FUNCTION: !Ref DiscoverFunction.Alias",
        "DISCOVER_FUNCTION: !Ref DiscoverFunction",
    )
    assert watching.called_past_their_alias(broken) == [
        "RecommendationsFunction calls DiscoverFunction past its alias"
    ]
