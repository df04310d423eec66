"""Asks for known vulnerabilities of every locked package, with pip-audit.

The question goes over the network, to PyPI's database or to OSV. Where neither can be reached the
answer is "not asked", which is neither good nor bad: an audit is repeated where there is a network,
best every day, for new holes are found in old packages.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCKS = (
    "services/shared/requirements.txt",
    "services/recommender/layer/requirements.txt",
    "requirements/dev.txt",
)
IGNORED: Mapping[str, str] = {}
"""Vulnerabilities that do not reach us, by id, each with its reason."""

SERVICES = ("pypi", "osv")
_LONGEST = 600.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one lock: its vulnerabilities, and whether every package has been looked up."""

    lock: str
    vulnerabilities: tuple[str, ...]
    asked: bool


def audit(root: Path, lock: str) -> Verdict:
    """Look up one lock's packages in the first database that answers."""
    for service in SERVICES:
        report = _ask(root, lock, service)
        if report is not None:
            return Verdict(lock, vulnerabilities(report), asked=True)
    return Verdict(lock, (), asked=False)


def vulnerabilities(report: Mapping[str, Any]) -> tuple[str, ...]:
    """Read pip-audit's report: what is known, but for what does not reach us."""
    return tuple(
        f"{package['name']} {package['version']}: {hole['id']}, "
        f"mended in {', '.join(hole['fix_versions']) or 'no version'}"
        for package in report["dependencies"]
        for hole in package.get("vulns", ())
        if hole["id"] not in IGNORED
    )


def was_asked(report: Mapping[str, Any]) -> bool:
    """Tell whether the database knew the packages: a mirror without one knows none."""
    packages = report["dependencies"]
    return bool(packages) and any("skip_reason" not in package for package in packages)


def _ask(root: Path, lock: str, service: str) -> Mapping[str, Any] | None:
    command: Sequence[str] = (
        *(sys.executable, "-m", "pip_audit", "--requirement", lock, "--disable-pip"),
        *("--require-hashes", "--format", "json", "--progress-spinner", "off"),
        *("--vulnerability-service", service, "--timeout", "10"),
    )
    try:
        done = subprocess.run(  # noqa: S603 - of our own environment
            command, cwd=root, capture_output=True, text=True, timeout=_LONGEST, check=False
        )
        report: Mapping[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return report if was_asked(report) else None
