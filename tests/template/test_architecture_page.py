"""docs/architecture.md speaks of what there is, and of every consumer."""

import re

import pytest

from tests.template import queues
from tests.template.stacks import Stacks
from tools.contracts.paths import ROOT

_DRAWING = re.compile(r"```mermaid\n(?P<kind>\w+)(?P<body>.*?)```", re.DOTALL)
_NAME = re.compile(r"\b[A-Z][A-Za-z]+(?:Function|Queue|Table|Bucket)\b")


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_whatever_it_names_is_a_resource(stacks: Stacks, page: str) -> None:
    assert {name for name in _NAME.findall(page) if name not in stacks.resources} == set()


def test_every_consumer_of_the_bus_and_its_queue_is_drawn(stacks: Stacks, page: str) -> None:
    drawn = set(_NAME.findall("".join(found["body"] for found in _DRAWING.finditer(page))))
    consumers = queues.consumer_queues(stacks)

    assert set(consumers) | set(consumers.values()) <= drawn


def test_every_service_has_its_row(stacks: Stacks, page: str) -> None:
    services = {stacks.service(name) for name in stacks.functions}

    assert {
        name for name in services if f"| [{name}](../services/{name}/README.md)" not in page
    } == set()


def test_drawings_are_of_kinds_that_the_web_shows_and_their_brackets_close(page: str) -> None:
    drawings = list(_DRAWING.finditer(page))

    assert len(drawings) == page.count("```mermaid") > 4
    for drawing in drawings:
        assert drawing["kind"] in {"flowchart", "sequenceDiagram"}
        body = re.sub(r"\|[^|]*\|", "", drawing["body"])
        for left, right in ("()", "[]", "{}"):
            assert body.count(left) == body.count(right), drawing["body"]
