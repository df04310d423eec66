"""`sam deploy` takes what was built to the emulator, with SAM's own versions and aliases."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tools.client import Stack
from tools.contracts.paths import ROOT
from tools.local.wiring import Wiring
from tools.operations.deployment import Deployer, Sources, configured

NAME = "matinee-by-sam"


def test_sam_deploys_the_build_behind_aliases(
    build: Path, stack: Stack, aws: Callable[[str], Any], tmp_path: Path
) -> None:
    config = tmp_path / "samconfig.toml"
    settings = configured(ROOT / "samconfig.toml", "default")
    config.write_text(
        f"""
version = 0.1
[sam.global.parameters]
language_extensions = true
[sam.deploy.parameters]
stack_name = "{NAME}"
region = "{stack.region}"
resolve_s3 = true
confirm_changeset = false
capabilities = "{settings["capabilities"]}"
parameter_overrides = {json.dumps(settings["parameter_overrides"])}
"""
    )
    cloudformation = aws("cloudformation")
    sources = Sources(ROOT / "template.yaml", config, build)
    try:
        Deployer(sources, "sam", "", cloudformation, _run_against(stack)).deploy_stacks()

        for application in Wiring.read(ROOT / "template.yaml").applications:
            name = application.stack_name(NAME)
            (made,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
            assert made["StackStatus"] == "CREATE_COMPLETE"
        (auth,) = cloudformation.describe_stacks(StackName=f"{NAME}-auth")["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in auth["Outputs"]}
        event = (ROOT / "events/auth/StatusFunction.http.get.json").read_bytes()
        answer = aws("lambda").invoke(
            FunctionName=outputs["StatusFunctionName"], Qualifier="live", Payload=event
        )
        assert json.loads(answer["Payload"].read())["statusCode"] == 200
    finally:
        for application in reversed(Wiring.read(ROOT / "template.yaml").applications):
            cloudformation.delete_stack(StackName=application.stack_name(NAME))


def _run_against(stack: Stack) -> Callable[[Sequence[str]], int]:
    """Run sam against the emulator; fail with what it said when it fails."""
    environment = os.environ | {
        "AWS_ENDPOINT_URL": stack.emulator_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SAM_CLI_TELEMETRY": "0",
    }

    def run(command: Sequence[str]) -> int:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        return done.returncode

    return run
