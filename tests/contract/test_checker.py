"""The checker finds each kind of fault: what cannot fail proves nothing."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import Field, field_validator

from matinee.events.contract import Contract, Registry
from rooms.events.published import MatchFound as PublishedMatchFound
from rooms.events.published import ParticipantJoined, ParticipantLeft, RoomClosed
from tests.contract.breaking import declaring, faults, publishing, reading, rewrite, rewrite_json
from tests.contract.first_version import VoteCast
from tools.contracts import (
    asyncapi,
    compatibility,
    examples,
    readers,
    release,
    rules,
    versions,
)
from tools.contracts.__main__ import main
from tools.contracts.checks import CONTRACTS, SURROUNDINGS
from tools.contracts.project import Declared, Project
from tools.contracts.writing import write


class VoteCastWithWeight(VoteCast):
    """A participant's vote, and how much it weighs."""

    event_type: ClassVar[str] = "VoteCast"

    weight: int = Field(description="How much it counts.")


class VoteCastWithMood(VoteCast):
    """A participant's vote, and what they felt."""

    event_type: ClassVar[str] = "VoteCast"
    schema_version: ClassVar[str] = "1.1"

    mood: str | None = Field(default=None, description="What he felt; absent when unknown.")


class VoteCastOfTheSecondKind(Contract):
    """A vote of another kind."""

    event_type: ClassVar[str] = "VoteCast.v2"
    source: ClassVar[str] = "matinee.rooms"
    schema_version: ClassVar[str] = "2.0"

    stars: int = Field(description="One to five.")


def vote_cast(project: Project, version: str = "1.0") -> Path:
    return project.events / "rooms" / "VoteCast" / f"{version}.json"


def example(project: Project, event: str = "VoteCast") -> Path:
    return project.events / "rooms" / event / "1.0.example.json"


def test_a_copy_of_the_contracts_is_as_faultless_as_they_are(copy: Project) -> None:
    for check in (*CONTRACTS, *SURROUNDINGS):
        assert faults(check, copy) == ""


# ── Schemas and models ───────────────────────────────────────────────────────────────────────────


def test_a_model_that_has_changed_is_not_what_its_schema_says(copy: Project) -> None:
    found = faults(release.drifted, publishing(copy, VoteCastWithWeight))

    assert found == (
        "contracts/events/rooms/VoteCast/1.0.json: is not what its model says: run `make contracts`"
    )


def test_a_changed_word_in_a_schema_is_drift(copy: Project) -> None:
    rewrite(vote_cast(copy), "true: yes, false: no.", "true: no, false: yes.")

    assert "is not what its model says" in faults(release.drifted, copy)


def test_a_model_without_a_schema_is_reported(copy: Project) -> None:
    vote_cast(copy).unlink()

    assert "VoteCast/1.0.json: is not there" in faults(release.drifted, copy)


def test_an_unreleased_schema_without_a_model_is_reported(copy: Project) -> None:
    with_mood = publishing(copy, VoteCastWithMood)

    assert "VoteCast/1.0.json: has no model any more" in faults(release.drifted, with_mood)
    release.freeze(copy)
    assert "has no model any more" not in faults(release.drifted, with_mood)


def test_a_model_must_not_fall_behind_its_schemas(copy: Project) -> None:
    vote_cast(copy, "1.1").write_text(vote_cast(copy).read_text())

    assert "VoteCast/1.1.json: is newer than its model" in faults(release.drifted, copy)


def test_a_file_that_is_no_schema_is_reported(copy: Project) -> None:
    rewrite_json(vote_cast(copy), lambda schema: schema.update(type="a vote"))

    assert "is no JSON Schema" in faults(examples.invalid_schemas, copy)


@pytest.mark.parametrize("name", ["1.json", "1.0.yaml", "2.0.example.json", "notes.txt"])
def test_a_file_that_belongs_to_no_schema_is_reported(copy: Project, name: str) -> None:
    (copy.events / "rooms" / "VoteCast" / name).write_text("{}")

    assert f"VoteCast/{name}: belongs to no schema" in faults(versions.misplaced, copy)


def test_a_major_version_is_said_by_the_name(copy: Project) -> None:
    class VoteCastTwo(VoteCastOfTheSecondKind):
        """A vote with another version than its name says."""

        event_type: ClassVar[str] = "VoteCast.v3"

    assert faults(versions.misnumbered, publishing(copy, VoteCastOfTheSecondKind)) == ""
    assert "its name says 3.x" in faults(versions.misnumbered, publishing(copy, VoteCastTwo))


def test_an_event_has_an_event_s_name(copy: Project) -> None:
    class Odd(VoteCastOfTheSecondKind):
        """An event with a name of another form."""

        event_type: ClassVar[str] = "vote_cast"

    assert "is no event's name" in faults(versions.misnumbered, publishing(copy, Odd))


def test_a_service_speaks_in_its_own_name(copy: Project) -> None:
    class Elsewhere(VoteCast):
        """A vote, published in the name of another service."""

        event_type: ClassVar[str] = "VoteCast"
        source: ClassVar[str] = "matinee.library"

    assert "rooms.events.published.Elsewhere: has the source matinee.library" in faults(
        versions.misattributed, publishing(copy, Elsewhere)
    )


def test_two_services_do_not_give_their_events_one_name(copy: Project) -> None:
    class VoteCastToo(VoteCast):
        """A vote in another service."""

        event_type: ClassVar[str] = "VoteCast"
        source: ClassVar[str] = "matinee.library"

    library = Declared("library", Registry([VoteCastToo]), {})
    both = Project(copy.root, (*copy.declared, library))

    assert (
        "library.events.published.VoteCastToo: rooms emits an event of the name VoteCast already"
        in (faults(versions.misattributed, both))
    )


# ── Releases ─────────────────────────────────────────────────────────────────────────────────────


def test_a_released_schema_that_has_changed_is_reported(copy: Project) -> None:
    release.freeze(copy)
    assert faults(release.tampered, copy) == ""

    rewrite(vote_cast(copy), "true: yes, false: no.", "true: no, false: yes.")

    assert "VoteCast/1.0.json: is released and has changed" in faults(release.tampered, copy)


def test_a_released_schema_that_has_vanished_is_reported(copy: Project) -> None:
    release.freeze(copy)
    vote_cast(copy).unlink()

    assert "VoteCast/1.0.json: is released and is gone" in faults(release.tampered, copy)


def test_a_released_model_that_has_changed_gets_advice(copy: Project) -> None:
    release.freeze(copy)

    found = faults(release.drifted, publishing(copy, VoteCastWithWeight))

    assert 'schema_version "1.1" if fields were only added' in found
    assert "new detail-type VoteCast.v2" in found


def test_a_release_freezes_what_is_new_and_nothing_twice(copy: Project) -> None:
    first = release.freeze(copy)
    digests = dict(release.released(copy))

    assert "rooms/VoteCast/1.0.json" in first
    assert release.freeze(copy) == []
    assert release.released(copy) == digests


def test_writing_leaves_a_released_schema_alone_and_says_why(copy: Project) -> None:
    release.freeze(copy)
    before = vote_cast(copy).read_text()

    outcome = write(publishing(copy, VoteCastWithWeight))

    assert vote_cast(copy).read_text() == before
    assert ["is released" in str(fault) for fault in outcome.refused] == [True]


def test_writing_repairs_what_is_not_released(copy: Project) -> None:
    changed = publishing(copy, VoteCastWithWeight)

    outcome = write(changed)

    assert vote_cast(copy) in outcome.written
    assert outcome.refused == []
    assert faults(release.drifted, changed) == ""


def test_writing_a_new_minor_version_keeps_the_released_one(copy: Project) -> None:
    release.freeze(copy)
    before = vote_cast(copy).read_text()
    with_mood = publishing(copy, VoteCastWithMood)

    write(with_mood)

    assert vote_cast(copy).read_text() == before
    assert "mood" in vote_cast(copy, "1.1").read_text()
    assert faults(compatibility.incompatible, with_mood) == ""
    assert faults(release.drifted, with_mood) == ""
    assert "1.1.example.json: is missing" in faults(examples.untrue, with_mood)


def test_writing_takes_away_what_was_never_released_and_has_no_model(copy: Project) -> None:
    outcome = write(publishing(copy, VoteCastWithMood))

    assert outcome.removed == [vote_cast(copy)]
    assert not vote_cast(copy).exists()


# ── Compatibility ────────────────────────────────────────────────────────────────────────────────


def data(schema: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = schema["properties"]["data"]
    return fields


def next_minor(project: Project, change: Any, event: str = "VoteCast") -> str:  # noqa: ANN401
    """Return what is said of a version 1.1 that differs from 1.0 by a change."""
    first = project.events / "rooms" / event / "1.0.json"
    second = first.with_name("1.1.json")
    second.write_text(first.read_text())
    rewrite_json(second, lambda schema: change(data(schema)))
    return faults(compatibility.incompatible, project)


def test_a_minor_version_may_add_an_optional_field(copy: Project) -> None:
    def add(fields: dict[str, Any]) -> None:
        fields["properties"]["mood"] = {"type": "string"}

    assert next_minor(copy, add) == ""


def test_a_minor_version_may_change_words(copy: Project) -> None:
    def reword(fields: dict[str, Any]) -> None:
        fields["properties"]["vote"]["description"] = "Whether he liked it."

    assert next_minor(copy, reword) == ""


def test_a_minor_version_may_not_add_a_required_field(copy: Project) -> None:
    def add(fields: dict[str, Any]) -> None:
        fields["properties"]["mood"] = {"type": "string"}
        fields["required"].append("mood")

    assert next_minor(copy, add) == (
        "contracts/events/rooms/VoteCast/1.1.json: breaks 1.0: data.mood is new and required"
    )


def test_a_minor_version_may_not_remove_a_field(copy: Project) -> None:
    def remove(fields: dict[str, Any]) -> None:
        del fields["properties"]["vote"]
        fields["required"].remove("vote")

    assert "breaks 1.0: data.vote is gone" in next_minor(copy, remove)


def test_a_minor_version_may_not_change_a_field(copy: Project) -> None:
    def change(fields: dict[str, Any]) -> None:
        fields["properties"]["vote"]["type"] = "integer"

    assert "breaks 1.0: data.vote has changed" in next_minor(copy, change)


def test_a_minor_version_may_not_make_a_field_optional(copy: Project) -> None:
    def loosen(fields: dict[str, Any]) -> None:
        fields["required"].remove("vote")

    assert "data.vote is no longer always there" in next_minor(copy, loosen)


def test_a_minor_version_may_not_make_an_optional_field_required(copy: Project) -> None:
    def tighten(fields: dict[str, Any]) -> None:
        fields["required"].append("poster_path")

    found = next_minor(copy, tighten, "MatchFound")
    assert "data.poster_path is no longer optional" in found


def test_a_minor_version_may_not_add_a_value_to_an_enumeration(copy: Project) -> None:
    def widen(fields: dict[str, Any]) -> None:
        fields["properties"]["media_type"]["enum"].append("PODCAST")

    assert "data.media_type has changed" in next_minor(copy, widen, "MatchFound")


def test_a_minor_version_may_not_change_what_a_list_holds(copy: Project) -> None:
    def change(fields: dict[str, Any]) -> None:
        fields["properties"]["matched_users"]["items"]["type"] = "integer"

    assert "data.matched_users.[] has changed" in next_minor(copy, change, "MatchFound")


def test_a_minor_version_may_not_change_how_many_a_list_holds(copy: Project) -> None:
    def change(fields: dict[str, Any]) -> None:
        fields["properties"]["matched_users"]["maxItems"] = 100

    assert "data.matched_users has changed" in next_minor(copy, change, "MatchFound")


def test_a_minor_version_may_not_forbid_what_it_does_not_know(copy: Project) -> None:
    def forbid(fields: dict[str, Any]) -> None:
        fields["additionalProperties"] = False

    assert "data is described by other rules" in next_minor(copy, forbid)


def test_a_minor_version_is_compared_within_its_major(
    copy: Project,
) -> None:
    second = copy.events / "rooms" / "VoteCast.v2" / "2.0.json"
    second.parent.mkdir()
    second.write_text('{"type": "object", "properties": {}}')

    assert faults(compatibility.incompatible, copy) == ""


# ── Examples ─────────────────────────────────────────────────────────────────────────────────────


def test_a_schema_without_an_example_is_reported(copy: Project) -> None:
    example(copy).unlink()

    assert "VoteCast/1.0.example.json: is missing" in faults(examples.untrue, copy)


def test_an_example_that_breaks_its_schema_is_reported(copy: Project) -> None:
    rewrite(example(copy), '"vote": true', '"vote": "yes"')

    assert "$.data.vote: 'yes' is not of type 'boolean'" in faults(examples.untrue, copy)


def test_an_example_that_breaks_its_model_alone_is_reported(copy: Project) -> None:
    class Picky(VoteCast):
        """A vote on anything but the film of the example."""

        event_type: ClassVar[str] = "VoteCast"

        @field_validator("movie_id")
        @classmethod
        def _no_orchards(cls, movie_id: int) -> int:
            message = f"not {movie_id}"
            raise ValueError(message)

    assert "does not fit its model: data.movie_id" in faults(
        examples.untrue, publishing(copy, Picky)
    )


def test_an_example_that_an_older_minor_cannot_read_is_reported(copy: Project) -> None:
    release.freeze(copy)
    with_mood = publishing(copy, VoteCastWithMood)
    write(with_mood)
    newer = example(copy).with_name("1.1.example.json")
    newer.write_text(example(copy).read_text())
    rewrite(newer, '"schema_version": "1.0"', '"schema_version": "1.1"')
    assert faults(examples.untrue, with_mood) == ""

    rewrite_json(
        vote_cast(copy),
        lambda schema: schema["properties"]["metadata"]["properties"]["schema_version"].update(
            const="1.0"
        ),
    )

    assert "1.1.example.json: cannot be read by 1.0: $.metadata.schema_version" in faults(
        examples.untrue, with_mood
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"detail-type": "VoteCast"', '"detail-type": "VoteCounted"', "detail-type is VoteCounted"),
        ('"source": "matinee.rooms",\n  "acc', '"source": "rooms",\n  "acc', "source is rooms"),
        ('"time": "2025-11-21T19:36:41Z"', '"time": "2025-11-21T19:36:42Z"', "time is not"),
        ('"account": "000000000000"', '"account": "0"', "is no EventBridge event: account"),
        ('"resources": [],', "", "is no EventBridge event: resources"),
        ('"schema_version": "1.0"', '"schema_version": "1.1"', "says that it is version 1.1"),
        ('"detail": {', '"detail": {{', "is not JSON"),
    ],
)
def test_an_example_with_a_false_envelope_is_reported(
    copy: Project, old: str, new: str, reason: str
) -> None:
    rewrite(example(copy), old, new)

    assert reason in faults(examples.untrue, copy)


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────

ROOMS, PLATFORM = "services/rooms/template.yaml", "platform/template.yaml"
DETECTOR_TYPES = "detail-type: [VoteCast, ParticipantJoined, ParticipantLeft, RoomClosed]"
NOTIFIER_PATTERN = """\
        source: [matinee.rooms]
        detail-type: [MatchFound, RoomDecided, CrewInvited]
"""


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("source: [matinee.room]", "names the source 'matinee.room', which no contract knows"),
        ("source: [{prefix: cinema.}]", "names the source {'prefix': 'cinema.'}"),
        (
            "source: [matinee.rooms]\n        detail-type: [MatchFond]",
            "names the detail-type 'MatchFond'",
        ),
        (
            "source: [matinee.rooms]\n        detail-type: [MatchFound, {prefix: Room.}]",
            "names the detail-type {'prefix': 'Room.'}",
        ),
        ("detail-type: [MatchFound]", "names no source"),
        (
            "source: [matinee.rooms]\n        detail-type: [MatchFound]\n"
            "        detail: {data: {titel: [{exists: true}]}}",
            "asks for detail.data.titel, which MatchFound has not",
        ),
        (
            "source: [matinee.rooms]\n        detail-type: [VoteCast, ParticipantLeft]\n"
            "        detail: {data: {vote: [true]}}",
            "asks for detail.data.vote, which ParticipantLeft has not",
        ),
        (
            "source: [matinee.rooms]\n        detail-type: [VoteCast, ParticipantLeft]\n"
            "        detail: {data: {voet: [true, {exists: false}]}}",
            "asks for detail.data.voet, which VoteCast has not",
        ),
        ("source: [{numeric: ['>', 1]}]", "cannot be checked"),
        ("source: matinee.rooms", "cannot be checked"),
    ],
)
def test_a_rule_that_names_what_no_contract_knows_is_reported(
    copy: Project, pattern: str, reason: str
) -> None:
    rewrite(copy.root / ROOMS, NOTIFIER_PATTERN, f"        {pattern}\n")

    assert f"{ROOMS}, NotifierRule: {reason}" in faults(rules.unknown_events, copy).replace(
        "its pattern ", ""
    )


def test_a_rule_may_ask_for_a_field_that_its_event_has(copy: Project) -> None:
    rewrite(
        copy.root / ROOMS,
        NOTIFIER_PATTERN,
        f"{NOTIFIER_PATTERN}        detail: {{data: {{room_id: [one]}}}}\n",
    )

    assert faults(rules.unknown_events, copy) == ""


def test_a_rule_may_accept_the_absence_of_a_field_that_some_have(copy: Project) -> None:
    asked = "        detail: {data: {movie_id: [1, {exists: false}]}}\n"
    rewrite(copy.root / ROOMS, NOTIFIER_PATTERN, NOTIFIER_PATTERN + asked)

    assert faults(rules.unknown_events, copy) == ""


def test_a_rule_on_the_default_bus_would_never_hear_of_us(copy: Project) -> None:
    rewrite(
        copy.root / ROOMS,
        f"      EventBusName: !Ref EventBusName\n      EventPattern:\n{NOTIFIER_PATTERN}",
        f"      EventPattern:\n{NOTIFIER_PATTERN}",
    )

    assert "NotifierRule: stands on the default bus" in faults(rules.unknown_events, copy)


def test_a_rule_written_as_sam_s_own_event_is_checked_too(copy: Project) -> None:
    rewrite(
        copy.root / ROOMS,
        "        Sweep:\n          Type: ScheduleV2\n",
        "        Votes:\n          Type: EventBridgeRule\n          Properties:\n"
        "            EventBusName: !Ref EventBusName\n"
        "            Pattern: {source: [matinee.rooms], detail-type: [VoteKast]}\n"
        "        Sweep:\n          Type: ScheduleV2\n",
    )

    assert "RoomsRelayFunction.Votes: names the detail-type 'VoteKast'" in faults(
        rules.unknown_events, copy
    )


def test_an_archive_of_nothing_is_reported(copy: Project) -> None:
    rewrite(copy.root / PLATFORM, "source: [{prefix: matinee.}]", "source: [{prefix: m.}]")

    assert "EventArchive: names the source" in faults(rules.unknown_events, copy)


def test_the_example_subscriber_s_rules_are_checked_too(copy: Project) -> None:
    rewrite(
        copy.root / "contracts" / "subscriber" / "template.yaml",
        "detail-type: [MatchFound]",
        "detail-type: [MatchLost]",
    )

    found = faults(rules.unknown_events, copy)
    assert "contracts/subscriber/template.yaml, ForwardMatches: names the detail-type" in found
    assert "contracts/subscriber/template.yaml, MatchesRule: names the detail-type" in found


# ── Readers ──────────────────────────────────────────────────────────────────────────────────────


def test_a_reader_of_an_unpublished_event_is_reported(copy: Project) -> None:
    class MatchLost(PublishedMatchFound):
        """Nobody publishes this."""

        event_type: ClassVar[str] = "MatchLost"

    found = faults(readers.disagreements, reading(copy, "NotifierFunction", MatchLost))

    assert "rooms.events.consumed, NotifierFunction: reads MatchLost, which nobody emits" in found


def test_a_reader_with_the_wrong_source_is_reported(copy: Project) -> None:
    class MatchFound(PublishedMatchFound):
        """A match, published by the wrong service."""

        source: ClassVar[str] = "matinee.library"

    found = faults(readers.disagreements, reading(copy, "NotifierFunction", MatchFound))

    assert "of matinee.library, but matinee.rooms emits it" in found


def test_a_reader_of_no_published_example_is_reported(copy: Project) -> None:
    class MatchFound(PublishedMatchFound):
        """A match as somebody wishes it to be."""

        venue: str

    found = faults(readers.disagreements, reading(copy, "NotifierFunction", MatchFound))

    assert "cannot read contracts/events/rooms/MatchFound/1.0.example.json: data.venue" in found


def test_a_rule_that_delivers_unknown_events_is_reported(copy: Project) -> None:
    rewrite(copy.root / ROOMS, DETECTOR_TYPES, DETECTOR_TYPES[:-1] + ", RoomCreated]")

    assert "RoomCreated is delivered, but MatchDetectorFunction does not know it" in faults(
        readers.disagreements, copy
    )


def test_a_rule_without_detail_types_delivers_everything(copy: Project) -> None:
    rewrite(copy.root / ROOMS, DETECTOR_TYPES, "account: [{exists: true}]")

    found = faults(readers.disagreements, copy)
    assert "MatchFound is delivered" in found
    assert "RoomCreated is delivered" in found


def test_a_consumer_of_undelivered_events_is_reported(copy: Project) -> None:
    rewrite(copy.root / ROOMS, DETECTOR_TYPES, "detail-type: [VoteCast]")

    found = faults(readers.disagreements, copy)
    assert "MatchDetectorFunction reads ParticipantJoined, which no rule delivers" in found
    assert "MatchDetectorFunction reads ParticipantLeft, which no rule delivers" in found


def test_a_queue_without_a_rule_is_reported(copy: Project) -> None:
    rewrite(
        copy.root / ROOMS,
        "Arn: !GetAtt NotifierQueue.Arn",
        "Arn: !GetAtt MatchDetectorQueue.Arn",
    )

    assert "no rule delivers anything to NotifierQueue" in faults(readers.disagreements, copy)


def test_a_consumer_without_known_contracts_is_reported(copy: Project) -> None:
    [rooms] = [declared for declared in copy.declared if declared.service == "rooms"]
    read = {name: value for name, value in rooms.read.items() if name != "NotifierFunction"}

    assert "cannot find which contracts it reads" in faults(
        readers.disagreements, declaring(copy, replace(rooms, read=read))
    )


def test_a_reader_reads_only_what_it_declares(copy: Project) -> None:
    fewer = reading(copy, "MatchDetectorFunction", VoteCast, ParticipantJoined)

    assert "ParticipantLeft is delivered" in faults(readers.disagreements, fewer)
    same = reading(
        copy,
        "MatchDetectorFunction",
        VoteCast,
        ParticipantJoined,
        ParticipantLeft,
        RoomClosed,
    )
    assert faults(readers.disagreements, same) == ""


# ── AsyncAPI and the command line ────────────────────────────────────────────────────────────────


def test_an_asyncapi_document_that_is_out_of_date_is_reported(copy: Project) -> None:
    assert "asyncapi.yaml" in faults(asyncapi.outdated, publishing(copy, VoteCastOfTheSecondKind))
    rewrite(copy.asyncapi, "Matinee's events", "Our events")
    assert "asyncapi.yaml" in faults(asyncapi.outdated, copy)


def run(project: Project, command: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("tools.contracts.__main__.load_project", lambda: project)
    return main([command])


def test_the_check_command_succeeds_quietly_when_all_is_well(
    copy: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(copy, "check", monkeypatch) == 0
    assert capsys.readouterr().err == ""


def test_the_check_command_fails_and_says_what_to_do(
    copy: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(publishing(copy, VoteCastWithWeight), "check", monkeypatch)

    assert code == 1
    assert "VoteCast/1.0.json: is not what its model says: run `make contracts`" in (
        capsys.readouterr().err
    )


def test_the_release_command_refuses_what_is_not_in_order(
    copy: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = release.released(copy)
    example(copy).unlink()
    before = release.released(copy)

    assert run(copy, "release", monkeypatch) == 1
    assert release.released(copy) == before


def test_the_release_command_freezes_what_is_in_order(
    copy: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(copy, "release", monkeypatch) == 0
    assert "released contracts/events/rooms/VoteCast/1.0.json" in capsys.readouterr().out
    frozen = json.loads((copy.events / "released.json").read_text())
    assert len(frozen["rooms/VoteCast/1.0.json"]) == 64


def test_writing_fails_when_a_released_contract_would_change(
    copy: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    release.freeze(copy)

    assert run(publishing(copy, VoteCastWithWeight), "write", monkeypatch) == 1
    assert "is released, and its model no longer says the same" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["publish"], ["write", "check"]])
def test_a_wrong_call_is_answered_with_the_right_one(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "usage: python -m tools.contracts write|check|release" in capsys.readouterr().err
