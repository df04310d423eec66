"""Cold starts: what the first caller of a function waits for, beside a function that does nothing.

Every function as packaged, under Lambda's runtime interface emulator, by turns with the yardstick:
a handler that makes a DynamoDB client of boto3 and answers. What is measured is the processor time
of the instance's process until its first answer (interpreter, imports, what is made while it starts
and a warm-up event), its memory then, and how long the start took by the clock.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.report import Report, Settings, note
from tools.lambda_runtime.built import Function, built_functions, size
from tools.lambda_runtime.finishing import finish
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
    """Return."""
    return {"warmed": bool(CLIENT)}
'''
_KILO = 1000


@dataclass(slots=True)
class Starts:
    """What the starts of one function took: of the processor, by the clock; and memory then."""

    processor: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)


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
    for number in range(ROUNDS):
        note(f"round {number + 1} of {ROUNDS}")
        for name, function in functions.items():
            with Machine.running(function, {}) as machine:
                answer = machine.invoke({"warmup": True})
                if answer.failed:
                    message = f"{name}: {answer.body}"
                    raise RuntimeError(message)
                starts[name].processor.append(machine.processor_milliseconds)
                starts[name].milliseconds.append(machine.init_milliseconds)
                starts[name].megabytes.append(machine.peak_megabytes)
    return starts


def _tell(report: Report, functions: Mapping[str, Function], starts: dict[str, Starts]) -> None:
    bare = statistics.median(starts[YARDSTICK].processor)
    interfaces = sorted(name for name in functions if _answers_people(name))
    report.say(" ".join((__doc__ or "").split("\n\n", maxsplit=1)[1].split()))
    report.say(
        f"Medians of {ROUNDS} starts. Absolute times are this machine's, which is busy with other "
        "things too, as the clock shows; what counts is the ratio of the processor times."
    )
    rows = []
    for name, found in sorted(
        starts.items(), key=lambda pair: statistics.median(pair[1].processor)
    ):
        start = statistics.median(found.processor)
        code = f"{size(functions[name].code).packed / _KILO:,.0f}" if name in functions else "-"
        rows.append(
            (
                name,
                "yes" if name in interfaces else "",
                f"{start:.0f}",
                f"{statistics.median(found.milliseconds):.0f}",
                f"{start / bare:.2f}",
                f"{statistics.median(found.megabytes):.0f}",
                code,
            )
        )
    report.table(
        (
            "function",
            "people wait",
            "processor, ms",
            "by the clock",
            "of the bare",
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
    report.record(
        "starts",
        {
            name: {
                "processor": found.processor,
                "milliseconds": found.milliseconds,
                "megabytes": found.megabytes,
            }
            for name, found in starts.items()
        },
    )
    dearest = max(interfaces, key=lambda name: statistics.median(starts[name].processor))
    ratio = statistics.median(starts[dearest].processor) / bare
    report.heading("Targets")
    report.verdict(
        f"a function that people wait for starts within {TARGET} times the bare one",
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
