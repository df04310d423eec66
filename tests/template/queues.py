"""Queues, rules and streams: nothing is lost, nothing blocks, every failure has an alarm."""

from collections.abc import Iterator
from typing import Any

from matinee.events.relay import STREAM_RETRIES
from tests.template.stacks import Stacks, target

FEWEST_ATTEMPTS = 5
PATIENCE = 6
"""A message stays hidden at least this many times as long as its function may take."""

FORTNIGHT = 14 * 24 * 60 * 60


def consumer_queues(stacks: Stacks) -> dict[str, str]:
    """Return the queues that functions read, with their functions."""
    return {target(source["Queue"]): function for function, source in stacks.sources("SQS")}


def dead_letter_queues(stacks: Stacks) -> set[str]:
    """Return the queues that take what failed, wherever they are named as such."""
    found = {
        target(queue["RedrivePolicy"]["deadLetterTargetArn"])
        for queue in stacks.queues.values()
        if "RedrivePolicy" in queue
    }
    for _, rule_target in _rule_targets(stacks):
        found.add(target(rule_target.get("DeadLetterConfig", {}).get("Arn")))
    for _, source in stacks.sources("DynamoDB"):
        found.add(target(source.get("DestinationConfig", {}).get("OnFailure", {})))
    for function in stacks.functions.values():
        variables = function.get("Environment", {}).get("Variables", {})
        found.add(target(variables.get("DEAD_LETTER_URL")))
    return found - {""}


def without_redrive(stacks: Stacks) -> list[str]:
    """Find consumers' queues that do not put away what fails five times."""
    faults = []
    for queue in consumer_queues(stacks):
        policy = stacks.queues[queue].get("RedrivePolicy", {})
        dead = target(policy.get("deadLetterTargetArn"))
        if dead not in stacks.queues or dead == queue:
            faults.append(f"{queue} has no dead-letter queue")
        if int(policy.get("maxReceiveCount", 0)) < FEWEST_ATTEMPTS:
            faults.append(f"{queue} gives up before {FEWEST_ATTEMPTS} attempts")
    return faults


def without_delivery_dlq(stacks: Stacks) -> list[str]:
    """Find rule targets without a dead-letter queue of their own for what cannot be delivered."""
    processing = {
        target(queue["RedrivePolicy"]["deadLetterTargetArn"])
        for queue in stacks.queues.values()
        if "RedrivePolicy" in queue
    }
    faults = []
    for rule, rule_target in _rule_targets(stacks):
        dead = target(rule_target.get("DeadLetterConfig", {}).get("Arn"))
        if dead not in stacks.queues:
            faults.append(f"{rule} has no dead-letter queue for what it cannot deliver")
        elif dead in processing:
            faults.append(f"{rule} shares {dead} with what could not be handled")
    return faults


def short_lived_dead_letters(stacks: Stacks) -> list[str]:
    """Find dead-letter queues that forget before anybody has come back from holiday."""
    return [
        f"{queue} keeps messages for less than 14 days"
        for queue in dead_letter_queues(stacks)
        if int(stacks.queues[queue].get("MessageRetentionPeriod", 0)) < FORTNIGHT
    ]


def unalarmed_dead_letters(stacks: Stacks) -> list[str]:
    """Find dead-letter queues without an alarm at the first message."""
    alarmed = {
        target(dimension["Value"])
        for alarm in stacks.of_type("AWS::CloudWatch::Alarm").values()
        if _tells_of_a_message(stacks, alarm)
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "QueueName"
    }
    return [f"{queue} has no alarm" for queue in dead_letter_queues(stacks) - alarmed]


def impatient_queues(stacks: Stacks) -> list[str]:
    """Find queues that show a message again while its function may still be at it."""
    return [
        f"{queue} shows a message again after {shown} s; {function} may take {timeout} s"
        for queue, function in consumer_queues(stacks).items()
        if (shown := int(stacks.queues[queue].get("VisibilityTimeout", 30)))
        < PATIENCE * (timeout := stacks.timeout(function))
    ]


def plain_text_queues(stacks: Stacks) -> list[str]:
    """Find queues that are not encrypted."""
    return [
        f"{name} is not encrypted"
        for name, queue in stacks.queues.items()
        if queue.get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue
    ]


def rules_straight_to_functions(stacks: Stacks) -> list[str]:
    """Find rules whose target is a function: one attempt, no bound, no queue to wait in."""
    faults = [
        f"{rule} targets {target(rule_target['Arn'])}"
        for rule, rule_target in _rule_targets(stacks)
        if target(rule_target["Arn"]) not in stacks.queues
    ]
    for kind in ("EventBridgeRule", "CloudWatchEvent"):
        faults += [f"{function} is a rule's own target" for function, _ in stacks.sources(kind)]
    return faults


def open_queues(stacks: Stacks) -> list[str]:
    """Find rule targets into which others than their own rule may write, or it may not."""
    faults = []
    for rule, rule_target in _rule_targets(stacks):
        for queue in (rule_target["Arn"], rule_target.get("DeadLetterConfig", {}).get("Arn")):
            if not any(_lets_in(policy, target(queue), rule) for policy in _queue_policies(stacks)):
                faults.append(f"{rule} is not who may write into {target(queue)}")
    for statement in _queue_policies(stacks):
        if "Condition" not in statement:
            faults.append("a queue policy lets every rule of everybody in")
    return faults


def careless_streams(stacks: Stacks) -> list[str]:
    """Find streams where one bad record blocks the rest, or is lost when it is given up."""
    faults = []
    for function, source in stacks.sources("DynamoDB"):
        failed = source.get("DestinationConfig", {}).get("OnFailure", {})
        if target(failed.get("Destination")) not in stacks.queues or failed.get("Type") != "SQS":
            faults.append(f"{function} loses the records that it gives up")
        if source.get("BisectBatchOnFunctionError") is not True:
            faults.append(f"{function} does not part a bad record from its neighbours")
        if source.get("MaximumRetryAttempts") != STREAM_RETRIES:
            faults.append(f"{function} retries for ever, or not as the relay and its runbook say")
        table = stacks.tables.get(target(source["Stream"]), {})
        if "StreamSpecification" not in table:
            faults.append(f"{function} reads a stream that its table has not")
    return faults


def careless_pollers(stacks: Stacks) -> list[str]:
    """Find queue readers that fail whole batches, retry late, or run without a bound."""
    faults = []
    for function, source in stacks.sources("SQS"):
        if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            faults.append(f"{function} fails a whole batch for one message")
        own = stacks.functions[function]["Environment"]["Variables"].get("QUEUE_URL")
        if target(own) != target(source["Queue"]):
            faults.append(f"{function} cannot have a failed message tried again soon")
        if not 2 <= int(source.get("ScalingConfig", {}).get("MaximumConcurrency", 0)) <= 100:
            faults.append(f"{function} has no bound on how many of it run")
    return faults


def _rule_targets(stacks: Stacks) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, rule in stacks.of_type("AWS::Events::Rule").items():
        for rule_target in rule["Targets"]:
            yield name, rule_target


def _tells_of_a_message(stacks: Stacks, alarm: Any) -> bool:  # noqa: ANN401 - a resource
    topics = stacks.of_type("AWS::SNS::Topic")
    return (
        alarm.get("Namespace") == "AWS/SQS"
        and alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        and alarm.get("Statistic") in ("Maximum", "Sum")
        and (alarm.get("Threshold"), alarm.get("ComparisonOperator"))
        in ((0, "GreaterThanThreshold"), (1, "GreaterThanOrEqualToThreshold"))
        and any(target(action) in topics for action in alarm.get("AlarmActions", ()))
    )


def _queue_policies(stacks: Stacks) -> list[dict[str, Any]]:
    return [
        statement
        for policy in stacks.of_type("AWS::SQS::QueuePolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def _lets_in(statement: dict[str, Any], queue: str, rule: str) -> bool:
    resources = statement["Resource"]
    named = {target(part) for part in (resources if isinstance(resources, list) else [resources])}
    source = statement.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn")
    return (
        statement["Principal"] == {"Service": "events.amazonaws.com"}
        and statement["Action"] == "sqs:SendMessage"
        and queue in named
        and target(source) == rule
    )
