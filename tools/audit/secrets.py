"""Looks for secrets in every file of the repository, by their forms.

detect-secrets knows the forms of keys and tokens. Its guesses by entropy and by words are left
out: in a repository full of hashes, invented passwords and sample events they find those alone.
"""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

LEFT_OUT = frozenset({"Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector"})
ALLOWED = {
    ("Telegram Bot Token", "events/"): "AWS's own ARNs of queues look like one",
    ("JSON Web Token", "tests/"): "tokens of invented users, signed by nobody",
    ("Private Key", "tests/"): "made for a test",
    ("AWS Access Key", "tests/"): "AWS's documented example",
    ("Basic Auth Credentials", "tests/"): "of invented hosts",
}
"""What may look like a secret where, each with its reason."""

_VERIFIED = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
"""Would show each find to whoever it belongs to, over the network."""

_SUFFIXES_LEFT_OUT = (".png", ".jpg", ".woff2", ".whl")


def tracked(root: Path) -> list[str]:
    """Answer the files of the repository, those about to be added too."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - the user's
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if not name.endswith(_SUFFIXES_LEFT_OUT)]


def secrets(root: Path, names: list[str]) -> Iterator[str]:
    """Walk through what looks like a secret and is none of the known exceptions."""
    with transient_settings({"plugins_used": [{"name": name} for name in _detectors()]}) as chosen:
        chosen.disable_filters(_VERIFIED)
        for name in names:
            if not (root / name).is_file():
                continue
            for found in scan_file(str(root / name)):
                if not any(
                    found.type == kind and name.startswith(place) for kind, place in ALLOWED
                ):
                    yield f"{name}:{found.line_number}: {found.type}"


def _detectors() -> list[str]:
    detectors: Mapping[str, type] = get_mapping_from_secret_type_to_class()
    known = {detector.__name__ for detector in detectors.values()}
    return sorted(known - LEFT_OUT)
