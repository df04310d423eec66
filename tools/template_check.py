"""Has checkov look at all templates, as CloudFormation sees them: `python -m tools.template_check`.

checkov knows no loops, and what it cannot parse it leaves out without failing. It gets the expanded
templates, and a template or resource that it has not seen is a fault.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.contracts.paths import ROOT
from tools.templates import WEB_TEMPLATE, expanded, read_texts

CONFIGURATION = ROOT / ".checkov.yaml"
"""Which rules are skipped, and why."""


def all_texts() -> dict[str, str]:
    """Read the templates of everything that is deployed, by their paths."""
    return read_texts() | {WEB_TEMPLATE: (ROOT / WEB_TEMPLATE).read_text(encoding="utf-8")}


def write_expanded(texts: Mapping[str, str], folder: Path) -> int:
    """Write each template with its loops expanded; returns the number of resources."""
    resources = 0
    for path, text in texts.items():
        template = expanded(text, path)
        place = (folder / path).with_suffix(".json")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(template, indent=1), encoding="utf-8")
        resources += len(template["Resources"])
    return resources


def findings(report: Mapping[str, Any], resources: int) -> Iterator[str]:
    """Yield what a report of checkov's holds against templates with that many resources."""
    results = report.get("results", {})
    for path in results.get("parsing_errors", ()):
        yield f"{path} cannot be parsed"
    for check in results.get("failed_checks", ()):
        rule = f"{check['check_id']} {check['check_name']}"
        yield f"{check['file_path']}: {check['resource']}: {rule}"
    seen = report.get("summary", report).get("resource_count", 0)
    if seen != resources:
        yield f"checkov has seen {seen} of {resources} resources"


def scan(checkov: Path, folder: Path) -> Mapping[str, Any]:
    """Run checkov over a folder; returns its report."""
    command = [
        *(str(checkov), "--config-file", str(CONFIGURATION), "--framework", "cloudformation"),
        *("--directory", str(folder), "--output", "json", "--skip-download", "--quiet"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    try:
        report: Mapping[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        sys.exit(f"checkov failed: {done.stderr}")
    return report


def main(arguments: list[str]) -> int:
    """Check the templates of this checkout with the given checkov."""
    if len(arguments) != 1:
        print("usage: python -m tools.template_check CHECKOV", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="matinee-templates-") as place:
        resources = write_expanded(all_texts(), Path(place))
        found = list(findings(scan(Path(arguments[0]), Path(place)), resources))
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
