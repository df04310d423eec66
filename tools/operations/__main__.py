"""The command line: status, seed, clean-data, protect, destroy, parameters, release, write."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from tools.client import NotRunning, Stack
from tools.events.environment import Environment, EnvironmentNotFound
from tools.local.settings import CHECKOUT
from tools.operations import cleaning, deployment, log_groups, removal
from tools.operations.health import findings
from tools.operations.inventory import inventory
from tools.operations.seeding import NotSeeded, seed

TEMPLATE = CHECKOUT / "template.yaml"
BUILT = CHECKOUT / ".aws-sam" / "build" / "template.yaml"
CONFIG = CHECKOUT / "samconfig.toml"
_SIGNS = {True: "[green]ok[/]", False: "[red]LOOK[/]", None: ""}
console = Console(highlight=False, soft_wrap=True)


def parser() -> argparse.ArgumentParser:
    """Build the command line's grammar."""
    root = argparse.ArgumentParser(prog="python -m tools.operations", description=__doc__)
    root.add_argument("--stack", default="", help="a stack on AWS; else the local product")
    root.add_argument(
        "--stack-file",
        type=Path,
        default=CHECKOUT / ".local" / "stack.json",
        help=argparse.SUPPRESS,
    )
    commands = root.add_subparsers(dest="command", required=True)
    commands.add_parser("status", help="queues, dead letters, outboxes, refresh, alarms")
    commands.add_parser("seed", help="demo users with favourites, tastes and rooms")
    for name, text in (
        ("clean-data", "delete every item, message, object and user; asks first"),
        ("destroy", "delete the stack of an environment; asks first"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--yes", action="store_true", help="do not ask")
        command.add_argument("--env", default="", help="an environment of samconfig.toml")
    protect = commands.add_parser("protect", help="let nobody delete the stack by a slip")
    protect.add_argument("--env", required=True)
    for name, text in (
        ("parameters", "those of the template, of an environment, and further ones"),
        ("release", "a digest of those parameters in the built template"),
    ):
        given = commands.add_parser(name, help=text)
        given.add_argument("env")
        given.add_argument("further", nargs="?", default="")
    commands.add_parser("write", help="the log groups of the saved queries in template.yaml")
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    options = parser().parse_args(arguments)
    try:
        return _execute(options)
    except (
        EnvironmentNotFound,
        NotRunning,
        NotSeeded,
        cleaning.Protected,
        deployment.NoSuchStage,
        BotoCoreError,
        ClientError,
    ) as error:
        print(error, file=sys.stderr)
        return 1


def _execute(options: argparse.Namespace) -> int:
    match options.command:
        case "write":
            changed = log_groups.write(TEMPLATE)
            print("template.yaml is written." if changed else "template.yaml is as it should be.")
        case "parameters":
            print(deployment.overrides(TEMPLATE, CONFIG, options.env, options.further))
        case "release":
            given = deployment.overrides(TEMPLATE, CONFIG, options.env, options.further)
            print(f"Release {deployment.mark(BUILT, given)}.")
        case "seed":
            asyncio.run(seed(_stack(options), console.print))
        case "status":
            return _status(_place(options))
        case "protect":
            removal.protect(_place(options))
        case "clean-data":
            return _clean(options)
        case _:
            return _destroy(options)
    return 0


def _status(place: Environment) -> int:
    table = Table(box=None, show_header=False)
    good = True
    for finding in findings(place, inventory(place)):
        good = good and finding.good is not False
        table.add_row(_SIGNS[finding.good], finding.what, finding.said)
    console.print(table)
    return int(not good)


def _clean(options: argparse.Namespace) -> int:
    place = _place(options)
    parts = inventory(place)
    held = cleaning.contents(place, parts)
    console.print(f"{place.stack} holds {held.everything:,} things:")
    for line in held.lines():
        console.print(f"  {line}")
    if not held.everything:
        return 0
    console.print("[red]All of it will be deleted. There is no way back.[/]")
    if not _agreed(options, place.stack):
        return 1
    gone = cleaning.empty(place, parts, _stage(place), lambda line: console.print(f"  {line}"))
    left = cleaning.contents(place, parts).everything
    console.print(f"Deleted: {gone:,} items, objects and users. Left: {left:,}.")
    return 0


def _destroy(options: argparse.Namespace) -> int:
    place = _place(options)
    parts = inventory(place)
    staying = removal.kept(place)
    console.print(f"[red]The stack {place.stack} will be deleted:[/]")
    for line in removal.summary(parts):
        console.print(f"  {line}")
    console.print(f"It leaves behind, with what they hold: {', '.join(staying) or 'nothing'}.")
    protected = removal.is_protected(place)
    if protected:
        console.print("[red]It is protected against deletion; the protection would be lifted.[/]")
    if not _agreed(options, place.stack):
        return 1
    removal.remove(place, protected=protected)
    console.print("Deleted. To be rid of what stayed behind: docs/deployment.md, 'Take it down'.")
    return 0


def _agreed(options: argparse.Namespace, name: str) -> bool:
    """Ask for the stack's name: nobody types it by a slip."""
    if options.yes:
        return True
    try:
        typed = input(f"Type {name} to go on: ")
    except EOFError:
        typed = ""
    if typed.strip() != name:
        console.print("Nothing was changed.")
        return False
    return True


def _place(options: argparse.Namespace) -> Environment:
    environment = getattr(options, "env", "")
    if environment and environment != "default":
        return Environment.on_aws(deployment.stack_name(CONFIG, environment))
    return (
        Environment.on_aws(options.stack) if options.stack else Environment.here(options.stack_file)
    )


def _stack(options: argparse.Namespace) -> Stack:
    if not options.stack:
        return Stack.load(options.stack_file)
    place = Environment.on_aws(options.stack)
    told = place.outputs
    return Stack(
        rest_url=told["HttpApiUrl"],
        graphql_url=told["GraphqlUrl"],
        realtime_url=told["RealtimeUrl"],
        emulator_url="",
        tmdb_url="",
        region=str(place.session.region_name),
        user_pool_id=told["UserPoolId"],
        client_id=told["UserPoolClientId"],
        outputs=dict(told),
    )


def _stage(place: Environment) -> str:
    """Answer a stack's stage; one that does not say it is treated like prod."""
    found = place.client("cloudformation").describe_stacks(StackName=place.stack)["Stacks"][0]
    given = {one["ParameterKey"]: one.get("ParameterValue", "") for one in found["Parameters"]}
    return str(given.get("Stage", "prod"))


if __name__ == "__main__":
    sys.exit(main())
