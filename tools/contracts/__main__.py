"""The command line: write, check or release the contracts."""

import sys
from collections.abc import Callable, Sequence

from tools.contracts.paths import make_importable

make_importable()

from tools.contracts import rest_gate  # noqa: E402 - as below
from tools.contracts.checks import CONTRACTS, faults  # noqa: E402 - needs the services importable
from tools.contracts.project import Fault, Project, load_project  # noqa: E402
from tools.contracts.release import freeze  # noqa: E402
from tools.contracts.writing import write as write_contracts  # noqa: E402


def write(project: Project) -> int:
    """Write what is not released; print what was written and what could not be."""
    outcome = write_contracts(project)
    for path in outcome.written:
        print(f"written  {project.shown(path)}")
    for path in outcome.removed:
        print(f"removed  {project.shown(path)}")
    return _print_faults(outcome.refused)


def check(project: Project) -> int:
    """Print every fault."""
    found = faults(project)
    if not found:
        count = sum(1 for _ in project.published())
        print(f"{count} contracts, their examples, samples, rules and readers agree")
    return _print_faults(found)


def release(project: Project) -> int:
    """Freeze the present schemas and the REST document, once they are in order."""
    if found := faults(project, (*CONTRACTS, rest_gate.broken)):
        return _print_faults(found)
    for key in freeze(project):
        print(f"released contracts/events/{key}")
    rest_gate.freeze(project)
    return 0


COMMANDS: dict[str, Callable[[Project], int]] = {
    "write": write,
    "check": check,
    "release": release,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status: 1 for faults, 2 for a wrong call."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python -m tools.contracts {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    return COMMANDS[arguments[0]](load_project())


def _print_faults(found: Sequence[Fault]) -> int:
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
