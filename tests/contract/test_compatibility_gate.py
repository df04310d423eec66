"""`make contracts` lets no promise be broken: each kind of break, tried on what is released."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import Field

from matinee.events.contract import Contract, Registry
from rooms.events.published import RoomsContract
from tests.contract.breaking import faults, publishing, rewrite, rewrite_json
from tests.contract.first_version import MatchFound, VoteCast
from tools.contracts import compatibility, delivered, release
from tools.contracts.__main__ import main
from tools.contracts.project import Declared, Project
from tools.contracts.schema import schema_of
from tools.contracts.versions import stored
from tools.contracts.writing import write

type Schema = dict[str, Any]


@pytest.fixture
def frozen(copy: Project) -> Project:
    """Return a copy in which everything is released."""
    release.freeze(copy)
    return copy


def released_file(project: Project, event: str = "VoteCast") -> Path:
    return project.events / "rooms" / event / "1.0.json"


def refused(project: Project) -> str:
    """Return what `make contracts` refuses."""
    return "\n".join(str(fault) for fault in write(project).refused)


# ── A released file ──────────────────────────────────────────────────────────────────────────────


def test_writing_what_is_released_and_unchanged_refuses_nothing(frozen: Project) -> None:
    outcome = write(frozen)

    assert outcome.refused == []
    assert outcome.written == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"type": "boolean"', '"type": "integer"'),
        ("true: yes, false: no.", "Whether he liked it."),
        ('"title": "VoteCast"', '"title":  "VoteCast"'),
    ],
    ids=["a rule", "a word", "a space"],
)
def test_any_change_of_a_released_file_is_refused(frozen: Project, old: str, new: str) -> None:
    rewrite(released_file(frozen), old, new)

    assert "VoteCast/1.0.json: is released and has changed: restore it" in refused(frozen)


def test_a_released_file_of_an_older_version_is_as_frozen(frozen: Project) -> None:
    class VoteCastWithMood(VoteCast):
        """A vote with a mood."""

        event_type: ClassVar[str] = "VoteCast"
        schema_version: ClassVar[str] = "1.1"

        mood: str | None = Field(default=None, description="What he felt.")

    newer = publishing(frozen, VoteCastWithMood)
    write(newer)
    rewrite(released_file(newer), "true: yes, false: no.", "Whether he liked it.")

    assert "VoteCast/1.0.json: is released and has changed" in refused(newer)


def test_a_released_file_may_not_vanish(frozen: Project) -> None:
    released_file(frozen).unlink()

    assert "VoteCast/1.0.json: is released and is gone" in refused(frozen)


def test_a_released_file_may_not_be_renamed(frozen: Project) -> None:
    folder = released_file(frozen).parent
    folder.rename(folder.with_name("VoteGiven"))

    assert "VoteCast/1.0.json: is released and is gone" in faults(release.tampered, frozen)


def test_the_command_fails_and_says_why(
    frozen: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.contracts.__main__.load_project", lambda: frozen)
    assert main(["write"]) == 0

    rewrite(released_file(frozen), '"type": "boolean"', '"type": "integer"')

    assert main(["write"]) == 1
    assert "is released and has changed" in capsys.readouterr().err


# ── A model that breaks its released schema ──────────────────────────────────────────────────────


class Removed(RoomsContract):
    """A vote without its answer."""

    event_type: ClassVar[str] = "VoteCast"
    room_id: str = Field(description="The room's id, a UUID.")


class Retyped(VoteCast):
    """A vote whose film is a text."""

    event_type: ClassVar[str] = "VoteCast"
    movie_id: str = Field(description="A film.")  # type: ignore[assignment]


class Narrowed(VoteCast):
    """A vote that counts to ten."""

    event_type: ClassVar[str] = "VoteCast"
    tally_version: int = Field(ge=1, le=10, description="Grows.")


class NewlyRequired(VoteCast):
    """A vote with a reason."""

    event_type: ClassVar[str] = "VoteCast"
    reason: str = Field(description="Why.")


class AddedWithoutAVersion(VoteCast):
    """A vote with a mood that no version has."""

    event_type: ClassVar[str] = "VoteCast"
    mood: str | None = Field(default=None, description="What he felt.")


@pytest.mark.parametrize("model", [Removed, Retyped, Narrowed, NewlyRequired, AddedWithoutAVersion])
def test_a_model_that_differs_from_a_released_schema_is_refused(
    frozen: Project, model: type[Contract]
) -> None:
    before = released_file(frozen).read_bytes()

    found = refused(publishing(frozen, model))

    assert "VoteCast/1.0.json: is released, and its model no longer says the same" in found
    assert released_file(frozen).read_bytes() == before


# ── A minor version that breaks the one before ───────────────────────────────────────────────────


def fields(schema: Schema) -> Schema:
    answer: Schema = schema["properties"]["data"]
    return answer


def _rename(schema: Schema) -> None:
    data = fields(schema)
    data["properties"]["liked"] = data["properties"].pop("vote")
    data["required"][data["required"].index("vote")] = "liked"


def _rename_optional(schema: Schema) -> None:
    data = fields(schema)
    data["properties"]["poster"] = data["properties"].pop("poster_path")


def _set(name: str, **rules: object) -> Callable[[Schema], None]:
    return lambda schema: fields(schema)["properties"][name].update(rules)


def _drop(name: str, rule: str) -> Callable[[Schema], None]:
    return lambda schema: fields(schema)["properties"][name].pop(rule)


BREAKS: dict[str, tuple[str, Callable[[Schema], Any], str]] = {
    "removed": (
        "VoteCast",
        lambda schema: fields(schema)["properties"].pop("tally_version"),
        "data.tally_version is gone",
    ),
    "renamed": ("VoteCast", _rename, "data.vote is gone"),
    "renamed, though optional": ("MatchFound", _rename_optional, "data.poster_path is gone"),
    "retyped": ("VoteCast", _set("vote", type="string"), "data.vote has changed"),
    "retyped to either": (
        "VoteCast",
        _set("vote", type=["boolean", "null"]),
        "data.vote has changed",
    ),
    "narrowed by a number": (
        "VoteCast",
        _set("tally_version", maximum=10),
        "data.tally_version has changed",
    ),
    "narrowed by a pattern": (
        "MatchFound",
        _set("title", pattern="^[A-Z]"),
        "data.title has changed",
    ),
    "narrowed by a length": ("MatchFound", _set("title", maxLength=40), "data.title has changed"),
    "narrowed by a value that went": (
        "MatchFound",
        _set("media_type", enum=["movie"]),
        "data.media_type has changed",
    ),
    "narrowed to one value": ("VoteCast", _set("vote", const=True), "data.vote has changed"),
    "widened by a value": (
        "MatchFound",
        _set("media_type", enum=["movie", "tv", "play"]),
        "data.media_type has changed",
    ),
    "widened by a format that went": (
        "MatchFound",
        _drop("matched_at", "format"),
        "data.matched_at has changed",
    ),
    "newly required": (
        "VoteCast",
        lambda schema: (
            fields(schema)["properties"].update(mood={"type": "string"}),
            fields(schema)["required"].append("mood"),
        ),
        "data.mood is new and required",
    ),
    "no longer optional": (
        "MatchFound",
        lambda schema: fields(schema)["required"].append("poster_path"),
        "data.poster_path is no longer optional",
    ),
    "no longer required": (
        "VoteCast",
        lambda schema: fields(schema)["required"].remove("vote"),
        "data.vote is no longer always there",
    ),
    "closed": (
        "VoteCast",
        lambda schema: fields(schema).update(additionalProperties=False),
        "data is described by other rules",
    ),
    "another envelope": (
        "VoteCast",
        lambda schema: schema["properties"]["metadata"]["properties"].pop("correlation_id"),
        "metadata.correlation_id is gone",
    ),
    "another source": (
        "VoteCast",
        lambda schema: schema["properties"]["metadata"]["properties"]["source"].update(
            const="matinee.votes"
        ),
        "metadata.source has changed",
    ),
    "no data": (
        "VoteCast",
        lambda schema: schema["properties"].pop("data"),
        "data is gone",
    ),
}


@pytest.mark.parametrize(("event", "change", "reason"), BREAKS.values(), ids=BREAKS)
def test_a_minor_version_unreadable_to_old_readers_is_refused(
    frozen: Project, event: str, change: Callable[[Schema], Any], reason: str
) -> None:
    second = released_file(frozen, event).with_name("1.1.json")
    second.write_text(released_file(frozen, event).read_text())
    rewrite_json(second, change)

    assert f"{event}/1.1.json: breaks 1.0: {reason}" in faults(compatibility.incompatible, frozen)


def test_a_minor_version_is_refused_by_the_command_that_writes_it(frozen: Project) -> None:
    class VoteCastNarrowed(VoteCast):
        """A vote that counts to ten."""

        event_type: ClassVar[str] = "VoteCast"
        schema_version: ClassVar[str] = "1.1"
        tally_version: int = Field(ge=1, le=10, description="Grows.")

    found = refused(publishing(frozen, VoteCastNarrowed))

    assert "VoteCast/1.1.json: breaks 1.0: data.tally_version has changed" in found


class Scene(Contract):
    """One part of a list."""

    event_type: ClassVar[str] = "Scene"
    source: ClassVar[str] = "matinee.rooms"

    title: str = Field(description="Its title.")
    length: int = Field(ge=0, description="Its length.")


class ScenesListed(RoomsContract):
    """Scenes were listed."""

    scenes: list[Scene] = Field(description="The scenes.")
    by_act: dict[str, int] | None = Field(default=None, description="How many, by act.")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda scene: scene["properties"].pop("length"), "data.scenes.[].length is gone"),
        (
            lambda scene: scene["properties"]["length"].update(minimum=1),
            "data.scenes.[].length has changed",
        ),
        (
            lambda scene: (
                scene["properties"].update(act={"type": "integer"}),
                scene["required"].append("act"),
            ),
            "data.scenes.[].act is new and required",
        ),
    ],
)
def test_a_break_inside_a_list_of_records_is_found(
    change: Callable[[Schema], Any], reason: str
) -> None:
    before, after = schema_of("rooms", ScenesListed), schema_of("rooms", ScenesListed)

    change(fields(after)["properties"]["scenes"]["items"])

    assert reason in list(compatibility.breaks(before, after))


def test_an_optional_field_inside_a_list_of_records_is_no_break() -> None:
    before, after = schema_of("rooms", ScenesListed), schema_of("rooms", ScenesListed)

    fields(after)["properties"]["scenes"]["items"]["properties"]["act"] = {"type": "integer"}

    assert list(compatibility.breaks(before, after)) == []


def test_what_the_gate_lets_through_an_old_reader_can_read(frozen: Project) -> None:
    """The gate's promise, tried: new event, old schema and old model."""

    class VoteCastWithMore(VoteCast):
        """A vote with more of it."""

        event_type: ClassVar[str] = "VoteCast"
        schema_version: ClassVar[str] = "1.1"
        mood: str | None = Field(default=None, description="What he felt.")
        weights: list[int] | None = Field(default=None, description="How heavy.")

    newer = publishing(frozen, VoteCastWithMore)
    assert write(newer).refused == []
    event = json.loads(released_file(newer).with_name("1.0.example.json").read_text())["detail"]
    event["metadata"]["schema_version"] = "1.1"
    event["data"] |= {"mood": "moved", "weights": [1, 2]}

    old_schema = json.loads(released_file(newer).read_text())
    new_schema = json.loads(released_file(newer).with_name("1.1.json").read_text())
    assert list(delivered.violations(new_schema, event)) == []
    assert list(delivered.violations(old_schema, event)) == []
    assert Registry([VoteCast]).read(event).data.event_type == "VoteCast"


# ── A breaking edition ───────────────────────────────────────────────────────────────────────────


class MatchFoundTwo(MatchFound):
    """Everybody in a room liked the same title, published in another way."""

    event_type: ClassVar[str] = "MatchFound.v2"
    schema_version: ClassVar[str] = "2.0"
    title: dict[str, str] = Field(description="The title, by language.")  # type: ignore[assignment]


def only(project: Project, *models: type[Contract]) -> Project:
    """Return a project whose rooms service publishes these events and no others."""
    others = [declared for declared in project.declared if declared.service != "rooms"]
    return Project(project.root, (*others, Declared("rooms", Registry(models), {})))


def test_a_breaking_edition_is_a_new_event_beside_the_old_one(frozen: Project) -> None:
    both = publishing(frozen, MatchFoundTwo)

    outcome = write(both)

    assert outcome.refused == []
    assert released_file(both, "MatchFound.v2").with_name("2.0.json") in outcome.written
    assert {file.event_type for file in stored(both)} >= {"MatchFound", "MatchFound.v2"}


def test_a_breaking_edition_may_not_take_the_old_one_s_place(frozen: Project) -> None:
    rooms = next(declared for declared in frozen.declared if declared.service == "rooms")
    rest = [model for model in rooms.published if model.event_type != "MatchFound"]

    found = refused(only(frozen, *rest, MatchFoundTwo))

    assert (
        "rooms.events.published: MatchFound is released, and no service publishes it any more"
        in found
    )


def test_an_event_that_nobody_listens_to_any_more_is_retired(frozen: Project) -> None:
    rooms = next(declared for declared in frozen.declared if declared.service == "rooms")
    rest = [model for model in rooms.published if model.event_type != "MatchFound"]
    (frozen.events / "retired.json").write_text('{"rooms/MatchFound": "2027-01-31: .v2 is heard"}')

    assert "MatchFound" not in refused(only(frozen, *rest))
    assert "rooms/MatchFound is still published" in refused(frozen)
