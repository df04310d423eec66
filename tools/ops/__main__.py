"""The command line: status, seed, clean-data, deploy, web, logs, env-vars, sample, destroy ..."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from rich.console import Console
from rich.table import Table

from tools.lambda_runtime.invocation import NoSuchSample, sample
from tools.local.settings import CHECKOUT
from tools.local.template import TemplateError
from tools.ops import cleaning, deployment, env_vars, removal, web
from tools.ops.client import NotRunning, Stack
from tools.ops.client.retries import CLIENT_ERRORS, explain
from tools.ops.events.environment import Environment, EnvironmentNotFound
from tools.ops.health import findings
from tools.ops.inventory import inventory
from tools.ops.samples.scene import Scene, SceneNotSet
from tools.ops.seeding import NotSeeded, seed

TEMPLATE = CHECKOUT / "template.yaml"
BUILD = CHECKOUT / ".aws-sam" / "build"
CONFIG = CHECKOUT / "samconfig.toml"
_ENVIRONMENT = "an environment on AWS of samconfig.toml: dev, prod"
_NO_CREDENTIALS = (
    "This shell has no credentials for AWS: aws sso login, or AWS_PROFILE. "
    "The local product needs none: the same command without ENV and STACK."
)
_SIGNS = {True: "[green]ok[/]", False: "[red]LOOK[/]", None: ""}
console = Console(highlight=False, soft_wrap=True)


def parser() -> argparse.ArgumentParser:
    """Build the command line's grammar."""
    root = argparse.ArgumentParser(prog="python -m tools.ops", description=__doc__)
    root.add_argument("--stack", default="", help="an environment on AWS; else the local product")
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
        ("destroy", "delete the stacks of an environment; asks first"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--yes", action="store_true", help="do not ask")
        command.add_argument("--env", type=_on_aws, default="", help=_ENVIRONMENT)
    write = commands.add_parser("env-vars", help="write the functions' variables for SAM")
    write.add_argument("--out", type=Path, default=CHECKOUT / ".local" / "env-vars.json")
    speak = commands.add_parser("sample", help="print a sample event, once what it names is there")
    speak.add_argument("function")
    speak.add_argument("case", nargs="?", default="")
    protect = commands.add_parser("protect", help="have CloudFormation refuse to delete the stacks")
    protect.add_argument("--env", type=_on_aws, required=True, help=_ENVIRONMENT)
    release = commands.add_parser("deploy", help="deploy what was built, a stack per service")
    release.add_argument("--env", type=_on_aws, required=True, help=_ENVIRONMENT)
    release.add_argument("--service", default="", help="rooms, auth ...: this stack alone")
    release.add_argument("--whole", action="store_true", help="the root as one stack instead")
    release.add_argument("--parameters", default="", help="Name=value ..., over samconfig.toml's")
    app = commands.add_parser("web", help="deploy the app for people, or remove it")
    app.add_argument("--env", type=_on_aws, required=True, help=_ENVIRONMENT)
    app.add_argument("--parameters", default="", help="Name=value ..., of web/template.yaml")
    app.add_argument("--remove", action="store_true", help="delete its stack and files instead")
    app.add_argument("--yes", action="store_true", help="do not ask")
    show = commands.add_parser("logs", help="follow the functions' logs of one stack on AWS")
    show.add_argument("--env", type=_on_aws, required=True, help=_ENVIRONMENT)
    show.add_argument("--service", default="")
    show.add_argument("function", nargs="?", default="")
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    options = parser().parse_args(arguments)
    try:
        return _execute(options)
    except NoCredentialsError:
        print(_NO_CREDENTIALS, file=sys.stderr)
        return 1
    except (
        EnvironmentNotFound,
        NotRunning,
        NotSeeded,
        cleaning.Protected,
        deployment.DeploymentFailed,
        deployment.UnknownEnvironment,
        NoSuchSample,
        SceneNotSet,
        TemplateError,
        web.NotBuilt,
        BotoCoreError,
        ClientError,
    ) as error:
        print(error, file=sys.stderr)
        return 1
    except CLIENT_ERRORS as error:
        print(explain(error), file=sys.stderr)
        return 1


def _execute(options: argparse.Namespace) -> int:
    match options.command:
        case "logs":
            return deployment.follow_logs(_environment(options), options.service, options.function)
        case "status":
            return _status(_environment(options))
        case "clean-data":
            return _clean(options)
        case "destroy":
            return _destroy(options)
        case "web":
            return _remove_web(options) if options.remove else _deploy_web(options)
        case command:
            _PLAIN[command](options)
    return 0


def _on_aws(name: str) -> str:
    """Refuse samconfig's names for a bare `sam deploy` and for the emulator."""
    if name in {"default", "local"}:
        message = f"{name} is no environment on AWS: name dev, prod or another of samconfig.toml"
        raise argparse.ArgumentTypeError(message)
    return name


def _deployer(options: argparse.Namespace) -> deployment.Deployer:
    return deployment.Deployer(
        deployment.Sources(TEMPLATE, CONFIG, BUILD),
        options.env,
        options.parameters,
        boto3.client("cloudformation", region_name=_region(options.env)),
    )


def _deploy_web(options: argparse.Namespace) -> int:
    environment = _environment(options)
    own = {**web.parameters(environment), "Stage": _stage(environment)}
    outputs = _deployer(options).deploy_beside(web.stack_of(environment.name), web.TEMPLATE, own)
    bucket, url = outputs["WebBucketName"], outputs["WebUrl"]
    where = web.configuration(environment)
    keys = web.upload(environment.client("s3"), bucket, web.BUILT, where)
    console.print(f"{len(keys)} files. The app: {url}")
    if not web.permits(environment, url):
        console.print(f"[red]The REST interface refuses its pages: add {url} to AllowedOrigins.[/]")
    return 0


def _remove_web(options: argparse.Namespace) -> int:
    environment = _environment(options)
    stack = web.stack_of(environment.name)
    console.print(f"[red]{stack} will be deleted, with the app's files.[/]")
    if not _agreed(options, stack):
        return 1
    console.print("Deleted." if web.remove(environment) else "It was not there.")
    return 0


def _deploy(options: argparse.Namespace) -> None:
    deployer = _deployer(options)
    if options.whole:
        deployer.deploy_whole()
    else:
        deployer.deploy_stacks(options.service)


def _write_variables(options: argparse.Namespace) -> None:
    environment = _environment(options)
    found = env_vars.variables(environment, inventory(environment))
    env_vars.write_variables(found, options.out)
    print(f"{options.out}: the variables of {len(found)} functions of {environment.name}")


def _print_sample(options: argparse.Namespace) -> None:
    path = sample(options.function, options.case)
    print(json.dumps(Scene(_stack(options)).prepare(path), indent=2))


def _seed(options: argparse.Namespace) -> None:
    asyncio.run(seed(_stack(options), console.print))


def _protect(options: argparse.Namespace) -> None:
    removal.protect(_environment(options))


def _status(environment: Environment) -> int:
    table = Table(box=None, show_header=False)
    good = True
    for finding in findings(environment, inventory(environment)):
        good = good and finding.good is not False
        table.add_row(_SIGNS[finding.good], finding.what, finding.said)
    console.print(table)
    return int(not good)


def _clean(options: argparse.Namespace) -> int:
    environment = _environment(options)
    parts = inventory(environment)
    held = cleaning.contents(environment, parts)
    console.print(f"{environment.name} holds {held.everything:,} things:")
    for line in held.lines():
        console.print(f"  {line}")
    if not held.everything:
        return 0
    console.print("[red]All of it will be deleted. There is no way back.[/]")
    if not _agreed(options, environment.name):
        return 1
    gone = cleaning.empty(
        environment, parts, _stage(environment), lambda line: console.print(f"  {line}")
    )
    left = cleaning.contents(environment, parts).everything
    console.print(f"Deleted: {gone:,} items, objects and users. Left: {left:,}.")
    return 0


def _destroy(options: argparse.Namespace) -> int:
    environment = _environment(options)
    parts = inventory(environment)
    staying = removal.kept(environment)
    console.print(f"[red]{environment.name} will be deleted: {', '.join(environment.stacks)}[/]")
    for line in removal.summary(parts):
        console.print(f"  {line}")
    console.print(f"They leave behind, with what they hold: {', '.join(staying) or 'nothing'}.")
    failed = removal.never_complete(environment)
    if failed:
        console.print(f"Never complete, so all of it goes: {', '.join(failed)}.")
    protected = removal.is_protected(environment)
    if protected:
        console.print("[red]Deletion protection would be lifted.[/]")
    if not _agreed(options, environment.name):
        return 1
    for name in removal.remove(environment, parts, protected=protected):
        console.print(f"  swept: {name}")
    console.print("Deleted. To be rid of what stayed behind: docs/deployment.md, 'Take it down'.")
    return 0


def _agreed(options: argparse.Namespace, name: str) -> bool:
    """Ask for the environment's name, which is not typed by accident."""
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


def _environment(options: argparse.Namespace) -> Environment:
    environment = getattr(options, "env", "")
    if environment:
        return Environment.on_aws(deployment.stack_name(CONFIG, environment))
    return (
        Environment.on_aws(options.stack) if options.stack else Environment.here(options.stack_file)
    )


def _stack(options: argparse.Namespace) -> Stack:
    if not options.stack:
        return Stack.load(options.stack_file)
    environment = Environment.on_aws(options.stack)
    outputs = environment.outputs
    return Stack(
        rest_url=outputs["HttpApiUrl"],
        graphql_url=outputs["GraphqlUrl"],
        realtime_url=outputs["RealtimeUrl"],
        emulator_url="",
        tmdb_url="",
        region=str(environment.session.region_name),
        user_pool_id=outputs["UserPoolId"],
        client_id=outputs["UserPoolClientId"],
        outputs=dict(outputs),
    )


def _stage(environment: Environment) -> str:
    """Return an environment's stage; prod when one of its stacks is, or when none says it."""
    cloudformation = environment.client("cloudformation")
    found = {
        str(parameter.get("ParameterValue", ""))
        for stack in environment.stacks
        for parameter in cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get(
            "Parameters", ()
        )
        if parameter["ParameterKey"] == "Stage"
    }
    return found.pop() if len(found) == 1 else "prod"


def _region(environment: str) -> str:
    """Return the region of an environment. Raises UnknownEnvironment."""
    return str(deployment.configured(CONFIG, environment)["region"])


_PLAIN: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "deploy": _deploy,
    "env-vars": _write_variables,
    "protect": _protect,
    "sample": _print_sample,
    "seed": _seed,
}
"""The commands that succeed or raise."""


if __name__ == "__main__":
    sys.exit(main())
