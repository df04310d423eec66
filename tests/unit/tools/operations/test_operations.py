"""Operators' commands: parameters merged, nothing deleted unasked, prod never emptied."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tools.contracts.paths import ROOT
from tools.events.place import Place
from tools.operations import __main__ as command
from tools.operations import cleaning, log_groups, removal
from tools.operations.cleaning import Protected, contents, empty
from tools.operations.deployment import NoSuchStage, overrides, stack_name
from tools.operations.health import findings
from tools.operations.inventory import POOL, QUEUE, TABLE, Inventory
from tools.operations.seeding import CAST, ROOMS, _entry, _liked

REGION = "eu-west-1"
CONFIG = """
[default.global.parameters]
stack_name = "matinee"
[dev.deploy.parameters]
stack_name = "matinee-dev"
parameter_overrides = ["Stage=dev", "AutoConfirm=true"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "samconfig.toml"
    path.write_text(CONFIG)
    return path


def test_further_parameters_come_beside_those_of_the_environment(config: Path) -> None:
    given = overrides(config, "dev", "AlarmAddress=a@example.com AutoConfirm=false")

    assert given == "Stage=dev AutoConfirm=false AlarmAddress=a@example.com"


def test_a_value_reaches_sam_as_it_was_typed(config: Path) -> None:
    reference = "{{resolve:ssm:/matinee/key}}"

    assert overrides(config, "dev", f"TmdbKeyReference={reference}").endswith(
        f"'TmdbKeyReference={reference}'"
    )


def test_an_unknown_environment_is_refused(config: Path) -> None:
    assert stack_name(config, "dev") == "matinee-dev"
    with pytest.raises(NoSuchStage, match="staging"):
        overrides(config, "staging", "")


def test_the_saved_queries_look_into_the_logs_of_every_function() -> None:
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")

    assert log_groups.written(text) == text
    assert log_groups.written(text.replace("        - !Ref EraserFunctionLogs\n", "")) == text


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield Place("matinee", {}, boto3.Session(region_name=REGION))


@pytest.fixture
def parts(place: Place) -> Inventory:
    """A table with a sort key, an outbox, two queues and a pool, with something in each."""
    dynamodb, sqs = place.client("dynamodb"), place.client("sqs")
    for name, key in (("votes", "roomId"), ("outbox", "event_id")):
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        )
    for number in range(60):
        dynamodb.put_item(TableName="votes", Item={"roomId": {"S": str(number)}})
    event = {"event_id": {"S": "e"}, "occurred_at": {"S": "2026-01-01T12:00:00.000Z"}}
    dynamodb.put_item(TableName="outbox", Item=event)
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("NotifierQueue", "Dlq")}
    sqs.send_message(QueueUrl=urls["Dlq"], MessageBody="dead")
    pool = place.client("cognito-idp").create_user_pool(PoolName="p")["UserPool"]["Id"]
    place.client("cognito-idp").admin_create_user(UserPoolId=pool, Username="ann")
    return Inventory(
        {
            TABLE: {"VotesTable": "votes", "RoomsOutboxTable": "outbox"},
            QUEUE: {"NotifierQueue": urls["NotifierQueue"], "NotifierDlq": urls["Dlq"]},
            POOL: {"UserPool": pool},
        }
    )


@pytest.mark.enable_socket
def test_everything_is_counted_and_then_gone(place: Place, parts: Inventory) -> None:
    assert contents(place, parts).everything == 60 + 1 + 1 + 1

    gone = empty(place, parts, "dev", lambda _: None)

    assert gone == 60 + 1 + 1
    assert contents(place, parts).everything == 0


@pytest.mark.enable_socket
def test_prod_is_never_emptied(place: Place, parts: Inventory) -> None:
    with pytest.raises(Protected):
        empty(place, parts, "prod", lambda _: None)

    assert contents(place, parts).everything == 63


@pytest.mark.enable_socket
def test_a_report_names_dead_letters_and_events_that_wait(place: Place, parts: Inventory) -> None:
    found = {finding.what: finding for finding in findings(place, parts)}

    assert found["NotifierDlq"].good is False
    assert found["NotifierQueue"].good is None
    assert found["RoomsOutboxTable"].good is False
    assert "1 events not published" in found["RoomsOutboxTable"].said
    assert found["catalogue"].good is False


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A stack that holds something; what is done to it is noted."""
    done: list[str] = []
    held = cleaning.Contents({"VotesTable": 3}, {}, {})
    monkeypatch.setattr(command, "_place", lambda _: Place("matinee-dev", {}, boto3.Session()))
    monkeypatch.setattr(command, "_stage", lambda _: "dev")
    monkeypatch.setattr(command, "inventory", lambda _: Inventory({}))
    monkeypatch.setattr(cleaning, "contents", lambda *_: held)

    def emptied(*_: object) -> int:
        done.append("emptied")
        return 3

    monkeypatch.setattr(cleaning, "empty", emptied)
    monkeypatch.setattr(removal, "kept", lambda _: ["VotesTable"])
    monkeypatch.setattr(removal, "is_protected", lambda _: True)
    monkeypatch.setattr(removal, "remove", lambda *_, **__: done.append("removed"))
    return done


@pytest.mark.parametrize("name", ["clean-data", "destroy"])
@pytest.mark.parametrize("typed", ["", "yes", "matinee"])
def test_nothing_is_deleted_unless_the_stack_s_name_is_typed(
    name: str,
    typed: str,
    standing: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: typed)

    assert command.main([name]) == 1

    assert standing == []
    assert "Nothing was changed" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "done"), [("clean-data", "emptied"), ("destroy", "removed")])
def test_whoever_types_it_has_been_told_what_goes(
    name: str,
    done: str,
    standing: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "matinee-dev")

    assert command.main([name]) == 0

    assert standing == [done]
    said = capsys.readouterr().out
    assert "VotesTable" in said


def test_a_characters_films_are_of_his_genres_and_none_that_he_dislikes() -> None:
    films: list[dict[str, Any]] = [
        {"id": 1, "title": "A", "genreIds": [27, 878]},
        {"id": 2, "title": "B", "genreIds": [35]},
        {"id": 3, "title": "C", "genreIds": [878]},
    ]

    assert [film["id"] for film in _liked(CAST[0], films)] == [3, 2]


def test_an_entry_is_what_the_original_s_client_sends() -> None:
    film = {"id": 7, "title": "T", "posterPath": "/p.jpg", "releaseDate": None, "genreIds": [28]}

    assert _entry(film) == {
        "mediaId": 7,
        "mediaType": "movie",
        "title": "T",
        "poster_path": "/p.jpg",
        "genreIds": [28],
    }


def test_everybody_in_a_room_is_of_the_cast() -> None:
    names = {one.name for one in CAST}

    assert all(set(people) <= names for _, people in ROOMS)
