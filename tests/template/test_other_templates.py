"""The templates beside the product's own stacks pass cfn-lint, too."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.contracts.paths import ROOT


@pytest.mark.parametrize(
    "path", ["contracts/registry.yaml", "contracts/subscriber/template.yaml", "web/template.yaml"]
)
def test_the_template_is_clean(path: str) -> None:
    lint = str(Path(sys.executable).with_name("cfn-lint"))
    command = [lint, path, "--append-rules", "cfn_lint_serverless.rules"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
