"""Report known vulnerabilities of every locked package, as pip-audit finds them.

    python -m tools.audit [--strict]

The databases are PyPI's and, where that cannot be reached, OSV. Where neither can be reached the
result is NOT ASKED, which is neither good nor bad; with `--strict` it is a fault.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tools.contracts.paths import ROOT

LOCKS = (
    "services/shared/requirements.txt",
    "services/recommender/layer/requirements.txt",
    "services/rooms/layer/requirements.txt",
    "requirements/dev.txt",
)
DATABASES = ("pypi", "osv")
IGNORED: Mapping[str, str] = {}
"""Vulnerabilities that do not reach us, by id, each with its reason."""

TIMEOUT_SECONDS = 600.0


def audit(lock: str) -> tuple[str, ...] | None:
    """Return a lock's vulnerabilities; None where no database could be asked."""
    for database in DATABASES:
        report = _report(lock, database)
        if was_asked(report):
            return vulnerabilities(report)
    return None


def vulnerabilities(report: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what pip-audit's report names, one line for each."""
    return tuple(
        f"{package['name']} {package['version']}: {found['id']}, "
        f"fixed in {', '.join(found['fix_versions']) or 'no version'}"
        for package in report["dependencies"]
        for found in package.get("vulns", ())
        if found["id"] not in IGNORED
    )


def was_asked(report: Mapping[str, Any]) -> bool:
    """Return whether the database knew the packages: a mirror without one knows none."""
    return any("skip_reason" not in package for package in report["dependencies"])


def main(arguments: Sequence[str]) -> int:
    """Report every lock; return 1 when something was found or, if strict, not asked."""
    code = 0
    for lock in LOCKS:
        found = audit(lock)
        if found is None:
            print(f"{lock}: NOT ASKED, no database of vulnerabilities can be reached from here")
            code |= "--strict" in arguments
            continue
        for line in found or ("no known vulnerabilities",):
            print(f"{lock}: {line}")
        code |= bool(found)
    return code


def _report(lock: str, database: str) -> Mapping[str, Any]:
    """Return pip-audit's report; an empty one where it could make none."""
    command = (
        *(sys.executable, "-m", "pip_audit", "--requirement", lock, "--disable-pip"),
        *("--require-hashes", "--format", "json", "--progress-spinner", "off"),
        *("--vulnerability-service", database, "--timeout", "10"),
    )
    try:
        done = subprocess.run(  # noqa: S603 - of our own environment
            command, cwd=ROOT, capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
        report: Mapping[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return {"dependencies": []}
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
