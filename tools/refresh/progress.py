"""A refresh's progress as a line of a terminal."""

from collections.abc import Mapping
from typing import Any

WIDTH = 30


def bar(report: Mapping[str, Any]) -> str:
    """Return one line: the bar, what is done, and the rate of TMDB requests."""
    share = report["pagesDone"] / max(1, report["pages"])
    filled = round(WIDTH * share)
    rate = report["requests"] / max(0.1, report["elapsed"])
    failures = f", {report['failures']} failures" if report["failures"] else ""
    return (
        f"[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%}"
        f"  {report['pagesDone']}/{report['pages']} pages, {report['titles']} titles,"
        f" {report['requests']} requests ({rate:.1f}/s), {report['elapsed']:.0f} s{failures}"
    )


def summary(report: Mapping[str, Any]) -> str:
    """Return a line for the outcome of each list."""
    lines = []
    for each in report["details"]:
        name = f"{each['mediaType']} {each['listType']}"
        if each["genreId"] is not None:
            name += f" {each['genreId']}"
        lines.append(
            f"  {name:<20} {each['state']:<10} {each['titles']:>5} titles"
            f" {each['done']:>4} pages {each['requests']:>6} requests"
        )
    return "\n".join(lines)
