"""What recommending costs in process, and what learning costs: time, memory, reads of tables."""

from __future__ import annotations

import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from bench.report import Report, Settings, note
from matinee.filters import NO_FILTERS
from matinee.media import MediaType
from recommender.adapters.model_file import read_model
from recommender.domain.group_deck import (
    DeckRequest,
    GroupLimits,
    HideSeen,
    group_deck,
    shared_watchlist,
)
from recommender.domain.model import Model
from recommender.domain.preferences import Preferences
from recommender.domain.recommend import recommend
from recommender.domain.requests import ResolvedRequest
from recommender.domain.taste import ListEntry, Taste
from tools.evaluate.served import NOW
from tools.evaluate.synthetic import Cinema

SIZES = ((1_000, 1_000, 10_000), (10_000, 5_000, 10_000), (100_000, 10_000, 4_000))
"""Titles, users whose favourites are learnt, and the most titles that are solved exactly."""

SHARE_OF_SERIES = 4
"""One title in so many is a series."""

REQUESTS = 300
FILMS = frozenset({MediaType.MOVIE})
ASKED: Mapping[str, Mapping[str, object]] = {
    "favourites alone": {},
    "and six preferences": {
        "favoriteGenres": ["878"],
        "keywords": ["word 7"],
        "minRating": 6,
        "releaseYearStart": 1970,
        "dislikedGenres": ["27"],
        "languagePreferences": ["en"],
    },
    "and limits that few meet": {
        "releaseYearStart": 1950,
        "releaseYearEnd": 1952,
        "minRating": 7.5,
        "dealBreakers": ["violence", "blackAndWhite"],
    },
}
MAX_P50, MAX_P50_LARGE = 10.0, 50.0
HISTORIES = (10, 200, 2_000)
"""Favourites of users whose lists of LISTED titles are timed."""
LISTED = 20
USERS_OF_A_LENGTH = 60
MAX_TIMES_FOR_LONG = 1.3
"""A list for the longest history costs so many times one for the second longest, at most."""
GROUP, MAX_GROUP_P95 = 10, 60.0
LIMITS: tuple[Mapping[str, object], ...] = (
    {},
    {"minRating": 5.5, "dealBreakers": ["violence", "blackAndWhite"]},
    {"dislikedGenres": ["27"], "dealBreakers": ["jumpScares"]},
)
"""What the people of a group object to, in turns."""

MAX_READS = 2
MEGABYTE = 2**20
type Figures = dict[str, float]


def run(settings: Settings, report: Report) -> None:  # noqa: ARG001 - needs no stack
    """Measure every size in processes of its own, so that memory is its own."""
    learnt: list[Figures] = []
    served: list[tuple[int, dict[str, Figures], Figures]] = []
    with tempfile.TemporaryDirectory() as folder:
        for titles, users, solved in SIZES:
            path = Path(folder) / f"{titles}.model"
            note(f"  learning of {users:,} users and {titles:,} titles")
            learnt.append(_alone(learn, titles, users, solved, path))
            note(f"  serving {titles:,} titles")
            served.append((titles, *_alone(serve, titles, path)))
    report.heading("Serving")
    report.say(
        "In process, warm: taste analysis to reasons, plain Python, a pool of 200, 6 items. "
        f"{REQUESTS} users, median {_median_favourites()} favourites. Milliseconds; "
        "work is the processor's own time, whatever else the machine does."
    )
    report.table(
        ("asked with", "titles", "p50", "p95", "p50 of work", "reads of titles"),
        [
            (
                name,
                f"{titles:,}",
                *(f"{one[k]:.1f}" for k in ("p50", "p95", "work")),
                f"{one['reads']:.0f}",
            )
            for name in ASKED
            for titles, asked, _ in served
            for one in (asked[name],)
        ],
    )
    report.say(
        f"Lists of {LISTED}, by the favourites of those who ask. Milliseconds of processor time."
    )
    report.table(
        ("titles", *(f"{n:,} favourites: {p}" for n in HISTORIES for p in ("p50", "p95"))),
        [
            (
                f"{titles:,}",
                *(f"{more[f'{n} {p}']:.1f}" for n in HISTORIES for p in ("p50", "p95")),
            )
            for titles, _, more in served
            if titles > HISTORIES[-1]
        ],
        words=0,
    )
    report.say(
        "Reads of titles: one batch of the items shown, one query of the new ones. With the query "
        "of the user's taste they are a warm request's reads of tables."
    )
    report.table(
        ("titles", "model MB", "opened in ms", "first request ms", "memory MB", "of it before MB"),
        [
            (
                f"{titles:,}",
                *(f"{more[k]:.1f}" for k in ("size", "opened", "first", "memory", "before")),
            )
            for titles, _, more in served
        ],
        words=0,
    )
    report.heading("Learning")
    report.table(
        (
            "titles",
            "users",
            "solved",
            "pairs",
            "count s",
            "add 1 % s",
            "train s",
            "counts MB",
            "peak MB",
        ),
        [
            (
                f"{one['titles']:,.0f}",
                f"{one['users']:,.0f}",
                f"{one['solved']:,.0f}",
                f"{one['pairs']:,.0f}",
                *(f"{one[k]:.1f}" for k in ("count", "add", "train", "counts", "peak")),
            )
            for one in learnt
        ],
        words=0,
    )
    report.record("learnt", learnt)
    report.record("served", [{"titles": t, "asked": a, **more} for t, a, more in served])
    for (titles, asked, _), most in zip(served, (MAX_P50, MAX_P50, MAX_P50_LARGE), strict=True):
        slowest = asked["favourites alone"]["work"]
        report.headline(f"work of a request at {titles:,} titles, p50", slowest, "ms")
        report.verdict(
            f"p50 of work at {titles:,} titles within {most:.0f} ms",
            met=slowest <= most,
            measured=f"{slowest:.1f} ms",
        )
    for titles, _, more in served:
        if titles > HISTORIES[-1]:
            second, longest = (more[f"{n} p50"] for n in HISTORIES[-2:])
            report.headline(
                f"a list of {LISTED} at {titles:,} titles, {HISTORIES[-2]} known, p50", second, "ms"
            )
            report.verdict(
                f"at {titles:,} titles {HISTORIES[-1]:,} favourites cost at most "
                f"{MAX_TIMES_FOR_LONG} times {HISTORIES[-2]}",
                met=longest <= MAX_TIMES_FOR_LONG * second,
                measured=f"{longest:.1f} to {second:.1f} ms",
            )
    groups = {titles: more["group p95"] for titles, _, more in served}
    report.say(
        f"The deck of a group of {GROUP}, p95 of work: "
        + ", ".join(f"{p95:.0f} ms at {titles:,} titles" for titles, p95 in groups.items())
        + "."
    )
    report.verdict(
        f"a deck of {GROUP} people at 10,000 titles within {MAX_GROUP_P95:.0f} ms, p95",
        met=groups[10_000] <= MAX_GROUP_P95,
        measured=f"{groups[10_000]:.1f} ms",
    )
    reads = max(one["reads"] for _, asked, _ in served for one in asked.values())
    report.verdict(
        f"at most {MAX_READS} reads of titles", met=reads <= MAX_READS, measured=f"{reads:.0f}"
    )


def cinema_of(titles: int) -> Cinema:
    """Return a cinema of so many titles, a quarter of them series."""
    return Cinema(titles - titles // SHARE_OF_SERIES, titles // SHARE_OF_SERIES)


def tastes_of(cinema: Cinema) -> list[Taste]:
    """Return tastes of other users than those that are learnt."""
    return [
        Taste(
            tuple(
                ListEntry(key, NOW - timedelta(hours=age), f"Title {key.id}")
                for age, key in enumerate(favourites)
            )
        )
        for favourites in cinema.histories(REQUESTS, seed=2)
    ]


def tastes_of_length(cinema: Cinema, length: int) -> list[Taste]:
    """Return tastes of so many favourites each, well-known titles among them more often."""
    tastes = []
    for user in range(USERS_OF_A_LENGTH):
        draw = random.Random(f"{length} {user}")
        liked: dict[int, None] = {}
        while len(liked) < length:
            liked[int(cinema.films * draw.random() ** 3)] = None
        tastes.append(
            Taste(
                tuple(
                    ListEntry(cinema.key(place), NOW - timedelta(hours=age), f"Title {place}")
                    for age, place in enumerate(liked)
                )
            )
        )
    return tastes


def learn(titles: int, users: int, solved: int, path: Path) -> Figures:
    """Count, add to the counts, and train; returns seconds and megabytes."""
    from recommender.adapters.model_writer import train  # noqa: PLC0415 - likewise
    from recommender.domain.training.cooccurrence import CooccurrenceCounts, FavouritesChange  # noqa: PLC0415 - numpy, here alone

    cinema = cinema_of(titles)
    histories = list(cinema.histories(users))
    began = time.perf_counter()
    counts = CooccurrenceCounts().changed(FavouritesChange(after=one) for one in histories)
    counted = time.perf_counter()
    changed = [
        FavouritesChange(one, [*one, cinema.key(n)])
        for n, one in enumerate(histories[: users // 100])
    ]
    added_to = counts.changed(changed)
    added = time.perf_counter()
    content = train(added_to, cinema.titles(), version="bench", trained_at=NOW, max_solved=solved)
    trained = time.perf_counter()
    path.write_bytes(content)
    return {
        "titles": titles,
        "users": users,
        "solved": min(solved, int((added_to.favourites > 0).sum())),
        "pairs": len(counts.pairs),
        "count": counted - began,
        "add": added - counted,
        "train": trained - added,
        "counts": len(added_to.to_bytes()) / MEGABYTE,
        "peak": _peak(),
    }


def serve(titles: int, path: Path) -> tuple[dict[str, Figures], Figures]:
    """Open the model and answer; returns milliseconds and megabytes."""
    cinema, before = cinema_of(titles), _peak()
    began = time.perf_counter()
    model = read_model(path.read_bytes())
    opened = time.perf_counter()
    tastes = tastes_of(cinema)

    def ask(taste: Taste, preferences: Mapping[str, object], limit: int = 6) -> None:
        items = recommend(
            ResolvedRequest(FILMS, limit, preferences=preferences),
            taste,
            model=model,
            projection=cinema,
            catalogue=None,
            now=NOW,
        ).items
        assert items

    first = _milliseconds(lambda: ask(tastes[0], {}))
    figures = {}
    for name, preferences in ASKED.items():
        for taste in tastes:
            ask(taste, preferences)
        cinema.reads = 0
        asked = [partial(ask, taste, preferences) for taste in tastes]
        times = sorted(_milliseconds(one) for one in asked)
        work = sorted(_milliseconds(one, time.process_time) for one in asked)
        figures[name] = {
            "p50": statistics.median(times),
            "p95": times[int(0.95 * len(times))],
            "work": statistics.median(work),
            "reads": cinema.reads / len(asked) / 2,
        }
    lists: Figures = {}
    for length in HISTORIES if titles > HISTORIES[-1] else ():
        asked = [partial(ask, one, {}, LISTED) for one in tastes_of_length(cinema, length)]
        for one in asked:
            one()
        work = sorted(_milliseconds(one, time.process_time) for one in 3 * asked)
        lists[f"{length} p50"] = statistics.median(work)
        lists[f"{length} p95"] = work[int(0.95 * len(work))]
    groups = [
        partial(_deal, model, cinema, tastes[first : first + GROUP])
        for first in range(0, len(tastes), GROUP)
    ]
    dealt = sorted(_milliseconds(one, time.process_time) for one in 3 * groups)
    more = lists | {
        "group p50": statistics.median(dealt),
        "group p95": dealt[int(0.95 * len(dealt))],
        "size": path.stat().st_size / MEGABYTE,
        "opened": 1000 * (opened - began),
        "first": first,
        "memory": _peak(),
        "before": before,
    }
    return figures, more


def _deal(model: Model, cinema: Cinema, tastes: Sequence[Taste]) -> None:
    """Find the deck of a group of whom each shares a third of a list with the next."""
    lists = [taste.favourites[: len(taste.favourites) // 3] for taste in tastes]
    group = [
        replace(
            taste,
            watchlist=(*lists[place - 1], *lists[place]),
            preferences=Preferences.from_mapping(LIMITS[place % len(LIMITS)]),
        )
        for place, taste in enumerate(tastes)
    ]
    request = DeckRequest(FILMS, (), NO_FILTERS, 50, hide_seen=HideSeen.EVERYBODY)
    keys = shared_watchlist(group, FILMS)[:100]
    facts = cinema.facts(keys)
    shared = [facts[key] for key in keys if key in facts]
    assert group_deck(GroupLimits.of(request, group), group, shared, model=model, size=80)


def _alone[**P, T](function: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *given, **named).result()


def _milliseconds(
    call: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> float:
    began = clock()
    call()
    return 1000 * (clock() - began)


def _peak() -> float:
    """Return the most memory this process has had, in megabytes; Linux counts in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _median_favourites() -> int:
    tastes = tastes_of(cinema_of(10_000))
    return int(statistics.median(len(taste.favourites) for taste in tastes))
