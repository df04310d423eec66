"""The consumer kit: what other Python teams install, and nothing else of ours."""

import copy
import importlib
import json
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, ClassVar

import boto3
import pytest
from moto import mock_aws
from pydantic import AwareDatetime, BaseModel, Field

from rooms.events.published import RoomsContract
from tests.contract.breaking import publishing
from tools.contracts.catalogue.entries import Entry, entries
from tools.contracts.kit.models import NotWritable, module
from tools.contracts.kit.package import PACKAGE, assemble
from tools.contracts.paths import ROOT
from tools.contracts.project import Project, load_project

ENTRIES = entries(load_project())
EVERY_EVENT = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


@pytest.fixture(scope="module")
def kit(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package as it is built, imported."""
    source = str(assemble(project, tmp_path_factory.mktemp("kit")) / "src")
    sys.path.insert(0, source)
    yield importlib.import_module(PACKAGE)
    sys.path.remove(source)
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def cloudevents(kit: ModuleType) -> ModuleType:
    assert kit
    return importlib.import_module(f"{PACKAGE}.cloudevents")


def example(entry: Entry) -> dict[str, Any]:
    assert entry.example is not None
    return copy.deepcopy(entry.example)


def match() -> dict[str, Any]:
    return example(next(entry for entry in ENTRIES if entry.name == "MatchFound"))


def test_the_kit_s_own_code_names_nothing_of_ours() -> None:
    ours = {path.parent.name for path in (ROOT / "services").glob("*/*/__init__.py")}
    sources = (ROOT / "contracts" / "python").rglob("*.py")
    imported = {
        name
        for path in sources
        for name in re.findall(r"^(?:from|import) (\w+)", path.read_text(), re.MULTILINE)
    }

    assert imported & ours == set()
    assert imported <= sys.stdlib_module_names | {PACKAGE, "pydantic"}


# ── Models ───────────────────────────────────────────────────────────────────────────────────────


@EVERY_EVENT
def test_every_event_is_read_as_its_own_model_with_all_its_fields(
    kit: ModuleType, entry: Entry
) -> None:
    event = kit.read(example(entry))

    assert type(event.data).__name__ == entry.name.replace(".v", "V")
    assert (type(event.data).entity_keys, type(event.data).ordering_field) == (
        entry.entity_keys,
        entry.contract.ordering_field,
    )
    data = example(entry)["detail"]["data"]
    read = event.data.model_dump(mode="json", exclude_none=True)
    assert read.keys() == data.keys()
    assert event.metadata.event_id == example(entry)["detail"]["metadata"]["event_id"]


@EVERY_EVENT
def test_a_later_minor_version_is_read_by_the_kit_of_today(kit: ModuleType, entry: Entry) -> None:
    event = example(entry)
    event["detail"]["metadata"] |= {"schema_version": "1.9", "tenant": "north"}
    event["detail"]["data"]["later"] = {"any": "thing"}

    assert kit.read(json.dumps(event)).metadata.schema_version == "1.9"


def test_another_major_version_is_broken(kit: ModuleType) -> None:
    event = match()
    event["detail"]["metadata"]["schema_version"] = "2.0"

    with pytest.raises(kit.BrokenEvent, match="MatchFound 2.0 is of another major version"):
        kit.read(event)


@EVERY_EVENT
def test_the_kit_brings_schemas_and_examples_along(kit: ModuleType, entry: Entry) -> None:
    source = entry.contract.source

    assert kit.example(source, entry.name) == example(entry)
    assert kit.schema(source, entry.name) == entry.file.read()


@pytest.mark.parametrize(
    "body", ["poison", b"\xff", "[]", "{}", {"detail": None}, {"detail": "text"}], ids=str
)
def test_what_is_no_event_is_broken(kit: ModuleType, body: object) -> None:
    with pytest.raises(kit.BrokenEvent):
        kit.read(body)


def test_a_broken_event_s_values_are_not_shown(
    kit: ModuleType,
) -> None:
    event = match()
    event["detail"]["data"]["movie_id"] = "secret"

    with pytest.raises(kit.BrokenEvent, match="movie_id") as error:
        kit.read(event)
    assert "secret" not in str(error.value)


def test_an_event_that_says_two_things_of_itself_is_broken(kit: ModuleType) -> None:
    event = match()
    event["detail"]["metadata"]["event_type"] = "VoteCast"

    with pytest.raises(kit.BrokenEvent, match="another source or type"):
        kit.read(event)


def test_an_event_of_a_later_day_is_unknown_and_not_broken(kit: ModuleType) -> None:
    with pytest.raises(kit.UnknownEvent, match="matinee.rooms MatchLost is not known"):
        kit.read(match() | {"detail-type": "MatchLost"})


def test_a_replay_is_distinguished_from_the_first_delivery(kit: ModuleType) -> None:
    assert kit.read(match()).replay_name is None
    assert kit.read(match() | {"replay-name": "again"}).replay_name == "again"


class Person(BaseModel):
    """Somebody who had a part in it."""

    name: str = Field(description="The name.")
    born: AwareDatetime | None = Field(default=None, description="When; absent when unknown.")


class FilmShot(RoomsContract):
    """A film was shot."""

    event_type: ClassVar[str] = "FilmShot.v2"
    schema_version: ClassVar[str] = "2.0"

    cast: list[Person] = Field(description="Who played.")
    ratings: dict[str, float] = Field(description="By country.")
    tags: list[str] | None = Field(default=None, description="What it is about.")
    length: int | str = Field(description="Minutes, or a word.")


def test_records_maps_and_choices_become_types(project: Project) -> None:
    entry = next(e for e in entries(publishing(project, FilmShot)) if e.name == "FilmShot.v2")
    text = module("rooms", [entry]).replace(f"{PACKAGE}.envelope", "kit_stand_in")
    stand_in = ModuleType("kit_stand_in")
    stand_in.EventData = stand_in.Record = BaseModel  # type: ignore[attr-defined]
    sys.modules["kit_stand_in"] = stand_in
    made = ModuleType("made")
    sys.modules["made"] = made
    try:
        exec(text, made.__dict__)  # noqa: S102 - what was just written
        shot = made.FilmShotV2.model_validate(
            {"cast": [{"name": "Ada"}], "ratings": {"no": 7.5}, "length": "long"}
        )
        with pytest.raises(ValueError, match="cast"):
            made.FilmShotV2.model_validate({"cast": [{}], "ratings": {}, "length": 90})
    finally:
        del sys.modules["kit_stand_in"], sys.modules["made"]

    assert shot.cast[0].name == "Ada"
    assert shot.cast[0].born is None
    assert shot.tags is None


def test_a_field_that_is_no_name_in_python_is_refused_and_not_bent(project: Project) -> None:
    class Odd(RoomsContract):
        """Something odd happened."""

        odd: int = Field(description="Odd.", alias="odd-one")

    entry = next(e for e in entries(publishing(project, Odd)) if e.name == "Odd")

    with pytest.raises(NotWritable, match="odd-one"):
        module("rooms", [entry])


# ── Once ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["process", "dynamodb"])
def store(kit: ModuleType, request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "process":
        yield kit.InMemoryStore()
        return
    with mock_aws():
        table = boto3.resource("dynamodb").create_table(
            TableName="seen",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield kit.DynamoDBStore(table)


def test_a_thing_is_done_once_for_an_event(kit: ModuleType, store: Any) -> None:  # noqa: ANN401
    done: list[str] = []
    event = kit.read(match())

    assert kit.run_once(store, event, lambda e: done.append(e.data.title)) is True
    assert kit.run_once(store, event, lambda e: done.append(e.data.title)) is False
    assert len(done) == 1


def test_what_failed_is_tried_again(kit: ModuleType, store: Any) -> None:  # noqa: ANN401
    event = kit.read(match())
    done: list[str] = []

    def fail(_: object) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        kit.run_once(store, event, fail)

    assert kit.run_once(store, event, lambda e: done.append(e.data.title)) is True


def test_an_unfinished_claim_expires_and_a_done_key_does_not(kit: ModuleType) -> None:
    now = [1_000_000.0]
    with mock_aws():
        table = boto3.resource("dynamodb").create_table(
            TableName="seen",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        store = kit.DynamoDBStore(table, lambda: now[0])
        assert store.claim("a")
        assert not store.claim("a")
        now[0] += 16 * 60
        assert store.claim("a")
        store.complete("a")
        now[0] += 19 * 24 * 60 * 60
        assert not store.claim("a")


# ── CloudEvents ──────────────────────────────────────────────────────────────────────────────────


@EVERY_EVENT
def test_an_event_becomes_a_cloudevent_and_comes_back_whole(
    cloudevents: ModuleType, entry: Entry
) -> None:
    event = example(entry)

    there = cloudevents.to_cloudevent(event)
    back = cloudevents.from_cloudevent(json.loads(json.dumps(there)))

    assert back == {name: event[name] for name in ("source", "detail-type", "detail")}


@EVERY_EVENT
def test_a_cloudevent_is_what_the_specification_asks_for(
    cloudevents: ModuleType, entry: Entry
) -> None:
    there = cloudevents.to_cloudevent(example(entry))

    assert there["specversion"] == "1.0"
    for name in ("id", "source", "type"):
        assert isinstance(there[name], str)
        assert there[name]
    assert there["dataschema"] == entry.file.read()["$id"]
    assert there.get("subject", "nothing") != ""
    for name, value in there.items():
        assert re.fullmatch(r"[a-z0-9]{1,20}", name)
        assert name == "data" or isinstance(value, str)


def test_an_event_without_a_cause_is_a_cloudevent_without_one(cloudevents: ModuleType) -> None:
    event = match()
    del event["detail"]["metadata"]["causation_id"]

    assert "causationid" not in cloudevents.to_cloudevent(event)


def test_fields_of_a_later_version_come_through(cloudevents: ModuleType) -> None:
    event = match()
    event["detail"]["data"]["later"] = [1]

    there = cloudevents.to_cloudevent(event)
    assert cloudevents.from_cloudevent(there)["detail"]["data"]["later"] == [1]


@pytest.mark.parametrize("missing", ["id", "source", "type", "specversion", "dataschema", "data"])
def test_a_cloudevent_that_is_none_of_ours_is_broken(
    kit: ModuleType, cloudevents: ModuleType, missing: str
) -> None:
    there = cloudevents.to_cloudevent(match())
    del there[missing]

    with pytest.raises(kit.BrokenEvent):
        cloudevents.from_cloudevent(there)


@pytest.mark.parametrize(
    "change", [{"specversion": "0.3"}, {"type": "com.example.other"}, {"source": "/somewhere"}]
)
def test_a_cloudevent_of_somebody_else_is_broken(
    kit: ModuleType, cloudevents: ModuleType, change: dict[str, str]
) -> None:
    with pytest.raises(kit.BrokenEvent):
        cloudevents.from_cloudevent(cloudevents.to_cloudevent(match()) | change)


def test_what_is_no_event_becomes_no_cloudevent(kit: ModuleType, cloudevents: ModuleType) -> None:
    with pytest.raises(kit.BrokenEvent):
        cloudevents.to_cloudevent({"detail": {"metadata": {}, "data": {}}})


def test_the_mapping_is_documented_attribute_by_attribute(
    cloudevents: ModuleType, project: Project
) -> None:
    section = project.readme.read_text().partition("## As CloudEvents 1.0")[2].partition("\n## ")[0]
    there = cloudevents.to_cloudevent(match())

    assert [name for name in there if f"`{name}`" not in section] == []
