"""`python -m tools.audit secrets | packages`."""

import argparse
import sys

from tools.audit.packages import LOCKS, audit
from tools.local.settings import CHECKOUT


def main() -> int:
    """Run one check; 1 when something was found."""
    root = argparse.ArgumentParser(prog="python -m tools.audit", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True)
    commands.add_parser("secrets", help="nothing that looks like a secret is in a file")
    packages = commands.add_parser("packages", help="no locked package has a known vulnerability")
    packages.add_argument("--strict", action="store_true", help="not having asked is a fault")
    given = root.parse_args()
    return _secrets() if given.command == "secrets" else _packages(strict=given.strict)


def _secrets() -> int:
    from tools.audit.secrets import secrets, tracked  # noqa: PLC0415 - the other check needs it not

    names = tracked(CHECKOUT)
    found = list(secrets(CHECKOUT, names))
    for line in found:
        print(line)
    print(f"{len(names)} files, {len(found)} of what looks like secrets")
    return int(bool(found))


def _packages(*, strict: bool) -> int:
    code = 0
    for lock in LOCKS:
        verdict = audit(CHECKOUT, lock)
        for line in verdict.vulnerabilities:
            print(f"{lock}: {line}")
        if not verdict.asked:
            print(f"{lock}: NOT ASKED, no database of vulnerabilities can be reached from here")
        elif not verdict.vulnerabilities:
            print(f"{lock}: no known vulnerabilities")
        code |= int(bool(verdict.vulnerabilities) or (strict and not verdict.asked))
    return code


if __name__ == "__main__":
    sys.exit(main())
