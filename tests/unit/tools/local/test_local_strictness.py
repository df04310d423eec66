"""The emulator as unkind as AWS: empty polls, lost statements, groups that exist, cold triggers."""

import asyncio
import importlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tools.local.patches.bus_policies import Operation, losing_statements, reading_first
from tools.local.patches.cold_triggers import starting_cold
from tools.local.patches.log_groups import only_into, refusing_existing, role_may
from tools.local.patches.polls import EMPTY_SHARE, sometimes_empty
from tools.local.patches.resources import ResourceError, bus_policy_handlers

MODULES = "ministack.services"
BUS = "films"


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("sqs", "_HANDLERS"),
        ("sqs", "_get_q"),
        ("eventbridge", "handle_request"),
        ("eventbridge", "_event_bus_policies"),
        ("cloudformation.stacks", "_topological_sort"),
        ("cloudformation.engine", "_extract_deps"),
        ("cloudwatch_logs", "_log_groups"),
        ("lambda_svc", "_emit_lambda_logs"),
        ("lambda_svc", "_execute_function_with_config_scope"),
        ("ssm", "_parameters"),
    ],
)
def test_the_pinned_emulator_has_what_strictness_changes(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(f"{MODULES}.{module}"), name)


# ── Polls ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("request_wait", "queue_wait", "chance", "found"),
    [
        (0, "0", EMPTY_SHARE / 2, 0),
        (0, "0", EMPTY_SHARE, 1),
        (0, "20", EMPTY_SHARE / 2, 0),
        (None, "0", EMPTY_SHARE / 2, 0),
        (None, "20", EMPTY_SHARE / 2, 1),
        (1, "0", EMPTY_SHARE / 2, 1),
    ],
)
async def test_a_short_poll_may_miss_what_is_there(
    request_wait: int | None, queue_wait: str, chance: float, found: int
) -> None:
    async def receive(_request: Mapping[str, Any], _url: str) -> dict[str, Any]:
        return {"Messages": [{"Body": "a message"}]}

    poll = sometimes_empty(
        receive,
        lambda _url: {"attributes": {"ReceiveMessageWaitTimeSeconds": queue_wait}},
        lambda: chance,
    )
    asked = {} if request_wait is None else {"WaitTimeSeconds": request_wait}

    assert len((await poll(asked, "queue")).get("Messages", ())) == found


# ── Policies of a bus ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def events() -> Iterator[Any]:
    """The emulator's bus, without what a test leaves behind."""
    module = importlib.import_module(f"{MODULES}.eventbridge")
    yield module
    module._event_bus_policies.clear()


def statement(sid: str, action: str = "events:PutEvents") -> dict[str, Any]:
    allowed = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    return {"EventBusName": BUS, "StatementId": sid, "Statement": allowed}


def operation(needs: str = "") -> Operation:
    depends = {"DependsOn": needs} if needs else {}
    return Operation(
        {
            "One": {"Type": "Policy", "Properties": statement("one")},
            "Between": {"Type": "Anything", "DependsOn": "One"},
            "Two": {"Type": "Policy", "Properties": statement("two"), **depends},
        }
    )


def strict_handlers(events: Any, *operations: Operation) -> dict[str, Any]:  # noqa: ANN401
    """Return the handlers of policies; each call of one belongs to the next operation."""
    engine = importlib.import_module(f"{MODULES}.cloudformation.engine")
    current = iter(operations)
    return losing_statements(
        bus_policy_handlers(events), lambda: next(current), engine._extract_deps
    )


def statement_ids(events: Any) -> set[str]:  # noqa: ANN401 - a module
    return {found["Sid"] for found in events._event_bus_policies[BUS]["Statement"]}


@pytest.mark.parametrize(
    ("needs", "kept"), [("", {"two"}), ("One", {"one", "two"}), ("Between", {"one", "two"})]
)
def test_policies_created_at_once_lose_a_statement(
    events: Any,  # noqa: ANN401
    needs: str,
    kept: set[str],
) -> None:
    creation = operation(needs)
    create = strict_handlers(events, creation, creation)["create"]

    create("One", statement("one"), "stack")
    create("Two", statement("two"), "stack")

    assert statement_ids(events) == kept


def test_a_policy_added_by_a_later_deployment_loses_nothing(events: Any) -> None:  # noqa: ANN401
    create = strict_handlers(events, operation(), operation())["create"]

    create("One", statement("one"), "stack")
    create("Two", statement("two"), "stack")

    assert statement_ids(events) == {"one", "two"}


def test_policies_changed_at_once_lose_a_statement(events: Any) -> None:  # noqa: ANN401
    first, second, third = operation("One"), operation(), operation()
    handlers = strict_handlers(events, first, first, second, second, third, third)
    for name, sid in (("One", "one"), ("Two", "two")):
        handlers["create"](name, statement(sid), "stack")

    for name, sid in (("One", "one"), ("Two", "two")):
        handlers["update"](sid, statement(sid), statement(sid, "events:PutRule"), "stack", name)
    assert statement_ids(events) == {"two"}

    handlers["create"]("One", statement("one"), "stack")
    same = statement("two", "events:PutRule")
    handlers["update"]("two", same, same, "stack", "Two")
    assert statement_ids(events) == {"one", "two"}


@pytest.mark.parametrize(("at_once", "kept"), [(True, 1), (False, 2)])
async def test_permissions_put_at_once_lose_a_statement(
    events: Any,  # noqa: ANN401
    at_once: bool,  # noqa: FBT001
    kept: int,
) -> None:
    handle = reading_first(events.handle_request, events._event_bus_policies)

    async def put(sid: str) -> None:
        request = {"EventBusName": BUS, "StatementId": sid, "Principal": "*", "Action": "*"}
        headers = {"x-amz-target": "AWSEvents.PutPermission"}
        await handle("POST", "/", headers, json.dumps(request).encode(), {})

    if at_once:
        await asyncio.gather(put("one"), put("two"))
    else:
        await put("one")
        await put("two")

    assert len(statement_ids(events)) == kept


# ── Log groups ───────────────────────────────────────────────────────────────────────────────────


def test_a_log_group_that_exists_fails_its_creation() -> None:
    made: list[str] = []
    handlers = {"create": lambda name, _properties, _stack: made.append(name), "delete": None}
    create = refusing_existing(handlers, {"/aws/lambda/there": {}})["create"]

    create("Other", {"LogGroupName": "/aws/lambda/other"}, "stack")
    with pytest.raises(ResourceError, match=r"/aws/lambda/there.*already exists"):
        create("There", {"LogGroupName": "/aws/lambda/there"}, "stack")

    assert made == ["Other"]


@pytest.mark.parametrize(
    ("group", "may", "written"), [("films", False, 1), ("gone", False, 0), ("gone", True, 1)]
)
def test_a_line_without_a_group_is_lost_unless_the_role_may_create_it(
    group: str,
    may: bool,  # noqa: FBT001
    written: int,
) -> None:
    lines: list[object] = []
    emit = only_into(
        lambda _function, line: lines.append(line), {"/aws/lambda/films": {}}, lambda *_: may
    )

    emit({"config": {"FunctionName": group, "Role": "arn:aws:iam::1:role/r"}}, "a line")

    assert len(lines) == written


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], False),
        ([("Allow", "logs:*")], True),
        ([("Allow", "logs:PutLogEvents")], False),
        ([("Allow", "logs:*"), ("Deny", "logs:CreateLogGroup")], False),
    ],
)
def test_a_role_may_what_its_policies_allow(
    statements: list[tuple[str, str]],
    expected: bool,  # noqa: FBT001
) -> None:
    roles = importlib.import_module(f"{MODULES}.iam")._roles
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": effect, "Action": action, "Resource": "*"} for effect, action in statements
        ],
    }
    roles["writer"] = {"InlinePolicies": {"own": json.dumps(document)}}
    try:
        role = "arn:aws:iam::000000000000:role/writer"
        assert role_may(role, "logs:CreateLogGroup", "/aws/lambda/films") is expected
    finally:
        roles.clear()


# ── Cold triggers ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("event", "seconds", "slept"),
    [
        ({"triggerSource": "PreSignUp_SignUp"}, 5.0, [5.0]),
        ({"triggerSource": "PreSignUp_SignUp"}, 0.0, []),
        ({"Records": []}, 5.0, []),
        ("warm", 5.0, []),
    ],
)
def test_a_trigger_starts_cold_while_a_test_asks_for_it(
    event: object, seconds: float, slept: list[float]
) -> None:
    naps: list[float] = []
    call = starting_cold(lambda _function, given: given, lambda: seconds, naps.append)

    assert call({}, event) == event
    assert naps == slept
