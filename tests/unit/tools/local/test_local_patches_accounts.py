"""Other accounts on our bus, in the emulator."""

import importlib
import json
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from tools.local.intrinsics import Scope, effective_parameters
from tools.local.patches import accounts, resources
from tools.local.patches.accounts import (
    NotAllowed,
    account_of,
    acting_for,
    current_account,
    on_buses_of_other_accounts,
    require_allowed,
    taking_whole_policies,
    to_buses_of_other_accounts,
    to_the_named_rules,
)
from tools.local.settings import CHECKOUT
from tools.local.template import load_template

OURS, THEIRS, STRANGER = "000000000000", "222222222222", "333333333333"
BUS = f"arn:aws:events:eu-west-1:{OURS}:event-bus/matinee-events"
GOOD = {"source": ["matinee.rooms"], "detail-type": ["MatchFound"]}


@pytest.fixture(scope="module")
def policy() -> dict[str, Any]:
    """The policy that the platform's template gives the bus when other accounts subscribe."""
    template = load_template(CHECKOUT / "platform" / "template.yaml")
    given = {"Emulator": "true", "SubscriberAccounts": f"444444444444, {THEIRS}"}
    scope = Scope(
        template=template,
        parameters=effective_parameters(template, given),
        physical_ids={"EventBus": "matinee-events"},
        region="eu-west-1",
        account=OURS,
        stack_name="matinee-platform",
    )
    emulator = importlib.import_module("ministack.services.eventbridge")
    create = resources.bus_policy_handlers(emulator)["create"]
    for name, resource in template["Resources"].items():
        if resource["Type"] == resources.BUS_POLICY and scope.exists(name):
            create(name, scope.resolve(resource["Properties"]), "matinee-platform")
    written: dict[str, Any] = emulator._event_bus_policies.pop("matinee-events")
    return written


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("ministack.services.eventbridge", "_put_permission"),
        ("ministack.services.eventbridge", "_dispatch_to_event_bus"),
        ("ministack.services.eventbridge", "_invoke_target"),
        ("ministack.services.eventbridge", "_event_bus_policies"),
        ("ministack.services.eventbridge", "_replays"),
        ("ministack.services.eventbridge", "_rules"),
        ("ministack.services.eventbridge", "_rule_key"),
        ("ministack.services.eventbridge", "json_response"),
        ("ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS"),
        ("ministack.core.iam_evaluator", "evaluate_resource_policy"),
        ("ministack.core.iam_evaluator", "EvalContext"),
        ("ministack.core.responses", "set_request_account_id"),
    ],
)
def test_the_pinned_emulator_still_has_what_is_used(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize(
    ("arn", "account"),
    [(BUS, OURS), ("matinee-events", ""), ("default", ""), ("arn:aws", "")],
)
def test_an_arn_says_whose_it_is(arn: str, account: str) -> None:
    assert account_of(arn) == account


def test_whoever_acts_for_another_account_is_himself_again_afterwards() -> None:
    with suppress(KeyError), acting_for(THEIRS):
        assert current_account() == THEIRS
        raise KeyError

    assert current_account() == OURS


def test_a_subscriber_may_listen_to_our_events(policy: dict[str, Any]) -> None:
    require_allowed(policy, THEIRS, BUS, GOOD)
    require_allowed(policy, THEIRS, BUS, json.dumps(GOOD))


@pytest.mark.parametrize(
    ("account", "pattern"),
    [
        (STRANGER, GOOD),
        (THEIRS, {"source": ["matinee.rooms", "aws.ec2"]}),
        (THEIRS, {"source": [{"prefix": "m"}]}),
        (THEIRS, {"detail-type": ["MatchFound"]}),
        (THEIRS, None),
    ],
)
def test_nobody_may_listen_to_more_or_without_our_leave(
    policy: dict[str, Any], account: str, pattern: object
) -> None:
    with pytest.raises(NotAllowed, match="not authorized to perform: events:PutRule"):
        require_allowed(policy, account, BUS, pattern)


def test_a_bus_without_a_policy_lets_nobody_in() -> None:
    with pytest.raises(NotAllowed):
        require_allowed(None, THEIRS, BUS, GOOD)


def test_a_whole_policy_is_kept_and_a_permission_goes_its_old_way() -> None:
    emulator = SimpleNamespace(_event_bus_policies={}, json_response=lambda body: (200, body))
    put = taking_whole_policies(lambda request: ("as before", request), emulator)

    put({"EventBusName": "bus", "Policy": '{"Statement": []}'})

    assert emulator._event_bus_policies == {"bus": {"Statement": []}}
    assert put({"EventBusName": "bus", "Action": "events:PutEvents"})[0] == "as before"


@pytest.mark.parametrize(
    ("target", "maker", "acted_as"),
    [(THEIRS, THEIRS, THEIRS), (THEIRS, STRANGER, OURS), (OURS, OURS, OURS), (THEIRS, "", OURS)],
)
def test_a_rule_s_event_reaches_the_bus_of_whoever_made_the_rule(
    target: str, maker: str, acted_as: str
) -> None:
    acted: list[str] = []
    dispatch = to_buses_of_other_accounts(lambda *_: acted.append(current_account()))

    dispatch(SimpleNamespace(account_id=target), {}, {"CreatedBy": maker}, set())

    assert acted == [acted_as]


@pytest.mark.parametrize(
    ("named", "reached"), [(["rule-1"], ["rule-1"]), ([], ["rule-1", "rule-2"])]
)
def test_a_replay_reaches_the_rules_that_it_names(named: list[str], reached: list[str]) -> None:
    emulator = SimpleNamespace(_replays={"again": {"Destination": {"FilterArns": named}}})
    found: list[str] = []
    invoke = to_the_named_rules(
        lambda _target, _event, rule, *_: found.append(rule["Arn"]), emulator
    )

    for arn in ("rule-1", "rule-2"):
        invoke({}, {"ReplayName": "again"}, {"Arn": arn})

    assert found == reached


def test_a_live_event_reaches_every_rule() -> None:
    emulator = SimpleNamespace(_replays={"again": {"Destination": {"FilterArns": ["rule-1"]}}})
    found: list[str] = []
    invoke = to_the_named_rules(
        lambda _target, _event, rule, *_: found.append(rule["Arn"]), emulator
    )

    invoke({}, {}, {"Arn": "rule-2"})

    assert found == ["rule-2"]


def test_a_rule_is_made_in_the_bus_s_account_and_signed_by_its_maker(
    policy: dict[str, Any],
) -> None:
    emulator = SimpleNamespace(
        _event_bus_policies={"matinee-events": policy},
        _rules={"matinee-events|theirs": {"Name": "theirs"}},
        _rule_key=lambda name, bus: f"{bus}|{name}",
    )
    acted: list[str] = []

    def create(name: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        assert (properties["EventPattern"], stack) == (GOOD, "movie-nights")
        acted.append(current_account())
        return name, {}

    with acting_for(THEIRS):
        handle = on_buses_of_other_accounts(create, emulator)
        handle("theirs", {"EventBusName": BUS, "EventPattern": GOOD}, "movie-nights")

    assert acted == [OURS]
    assert emulator._rules["matinee-events|theirs"]["CreatedBy"] == THEIRS


def test_a_rule_on_one_s_own_bus_is_nobody_else_s_business() -> None:
    handle = on_buses_of_other_accounts(lambda *_: current_account(), SimpleNamespace())

    assert handle("rule", {"EventBusName": BUS}, "matinee") == OURS
    assert handle("rule", {"EventBusName": "matinee-events"}, "matinee") == OURS
    assert handle("rule", {}, "matinee") == OURS


def test_all_of_it_is_put_into_the_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced: list[str] = []

    def wrap(_owner: object, name: str, _wrapper: object) -> bool:
        replaced.append(name)
        return True

    monkeypatch.setattr(accounts, "wrap", wrap)
    provisioners = importlib.import_module("ministack.services.cloudformation.provisioners")
    handlers = provisioners._RESOURCE_HANDLERS[accounts.RULE]
    before = dict(handlers)
    try:
        accounts.apply(4566)
        assert all(
            handlers[action] is not before[action] for action in ("create", "update", "delete")
        )
    finally:
        handlers.update(before)
    assert replaced == ["_put_permission", "_dispatch_to_event_bus", "_invoke_target"]
