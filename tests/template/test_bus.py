"""The bus: who may publish with which source, who may subscribe, what a replay reaches."""

import pytest

from tests.template.stacks import Stacks, as_list, target
from tools.contracts.project import load_project
from tools.templates import statements_of

ONLY_THE_RELAY = "ArnNotEquals: {aws:PrincipalArn: !GetAtt RoomsRelayFunctionRole.Arn}"
CREATOR = "StringEqualsIfExists: {events:creatorAccount: '${aws:PrincipalAccount}'}"
PUBLISHING = sorted({service for service, _ in load_project().published()})


def bus_statements(stacks: Stacks, effect: str) -> list[dict[str, object]]:
    return [
        dict(properties["Statement"])
        for properties in stacks.of_type("AWS::Events::EventBusPolicy").values()
        if properties["Statement"]["Effect"] == effect
    ]


def may_publish(stacks: Stacks, service: str) -> set[str]:
    """Return the functions of a service whose role may put events."""
    return {
        name
        for name in stacks.functions
        if stacks.service(name) == service
        for statement in statements_of(stacks.template, name)
        if "events:PutEvents" in as_list(statement["Action"])
    }


def unfenced(stacks: Stacks, service: str) -> list[str]:
    """Return a fault if anybody but a service's relay may publish with its source."""
    roles = {f"{name}Role" for name in may_publish(stacks, service)}
    for statement in bus_statements(stacks, "Deny"):
        conditions = statement["Condition"]
        assert isinstance(conditions, dict)
        if conditions.get("StringEquals") != {"events:source": f"matinee.{service}"}:
            continue
        allowed = conditions["ArnNotEquals"]["aws:PrincipalArn"]
        named = {target(arn) for arn in as_list(allowed)}
        everybody = statement["Principal"] == "*" and statement["Action"] == "events:PutEvents"
        if everybody and named == roles:
            return []
    return [f"others than {sorted(roles)} may publish as matinee.{service}"]


def open_to_subscribers(stacks: Stacks) -> list[str]:
    """Find what a subscriber may do beyond managing its own rules on our sources."""
    faults = []
    for statement in bus_statements(stacks, "Allow"):
        conditions = statement["Condition"]
        assert isinstance(conditions, dict)
        actions = set(as_list(statement["Action"]))
        if "events:PutEvents" in actions:
            faults.append("a subscriber may put events")
        own = {"events:creatorAccount": "${aws:PrincipalAccount}"}
        if conditions.get("StringEqualsIfExists") != own:
            faults.append(f"{sorted(actions)} may be done to the rules of others")
        if "events:PutRule" in actions and (
            conditions.get("ForAllValues:StringLike") != {"events:source": "matinee.*"}
            or conditions.get("Null") != {"events:source": "false"}
        ):
            faults.append("a rule may name other sources than ours")
    return faults


@pytest.mark.parametrize("service", PUBLISHING)
def test_only_the_relay_publishes_in_its_service_s_name(stacks: Stacks, service: str) -> None:
    assert may_publish(stacks, service)
    assert unfenced(stacks, service) == []


def test_subscribers_manage_only_their_own_rules(stacks: Stacks) -> None:
    assert open_to_subscribers(stacks) == []
    assert {
        action
        for statement in bus_statements(stacks, "Allow")
        for action in as_list(statement["Action"])
    } >= {"events:PutRule", "events:PutTargets", "events:DeleteRule", "events:RemoveTargets"}


def test_streams_report_single_records_as_failed(stacks: Stacks) -> None:
    streams = [
        event["Properties"]
        for function in stacks.functions.values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "DynamoDB"
    ]

    assert streams
    for stream in streams:
        assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_the_archive_keeps_events_for_90_days(stacks: Stacks) -> None:
    (archive,) = stacks.of_type("AWS::Events::Archive").values()

    assert archive["RetentionDays"] == 90
    assert target(archive["SourceArn"]) == "EventBus"


def test_a_replay_notifies_nobody(stacks: Stacks) -> None:
    rule = stacks.resources["NotifierRule"]["Properties"]

    assert rule["EventPattern"]["replay-name"] == [{"exists": False}]


@pytest.mark.parametrize(
    ("old", "new", "finds"),
    [
        (ONLY_THE_RELAY, "Bool: {aws:SecureTransport: 'true'}", "KeyError"),
        (
            ONLY_THE_RELAY,
            "ArnNotEquals: {aws:PrincipalArn: !GetAtt AuthRelayFunctionRole.Arn}",
            "others than ['RoomsRelayFunctionRole'] may publish as matinee.rooms",
        ),
        (CREATOR, "Bool: {aws:SecureTransport: 'true'}", "may be done to the rules of others"),
        ("Action: events:PutRule", "Action: events:PutEvents", "a subscriber may put events"),
        (
            "ForAllValues:StringLike: {events:source: matinee.*}",
            "ForAllValues:StringLike: {events:source: '*'}",
            "a rule may name other sources than ours",
        ),
        (
            "'Null': {events:source: 'false'}",
            "'Null': {events:source: 'true'}",
            "a rule may name other sources than ours",
        ),
    ],
)
def test_each_of_these_rules_can_be_broken(stacks: Stacks, old: str, new: str, finds: str) -> None:
    broken = stacks.without(old, new)

    try:
        found = [*unfenced(broken, "rooms"), *open_to_subscribers(broken)]
    except KeyError:
        found = ["KeyError"]

    assert any(finds in fault for fault in found)
