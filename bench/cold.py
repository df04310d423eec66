"""Cold starts: what the first caller of a function waits for, beside a function that does little.

Every function as packaged, under Lambda's runtime interface emulator, by turns with the yardstick:
a handler with a DynamoDB client of boto3 that reads one item. Both find an AWS that answers at once
(`bench.aws_stub`). Measured is the processor time of the instance's process, in two parts: its
start (interpreter, imports, what is made before any request), and its answer to a first request,
the first of its good samples that touches a table; besides, both by the clock, and the memory then.
A function without a table answers its first sample.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.aws_stub import AwsStub
from bench.report import Report, Settings, note
from tools.contracts.refusals import REFUSALS
from tools.lambda_runtime.built import Function, built_functions, size
from tools.lambda_runtime.finishing import finish
from tools.lambda_runtime.invocation import EVENTS, samples
from tools.lambda_runtime.machine import Machine
from tools.templates import load_product, routes_of

ROUNDS = 5
TARGET = 1.5
ROOT = Path(__file__).parents[1]
YARDSTICK = "bare boto3"
UNCOMPILED = "RoomsApiFunction, not compiled"
BARE_HANDLER = '''"""The yardstick."""
import boto3

CLIENT = boto3.client("dynamodb")


def handler(event, context):
    """Read an item."""
    if "warmup" in event:
        return {"warmed": True}
    return CLIENT.get_item(TableName="table", Key={"id": {"S": "1"}}).get("Item")
'''
_KILO = 1000


WARMUP = {"warmup": True}


@dataclass(slots=True)
class Starts:
    """What each start of a function took.

    Milliseconds of the processor and by the clock, for the start and for the first answer; and
    megabytes then.
    """

    init: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    init_by_clock: list[float] = field(default_factory=list)
    answer_by_clock: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    @property
    def processor(self) -> float:
        """The median of both parts together, in milliseconds."""
        return statistics.median(map(sum, zip(self.init, self.answer, strict=True)))

    @property
    def parts(self) -> tuple[float, float, float, float, float]:
        """The median of each list, in their order."""
        lists = (
            self.init,
            self.answer,
            self.init_by_clock,
            self.answer_by_clock,
            self.megabytes,
        )
        init, answer, init_by_clock, answer_by_clock, megabytes = map(statistics.median, lists)
        return init, answer, init_by_clock, answer_by_clock, megabytes


def run(_: Settings, report: Report) -> None:
    """Measure and report."""
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder) / "build"
        _sam_build(build)
        uncompiled = Path(folder) / "uncompiled"
        shutil.copytree(build, uncompiled)
        finish(build)
        functions = built_functions(build)
        measured = {YARDSTICK: _bare(Path(folder)), **functions}
        measured[UNCOMPILED] = built_functions(uncompiled)["RoomsApiFunction"]
        starts = _measure(measured)
        _tell(report, functions, starts)


def _measure(functions: Mapping[str, Function]) -> dict[str, Starts]:
    """Start each by turns, so that whatever else the machine does hits all of them alike."""
    starts: dict[str, Starts] = {name: Starts() for name in functions}
    with AwsStub.running() as aws:
        requests = {name: first_request(function, aws) for name, function in functions.items()}
        for number in range(ROUNDS):
            note(f"round {number + 1} of {ROUNDS}")
            for name, function in functions.items():
                measure(function, requests[name], aws, starts[name])
    return starts


def first_request(function: Function, aws: AwsStub) -> object:
    """Return the first good sample that has a function touch a table; else the first of all."""
    if function.name == YARDSTICK:
        return {}
    good = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in samples(function.name)
        if path.relative_to(EVENTS).as_posix() not in REFUSALS
    ]
    for event in good:
        with Machine.running(function, aws.environment) as machine:
            machine.invoke(WARMUP)
            before = len(aws.calls)
            machine.invoke(event)
            if any(call.startswith("DynamoDB") for call in aws.calls[before:]):
                return event
    return good[0]


def measure(function: Function, event: object, aws: AwsStub, starts: Starts) -> None:
    """Start an instance, give it a request, and add what both took."""
    with Machine.running(function, aws.environment) as machine:
        warmed = machine.invoke(WARMUP)  # returns before the handler: all of it is the start
        if warmed.failed:
            message = f"{function.name}: {warmed.body}"
            raise RuntimeError(message)
        init = machine.processor_milliseconds
        machine.invoke(event)
        starts.init.append(init)
        starts.answer.append(machine.processor_milliseconds - init)
        starts.init_by_clock.append(machine.init_milliseconds)
        starts.answer_by_clock.append(machine.invoke_milliseconds)
        starts.megabytes.append(machine.peak_megabytes)


def _tell(report: Report, functions: Mapping[str, Function], starts: dict[str, Starts]) -> None:
    bare = starts[YARDSTICK].processor
    interfaces = sorted(name for name in functions if _answers_people(name))
    report.say(" ".join((__doc__ or "").split("\n\n", maxsplit=1)[1].split()))
    report.say(
        f"Medians of {ROUNDS} starts. Absolute times are this machine's, which is busy with other "
        "things too, as the clock shows; what counts is the ratio of the processor times."
    )
    rows = []
    for name, found in sorted(starts.items(), key=lambda pair: pair[1].processor):
        init, answer, init_by_clock, answer_by_clock, megabytes = found.parts
        code = f"{size(functions[name].code).packed / _KILO:,.0f}" if name in functions else "-"
        rows.append(
            (
                name,
                "yes" if name in interfaces else "",
                f"{init:.0f}",
                f"{answer:.0f}",
                f"{init_by_clock:.0f}",
                f"{answer_by_clock:.0f}",
                f"{found.processor / bare:.2f}",
                f"{megabytes:.0f}",
                code,
            )
        )
    report.table(
        (
            "function",
            "people wait",
            "start, ms",
            "first answer, ms",
            "start by the clock",
            "answer by the clock",
            "both, of the bare",
            "memory, MB",
            "code, KB",
        ),
        rows,
        words=2,
    )
    layers = {layer.name: layer for function in functions.values() for layer in function.layers}
    for name, layer in layers.items():
        weight = size(layer)
        report.say(
            f"{name}: {weight.unpacked / _KILO**2:.1f} MB, zipped {weight.packed / _KILO**2:.1f}, "
            "compiled modules included."
        )
    report.record("starts", {name: asdict(found) for name, found in starts.items()})
    dearest = max(interfaces, key=lambda name: starts[name].processor)
    ratio = starts[dearest].processor / bare
    waited = [starts[name].processor / bare for name in interfaces]
    report.headline("a function that people wait for, median", statistics.median(waited), "of bare")
    report.headline("a function that people wait for, dearest", ratio, "of bare")
    report.heading("Targets")
    report.verdict(
        f"a function that people wait for starts and answers within {TARGET} times the bare one",
        met=ratio <= TARGET,
        measured=f"{ratio:.2f} at the dearest, {dearest}",
    )


def _answers_people(name: str) -> bool:
    """Return whether a caller waits for this function: no relay, consumer or trigger."""
    template = load_product()
    sources = json.dumps(
        [
            resource["Properties"].get("LambdaConfig", {})
            for resource in template["Resources"].values()
            if resource["Type"] == "AWS::AppSync::DataSource"
        ]
    )
    return name in {route.function for route in routes_of(template)} or f'"{name}.Alias"' in sources


def _bare(folder: Path) -> Function:
    code = folder / "bare"
    code.mkdir()
    (code / "bare.py").write_text(BARE_HANDLER)
    return Function(YARDSTICK, "bare.handler", 512, 10, code, (), {})


def _sam_build(folder: Path) -> None:
    binaries = Path(sys.executable).parent
    environment = os.environ | {
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
    }
    subprocess.run(  # noqa: S603 - the project's own tool
        [str(binaries / "sam"), "build", "--build-dir", str(folder), "--no-cached"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )
