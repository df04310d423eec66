"""``python -m tools.ops.refresh``: `make refresh`."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.ops.client.retries import CLIENT_ERRORS, explain
from tools.ops.client.stack import STACK_FILE, NotRunning, Stack
from tools.ops.refresh.operator import NotAccepted, Operator
from tools.ops.refresh.progress import bar, summary

LOOKS_PER_SECOND = 2
FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Begin a refresh, or join the one that goes on, and stay until it is over.

    Returns 0 when it was completed, 1 when it got stuck or could not be begun.
    """
    wanted = _parser().parse_args(arguments)
    try:
        with Operator.of(Stack.load(wanted.stack_file)) as operator:
            run_id = _begin(operator, "everything" if wanted.everything else "lists", wanted.pages)
            report = _follow(operator, run_id)
    except (NotRunning, NotAccepted) as error:
        print(error, file=sys.stderr)
        return FAILED
    except CLIENT_ERRORS as error:
        print(explain(error), file=sys.stderr)
        return FAILED
    print(summary(report))
    return 0 if report["state"] == "completed" else FAILED


def _begin(operator: Operator, scope: str, pages: int | None) -> str:
    try:
        return operator.begin(scope, pages)
    except NotAccepted as refusal:
        if refusal.body.get("code") != "RefreshRunning":
            raise
        print("A refresh is running already: this is how far it is.")
        return str(refusal.body["runId"])


def _follow(operator: Operator, run_id: str) -> dict[str, object]:
    print(f"Refresh {run_id}")
    overwrite = "\r" if sys.stdout.isatty() else "\n"
    while True:
        report = operator.look(run_id)
        over = report["state"] != "running"
        print(bar(report), end="\n" if over else overwrite, flush=True)
        if over:
            return report
        time.sleep(1 / LOOKS_PER_SECOND if sys.stdout.isatty() else 2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.ops.refresh", description=__doc__)
    parser.add_argument("--everything", action="store_true", help="a list of every genre, too")
    parser.add_argument("--pages", type=int, help="pages of twenty titles of each list")
    parser.add_argument("--stack-file", type=Path, default=STACK_FILE, help="%(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
