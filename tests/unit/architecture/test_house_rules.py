"""The services keep the rules of the house, and each rule can find a fault."""

from collections import Counter
from pathlib import Path

import pytest

from tests.unit.architecture import house_rules
from tests.unit.architecture.code import Code, Rule, Source, read_code

ROOT = Path(__file__).resolve().parents[3]
SERVICES = frozenset({"auth", "catalog", "library", "recommender", "rooms"})
RULES: tuple[Rule, ...] = (
    house_rules.missing_services,
    house_rules.unknown_places,
    house_rules.missing_places,
    house_rules.forbidden_imports,
    house_rules.circular_imports,
    house_rules.layer_knows_services,
    house_rules.aws_in_the_layer,
    house_rules.stubs_at_run_time,
    house_rules.long_handlers,
    house_rules.long_functions_in_handlers,
    house_rules.environment_reads,
    house_rules.clients_at_import,
    house_rules.publishers_besides_the_relay,
    house_rules.vague_names,
    house_rules.undocumented_modules,
    house_rules.large_protocols,
)


@pytest.fixture(scope="module")
def code() -> Code:
    return read_code(ROOT)


def test_all_five_services_are_read(code: Code) -> None:
    assert code.services == code.folders == SERVICES
    assert "matinee.events.relay" in {source.name for source in code.sources}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_services_keep_the_rule(rule: Rule, code: Code) -> None:
    assert rule(code) == []


def repeated_names(files: list[Path]) -> list[str]:
    return [name for name, times in Counter(file.name for file in files).items() if times > 1]


def test_files_of_tests_can_be_collected_together() -> None:
    files = [
        file for file in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in file.parts
    ]

    assert repeated_names(files) == []
    assert repeated_names([*files, Path("another", files[0].name)]) == [files[0].name]


TYPES_ONLY = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        (house_rules.unknown_places, "rooms.services.voting", ""),
        (house_rules.unknown_places, "rooms.errors", ""),
        (house_rules.unknown_places, "rooms.adapters.redis.votes", ""),
        (house_rules.forbidden_imports, "rooms.use_cases.vote", "import rooms.adapters.dynamodb"),
        (house_rules.forbidden_imports, "rooms.use_cases.vote", "from rooms.api import schemas"),
        (house_rules.forbidden_imports, "rooms.use_cases.vote", "from rooms.events import x"),
        (house_rules.forbidden_imports, "rooms.use_cases.vote", "from rooms.bootstrap import x"),
        (house_rules.forbidden_imports, "rooms.use_cases.vote", "from pydantic import BaseModel"),
        (house_rules.forbidden_imports, "rooms.use_cases.vote", "import boto3"),
        (house_rules.forbidden_imports, "rooms.use_cases.vote", "import auth.domain"),
        (
            house_rules.forbidden_imports,
            "rooms.use_cases.vote",
            TYPES_ONLY + "from auth.domain import User",
        ),
        (house_rules.forbidden_imports, "rooms.domain.tally", "import pydantic"),
        (house_rules.forbidden_imports, "rooms.domain.tally", "from rooms.ports import Rooms"),
        (house_rules.forbidden_imports, "rooms.domain.tally", "from matinee.http.api import x"),
        (house_rules.forbidden_imports, "rooms.domain.tally", "import numpy"),
        (house_rules.forbidden_imports, "rooms.ports", TYPES_ONLY + "import mypy_boto3_sqs"),
        (house_rules.forbidden_imports, "rooms.handlers.api", "from botocore import config"),
        (house_rules.forbidden_imports, "rooms.handlers.api", "from rooms.adapters import x"),
        (house_rules.forbidden_imports, "rooms.bootstrap", "import rooms.handlers.api"),
        (house_rules.forbidden_imports, "rooms.settings", "import boto3"),
        (house_rules.forbidden_imports, "rooms.adapters.sqs.queue", "import rooms.use_cases.vote"),
        (house_rules.layer_knows_services, "matinee.events.outbox", "import rooms.domain"),
        (house_rules.layer_knows_services, "matinee.ids", "def f():\n    import rooms.domain"),
        (house_rules.aws_in_the_layer, "matinee.http.api", "import boto3"),
        (house_rules.stubs_at_run_time, "rooms.adapters.sqs.x", "import mypy_boto3_dynamodb"),
        (house_rules.long_handlers, "rooms.handlers.relay", "x = 1\n" * 61),
        (
            house_rules.long_functions_in_handlers,
            "rooms.handlers.api",
            "def f():\n" + "    x = 1\n" * 40,
        ),
        (house_rules.environment_reads, "rooms.ports", "import os\nx = os.environ['X']"),
        (house_rules.environment_reads, "rooms.ports", "from os import getenv"),
        (house_rules.clients_at_import, "rooms.bootstrap", "import boto3\nx = boto3.client('sqs')"),
        (
            house_rules.clients_at_import,
            "rooms.bootstrap",
            "import boto3\ndef f(x=boto3.client('sqs')):\n    pass",
        ),
        (
            house_rules.clients_at_import,
            "rooms.adapters.tmdb.client",
            "class A:\n    http = httpx.Client()",
        ),
        (house_rules.clients_at_import, "rooms.bootstrap", "settings = ApiSettings.load()"),
        (
            house_rules.publishers_besides_the_relay,
            "rooms.use_cases.vote",
            "def f(client):\n    client.put_events(Entries=[])",
        ),
        (house_rules.vague_names, "rooms.domain.utils", ""),
        (house_rules.undocumented_modules, "rooms.domain.room", "x = 1"),
        (
            house_rules.large_protocols,
            "rooms.ports",
            "class Rooms(Protocol):\n"
            + "".join(f"    def f{number}(self): ...\n" for number in range(6)),
        ),
    ],
)
def test_each_rule_finds_a_fault(rule: Rule, name: str, text: str) -> None:
    bystanders = (
        Source("auth", "auth", '"""Accounts."""'),
        Source("rooms", "rooms", '"""Rooms."""'),
    )
    fault = Source(name.partition(".")[0], name, text)

    found = rule(Code((*bystanders, fault), frozenset({"auth", "rooms"})))

    assert len(found) == 1, found
    assert found[0].startswith(name)


def test_a_service_that_is_not_read_is_found() -> None:
    code = Code((Source("auth", "auth", ""),), frozenset({"auth", "rooms"}))
    assert house_rules.missing_services(code) == ["rooms has no package of its name"]


def test_a_service_without_a_folder_is_found(code: Code) -> None:
    without = tuple(source for source in code.sources if source.name != "rooms.ports")
    assert house_rules.missing_places(Code(without, code.folders)) == ["rooms has no ports"]


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        (house_rules.forbidden_imports, "rooms.domain.tally", "from matinee.media import x"),
        (house_rules.forbidden_imports, "rooms.domain.training.ease", "import numpy"),
        (house_rules.forbidden_imports, "rooms.handlers.api", "from rooms.bootstrap import x"),
        (house_rules.forbidden_imports, "rooms.adapters.sqs.queue", "import boto3"),
        (house_rules.forbidden_imports, "rooms.events.consumed", "import rooms.use_cases.vote"),
        (house_rules.clients_at_import, "rooms.bootstrap", "def f():\n    boto3.client('s')"),
        (house_rules.environment_reads, "matinee.settings", "import os\nx = os.environ"),
    ],
)
def test_each_rule_permits_what_it_should(rule: Rule, name: str, text: str) -> None:
    allowed = Source(name.partition(".")[0], name, text)

    assert rule(Code((Source("auth", "auth", ""), allowed), frozenset({"auth", "rooms"}))) == []


@pytest.mark.parametrize(
    "back", ["import rooms.api.feed", TYPES_ONLY + "from rooms.api import feed"]
)
def test_a_circle_of_two_modules_is_found(back: str) -> None:
    circle = (
        Source("rooms", "rooms.api.feed", "from rooms.api.resolvers import RESOLVERS"),
        Source("rooms", "rooms.api.resolvers", back),
    )

    [found] = house_rules.circular_imports(Code(circle, frozenset({"rooms"})))

    assert "rooms.api.feed is imported by rooms.api.resolvers" in found
    assert house_rules.circular_imports(Code(circle[:1], frozenset({"rooms"}))) == []
