"""Sample events with the scene's ids in them, and the variables that SAM needs beside them."""

import json
import stat
from hashlib import md5
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import boto3

from tools.contracts.paths import ROOT
from tools.ops.env_vars import FUNCTION, variables, write_variables
from tools.ops.events.environment import Environment
from tools.ops.inventory import Inventory
from tools.ops.samples.scene import BOB, CODE, EMAIL, FILM, ROOM, filled_in

EVENTS = ROOT / "events"
REAL = {BOB: "bob-s-sub", ROOM: "the-room", FILM: "77", CODE: "ABC234", CODE.lower(): "abc234"}


def filled(name: str) -> Any:  # noqa: ANN401 - any JSON value
    return filled_in((EVENTS / name).read_text(encoding="utf-8"), REAL)


def test_a_call_names_the_room_and_the_user_of_the_scene() -> None:
    call = filled("rooms/RoomsApiFunction.appsync.vote.json")

    assert call["arguments"]["input"] == {"roomId": "the-room", "movieId": 77, "vote": True}
    assert call["identity"]["sub"] == call["identity"]["claims"]["sub"] == "bob-s-sub"


def test_a_code_is_replaced_in_the_letters_that_the_sample_has() -> None:
    assert filled("rooms/RoomsApiFunction.appsync.join-room.json")["arguments"]["input"] == {
        "roomCode": "abc234"
    }
    assert filled("rooms/RoomsApiFunction.appsync.get-room-by-code.json")["arguments"] == {
        "code": "ABC234"
    }


def test_a_message_is_new_to_its_consumer_and_whole() -> None:
    name = "rooms/MatchDetectorFunction.sqs.vote-cast.json"
    [first], [second] = (filled(name)["Records"] for _ in range(2))
    event = json.loads(first["body"])["detail"]

    assert event["data"]["room_id"] == "the-room"
    assert event["data"]["movie_id"] == 77
    assert first["md5OfBody"] == md5(first["body"].encode()).hexdigest()  # noqa: S324 - as SQS
    ids = {json.loads(one["body"])["detail"]["metadata"]["event_id"] for one in (first, second)}
    assert len(ids) == 2


def test_a_message_that_is_no_event_stays_as_it_is() -> None:
    name = "rooms/MatchDetectorFunction.sqs.not-json.json"

    assert filled(name) == json.loads((EVENTS / name).read_text(encoding="utf-8"))


def test_a_sample_without_names_stays_as_it_is() -> None:
    text = (EVENTS / "auth" / "SigninFunction.http.valid.json").read_text(encoding="utf-8")

    assert EMAIL in text
    assert filled_in(text, {}) == json.loads(text)


def test_the_variables_of_the_deployed_functions_are_written_for_their_owner(
    tmp_path: Path,
) -> None:
    deployed = {"matinee-Notifier-1": {"Variables": {"TABLE": "t"}}, "matinee-Status-2": None}

    def configuration(FunctionName: str) -> dict[str, Any]:  # noqa: N803 - as AWS has it
        found = deployed[FunctionName]
        return {"Environment": found} if found else {}

    lambda_ = SimpleNamespace(get_function_configuration=configuration)
    session = cast("boto3.Session", SimpleNamespace(client=lambda *_, **__: lambda_))
    parts = Inventory({FUNCTION: {"Notifier": "matinee-Notifier-1", "Status": "matinee-Status-2"}})
    out = tmp_path / "new" / "env-vars.json"

    write_variables(variables(Environment("matinee", {}, session), parts), out)

    assert json.loads(out.read_text(encoding="utf-8")) == {"Notifier": {"TABLE": "t"}, "Status": {}}
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
