"""The commands of `python -m tools.local`."""

import argparse
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools.local import client_config, lock, logs
from tools.local.console import Console
from tools.local.deploy import DeployedStack, Deployment, DeploymentError, deploy
from tools.local.emulator import Aws, answers
from tools.local.invocation import SampleError, function_of, invoke, read_sample
from tools.local.mailbox import read_mails
from tools.local.origins import allowed_origins, keep_origins
from tools.local.ports import Ports, chosen_ports, free_ports
from tools.local.processes import is_alive, left_over
from tools.local.settings import (
    CHECKOUT,
    SUBSCRIBER_ACCOUNT,
    Folders,
    StackSettings,
    StateFolderError,
)
from tools.local.stack_file import describe_stack, read_stack_file, write_stack_file
from tools.local.subscriber import SubscriberError, deploy_subscriber, planned_nights
from tools.local.supervisor import GRAPHQL, Supervisor
from tools.local.template import TemplateError
from tools.local.warm import failing

_STOP_SECONDS = 90.0
_INTERRUPTED = 130
_NOT_RUNNING = 3

type Description = dict[str, Any]
"""A running stack, as stack.json describes it."""


def parser() -> argparse.ArgumentParser:
    """Build the command line's grammar."""
    root = argparse.ArgumentParser(
        prog="python -m tools.local", description="Matinee's whole stack on this machine."
    )
    commands = root.add_subparsers(dest="command", required=True)

    run = commands.add_parser("run", help="start everything; Ctrl-C stops it")
    run.add_argument("--fresh", action="store_true", help="forget the state of last time")
    run.add_argument(
        "--ports",
        choices=("default", "free"),
        default="default",
        help="free: unused ones, kept",
    )
    run.add_argument("--template", type=Path, default=CHECKOUT / "template.yaml")
    run.add_argument(
        "--stack-file",
        "--ready-file",
        type=Path,
        help="a second place, beside STATE_DIR/stack.json, to describe the stack once it is ready",
    )
    run.add_argument(
        "--origins", default="", help="web origins to be allowed from now on, between commas"
    )
    run.add_argument("--no-watch", action="store_true", help="do not redeploy changed sources")
    run.add_argument("--verify", action="store_true", help="accounts need the code of a mail")
    run.add_argument("--strict", action="store_true", help="as unkind as AWS can be, as in tests")
    run.add_argument("--no-endpoints", action="store_true", help=argparse.SUPPRESS)

    status = commands.add_parser("status", help="whether a stack runs, and where")
    stop = commands.add_parser("stop", help="stop the running stack, and wait until it is saved")
    again = commands.add_parser("deploy", help="deploy what has changed to the running product")
    again.add_argument("service", nargs="?", default="", help="rooms, auth ...: this stack alone")
    show = commands.add_parser("logs", help="show what the functions wrote")
    show.add_argument("function", nargs="*", help="logical ids; all functions when left out")
    show.add_argument("--follow", "-f", action="store_true", help="go on as more is written")
    show.add_argument(
        "--since", type=float, default=10.0, metavar="MINUTES", help="how far back (default: 10)"
    )
    show.add_argument("--all", action="store_true", help="platform lines and metrics too")

    give = commands.add_parser("invoke", help="give a sample event to its function")
    give.add_argument("sample", type=Path, help="events/<service>/<Function>.<trigger>.<case>.json")

    shell = commands.add_parser("env", help="a shell's exports of addresses, token and AWS keys")
    client = commands.add_parser("client-config", help="write what front ends are configured with")

    listen = commands.add_parser(
        "subscriber", help="deploy contracts/subscriber/ from another account"
    )

    nights = commands.add_parser("nights", help="show what the example subscriber has planned")

    mails = commands.add_parser("mail", help="show the mails that the product has sent")
    mails.add_argument("--to", help="to this address alone")

    for command in (run, status, stop, again, show, give, shell, client, listen, nights, mails):
        command.add_argument(
            "--state-dir",
            type=Path,
            default=CHECKOUT / ".local",
            help="where state, logs and stack.json are kept (default: .local)",
        )
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code."""
    options = parser().parse_args(arguments)
    try:
        return _execute(options)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _execute(options: argparse.Namespace) -> int:
    folders = Folders(options.state_dir.resolve())
    console = Console(sys.stderr if options.command == "env" else None)  # env's output: for a shell
    match options.command:
        case "run":
            return _run(options, folders, console)
        case "stop":
            return _stop(folders, console)
        case "status":
            return _status(folders, console)
        case "mail":
            return _mail(options.to, folders, console)
        case _:
            return _of_running_stack(options, folders, console)


def _of_running_stack(options: argparse.Namespace, folders: Folders, console: Console) -> int:
    stack = running_stack(folders)
    if stack is None:
        console.fail(f"No stack runs: start it with make run. Its parts' logs: {folders.logs}")
        return _NOT_RUNNING
    commands: dict[str, Callable[[], int]] = {
        "deploy": lambda: _deploy(stack, options.service, folders, console),
        "invoke": lambda: _invoke(stack, options.sample),
        "subscriber": lambda: _subscriber(stack, console),
        "nights": lambda: _nights(stack, console),
        "env": lambda: _env(stack),
        "client-config": lambda: _client_config(stack, folders, console),
        "logs": lambda: _logs(stack, options, console),
    }
    try:
        return commands[options.command]()
    except SampleError as error:
        console.fail(str(error))
        return 2
    except (client_config.NoTokenError, DeploymentError, SubscriberError, TemplateError) as error:
        console.fail(str(error))
        return 1


def _run(options: argparse.Namespace, folders: Folders, console: Console) -> int:
    try:
        folders.create()
        keep_origins(folders.origins, options.origins)
        free = options.ports == "free"
        ports = free_ports(folders.free_ports) if free else chosen_ports(os.environ)
        template = options.template.resolve()
        origins = allowed_origins(template, folders.origins)
    except (ValueError, StateFolderError, TemplateError) as error:
        console.fail(str(error))
        return 2
    settings = StackSettings(
        folders=folders,
        ports=ports,
        template=template,
        origins=origins,
        also_described_in=options.stack_file.resolve() if options.stack_file else None,
        tmdb_api_key=os.environ.get("TMDB_API_KEY", "").strip(),
        watch=not options.no_watch,
        with_endpoints=not options.no_endpoints,
        strict=options.strict,
        verify=options.verify,
    )
    return Supervisor(settings, console, fresh=options.fresh).run()


def _stop(folders: Folders, console: Console) -> int:
    pid = lock.holder(folders.lock)
    if pid is None:
        console.say(f"No stack runs from {folders.home}.")
        return 0
    os.kill(pid, signal.SIGTERM)
    with console.step(f"stop of pid {pid}"):
        deadline = time.monotonic() + _STOP_SECONDS
        while is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
    if is_alive(pid):
        console.fail(f"It still runs after {_STOP_SECONDS:.0f} s.")
        return 1
    return 0


def _status(folders: Folders, console: Console) -> int:
    stack = running_stack(folders)
    pid = lock.holder(folders.lock)
    if stack is None:
        console.say(
            f"A stack is starting or stopping (pid {pid})."
            if pid
            else f"No stack runs from {folders.home}. Start it with: make run"
        )
        return _NOT_RUNNING
    console.say(f"A stack runs from {folders.home} (pid {stack['pid']}).")
    host = "{0.scheme}://{0.netloc}"
    parts = {
        "REST": f"{stack['rest_url']}/status",
        "GraphQL": f"{host.format(urlsplit(stack['graphql_url']))}/status",
        "AWS APIs": f"{stack['emulator_url']}/_ministack/ready",
    }
    healthy = True
    for name, url in parts.items():
        good = answers(url, timeout=10)
        healthy = healthy and good
        console.say(f"  {name:9} {'answers' if good else 'DOES NOT ANSWER'}  {url}")
    for key in ("rest_url", "graphql_url", "realtime_url", "graphql_tls_url", "tmdb_url"):
        console.say(f"  {key:15} {stack[key]}")
    return 0 if healthy else 1


def _deploy(stack: Description, service: str, folders: Folders, console: Console) -> int:
    def report(deployed: DeployedStack, seconds: float) -> None:
        what = ", ".join(deployed.changed) if deployed.changed else "unchanged"
        console.say(f"  {deployed.name:20} {seconds:5.1f} s  {what}")

    settings = settings_of(stack, folders)
    aws = Aws(settings.emulator_url)
    deployment = deploy(settings, aws, service, report)
    failed = failing(aws, deployment.changed_functions)
    for name, reason in failed.items():
        console.warn(f"{name} fails when it is called: {reason}")
    _reload_graphql(folders, deployment)
    described = describe_stack(settings, deployment, stack["demo_user"])
    write_stack_file(folders.stack_file, described | {"pid": stack["pid"]})
    return int(bool(failed))


def _reload_graphql(folders: Folders, deployment: Deployment) -> None:
    """Have the running GraphQL endpoint read its API's definition again if it has changed."""
    stack = deployment.graphql_stack
    endpoint = left_over(folders.processes).get(GRAPHQL)
    if stack and stack.changed and endpoint:
        os.kill(endpoint, signal.SIGHUP)


def _invoke(stack: Description, sample: Path) -> int:
    functions = stack["functions"]
    function = functions[function_of(sample, functions)]
    done = invoke(Aws(stack["emulator_url"]), function, read_sample(sample))
    sys.stderr.write(f"{done.log.rstrip()}\n")
    sys.stderr.flush()
    sys.stdout.write(f"{done.answer}\n")
    return int(done.failed)


def _mail(to: str | None, folders: Folders, console: Console) -> int:
    mails = read_mails(folders.state, to)
    for mail in mails:
        console.say(f"{mail.sent_at:%H:%M:%S}  to {', '.join(mail.to)}: {mail.subject}")
        console.say(f"    {mail.text}")
    if not mails:
        console.say("No mail. Codes are mailed after: make run VERIFY=1")
    return 0


def _subscriber(stack: Description, console: Console) -> int:
    with console.step(f"deployment of the example subscriber, account {SUBSCRIBER_ACCOUNT}"):
        outputs = deploy_subscriber(stack["emulator_url"], stack["outputs"]["EventBusArn"])
    for name, value in sorted(outputs.items()):
        console.say(f"  {name:18} {value}")
    console.say("It plans a night for each film that a room agrees on: make demo")
    console.say("What it has planned: make nights")
    return 0


def _nights(stack: Description, console: Console) -> int:
    for line in planned_nights(stack["emulator_url"]) or ["No night is planned yet: make demo"]:
        console.say(line)
    return 0


def _env(stack: Description) -> int:
    sys.stdout.write(client_config.exports(stack, client_config.demo_token(stack)))
    return 0


def _client_config(stack: Description, folders: Folders, console: Console) -> int:
    for path in client_config.write_files(stack, folders.client):
        console.say(f"{path}\n\n{path.read_text(encoding='utf-8')}")
    console.say(
        f"GraphQL for Amplify has TLS: have Node or your browser trust {stack['ca_file']} (README)."
    )
    return 0


def _logs(stack: Description, options: argparse.Namespace, console: Console) -> int:
    functions: dict[str, str] = stack["functions"]
    wanted = options.function or sorted(functions)
    unknown = sorted(set(wanted) - functions.keys())
    if unknown:
        console.fail(f"No function is called {', '.join(unknown)}.")
        console.say(f"There are: {', '.join(sorted(functions))}")
        return 2
    aws = Aws(stack["emulator_url"])
    groups = logs.log_groups(aws, {name: functions[name] for name in wanted})
    since = round((time.time() - options.since * 60) * 1000)
    lines = logs.follow(aws, groups, since, forever=options.follow)
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        for text in logs.render_all(lines, everything=options.all):
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
    return 0


def running_stack(folders: Folders) -> Description | None:
    """Return the description of the stack that runs from these folders, or None."""
    stack = read_stack_file(folders.stack_file)
    return stack if stack and is_alive(int(stack["pid"])) else None


def settings_of(stack: Description, folders: Folders) -> StackSettings:
    """Rebuild the settings that a running stack was started with."""
    ports = Ports(
        emulator=int(urlsplit(stack["emulator_url"]).port or 0),
        graphql=int(urlsplit(stack["graphql_url"]).port or 0),
        graphql_tls=int(urlsplit(stack["graphql_tls_url"]).port or 0),
    )
    template = Path(stack["template"])
    settings = StackSettings(
        folders=folders,
        ports=ports,
        template=template,
        origins=allowed_origins(template, folders.origins),
        verify=bool(stack.get("verify")),
    )
    tmdb = urlsplit(stack["tmdb_url"])
    if tmdb.hostname == "127.0.0.1" and tmdb.port:
        return replace(settings, ports=replace(ports, tmdb=tmdb.port))
    return replace(settings, tmdb_api_key=os.environ.get("TMDB_API_KEY", "").strip())
