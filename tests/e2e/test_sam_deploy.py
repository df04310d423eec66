"""`sam deploy` takes what was built to the emulator, with SAM's own versions and aliases."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.client import Stack
from tools.contracts.paths import ROOT
from tools.operations.deployment import configured

NAME = "matinee-by-sam"


def test_sam_deploys_the_build_behind_aliases(
    build: Path, stack: Stack, aws: Callable[[str], Any]
) -> None:
    settings = configured(ROOT / "samconfig.toml", "default")
    environment = os.environ | {
        "AWS_ENDPOINT_URL": stack.emulator_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SAM_CLI_TELEMETRY": "0",
    }
    sam = str(Path(sys.executable).parent / "sam")
    command = [sam, "deploy", "--template-file", str(build / "template.yaml")]
    command += ["--stack-name", NAME, "--region", stack.region, "--resolve-s3"]
    command += ["--no-progressbar", "--no-confirm-changeset"]
    command += ["--capabilities", *str(settings["capabilities"]).split()]
    command += ["--parameter-overrides", *settings["parameter_overrides"]]
    try:
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

        (made,) = aws("cloudformation").describe_stacks(StackName=NAME)["Stacks"]
        assert made["StackStatus"] == "CREATE_COMPLETE"
        outputs = {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}
        event = (ROOT / "events/auth/StatusFunction.http.get.json").read_bytes()
        answer = aws("lambda").invoke(
            FunctionName=outputs["StatusFunctionName"], Qualifier="live", Payload=event
        )
        assert json.loads(answer["Payload"].read())["statusCode"] == 200
    finally:
        aws("cloudformation").delete_stack(StackName=NAME)
