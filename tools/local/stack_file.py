"""The description of the running stack, which the demo, the tests and the benchmarks read."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.appsync.certificates import authority_file
from tools.local.deploy import Deployment
from tools.local.settings import MINTED_PORT, REGION, STACK_NAME, StackSettings


def describe_stack(
    settings: StackSettings, deployment: Deployment, demo: Mapping[str, str] | None
) -> dict[str, Any]:
    """Build the content of stack.json for a stack that is ready."""
    rest_url = rest_url_of(settings, deployment)
    minted = f"http://localhost:{MINTED_PORT}/"
    outputs = {
        name: value.replace(minted, f"{settings.emulator_url}/")
        for name, value in deployment.outputs.items()
    }
    # The emulator's own endpoints need DNS names that a laptop may not resolve.
    reachable = {
        "HttpApiUrl": rest_url,
        "GraphqlUrl": settings.graphql_url,
        "RealtimeUrl": settings.realtime_url,
    }
    outputs |= {name: url for name, url in reachable.items() if name in outputs}
    return {
        "stack_name": STACK_NAME,
        "stacks": {stack.application.lower(): stack.name for stack in deployment.stacks},
        "pid": os.getpid(),
        "region": REGION,
        "emulator_url": settings.emulator_url,
        "rest_url": rest_url,
        "graphql_url": settings.graphql_url,
        "realtime_url": settings.realtime_url,
        "graphql_tls_url": settings.graphql_tls_url,
        "ca_file": str(authority_file(settings.folders.tls)),
        "tmdb_url": settings.tmdb_url,
        "user_pool_id": outputs.get("UserPoolId", ""),
        "client_id": outputs.get("UserPoolClientId", ""),
        "event_bus": outputs.get("EventBusName", ""),
        "outputs": outputs,
        "functions": dict(deployment.functions),
        "demo_user": dict(demo) if demo else None,
        "verify": settings.verify,
        "state": str(settings.folders.state),
        "logs": str(settings.folders.logs),
        "template": str(settings.template),
    }


def rest_url_of(settings: StackSettings, deployment: Deployment) -> str:
    """Return the REST base URL: in path style, as `<id>.execute-api.localhost` needs DNS."""
    return f"{settings.emulator_url}/_aws/execute-api/{deployment.http_api_id}"


def write_stack_file(path: Path, stack: Mapping[str, Any]) -> None:
    """Write the description atomically: readers see all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(stack, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


def read_stack_file(path: Path) -> dict[str, Any] | None:
    """Read the description, or None when there is no (whole) one."""
    try:
        stack = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stack if isinstance(stack, dict) else None
