"""The catalogue's page: every event on it, with publisher and consumers, and nothing fetched."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any, ClassVar
from xml.etree import ElementTree

import pytest
from pydantic import Field

from rooms.contracts import RoomsContract
from tests.contract.breaking import faults, publishing, rewrite
from tools.contracts import table
from tools.contracts.catalogue.entries import entries, misdescribed
from tools.contracts.catalogue.flows import drawing
from tools.contracts.catalogue.page import kind, page
from tools.contracts.project import Project

_VOID = {"meta", "input", "path", "rect", "br"}


class Reader(HTMLParser):
    """Finds ids, links and tags that are not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.misnested: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given.get("href")))
        if "src" in given or tag in {"link", "iframe", "img"}:
            self.fetched.append(tag)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and (not self.open or self.open.pop() != tag):
            self.misnested.append(tag)


@pytest.fixture(scope="module")
def text(project: Project) -> str:
    return page(project)


@pytest.fixture(scope="module")
def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


def test_every_event_stands_on_the_page_once(read: Reader, project: Project) -> None:
    wanted = {f"{service}.{contract.event_type}" for service, contract in project.published()}

    assert wanted <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))


def test_every_link_leads_somewhere_on_the_page(read: Reader) -> None:
    assert read.links
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)


def test_the_page_is_whole_and_fetches_nothing(read: Reader, text: str) -> None:
    assert read.misnested == []
    assert read.open == []
    assert read.fetched == []
    assert "http://" not in re.sub(r"<(pre|title)>.*?</\1>", "", text, flags=re.DOTALL)
    assert "@import" not in text


def test_every_field_is_published_with_its_meaning(text: str, project: Project) -> None:
    for entry in entries(project):
        for name in entry.schema["properties"]["data"]["properties"]:
            assert f"<td><code>{name}</code></td>" in text


def test_the_drawing_joins_each_event_with_those_who_hear_it(project: Project) -> None:
    published = [entry for entry in entries(project) if entry.service == "rooms"]
    picture = ElementTree.fromstring(drawing("rooms", published))  # noqa: S314 - our own

    def of_class(name: str) -> list[Any]:
        return [node for node in picture.iter() if node.get("class") == name]

    assert len(of_class("event")) == len(published) == len(of_class("publishes"))
    assert len(of_class("consumes")) == sum(len(entry.consumers) for entry in published)
    assert len(of_class("may")) == len(published)
    labels = {"".join(node.itertext()) for node in of_class("consumer")}
    assert "MatchDetectorFunctionrooms, by MatchDetectorQueue" in labels


def test_no_two_boxes_of_a_drawing_lie_upon_each_other(project: Project) -> None:
    published = [entry for entry in entries(project) if entry.service == "rooms"] * 3
    picture = ElementTree.fromstring(drawing("rooms", published[:12]))  # noqa: S314 - our own
    columns: dict[int, list[tuple[int, int]]] = {}
    for node in picture.iter("rect"):
        x, y, height = (int(node.get(name, "0")) for name in ("x", "y", "height"))
        columns.setdefault(x, []).append((y, height))

    for boxes in columns.values():
        for (y, height), (below, _) in pairwise(sorted(set(boxes))):
            assert y + height <= below


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date-time"}, "time"),
        ({"type": "integer", "minimum": 1, "maximum": 50}, "integer, 1 to 50"),
        ({"type": "integer", "minimum": 1}, "integer, 1 or more"),
        ({"type": "string", "maxLength": 9}, "string, up to 9 characters"),
        (
            {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 5},
            "list of string, 2 to 5 of them",
        ),
        ({"enum": ["MOVIE", "TV"]}, '"MOVIE" or "TV"'),
        ({"const": True}, "true"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "integer or string"),
        ({}, "anything"),
    ],
)
def test_a_field_s_type_is_said_in_words(field: dict[str, Any], said: str) -> None:
    assert kind(field) == said


# ── What the page and the README's table are made of ─────────────────────────────────────────────


class Told(RoomsContract):
    """Something was said | loudly.

    And this is a second paragraph.
    """

    event_type: ClassVar[str] = "Told"
    trigger: ClassVar[str] = "Somebody speaks."
    entity_keys: ClassVar[tuple[str, ...]] = ("room_id",)
    ordering_field: ClassVar[str] = "number"

    room_id: str = Field(description="The room.")
    number: int = Field(description="Grows.")


def test_a_new_event_gets_its_row_without_an_edit(copy: Project) -> None:
    with_more = publishing(copy, Told)

    assert "README.md: its table is not what the models say" in faults(table.outdated, with_more)
    row = next(row for row in table.table(with_more).splitlines() if "**Told**" in row)
    assert row == (
        "| **Told** 1.0 | Something was said \\| loudly. | `matinee.rooms` | Somebody speaks. "
        "| `number` per `room_id` | — | [example](events/rooms/Told/1.0.example.json) · "
        "[schema](events/rooms/Told/1.0.json) |"
    )


def test_a_table_that_somebody_edited_is_published(copy: Project) -> None:
    rewrite(copy.readme, "**MatchFound** 1.0", "**MatchFound** 1.7")

    assert "its table is not what the models say" in faults(table.outdated, copy)


def test_a_readme_that_has_lost_the_table_s_place_is_reported(copy: Project) -> None:
    rewrite(copy.readme, table.END, "")

    assert "the table stands between" in faults(table.outdated, copy)


def test_every_event_says_when_it_is_published(project: Project) -> None:
    assert [model.event_type for _, model in project.published() if not model.trigger] == []


def test_an_ordered_event_names_its_entity(
    project: Project,
) -> None:
    """A reader who keeps only an entity's newest event must know which entity it is."""
    for entry in entries(project):
        data = entry.schema["properties"]["data"]
        whole = {name for name in data.get("required", ()) if name.endswith("_id")}
        assert entry.entity_keys or not whole - {"run_id"}, entry.name


def test_an_idempotency_key_s_form_is_read_off_the_example(project: Project) -> None:
    forms = {entry.name: entry.idempotency_form for entry in entries(project)}

    assert forms["VoteCast"] == "vote:{room_id}:{movie_id}:{tally_version}"
    assert forms["ParticipantLeft"] == "membership:{room_id}:{room_version}"


def test_a_time_in_an_idempotency_key_is_known_however_it_is_written(copy: Project) -> None:
    path = copy.events / "rooms" / "MatchFound" / "1.0.example.json"
    rewrite(path, ':904217"', ':2025-11-21T19:36:41.507Z"')

    form = next(e for e in entries(copy) if e.name == "MatchFound").idempotency_form
    assert form == "match:{room_id}:{matched_at}"


class Misdescribed(Told):
    """Something was said."""

    entity_keys: ClassVar[tuple[str, ...]] = ("house_id",)


class Optional(Told):
    """Something was said."""

    ordering_field: ClassVar[str] = "note"
    note: int | None = Field(default=None, description="A number, if any.")


class HalfASentence(Told):
    """Something was said."""

    trigger: ClassVar[str] = "somebody speaks"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Misdescribed, "is described by house_id, which is no required field of it"),
        (Optional, "is described by note, which is no required field of it"),
        (HalfASentence, "has a trigger that is no whole sentence"),
    ],
)
def test_a_description_that_names_what_is_not_there_is_published(
    copy: Project, model: type[Told], reason: str
) -> None:
    assert reason in faults(misdescribed, publishing(copy, model))
