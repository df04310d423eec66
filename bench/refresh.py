"""A refresh of the running product: titles a minute, the rate against its limit, a worker's memory.

TMDB is the stand-in, which counts every request. First the limit is lowered to what the emulator
can keep up with. Then it is the product's own, twice: with workers in processes of their own that
take their messages from the queue themselves, as many at once as on AWS (`bench.refresh_driver`),
and with the emulator's one message a poll, which keeps two or three of the five workers busy.

The workers' own come first: what one refresh has fetched is fresh for the next, and pages with few
titles left to fetch measure the tables, not the rate. Five workers need every slot only if all else
that they do for a page of n requests takes less than 4 n slots: 0.1 n seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

import httpx

from bench.latency import a_product
from bench.report import Report, Settings, note
from tools.local.emulator import Aws
from tools.local.workers import workers_of
from tools.ops.client import Stack
from tools.ops.refresh.operator import Operator

WORKER = "RefreshWorkerFunction"
WORKERS = 5
LISTS = 6
PAGES = 20
GENRE_PAGES = 10
LIMIT = 40
LOW_LIMIT = 10
LOW_PAGES = 2
ORIGINAL = (50, 100)
"""Titles that the original managed in one invocation of four minutes."""

NEAR, DRIVEN_NEAR = 0.8, 0.9
"""Of a limit that the emulator's polls keep up with, and of the product's with workers alone."""

WARM, COOL = 0.15, 0.85
"""The share of the pages between which the rate is measured: neither a cold start nor the tail."""

MEMORY = 512
MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Refresh:
    """One refresh. `rate` is in requests a second, `steady` the same without start and tail."""

    name: str
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
    slots_missed: int | None = None

    @property
    def titles_a_minute(self) -> float:
        """Titles whose details were fetched and stored, per minute."""
        return self.fetched / self.seconds * 60


def run(settings: Settings, report: Report) -> None:
    """Measure, print, judge."""
    with a_product(settings) as (stack, whose), Operator.of(stack) as operator:
        refreshes = []
        try:
            set_limit(stack, LOW_LIMIT)
            refreshes.append(measure(stack, operator, "polled", LOW_LIMIT, LOW_PAGES))
            set_limit(stack, LIMIT)
            with driven(stack) as missed:
                free = measure(stack, operator, "driven", LIMIT, PAGES)
            refreshes.append(replace(free, slots_missed=sum(missed)))
            refreshes.append(
                measure(stack, operator, "polled", LIMIT, GENRE_PAGES, scope="everything")
            )
        finally:
            set_limit(stack, LIMIT)
    report.say(
        f"On {whose}, with an empty cache: six lists, {WORKERS} workers, the TMDB stand-in, tables "
        "and queue all on one machine. `polled`: the emulator hands out messages one by one, so "
        f"that two or three workers are busy. `driven`: {WORKERS} processes take their messages "
        "from the queue themselves, as Lambda's pollers give them to as many instances. AWS adds "
        "the way to its tables and queue (a few milliseconds a call, fifteen calls a page, in "
        "which another worker asks), cold starts at the first messages, and a part of a processor "
        "for each worker. What one refresh has fetched is fresh for the next; the last one reads "
        "the 35 lists of genres, too. A slot is missed when its worker wakes up too late for it: "
        "it is lost, and the request takes another."
    )
    print_figures(report, refreshes)
    judge(report, *refreshes)
    report.record("refreshes", [asdict(refresh) for refresh in refreshes])


@contextmanager
def driven(stack: Stack) -> Iterator[list[int]]:
    """Run the workers in processes of our own; yields, in the end, how many slots each missed."""
    function = stack.outputs[f"{WORKER}Name"]
    functions = Aws(stack.emulator_url).lambda_
    [mapping] = functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    variables = functions.get_function_configuration(FunctionName=function)["Environment"]
    environment = os.environ | variables["Variables"] | _access(stack)
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    processes = [
        subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "bench.refresh_driver"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(WORKERS)
    ]
    missed: list[int] = []
    try:
        yield missed
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            told, _ = process.communicate()
            missed.append(int(told.splitlines()[-1]))
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def _access(stack: Stack) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": stack.emulator_url,
        "AWS_REGION": stack.region,
        "AWS_DEFAULT_REGION": stack.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def measure(  # noqa: PLR0913 - what is told apart
    stack: Stack, operator: Operator, name: str, limit: int, pages: int, *, scope: str = "lists"
) -> Refresh:
    """Refresh once, and look at it from outside."""
    note(f"  {name} at {limit} requests a second ...")
    origin = str(httpx.URL(stack.tmdb_url).copy_with(path="/"))
    with httpx.Client(base_url=origin, timeout=30) as tmdb:
        tmdb.post("/__stats/reset").raise_for_status()
        run_id = operator.begin(scope, pages)
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
        name=name,
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
    functions = Aws(stack.emulator_url).lambda_
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]
    variables = environment["Variables"] | {"TMDB_REQUESTS_PER_SECOND": str(limit)}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


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
        "slots missed": [
            "-" if each.slots_missed is None else each.slots_missed for each in refreshes
        ],
        "most in any one second": [each.most_in_a_second for each in refreshes],
        "a worker's peak memory (MiB)": [
            f"{each.peak_memory / MEBIBYTE:.0f}" for each in refreshes
        ],
    }
    report.table(
        ["", *(f"{each.name}, limit {each.limit}/s" for each in refreshes)],
        [[name, *figures] for name, figures in rows.items()],
    )
    report.say(
        f"An invocation reads one page: twenty titles, in about "
        f"{WORKERS * refreshes[1].seconds / refreshes[1].pages:.1f} s here. The original managed "
        f"{ORIGINAL[0]}-{ORIGINAL[1]} titles in an invocation of four minutes: at most 25 a minute."
    )


def judge(report: Report, low: Refresh, free: Refresh, polled: Refresh) -> None:
    """Compare with what is promised."""
    report.heading("Targets")
    every = (low, polled, free)
    for each in every:
        where = f"{each.limit}/s, {each.name}"
        report.headline(f"share of {where}", each.steady / each.limit, "of the limit", more=True)
        report.verdict(
            f"no second above the limit ({where})",
            met=each.most_in_a_second <= each.limit,
            measured=f"at most {each.most_in_a_second}",
        )
    repeated, missing = sum(it.repeated for it in every), sum(it.failures for it in every)
    report.verdict(
        "nothing asked for twice, nothing missing",
        met=repeated + missing == 0,
        measured=f"{repeated} repeated, {missing} missing",
    )
    for each, near in ((low, NEAR), (free, DRIVEN_NEAR)):
        report.verdict(
            f"at least {near:.0%} of {each.limit}/s, {each.name}",
            met=each.steady >= near * each.limit,
            measured=f"{each.steady / each.limit:.0%}",
        )
    peak = max(each.peak_memory for each in every)
    report.verdict(
        f"a worker needs less than half of its {MEMORY} MiB",
        met=peak < MEMORY * MEBIBYTE / 2,
        measured=f"{peak / MEBIBYTE:.0f} MiB",
    )
