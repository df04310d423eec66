"""Serves the console of a stack on AWS, on this machine, to read only.

    python -m tools.ops.console --stack matinee-dev [--port 4571] [--listen]

With --listen it makes a temporary rule and queue while somebody looks at live events, as
`make events` does; without, it makes nothing.
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import boto3
import uvicorn
from botocore.exceptions import BotoCoreError, ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from tools.contracts.paths import make_importable

make_importable()

from tools.local.page import app  # noqa: E402
from tools.ops.console import PREFIX  # noqa: E402
from tools.ops.console.application import Console, create_console  # noqa: E402
from tools.ops.events.environment import Environment, EnvironmentNotFound  # noqa: E402

PORT = 4571


def main() -> int:
    """Serve until Ctrl-C; the exit code."""
    options = argparse.ArgumentParser(prog="python -m tools.ops.console", description=__doc__)
    options.add_argument("--stack", required=True, help="an environment on AWS: matinee-dev")
    options.add_argument("--port", type=int, default=PORT)
    options.add_argument("--listen", action="store_true", help="make temporary listeners")
    given = options.parse_args()
    try:
        environment = Environment.on_aws(given.stack)
    except (EnvironmentNotFound, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The console of {given.stack}: http://127.0.0.1:{given.port}{app.PLACE}/console")
    served = create_server(environment, listens=given.listen)
    uvicorn.run(served, host="127.0.0.1", port=given.port, log_level="warning")
    return 0


def create_server(environment: Environment, *, listens: bool) -> Starlette:
    """Build what is served: the app's files and configuration, and the interface behind them."""

    def find() -> Environment:
        return replace(environment, session=boto3.Session())  # threads may not share one

    def configuration() -> Mapping[str, Any]:
        outputs = environment.outputs
        return {
            "restUrl": outputs["HttpApiUrl"],
            "graphqlUrl": outputs["GraphqlUrl"],
            "realtimeUrl": outputs["RealtimeUrl"],
            "region": str(environment.session.region_name),
            "picturesUrl": app.TMDB_PICTURES,
            "local": True,
        }

    async def redirect(_: Request) -> Response:
        return RedirectResponse(f"{app.PLACE}/console")

    console = Console(find, read_only=True, listens=listens)
    return Starlette(
        routes=[
            Route("/", redirect),
            Mount(PREFIX, create_console(console)),
            *app.served(configuration),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
