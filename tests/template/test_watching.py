"""Whatever is in template.yaml is watched: rules over the whole of it, and each can fail."""

import ast
import tomllib
from collections.abc import Callable

import pytest

from tests.template import watching
from tests.template.stacks import Finding, Stacks, target
from tools.contracts.paths import ROOT

MAX_RESOURCES = 250
"""Of one stack. CloudFormation's quota is 500."""

PARTS_OF_DASHBOARD = {"REST", "GraphQL"}


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
                case ast.Call(
                    func=ast.Name(id="count" | "measure"),
                    args=[ast.IfExp(body=ast.Constant(one), orelse=ast.Constant(other)), *_],
                ):
                    names |= {str(one), str(other)}
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
        watching.shared_metrics,
        watching.uncounted_functions,
        watching.summed_conditions,
    ],
    ids=lambda rule: rule.__name__,
)
def test_everything_is_monitored(rule: Finding, stacks: Stacks) -> None:
    assert rule(stacks) == []


def test_business_metrics_of_alarms_are_emitted(stacks: Stacks, emitted: set[str]) -> None:
    assert "VotesCast" in emitted
    assert watching.idle_metrics(stacks, emitted) == []


@pytest.fixture(scope="module")
def zeroed() -> set[str]:
    """The business metrics that code reports as 0, too: a literal, or a variable's value."""
    return {
        str(call.args[0].value)
        for path in (ROOT / "services").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "count"
        and isinstance(call.args[0], ast.Constant)
        and isinstance(value := (call.args[1] if call.args[1:] else None), ast.Constant)
        and value.value == 0
    }


def test_metrics_that_are_compared_are_reported_as_zero(stacks: Stacks, zeroed: set[str]) -> None:
    assert watching.hollow_expressions(stacks, zeroed) == []
    assert watching.hollow_expressions(stacks, set()) == [
        "MatchesUnnotifiedAlarm compares ('Matinee', 'MatchesFound') with "
        "('Matinee', 'UsersNotified'), which nobody reports as 0"
    ]


def test_a_filled_metric_is_found(stacks: Stacks, zeroed: set[str]) -> None:
    filled = stacks.in_resource("MatchesUnnotifiedAlarm", "notified == 0", "FILL(notified, 0) == 0")

    assert watching.hollow_expressions(filled, zeroed) == [
        "MatchesUnnotifiedAlarm fills what may never have been reported"
    ]


def test_an_alarm_on_a_metric_never_emitted_is_found(stacks: Stacks) -> None:
    assert any(
        "TmdbFailuresAlarm" in fault
        for fault in watching.idle_metrics(stacks, {"RefreshCompleted"})
    )


def test_the_dashboard_shows_apis_and_has_unique_titles(stacks: Stacks) -> None:
    titles = {widget["properties"]["title"] for widget in watching.dashboard(stacks)}

    assert titles >= PARTS_OF_DASHBOARD
    assert len(titles) == len(watching.dashboard(stacks))


def test_the_seeds_three_questions_are_saved_as_queries(stacks: Stacks) -> None:
    names = {
        query["Name"]["Fn::Join"][1][1]
        for query in stacks.of_type("AWS::Logs::QueryDefinition").values()
    }

    assert names >= {"Find errors", "Track API calls", "Monitor performance"}


@pytest.mark.parametrize("name", ["RefreshMissingAlarm", "ModelsMissingAlarm"])
def test_an_alarm_rings_after_26_hours_without_a_daily_run(name: str, stacks: Stacks) -> None:
    alarm = watching.alarms(stacks)[name]

    assert alarm["Period"] * alarm["EvaluationPeriods"] == 26 * 3600
    assert alarm["TreatMissingData"] == "breaching"
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)


def test_a_notification_must_take_at_most_five_seconds(stacks: Stacks) -> None:
    alarm = watching.alarms(stacks)["VoteToNotificationAlarm"]

    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (5000, "GreaterThanThreshold")


FAULTS: list[tuple[Callable[[Stacks], list[str]], str, str, str, str]] = [
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
        "!Sub '${Consumer}Queue'",
        "!Sub '${Consumer}Dlq'",
        "NotifierQueue has no alarm on its oldest",
    ),
    (
        watching.unwatched_queues,
        "NotifierDlqAlarm",
        "!Sub '${Queue}'",
        "!Sub 'NotifierQueue'",
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
        "Namespace: !Sub Matinee/${AWS::StackName}",
        "Namespace: Matinée",
        "notified too late",
    ),
    (
        watching.silent_alarms,
        "GraphqlErrorRateAlarm",
        "      AlarmActions: [!Ref AlarmTopicArn]\n",
        "",
        "GraphqlErrorRateAlarm does not notify",
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
        'MetricName=\\"Errors\\" FunctionName=${EnvironmentName}',
        'MetricName=\\"Errors\\" FunctionName=${EnvironmentName} Rooms',
        "AWS/Lambda Errors is not shown",
    ),
    (
        watching.partial_queries,
        "RoomsLogGroups",
        ", !Ref EraserFunctionLogs]",
        "]",
        "FindErrorsQuery does not look into EraserFunctionLogs",
    ),
    (
        watching.unguarded_deployments,
        "RoomsFunctionErrorsAlarm",
        "      Statistic: Sum\n",
        "      Statistic: Sum\n      Dimensions: [{Name: F, Value: !Ref EraserFunction}]\n",
        "RoomsFunctionErrorsAlarm waits for EraserFunction",
    ),
    (
        watching.shared_metrics,
        "VoteToNotificationAlarm",
        "Namespace: !Sub Matinee/${AWS::StackName}",
        "Namespace: Matinee",
        "VoteToNotificationAlarm rings for other environments, too",
    ),
    (
        watching.shared_metrics,
        "GraphqlServerErrorsAlarm",
        "      Dimensions: [{Name: GraphQLAPIId, Value: !GetAtt RoomsApi.ApiId}]\n",
        "",
        "GraphqlServerErrorsAlarm rings for other environments, too",
    ),
    (
        watching.shared_metrics,
        "FunctionThrottlesAlarm",
        "${AWS::StackName}: ",
        "",
        "FunctionThrottlesAlarm does not say whose it is",
    ),
    (
        watching.shared_metrics,
        "Dashboard",
        '["${RoomsMetrics}", "VoteToNotification"',
        '["Matinee", "VoteToNotification"',
        "the dashboard shows Matinee",
    ),
    (
        watching.shared_metrics,
        "NotifierFunctionErrorLines",
        "Matinee/${AWS::StackName}",
        "Matinee",
        "NotifierFunctionErrorLines counts in",
    ),
    (
        watching.uncounted_functions,
        "NotifierFunctionErrorLines",
        "{Ref: !Sub '${Function}Logs'}",
        "!Ref EraserFunctionLogs",
        "NotifierFunction is not counted",
    ),
    (
        watching.uncounted_functions,
        "StatusFunctionErrorLines",
        "{Ref: !Sub '${Function}Logs'}",
        "!Ref PostAuthenticationFunctionLogs",
        "refusals of PostAuthenticationFunction are counted as errors",
    ),
    (
        watching.uncounted_functions,
        "RoomsFunctionErrorsAlarm",
        "MetricName: FunctionErrors",
        "MetricName: Unexpected",
        "errors of functions take back no deployment of rooms",
    ),
    (
        watching.called_past_their_alias,
        "UserPool",
        "!Ref PreSignUpFunction.Alias",
        "!GetAtt PreSignUpFunction.Arn",
        "UserPool lets PreSignUpFunction be called past its alias",
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
    fault: tuple[Finding, str, str, str, str], stacks: Stacks
) -> None:
    finding, resource, old, new, reason = fault

    broken = stacks.in_resource(resource, old, new)

    assert any(reason in found for found in finding(broken)), finding(broken)


def test_a_summed_condition_is_found(stacks: Stacks) -> None:
    for condition in (
        'message = "refused" or status >= 400',
        "strcontains(a, b) > 0",
        "a like /b/",
    ):
        summing = stacks.without("sum(strcontains", f"sum({condition}), sum(strcontains")

        assert watching.summed_conditions(summing) == ["TrackCallsQuery sums a condition"]


def test_prod_deploys_gradually() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))

    assert (
        "GradualDeployments=true" in config["prod"]["deploy"]["parameters"]["parameter_overrides"]
    )


def test_new_code_without_a_guard_is_found(stacks: Stacks) -> None:
    at_once = stacks.without("Type: Canary10Percent5Minutes", "Type: AllAtOnce")
    unguarded = stacks.without("    AutoPublishAlias: live\n")

    assert "rooms: new code gets all calls at once" in watching.unguarded_deployments(at_once)
    assert watching.unguarded_deployments(unguarded)


def test_no_stack_is_too_large_even_with_gradual_deployments(stacks: Stacks) -> None:
    gradual = stacks.without(
        "GradualDeployments: {Type: String, AllowedValues: ['true', 'false'], Default: 'false'}",
        "GradualDeployments: {Type: String, AllowedValues: ['true', 'false'], Default: 'true'}",
    )

    groups = [
        name
        for resources in gradual.transformed.values()
        for name, resource in resources.items()
        if resource["Type"] == "AWS::CodeDeploy::DeploymentGroup"
    ]
    assert len(groups) == len(stacks.functions)
    assert max(len(resources) for resources in gradual.transformed.values()) <= MAX_RESOURCES


def versions(stacks: Stacks, layer: str = "1") -> dict[str, str]:
    """Return the version of each function that SAM publishes, by the function's name."""
    stacks = stacks.without("      ContentUri:", f"      LicenseInfo: '{layer}'\n      ContentUri:")
    return {
        target(resource["Properties"]["FunctionName"]): name
        for resources in stacks.transformed.values()
        for name, resource in resources.items()
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
def test_each_change_publishes_a_new_version(
    old: str, new: str, layer: str, stacks: Stacks
) -> None:
    before = versions(stacks)
    after = versions(stacks.without(old, new), layer)
    own = {name for name, function in stacks.functions.items() if "Timeout" in function}

    same = {name for name in before if before[name] == after[name]}

    assert set(before) == set(after) == set(stacks.functions)
    assert same <= (own if "Timeout" in old else set())
    assert versions(stacks) == before


def test_without_the_switches_a_layer_publishes_nothing(stacks: Stacks) -> None:
    """The rule above can fail: without the two switches a layer changes nothing."""
    for switch in ("AutoPublishAliasAllProperties", "PublishLambdaVersion"):
        blind = stacks.without(f"{switch}: true", f"{switch}: false")
        assert versions(blind, "1") == versions(blind, "2")


def test_functions_are_invoked_by_their_alias(stacks: Stacks) -> None:
    assert watching.called_past_their_alias(stacks) == []

    broken = stacks.without("Value: !Ref DiscoverFunction.Alias", "Value: !Ref DiscoverFunction")
    assert watching.called_past_their_alias(broken) == [
        "RecommendationsFunction calls DiscoverFunction past its alias",
        "RoomsApiFunction calls DiscoverFunction past its alias",
    ]
