"""Resource types that the emulator gets from us: archives, bus policies, expiry, CORS."""

import importlib
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tools.local.patches import resources
from tools.local.patches.resources import (
    ResourceError,
    archive_handlers,
    bus_policy_handlers,
    with_cors,
    with_expiry,
)
from tools.local.settings import CHECKOUT
from tools.local.template import load_template

BUS = "arn:aws:events:eu-west-1:000000000000:event-bus/films"
PLATFORM = load_template(CHECKOUT / "platform" / "template.yaml")
ARCHIVE = {**PLATFORM["Resources"]["EventArchive"]["Properties"], "SourceArn": BUS}


@pytest.fixture
def events() -> Iterator[Any]:
    """The emulator's bus, without what a test leaves behind."""
    module = importlib.import_module("ministack.services.eventbridge")
    yield module
    module._archives.clear()
    module._event_bus_policies.clear()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("ministack.services.eventbridge", "_create_archive"),
        ("ministack.services.eventbridge", "_update_archive"),
        ("ministack.services.eventbridge", "_delete_archive"),
        ("ministack.services.eventbridge", "_event_bus_policies"),
        ("ministack.services.eventbridge", "_remove_permission"),
        ("ministack.services.dynamodb", "_update_ttl"),
        ("ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS"),
    ],
)
def test_the_pinned_emulator_still_has_what_is_used(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)


def test_the_emulator_still_lacks_what_is_added() -> None:
    """What it learns to do by itself need not be done here any more."""
    provisioners = importlib.import_module("ministack.services.cloudformation.provisioners")
    handlers = dict(provisioners._RESOURCE_HANDLERS)
    try:
        assert resources.ARCHIVE not in handlers
        assert resources.BUS_POLICY not in handlers
        resources.apply(4566)
        assert resources.ARCHIVE in provisioners._RESOURCE_HANDLERS
        assert resources.BUS_POLICY in provisioners._RESOURCE_HANDLERS
    finally:
        provisioners._RESOURCE_HANDLERS.clear()
        provisioners._RESOURCE_HANDLERS.update(handlers)


def test_an_archive_is_created_with_what_it_keeps(events: Any) -> None:  # noqa: ANN401 - a module
    name, attributes = archive_handlers(events)["create"]("EventArchive", ARCHIVE, "films")

    assert name == "films-EventArchive"
    assert attributes["Arn"].endswith(":archive/films-EventArchive")
    archive = events._archives[name]
    assert archive["EventSourceArn"] == BUS
    assert archive["RetentionDays"] == 90
    assert json.loads(archive["EventPattern"]) == {"source": [{"prefix": "matinee."}]}


def test_an_archive_is_updated_in_place_and_deleted(events: Any) -> None:  # noqa: ANN401 - a module
    handlers = archive_handlers(events)
    name, _ = handlers["create"]("EventArchive", ARCHIVE, "films")

    handlers["update"](name, ARCHIVE, {**ARCHIVE, "RetentionDays": 7}, "films")
    assert events._archives[name]["RetentionDays"] == 7

    handlers["delete"](name, ARCHIVE)
    assert name not in events._archives


def test_a_second_archive_of_a_name_is_refused(events: Any) -> None:  # noqa: ANN401 - a module
    create = archive_handlers(events)["create"]
    create("EventArchive", ARCHIVE, "films")

    with pytest.raises(ResourceError, match="already exists"):
        create("EventArchive", ARCHIVE, "films")


def _statement(sid: str, action: str = "events:PutEvents") -> dict[str, Any]:
    return {
        "EventBusName": "films",
        "StatementId": sid,
        "Statement": {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": BUS},
    }


def test_a_bus_has_the_statements_of_all_its_policies(events: Any) -> None:  # noqa: ANN401
    handlers = bus_policy_handlers(events)
    for sid in ("one", "two"):
        assert handlers["create"]("Policy", _statement(sid), "films")[0] == sid

    changed = _statement("two", "events:PutRule")
    handlers["update"]("two", _statement("two"), changed, "films")
    assert {
        statement["Sid"]: statement["Action"]
        for statement in events._event_bus_policies["films"]["Statement"]
    } == {"one": "events:PutEvents", "two": "events:PutRule"}

    for sid in ("one", "two"):
        handlers["delete"](sid, _statement(sid))
    assert "films" not in events._event_bus_policies


@pytest.mark.parametrize("action", ["create", "update"])
def test_a_table_gets_the_expiry_of_its_template(action: str) -> None:
    asked: list[dict[str, Any]] = []

    def update_ttl(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        asked.append(request)
        return 200, {}, b"{}"

    done: Callable[..., Any] = lambda *_: ("votes", {})  # noqa: E731
    handlers = with_expiry(
        {"create": done, "update": done}, SimpleNamespace(_update_ttl=update_ttl)
    )
    wanted = {"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": "true"}}
    arguments: dict[str, tuple[object, ...]] = {
        "create": ("Votes", wanted, "films"),
        "update": ("votes", {}, wanted, "films"),
    }

    assert handlers[action](*arguments[action]) == ("votes", {})

    specification = {"AttributeName": "ttl", "Enabled": True}
    assert asked == [{"TableName": "votes", "TimeToLiveSpecification": specification}]


def test_a_table_without_expiry_is_left_alone() -> None:
    handlers = with_expiry({"create": lambda *_: ("votes", {})}, SimpleNamespace())

    assert handlers["create"]("Votes", {}, "films") == ("votes", {})


@pytest.mark.parametrize("origins", ["https://a.example, https://b.example", None])
def test_cors_is_named_as_the_gateway_reads_it(origins: str | None) -> None:
    listed = ["https://a.example", "https://b.example"]
    given: list[dict[str, Any]] = []
    handlers = with_cors({"create": lambda _, properties, __: given.append(properties)})

    cors = {"AllowOrigins": origins or listed, "MaxAge": 600}
    handlers["create"]("Api", {"Name": "films", "CorsConfiguration": cors}, "films")

    wanted = {"allowOrigins": listed, "maxAge": 600}
    assert given == [{"Name": "films", "CorsConfiguration": wanted}]


def test_an_api_without_cors_stays_without() -> None:
    given: list[dict[str, Any]] = []
    handlers = with_cors({"update": lambda *arguments: given.extend(arguments[1:3])})

    handlers["update"]("api", {"Name": "a"}, {"Name": "b"}, "films")

    assert given == [{"Name": "a"}, {"Name": "b"}]
