"""A refresh of the running product: titles a minute, the rate against its limit, a worker's memory.

TMDB is the stand-in, which counts every request. The limit is first lowered to what this machine
can easily keep up with, which shows how near the shared rate comes to a limit; then it is the
product's own, which shows what this machine can do: the emulator hands messages to functions one
by one, and publishes events in between, so that two or three of the five workers are busy.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

import boto3
import httpx

from bench.latency import a_product
from bench.report import Report, Settings, note
from tools.client import Stack
from tools.local.workers import workers_of
from tools.refresh.operator import Operator

WORKER = "RefreshWorkerFunction"
WORKERS = 5
LISTS = 6
PAGES = 20
LIMIT = 40
LOW_LIMIT = 10
LOW_PAGES = 2
ORIGINAL = (50, 100)
"""Titles that the original managed in one invocation of four minutes."""

NEAR = 0.8
"""Of a limit that the machine keeps up with."""

WARM, COOL = 0.15, 0.85
"""The share of the pages between which the rate is measured: neither a cold start nor the tail."""

MEMORY = 512
MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Refresh:
    """One refresh. `rate` is in requests a second, `steady` the same without start and tail."""

    limit: int
    pages: int
    rows: int
    fetched: int
    requests: int
    repeated: int
    seconds: float
    rate: float
    steady: float
    most_in_a_second: int
    failures: int
    peak_memory: int

    @property
    def titles_a_minute(self) -> float:
        """Titles whose details were fetched and stored, per minute."""
        return self.fetched / self.seconds * 60


def run(settings: Settings, report: Report) -> None:
    """Measure, print, judge."""
    with a_product(settings) as (stack, whose), Operator.of(stack) as operator:
        note(f"  at {LOW_LIMIT} requests a second ...")
        set_limit(stack, LOW_LIMIT)
        try:
            low = measure(stack, operator, LOW_LIMIT, LOW_PAGES)
        finally:
            set_limit(stack, LIMIT)
        note(f"  at {LIMIT} requests a second ...")
        full = measure(stack, operator, LIMIT, PAGES)
    report.say(
        f"On {whose}, with an empty cache: six lists, {WORKERS} workers, the TMDB stand-in, tables,"
        " queue and functions all on one machine, whose emulator hands out messages one by one: two"
        " or three workers are busy. What the first refresh has fetched is fresh for the second."
    )
    print_figures(report, [low, full])
    judge(report, low, full)
    report.record("refreshes", [asdict(refresh) for refresh in (low, full)])


def measure(stack: Stack, operator: Operator, limit: int, pages: int) -> Refresh:
    """Refresh once, and look at it from outside."""
    origin = str(httpx.URL(stack.tmdb_url).copy_with(path="/"))
    with httpx.Client(base_url=origin, timeout=30) as tmdb:
        tmdb.post("/__stats/reset").raise_for_status()
        run_id = operator.begin("lists", pages)
        samples: list[tuple[float, int, float]] = []
        memory = 0
        while True:
            state = operator.look(run_id)
            asked = tmdb.get("/__stats").json()
            share = state["pagesDone"] / state["pages"]
            samples.append((time.perf_counter(), asked["requests"], share))
            memory = max(
                memory,
                *(worker.peak_memory() for worker in workers_of(WORKER, stack.emulator_url)),
                0,
            )
            if state["state"] != "running":
                break
            time.sleep(0.5)
    return Refresh(
        limit=limit,
        pages=state["pagesDone"],
        rows=state["titles"],
        fetched=len(asked["exact"]) - state["pagesDone"],
        requests=asked["requests"],
        repeated=asked["requests"] - len(asked["exact"]),
        seconds=state["elapsed"],
        rate=asked["requests"] / state["elapsed"],
        steady=_steady(samples),
        most_in_a_second=asked["max_in_one_second"],
        failures=state["failures"],
        peak_memory=memory,
    )


def _steady(samples: Sequence[tuple[float, int, float]]) -> float:
    middle = [(at, requests) for at, requests, share in samples if WARM <= share <= COOL]
    (began, before), (ended, after) = middle[0], middle[-1]
    return (after - before) / (ended - began)


def set_limit(stack: Stack, limit: int) -> None:
    """Set another limit for the workers than the template's."""
    name = stack.outputs[f"{WORKER}Name"]
    with closing(_lambda(stack)) as functions:
        environment = functions.get_function_configuration(FunctionName=name)["Environment"]
        variables = environment["Variables"] | {"TMDB_REQUESTS_PER_SECOND": str(limit)}
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables}
        )


def _lambda(stack: Stack) -> Any:  # noqa: ANN401 - a client of the emulator
    return boto3.client(
        "lambda",
        endpoint_url=stack.emulator_url,
        region_name=stack.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator's
    )


def print_figures(report: Report, refreshes: Sequence[Refresh]) -> None:
    """Print a column for each refresh."""
    rows: Mapping[str, Sequence[object]] = {
        "pages": [each.pages for each in refreshes],
        "rows of lists": [each.rows for each in refreshes],
        "titles fetched": [each.fetched for each in refreshes],
        "requests to TMDB": [each.requests for each in refreshes],
        "of them repeated": [each.repeated for each in refreshes],
        "seconds": [f"{each.seconds:.1f}" for each in refreshes],
        "titles fetched a minute": [f"{each.titles_a_minute:.0f}" for each in refreshes],
        "requests a second, of all": [f"{each.rate:.1f}" for each in refreshes],
        "requests a second, steady": [f"{each.steady:.1f}" for each in refreshes],
        "share of the limit, steady": [f"{each.steady / each.limit:.0%}" for each in refreshes],
        "most in any one second": [each.most_in_a_second for each in refreshes],
        "a worker's peak memory (MiB)": [
            f"{each.peak_memory / MEBIBYTE:.0f}" for each in refreshes
        ],
    }
    report.table(
        ["", *(f"limit {each.limit}/s" for each in refreshes)],
        [[name, *figures] for name, figures in rows.items()],
    )
    report.say(
        f"An invocation reads one page: twenty titles, in about "
        f"{WORKERS * refreshes[-1].seconds / refreshes[-1].pages:.1f} s here. The original managed "
        f"{ORIGINAL[0]}-{ORIGINAL[1]} titles in an invocation of four minutes: at most 25 a minute."
    )


def judge(report: Report, low: Refresh, full: Refresh) -> None:
    """Compare with what is promised."""
    report.heading("Targets")
    for each in (low, full):
        report.verdict(
            f"no second above the limit of {each.limit}",
            met=each.most_in_a_second <= each.limit,
            measured=f"at most {each.most_in_a_second}",
        )
    report.verdict(
        "nothing asked for twice, nothing missing",
        met=low.repeated + full.repeated + low.failures + full.failures == 0,
        measured=f"{low.repeated + full.repeated} repeated, {low.failures + full.failures} missing",
    )
    report.verdict(
        f"at least {NEAR:.0%} of a limit that the machine keeps up with",
        met=low.steady >= NEAR * low.limit,
        measured=f"{low.steady / low.limit:.0%} of {low.limit}/s",
    )
    report.verdict(
        f"a worker needs less than half of its {MEMORY} MiB",
        met=max(low.peak_memory, full.peak_memory) < MEMORY * MEBIBYTE / 2,
        measured=f"{max(low.peak_memory, full.peak_memory) / MEBIBYTE:.0f} MiB",
    )
