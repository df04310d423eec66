"""The command line: live, send, replay, redrive, discard."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from tools.contracts.paths import ROOT, make_importable

make_importable()

from tools.ops.events.dead_letters import discard  # noqa: E402
from tools.ops.events.environment import Environment, EnvironmentNotFound  # noqa: E402
from tools.ops.events.live import EventFilter, lines  # noqa: E402 - needs the services importable
from tools.ops.events.redrive import redrive  # noqa: E402
from tools.ops.events.replay import ReplayRequest, moment, replay  # noqa: E402
from tools.ops.events.sending import NotSent, send_sample  # noqa: E402


def parser() -> argparse.ArgumentParser:
    """Build the command line's grammar."""
    root = argparse.ArgumentParser(prog="python -m tools.ops.events", description="The event bus.")
    root.add_argument("--stack", default="", help="a stack on AWS; else the local product")
    root.add_argument(
        "--stack-file", type=Path, default=ROOT / ".local" / "stack.json", help=argparse.SUPPRESS
    )
    commands = root.add_subparsers(dest="command", required=True)
    live = commands.add_parser("live", help="show what passes over the bus; Ctrl-C ends it")
    live.add_argument("--type", action="append", default=[], help="only this detail-type")
    live.add_argument("--source", action="append", default=[], help="only of this source")
    live.add_argument("--correlation", default="", help="only of this correlation id, logs too")
    live.add_argument("--seconds", type=float, help="how long; else until Ctrl-C")
    again = commands.add_parser("replay", help="tell once more what was")
    again.add_argument("--from", dest="start", type=moment, required=True, help="ISO 8601, UTC")
    again.add_argument("--to", dest="end", type=moment, required=True, help="ISO 8601, or now")
    again.add_argument("--type", action="append", default=[], help="only to rules of this type")
    again.add_argument("--rule", action="append", default=[], help="only to this rule")
    drive = commands.add_parser("redrive", help="give dead letters another attempt")
    drive.add_argument("queue", help="the dead-letter queue's logical id, such as NotifierDlq")
    throw = commands.add_parser("discard", help="delete one dead letter for good")
    throw.add_argument("queue", help="the dead-letter queue's logical id")
    throw.add_argument("message", help="the message's id")
    put = commands.add_parser("send", help="put the example of an event on the bus")
    put.add_argument("type", help="the detail-type, such as MatchFound")
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    options = parser().parse_args(arguments)
    before = signal.signal(signal.SIGTERM, _ended)  # so that the listener is removed
    console = Console(soft_wrap=True, highlight=False)
    try:
        environment = (
            Environment.on_aws(options.stack)
            if options.stack
            else Environment.here(options.stack_file)
        )
        match options.command:
            case "live":
                wanted = EventFilter(
                    tuple(options.type), tuple(options.source), options.correlation, options.seconds
                )
                console.print(f"[dim]What passes over {environment.bus}; Ctrl-C ends it.[/]")
                for line in lines(environment, wanted):
                    console.print(line)
            case "replay":
                request = ReplayRequest(
                    options.start, options.end, tuple(options.type), tuple(options.rule)
                )
                console.print(f"replayed: {replay(environment, request)}")
            case "discard":
                console.print(discard(environment, options.queue, options.message))
            case "send":
                sent = send_sample(environment, options.type)
                console.print(f"sent: event {sent['event_id']}")
                console.print(f"correlation {sent['correlation_id']}")
            case _:
                console.print(redrive(environment, options.queue))
    except KeyboardInterrupt:
        return 0
    except (EnvironmentNotFound, NotSent) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _ended(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
