"""Alarms, dashboard, saved queries: whatever the stack has is watched, by rule."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.template.queues import consumer_queues, dead_letter_queues
from tests.template.stacks import Stacks, logical_ids, target
from tools.templates import ALIAS, statements_of

type Watched = tuple[str, str]
"""A metric's name, and the resource whose metric it is (or nothing, when it is the account's)."""

SERVICE_METRICS = {
    ("AWS/ApiGateway", "5xx"): "the REST interface fails",
    ("AWS/ApiGateway", "Latency"): "the REST interface is slow",
    ("AWS/AppSync", "5XXError"): "the GraphQL interface fails",
    ("Matinee", "ResolverErrors"): "fields of the GraphQL interface fail",
    ("AWS/AppSync", "Latency"): "the GraphQL interface is slow",
    ("AWS/Lambda", "Throttles"): "functions are throttled",
    ("AWS/Lambda", "ConcurrentExecutions"): "too many functions run at once",
    ("Matinee", "TmdbFailures"): "The Movie Database does not answer",
    ("Matinee", "RefreshCompleted"): "the catalogue is not refreshed",
    ("Matinee", "ModelsTrained"): "no model is trained",
    ("Matinee", "VoteToNotification"): "users are notified too late",
}
"""What the product as a whole must be watched for, besides each of its parts."""

OWN_NAMESPACE = {"Fn::Sub": "Matinee/${AWS::StackName}"}
"""Where functions count, and alarms look: a namespace for each stack of each environment."""

ACCOUNT_WIDE = {
    "FunctionThrottlesAlarm": "concurrency is the account's",
    "FunctionConcurrencyAlarm": "concurrency is the account's",
    "TableReadThrottlesAlarm": "an alarm cannot search for the tables of an environment",
    "TableWriteThrottlesAlarm": "an alarm cannot search for the tables of an environment",
}
"""Alarms that ring for every environment of an account, each with its reason."""

REJECTING = {"PostAuthenticationFunction"}
"""Triggers that refuse users by an error, which is none of the service's."""

DASHBOARD_SEARCHES = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
    ("AWS/Lambda", "IteratorAge"),
    ("AWS/Lambda", "Errors"),
    ("AWS/Lambda", "Throttles"),
    ("AWS/Lambda", "Duration"),
    ("AWS/DynamoDB", "ConsumedReadCapacityUnits"),
    ("AWS/DynamoDB", "ConsumedWriteCapacityUnits"),
}
"""What the dashboard must find of every function, queue and table, those of tomorrow too."""

_SEARCH = re.compile(
    r"SEARCH\('\{(?P<space>[\w/]+),(?P<dimension>\w+)\} "
    r"MetricName=\"(?P<metric>\w+)\" (?P<rest>.*?)'"
)
_SUM_OF_A_CONDITION = re.compile(r"\b(sum|avg)\((?:[^()]|\([^()]*\))*?([=<>]| (or|and|like|in) )")
_CANARY = "Canary"


def alarms(stacks: Stacks) -> dict[str, Mapping[str, Any]]:
    """Return the alarms, by logical id."""
    return stacks.of_type("AWS::CloudWatch::Alarm")


def watched(stacks: Stacks) -> set[Watched]:
    """Return what plain alarms look at: the metric, and the resource in its dimensions."""
    return {
        (alarm["MetricName"], target([part["Value"] for part in alarm.get("Dimensions", ())]))
        for alarm in alarms(stacks).values()
        if "MetricName" in alarm
    }


def unwatched_functions(stacks: Stacks) -> list[str]:
    """Find functions without an alarm on errors."""
    seen = watched(stacks)
    return [f"{name} has no alarm" for name in stacks.functions if ("Errors", name) not in seen]


def unwatched_queues(stacks: Stacks) -> list[str]:
    """Find queues without an alarm on waiting messages."""
    seen = watched(stacks)
    faults = [
        f"{queue} has no alarm on its oldest message"
        for queue in consumer_queues(stacks)
        if ("ApproximateAgeOfOldestMessage", queue) not in seen
    ]
    faults += [
        f"{queue} has no alarm on its first message"
        for queue in dead_letter_queues(stacks)
        if ("ApproximateNumberOfMessagesVisible", queue) not in seen
    ]
    return faults


def unwatched_streams(stacks: Stacks) -> list[str]:
    """Find readers of streams without an alarm on their lag."""
    seen = watched(stacks)
    return [
        f"{function} has no alarm on how far it is behind"
        for function, _ in stacks.sources("DynamoDB")
        if ("IteratorAge", function) not in seen
    ]


def unwatched_product(stacks: Stacks) -> list[str]:
    """Find what the product as a whole is not watched for."""
    seen = {metric for alarm in alarms(stacks).values() for metric in metrics_of(alarm)}
    return [f"no alarm when {what}" for key, what in SERVICE_METRICS.items() if key not in seen]


def silent_alarms(stacks: Stacks) -> list[str]:
    """Find alarms without the topic, or without a description."""
    faults = []
    for name, alarm in alarms(stacks).items():
        if [target(action) for action in alarm.get("AlarmActions", ())] != ["AlarmTopic"]:
            faults.append(f"{name} does not notify the one topic")
        if not alarm.get("AlarmDescription"):
            faults.append(f"{name} does not say what it is about")
        if "TreatMissingData" not in alarm:
            faults.append(f"{name} does not say what silence means")
    return faults


def idle_metrics(stacks: Stacks, emitted: set[str]) -> list[str]:
    """Find alarms on business metrics that no service, and no filter of its logs, counts."""
    counted = emitted | {
        transformation["MetricName"]
        for each in stacks.of_type("AWS::Logs::MetricFilter").values()
        for transformation in each["MetricTransformations"]
    }
    own = (
        (name, metric)
        for name, alarm in alarms(stacks).items()
        for space, metric in metrics_of(alarm)
        if space == "Matinee"
    )
    return [
        f"{name} waits for {metric}, which nobody counts"
        for name, metric in own
        if metric not in counted
    ]


def metrics_of(alarm: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the metrics of an alarm, those in its expressions too."""
    for metric in _metrics(alarm):
        own = metric["Namespace"] == OWN_NAMESPACE
        yield "Matinee" if own else str(metric["Namespace"]), metric["MetricName"]


def _metrics(alarm: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "MetricName" in alarm:
        yield alarm
    for part in alarm.get("Metrics", ()):
        if "MetricStat" in part:
            yield part["MetricStat"]["Metric"]


def shared_metrics(stacks: Stacks) -> list[str]:
    """Find metrics of which another environment's part could not be told apart."""
    faults = [
        f"functions of {service} count in {namespace}"
        for service, default in stacks.defaults.items()
        if (namespace := default["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"])
        != OWN_NAMESPACE
    ]
    faults += [
        f"{name} counts in {transformation['MetricNamespace']}"
        for name, each in stacks.of_type("AWS::Logs::MetricFilter").items()
        for transformation in each["MetricTransformations"]
        if transformation["MetricNamespace"] != OWN_NAMESPACE
    ]
    for name, alarm in alarms(stacks).items():
        named = [
            metric["Namespace"] == OWN_NAMESPACE or target(metric.get("Dimensions", ())) != ""
            for metric in _metrics(alarm)
        ]
        if not (named and all(named)) and name not in ACCOUNT_WIDE:
            faults.append(f"{name} rings for other environments, too")
        if name in ACCOUNT_WIDE and "${AWS::StackName}" not in str(alarm["AlarmDescription"]):
            faults.append(f"{name} does not say whose it is")
    outputs = {
        f"${{{name}}}" for name in stacks.product.stack_of("Dashboard").template["Parameters"]
    }
    faults += [
        f"the dashboard shows {row[0]}"
        for widget in dashboard(stacks)
        for row in widget["properties"]["metrics"]
        if isinstance(row[0], str)
        and row[0] not in {".", "...", *outputs}
        and not row[0].startswith("AWS/")
    ]
    return faults


def hollow_expressions(stacks: Stacks, zeroed: set[str]) -> list[str]:
    """Find expressions over metrics of which one may have no value while another has.

    FILL does not help where nothing was ever reported: the code has to count 0. `zeroed` are the
    metrics that it counts so.
    """
    faults = []
    for name, alarm in alarms(stacks).items():
        compared = list(dict.fromkeys(metrics_of(alarm)))
        faults += [
            f"{name} compares {compared[0]} with {other}, which nobody reports as 0"
            for other in compared[1:]
            if other[0] != "Matinee" or other[1] not in zeroed
        ]
        if any("FILL(" in str(part.get("Expression")) for part in alarm.get("Metrics", ())):
            faults.append(f"{name} fills what may never have been reported")
    return faults


def uncounted_functions(stacks: Stacks) -> list[str]:
    """Find functions whose errors take no deployment of their service back."""
    filters = stacks.of_type("AWS::Logs::MetricFilter").values()
    counted = {target(each["LogGroupName"]).removesuffix("Logs") for each in filters}
    wanted = stacks.functions.keys() - REJECTING
    faults = [f"{name} is not counted" for name in sorted(wanted - counted)]
    faults += [f"refusals of {name} are counted as errors" for name in sorted(counted & REJECTING)]
    for service, default in stacks.defaults.items():
        guards = [target(alarm) for alarm in default["DeploymentPreference"]["Alarms"]]
        guarding = {metric for name in guards for metric in metrics_of(alarms(stacks)[name])}
        if ("Matinee", "FunctionErrors") not in guarding:
            faults.append(f"errors of functions take back no deployment of {service}")
    return faults


def summed_conditions(stacks: Stacks) -> list[str]:
    """Find saved queries that sum what is true or false: Logs Insights sums numbers only."""
    return [
        f"{name} sums a condition"
        for name, query in stacks.of_type("AWS::Logs::QueryDefinition").items()
        if _SUM_OF_A_CONDITION.search(str(query["QueryString"]))
    ]


def dashboard(stacks: Stacks) -> list[dict[str, Any]]:
    """Return the widgets of the one dashboard."""
    (found,) = stacks.of_type("AWS::CloudWatch::Dashboard").values()
    widgets: list[dict[str, Any]] = json.loads(found["DashboardBody"]["Fn::Sub"])["widgets"]
    return widgets


def missing_on_dashboard(stacks: Stacks) -> list[str]:
    """Find kinds of metrics that the dashboard does not search for in all stacks."""
    found = {
        (match["space"], match["metric"])
        for widget in dashboard(stacks)
        for match in _SEARCH.finditer(json.dumps(widget).replace('\\"', '"'))
        if match["rest"] == f"{match['dimension']}=${{EnvironmentName}}"
    }
    return [f"{space} {metric} is not shown" for space, metric in DASHBOARD_SEARCHES - found]


def partial_queries(stacks: Stacks) -> list[str]:
    """Find saved queries that do not look into the logs of every function."""
    groups = {
        target(function["LoggingConfig"]["LogGroup"]) for function in stacks.functions.values()
    }
    return [
        f"{name} does not look into {group}"
        for name, query in stacks.of_type("AWS::Logs::QueryDefinition").items()
        for group in sorted(groups - logical_ids(query["LogGroupNames"]))
    ]


def unguarded_deployments(stacks: Stacks) -> list[str]:
    """Find functions whose new code gets all calls at once in prod, or that nothing takes back.

    The alarms must refer to no function and no API: those wait for the alias, which waits for its
    deployment group, which waits for the alarms.
    """
    faults = []
    for service, default in stacks.defaults.items():
        preference = default.get("DeploymentPreference", {})
        if default.get("AutoPublishAlias") != ALIAS:
            faults.append(f"{service}: functions have no alias that calls could be shifted by")
        if preference.get("Enabled") != {"Ref": "GradualDeployments"}:
            faults.append(f"{service}: shifting is not what GradualDeployments says")
        if not str(preference.get("Type", "")).startswith(_CANARY):
            faults.append(f"{service}: new code gets all calls at once")
        guards = [target(alarm) for alarm in preference.get("Alarms", ())]
        if not guards:
            faults.append(f"{service}: nothing takes new code back")
        for name in guards:
            alarm = alarms(stacks).get(name)
            if alarm is None:
                faults.append(f"{service}: there is no alarm {name}")
            else:
                others = logical_ids(dict(alarm)) - {"AlarmTopic"}
                faults += [f"{name} waits for {other}" for other in sorted(others)]
    faults += [
        f"{name} goes its own way"
        for name, function in stacks.functions.items()
        if "AutoPublishAlias" in function or "DeploymentPreference" in function
    ]
    return faults


def called_past_their_alias(stacks: Stacks) -> list[str]:
    """Find functions that others call as they were last deployed, past the canary."""
    faults = [
        f"{name} lets {function} be called past its alias"
        for kind in ("AWS::Cognito::UserPool", "AWS::Lambda::Permission")
        for name, properties in stacks.of_type(kind).items()
        for function in sorted(
            _unqualified((properties.get("LambdaConfig"), properties.get("FunctionName")))
            & set(stacks.functions)
        )
    ]
    return faults + [
        f"{caller} calls {name} past its alias"
        for caller, function in stacks.functions.items()
        for name in sorted(
            _unqualified((function.get("Environment"), *statements_of(stacks.template, caller)))
            & set(stacks.functions)
        )
    ]


def _unqualified(node: object) -> set[str]:
    match node:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), "Arn"]}:
            return {name}
        case dict():
            return _unqualified(tuple(node.values()))
        case list() | tuple():
            return {name for part in node for name in _unqualified(part)}
    return set()


def untraced_functions(stacks: Stacks) -> list[str]:
    """Find functions whose calls X-Ray does not see."""
    return [
        f"{name} is not traced"
        for name, function in stacks.functions.items()
        if function.get("Tracing", stacks.defaults[stacks.service(name)].get("Tracing")) != "Active"
    ]
