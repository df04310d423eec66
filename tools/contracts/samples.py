"""The sample events for `sam local invoke`: events/<service>/<Function>.<trigger>.<case>.json.

Every function of the template has a good one for each of its triggers, and a bad one.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.contracts.project import Fault, Project
from tools.contracts.refusals import REFUSALS, REFUSES_NOTHING, Refusal
from tools.contracts.triggers import JUDGES, Function, Misshapen, Refused

_NAME = re.compile(
    r"^(?P<function>[A-Z][A-Za-z0-9]+)\.(?P<trigger>[a-z]+)\.(?P<case>[a-z0-9-]+)\.json$"
)
_TRIGGERS = {
    "SQS": "sqs",
    "DynamoDB": "stream",
    "Schedule": "schedule",
    "ScheduleV2": "schedule",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample event. `key` is its path below events/."""

    key: str
    path: Path
    function: str
    trigger: str
    case: str

    def read(self) -> Any:  # noqa: ANN401 - any JSON value
        """Read the event."""
        return json.loads(self.path.read_text(encoding="utf-8"))


def samples_of(project: Project) -> Iterator[Sample]:
    """Yield the samples whose names are well formed."""
    for path in sorted(project.samples.glob("*/*.json")):
        if match := _NAME.match(path.name):
            key = path.relative_to(project.samples).as_posix()
            yield Sample(key, path, match["function"], match["trigger"], match["case"])


def functions_of(project: Project) -> Mapping[str, Function]:
    """Return the functions of the template, by their logical ids."""
    return {
        logical_id: Function(logical_id, resource["Properties"], project)
        for logical_id, resource in project.template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def unfit(project: Project, refusals: Mapping[str, Refusal] = REFUSALS) -> Iterator[Fault]:
    """Find samples that are not what their names and the table of refusals say."""
    functions = functions_of(project)
    for path in sorted(project.samples.rglob("*.json")):
        if not _NAME.match(path.name) or path.parent.parent != project.samples:
            yield Fault(
                project.shown(path), "is not named <service>/<Function>.<trigger>.<case>.json"
            )
    for sample in samples_of(project):
        function = functions.get(sample.function)
        place = project.shown(sample.path)
        if function is None:
            yield Fault(place, f"the template has no function {sample.function}")
        elif function.service != sample.path.parent.name:
            yield Fault(place, f"{sample.function} is a function of {function.service}")
        elif sample.trigger not in JUDGES:
            yield Fault(place, f"no trigger is called {sample.trigger}")
        else:
            yield from _judged(function, sample, place, refusals.get(sample.key))
    for key in sorted(refusals.keys() - {sample.key for sample in samples_of(project)}):
        yield Fault(f"events/{key}", "is missing; the table of refusals names it")


def uncovered(project: Project, refusals: Mapping[str, Refusal] = REFUSALS) -> Iterator[Fault]:
    """Find functions without a good sample for each trigger, or without a bad one.

    One that refuses nothing has no bad one.
    """
    samples = list(samples_of(project))
    for function in functions_of(project).values():
        own = [sample for sample in samples if sample.function == function.logical_id]
        good = {sample.trigger for sample in own if sample.key not in refusals}
        place = f"events/{function.service}"
        for trigger in sorted(triggers_of(function) - good):
            yield Fault(place, f"{function.logical_id} has no good sample of {trigger}")
        refused = any(sample.key in refusals for sample in own)
        if refused == (function.logical_id in REFUSES_NOTHING):
            wrong = "a bad sample, and refuses nothing" if refused else "no bad sample"
            yield Fault(place, f"{function.logical_id} has {wrong}")


def triggers_of(function: Function) -> set[str]:
    """Return what wakes a function; one that nothing wakes is invoked by another one."""
    found = {_TRIGGERS[event["Type"]] for event in function.events.values()}
    if function.routes:
        found.add("http")
    if function.answers_graphql:
        found.add("appsync")
    if function.user_pool_triggers:
        found.add("cognito")
    return found or {"invoke"}


def _judged(
    function: Function, sample: Sample, place: str, expected: Refusal | None
) -> Iterator[Fault]:
    try:
        event = sample.read()
    except json.JSONDecodeError as error:
        yield Fault(place, f"is not JSON: {error}")
        return
    refused: Refused | None = None
    try:
        JUDGES[sample.trigger](function, event)
    except Misshapen as error:
        yield Fault(place, str(error))
        return
    except Refused as error:
        refused = error
    match expected, refused:
        case None, Refused():
            yield Fault(place, f"is refused, as {refused.code}: {refused}")
        case Refusal(by="input"), None:
            yield Fault(place, f"ought to be refused as {expected.error}, and is taken")
        case Refusal(by="input"), Refused() if refused.code != expected.error:
            yield Fault(place, f"ought to be refused as {expected.error}, not {refused.code}")
        case Refusal(by="state"), Refused():
            yield Fault(place, f"is refused before any table is asked, as {refused.code}")
