"""The services keep the rules of the house, and each rule can find a fault."""

from pathlib import Path

import pytest

from tests.unit.architecture import house_rules
from tests.unit.architecture.code import Code, Rule, Source, read_code

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def code() -> Code:
    return read_code(ROOT)


def test_the_code_of_every_service_is_read(code: Code) -> None:
    assert code.services >= {"auth", "catalog", "rooms"}
    assert "rooms.handlers.api" in {source.name for source in code.sources}
    assert "matinee.events.relay" in {source.name for source in code.sources}


def test_the_layer_knows_no_service(code: Code) -> None:
    assert house_rules.layer_knows_services(code) == []


def test_services_do_not_know_one_another(code: Code) -> None:
    assert house_rules.services_know_one_another(code) == []


def test_a_domain_knows_python_and_its_own_errors_alone(code: Code) -> None:
    assert house_rules.domain_knows_the_world(code) == []


def test_adapters_alone_know_aws(code: Code) -> None:
    assert house_rules.aws_outside_adapters(code) == []


def test_no_function_needs_type_stubs_to_run(code: Code) -> None:
    assert house_rules.stubs_at_run_time(code) == []


def test_pydantic_stays_at_the_edges(code: Code) -> None:
    assert house_rules.pydantic_in_the_middle(code) == []


def test_imports_point_inward(code: Code) -> None:
    assert house_rules.inside_knows_outside(code) == []


def test_use_cases_know_ports_and_not_what_stands_behind_them(code: Code) -> None:
    assert house_rules.use_cases_know_adapters(code) == []


def test_a_handler_s_file_has_at_most_sixty_lines(code: Code) -> None:
    assert house_rules.long_handlers(code) == []


def test_a_handler_s_function_has_at_most_forty_lines(code: Code) -> None:
    assert house_rules.long_functions_in_handlers(code) == []


def test_the_environment_is_read_through_settings_alone(code: Code) -> None:
    assert house_rules.environment_reads(code) == []


def test_importing_a_module_makes_no_client_and_reads_no_settings(code: Code) -> None:
    assert house_rules.clients_at_import(code) == []


def test_the_relay_alone_publishes(code: Code) -> None:
    assert house_rules.publishers_besides_the_relay(code) == []


def test_every_module_is_named_for_what_it_is(code: Code) -> None:
    assert house_rules.vague_names(code) == []


def test_every_module_says_what_it_is(code: Code) -> None:
    assert house_rules.undocumented_modules(code) == []


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        (
            house_rules.layer_knows_services,
            "matinee.events.outbox",
            "from rooms.domain import Room",
        ),
        (
            house_rules.layer_knows_services,
            "matinee.events.outbox",
            "def f():\n    import rooms.domain",
        ),
        (house_rules.services_know_one_another, "rooms.service", "import auth.domain"),
        (
            house_rules.services_know_one_another,
            "rooms.service",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from auth.domain import User",
        ),
        (house_rules.domain_knows_the_world, "rooms.domain", "from matinee.clock import iso"),
        (house_rules.domain_knows_the_world, "rooms.domain.votes", "import pydantic"),
        (house_rules.domain_knows_the_world, "rooms.domain", "from rooms.ports import Rooms"),
        (house_rules.aws_outside_adapters, "rooms.service", "import boto3"),
        (house_rules.aws_outside_adapters, "rooms.handlers.api", "from botocore import config"),
        (
            house_rules.aws_outside_adapters,
            "rooms.ports",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import mypy_boto3_sqs",
        ),
        (house_rules.stubs_at_run_time, "rooms.repository", "import mypy_boto3_dynamodb"),
        (house_rules.pydantic_in_the_middle, "rooms.service", "from pydantic import BaseModel"),
        (house_rules.inside_knows_outside, "rooms.service", "from rooms.handlers import api"),
        (house_rules.inside_knows_outside, "rooms.service", "from rooms.bootstrap import relay"),
        (house_rules.inside_knows_outside, "rooms.bootstrap", "import rooms.handlers.api"),
        (
            house_rules.use_cases_know_adapters,
            "rooms.service",
            "from rooms.repository import DynamoRooms",
        ),
        (house_rules.long_handlers, "rooms.handlers.relay", "x = 1\n" * 61),
        (
            house_rules.long_functions_in_handlers,
            "rooms.handlers.api",
            "RESOLVERS = {}\ndef f():\n" + "    x = 1\n" * 40,
        ),
        (house_rules.environment_reads, "rooms.service", "import os\nx = os.environ['X']"),
        (house_rules.environment_reads, "rooms.service", "from os import getenv"),
        (house_rules.clients_at_import, "rooms.bootstrap", "import boto3\nx = boto3.client('sqs')"),
        (
            house_rules.clients_at_import,
            "rooms.bootstrap",
            "import boto3\ndef f(x=boto3.client('sqs')):\n    pass",
        ),
        (house_rules.clients_at_import, "rooms.phones", "class A:\n    http = httpx.Client()"),
        (house_rules.clients_at_import, "rooms.bootstrap", "settings = ApiSettings.load()"),
        (
            house_rules.publishers_besides_the_relay,
            "rooms.service",
            "def f(client):\n    client.put_events(Entries=[])",
        ),
        (house_rules.vague_names, "rooms.utils", ""),
        (house_rules.undocumented_modules, "rooms.domain", "x = 1"),
    ],
)
def test_each_of_these_rules_can_find_a_fault(rule: Rule, name: str, text: str) -> None:
    bystanders = (
        Source("auth", "auth", '"""Accounts."""'),
        Source("rooms", "rooms", '"""Rooms."""'),
    )
    fault = Source(name.partition(".")[0], name, text)

    found = rule(Code((*bystanders, fault)))

    assert len(found) == 1, found
    assert found[0].startswith(name)


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        (house_rules.domain_knows_the_world, "rooms.domain", "from rooms.errors import RoomFull"),
        (house_rules.inside_knows_outside, "rooms.handlers.api", "from rooms.bootstrap import x"),
        (
            house_rules.clients_at_import,
            "rooms.bootstrap",
            "def f():\n    boto3.client('s')",
        ),
        (house_rules.long_handlers, "rooms.handlers.api", "RESOLVERS = {}\n" + "x = 1\n" * 99),
        (house_rules.environment_reads, "matinee.settings", "import os\nx = os.environ"),
    ],
)
def test_the_rules_let_through_what_they_should(rule: Rule, name: str, text: str) -> None:
    allowed = Source(name.partition(".")[0], name, text)

    assert rule(Code((Source("auth", "auth", ""), allowed))) == []
