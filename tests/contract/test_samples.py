"""The samples for `sam local invoke` are what triggers send."""

import json
import shutil
from collections.abc import Callable
from hashlib import md5
from typing import Any

import pytest

from rooms.api.resolvers import RESOLVERS
from tests.contract.breaking import faults, rewrite, rewrite_json
from tools.contracts import samples
from tools.contracts.paths import ROOT
from tools.contracts.project import Project
from tools.contracts.refusals import REFUSALS, Refusal

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics")

SAMPLES = ROOT / "events" / "rooms"
CALLS = sorted(SAMPLES.glob("RoomsApiFunction.appsync.*.json"))


def sample(name: str) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads((SAMPLES / f"{name}.json").read_text())


def test_every_field_of_the_graphql_api_has_a_good_sample() -> None:
    fields = {
        f"{call['info']['parentTypeName']}.{call['info']['fieldName']}"
        for call in (json.loads(path.read_text()) for path in CALLS)
    }

    assert fields == set(RESOLVERS)


def change_record(body: Callable[[dict[str, Any]], object]) -> Callable[[Any], object]:
    """Change the body of a message, and its digest with it."""

    def change(event: Any) -> None:  # noqa: ANN401 - any JSON value
        record = event["Records"][0]
        content = json.loads(record["body"])
        body(content)
        record["body"] = json.dumps(content)
        record["md5OfBody"] = md5(record["body"].encode()).hexdigest()  # noqa: S324 - as SQS

    return change


def change_item(detail: Callable[[dict[str, Any]], object]) -> Callable[[Any], object]:
    """Change the event in an outbox item."""

    def change(event: Any) -> None:  # noqa: ANN401 - any JSON value
        image = event["Records"][0]["dynamodb"]["NewImage"]
        content = json.loads(image["detail"]["S"])
        detail(content)
        image["detail"]["S"] = json.dumps(content)

    return change


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        (
            "MatchDetectorFunction.sqs.vote-cast",
            change_record(lambda event: event["detail"]["data"].pop("vote")),
            "is refused, as ContractViolation: data.vote: Field required",
        ),
        (
            "MatchDetectorFunction.sqs.vote-cast",
            change_record(lambda event: event.update({"detail-type": "MatchFound"})),
            "detail-type is MatchFound, event_type VoteCast",
        ),
        (
            "MatchDetectorFunction.sqs.vote-cast",
            change_record(lambda event: event.pop("account")),
            "has not its trigger's form: account",
        ),
        (
            "MatchDetectorFunction.sqs.vote-cast",
            lambda event: event["Records"][0].update(md5OfBody="0" * 32),
            "md5OfBody is not the digest of body",
        ),
        (
            "NotifierFunction.sqs.match-found",
            lambda event: event["Records"][0].pop("eventSourceARN"),
            "has not its trigger's form: Records.0.eventSourceARN",
        ),
        (
            "RoomsRelayFunction.stream.vote-cast",
            change_item(lambda detail: detail["data"].update(movie_id="x")),
            "is refused, as ContractViolation: data.movie_id",
        ),
        (
            "RoomsRelayFunction.stream.vote-cast",
            lambda event: event["Records"][0]["dynamodb"]["NewImage"].update(
                source={"S": "matinee.library"}
            ),
            "the item's attributes are not those of the event in it",
        ),
        (
            "RoomsRelayFunction.stream.vote-cast",
            lambda event: event["Records"][0]["dynamodb"]["Keys"].update(event_id={"S": "x"}),
            "Keys are not those of NewImage",
        ),
        (
            "RoomsRelayFunction.stream.vote-cast",
            lambda event: event["Records"][0].update(eventName="REMOVE"),
            "has not its trigger's form: Records.0.eventName",
        ),
        (
            "RoomsRelayFunction.schedule.sweep",
            lambda event: event.update(sweep=False),
            "no schedule of RoomsRelayFunction sends this",
        ),
        (
            "RoomsApiFunction.appsync.vote",
            lambda event: event["arguments"]["input"].update(vote="yes"),
            "arguments.vote: Boolean cannot represent",
        ),
        (
            "RoomsApiFunction.appsync.vote",
            lambda event: event["arguments"].update(userId="me"),
            "vote has no argument userId",
        ),
        (
            "RoomsApiFunction.appsync.vote",
            lambda event: event["arguments"].clear(),
            "the argument input is missing",
        ),
        (
            "RoomsApiFunction.appsync.vote",
            lambda event: event["info"]["selectionSetList"].append("match/titel"),
            "selectionSetList has match/titel, the schema has not",
        ),
        (
            "RoomsApiFunction.appsync.vote",
            lambda event: event["info"].update(fieldName="veto"),
            "the schema has no field Mutation.veto",
        ),
        (
            "RoomsApiFunction.appsync.vote",
            lambda event: event["arguments"]["input"].update(roomId="the blue one"),
            "is refused, as InvalidInput: roomId",
        ),
        (
            "RoomsApiFunction.appsync.vote",
            lambda event: event.pop("info"),
            "is not what the resolver sends",
        ),
        (
            "RoomsApiFunction.appsync.genre-twice",
            lambda event: event["arguments"]["input"]["genreIds"].pop(),
            "ought to be refused as InvalidInput, and is taken",
        ),
        (
            "RoomsApiFunction.appsync.no-vote",
            lambda event: event.update(identity=None),
            "ought to be refused as InvalidInput, not Unauthorized",
        ),
        (
            "RoomsApiFunction.appsync.unknown-room",
            lambda event: event["arguments"]["input"].update(roomId="x"),
            "is refused before any table is asked, as InvalidInput",
        ),
    ],
)
def test_a_sample_that_is_not_what_its_name_says_is_reported(
    copy: Project, name: str, change: Callable[[Any], object], reason: str
) -> None:
    path = copy.samples / "rooms" / f"{name}.json"
    rewrite_json(path, change)

    assert f"events/rooms/{name}.json: {reason}" in faults(samples.unfit, copy)


def test_a_request_that_no_route_takes_is_reported(copy: Project) -> None:
    path = copy.samples / "auth" / "SigninFunction.http.valid.json"
    rewrite(path, "/auth/signin", "/auth/sign-in")

    assert "SigninFunction.http.valid.json: is refused, as RouteNotFound" in faults(
        samples.unfit, copy
    )


def test_a_request_whose_parts_contradict_one_another_is_reported(copy: Project) -> None:
    path = copy.samples / "auth" / "SigninFunction.http.valid.json"
    rewrite_json(path, lambda event: event.update(rawPath="/status"))

    assert "rawPath, routeKey and requestContext.http do not say the same" in faults(
        samples.unfit, copy
    )


def test_a_body_that_its_route_does_not_take_is_reported(copy: Project) -> None:
    path = copy.samples / "auth" / "SigninFunction.http.valid.json"
    rewrite_json(path, lambda event: event.update(body="[]"))

    assert "is refused, as MalformedBody" in faults(samples.unfit, copy)


def test_an_invocation_that_breaks_its_contract_is_reported(copy: Project) -> None:
    path = copy.samples / "catalog" / "DiscoverFunction.invoke.valid.json"
    rewrite_json(path, lambda event: event.update(mediaType="OPERA"))

    assert "DiscoverFunction.invoke.valid.json: is refused, as InvalidInput" in faults(
        samples.unfit, copy
    )


def test_a_sample_that_is_not_json_is_reported(copy: Project) -> None:
    (copy.samples / "rooms" / "RoomsApiFunction.appsync.vote.json").write_text("{")

    assert "RoomsApiFunction.appsync.vote.json: is not JSON" in faults(samples.unfit, copy)


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("rooms/vote.json", "is not named"),
        ("vote.json", "is not named"),
        ("rooms/GoneFunction.appsync.vote.json", "the template has no function GoneFunction"),
        ("auth/RoomsApiFunction.appsync.vote.json", "RoomsApiFunction is a function of rooms"),
        ("rooms/RoomsApiFunction.pigeon.vote.json", "no trigger is called pigeon"),
    ],
)
def test_a_sample_in_the_wrong_place_is_reported(copy: Project, to: str, reason: str) -> None:
    shutil.move(copy.samples / "rooms" / "RoomsApiFunction.appsync.vote.json", copy.samples / to)

    assert f"events/{to}: {reason}" in faults(samples.unfit, copy)


def test_a_bad_sample_that_is_gone_is_reported(copy: Project) -> None:
    (copy.samples / "rooms" / "RoomsApiFunction.appsync.genre-twice.json").unlink()

    assert "genre-twice.json: is missing; the table of refusals" in faults(samples.unfit, copy)


def test_a_trigger_without_a_good_sample_is_reported(copy: Project) -> None:
    (copy.samples / "rooms" / "RoomsRelayFunction.schedule.sweep.json").unlink()

    assert "RoomsRelayFunction has no good sample of schedule" in faults(samples.uncovered, copy)


def test_a_function_without_a_bad_sample_is_reported(copy: Project) -> None:
    table = {key: refusal for key, refusal in REFUSALS.items() if "NotifierFunction" not in key}

    found = [str(fault) for fault in samples.uncovered(copy, table)]

    assert "events/rooms: NotifierFunction has no bad sample" in found


def test_a_bad_sample_without_a_refusal_is_reported(copy: Project) -> None:
    key = "rooms/RoomsApiFunction.appsync.genre-twice.json"
    table: dict[str, Refusal] = {name: how for name, how in REFUSALS.items() if name != key}

    found = {str(fault) for fault in samples.unfit(copy, table)}

    (told,) = found - {str(fault) for fault in samples.unfit(copy)}
    assert f"events/{key}: is refused, as InvalidInput" in told
