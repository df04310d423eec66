"""The supervisor's output: steps with their times, on a terminal or in a plain log."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TextIO

from rich.console import Console as RichConsole
from rich.markup import escape

STILL_SECONDS = 5.0


class _Terminal(RichConsole):
    """Rich's console, which would end the process when its output is closed."""

    def on_broken_pipe(self) -> None:
        """Continue: the product stops on request only."""


class Console:
    """Progress and messages. On a terminal with colours and a spinner, otherwise plain lines."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._rich = _Terminal(
            file=stream or sys.stdout, highlight=False, soft_wrap=True, emoji=False
        )

    @contextmanager
    def step(self, what: str) -> Iterator["Step"]:
        """Show that `what` is going on, how far it is, and afterwards how long it took.

        A terminal has a spinner; what is read through a pipe gets a line every few seconds.
        """
        started = time.monotonic()
        if self._rich.is_terminal:
            with self._rich.status(escape(what) + " ...") as status:
                step = Step(lambda detail: status.update(escape(f"{what} ... {detail}")))
                yield step
        else:
            step = Step()
            with _repeating(lambda: self._still(what, step, started)):
                yield step
        seconds = f"{time.monotonic() - started:5.1f} s"
        detail = f" [dim]{escape(step.detail)}[/dim]" if step.detail else ""
        self._print(f"[green]{seconds}[/green]  {escape(what)}{detail}")

    def _still(self, what: str, step: "Step", started: float) -> None:
        self.say(f"    ...  {what} {step.detail} ({time.monotonic() - started:.0f} s)")

    def say(self, text: str = "") -> None:
        """Print a line as it is."""
        self._print(escape(text))

    def note(self, text: str) -> None:
        """Print something that just happened, with the time of day."""
        self._print(f"[dim]{time.strftime('%H:%M:%S')}[/dim]  {escape(text)}")

    def warn(self, text: str) -> None:
        """Print something that needs attention but stops nothing."""
        self._print(f"[yellow]{escape(text)}[/yellow]")

    def fail(self, text: str) -> None:
        """Print why the stack cannot go on."""
        self._print(f"[red]{escape(text)}[/red]")

    def _print(self, markup: str) -> None:
        # A terminal that was closed must not keep the stack from stopping cleanly.
        with suppress(OSError):
            self._rich.print(markup)


class Step:
    """A step that is going on; `detail` is shown behind it meanwhile, and at the end."""

    def __init__(self, show: Callable[[str], None] = lambda _detail: None) -> None:
        self._show = show
        self._detail = ""

    @property
    def detail(self) -> str:
        """How far the step is, or what came of it."""
        return self._detail

    @detail.setter
    def detail(self, detail: str) -> None:
        self._detail = detail
        self._show(detail)


@contextmanager
def _repeating(tell: Callable[[], None]) -> Iterator[None]:
    """Call `tell` every few seconds for as long as the block runs."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(STILL_SECONDS):
            tell()

    thread = threading.Thread(target=repeat, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def ready_text(
    stack: Mapping[str, object], demo: tuple[str, str] | None, logs: str, *, stand_in: bool
) -> str:
    """Return the text that is shown when the product is ready: addresses, and what to try."""
    films = "the TMDB stand-in's invented films" if stand_in else "the real TMDB"
    lines = [
        "",
        "Matinee is running.",
        "",
        f"  page       {stack['emulator_url']}/  (this, GraphiQL and the REST interface to try)",
        f"  app        {stack['emulator_url']}/_matinee/app/  (for people: browse, lists, rooms)",
        f"  console    {stack['emulator_url']}/_matinee/app/console  (events, queues, rules)",
        f"  REST       {stack['rest_url']}",
        f"  GraphQL    {stack['graphql_url']}",
        f"  real-time  {stack['realtime_url']}",
        f"  with TLS   {stack['graphql_tls_url']}  (trust {stack['ca_file']})",
        f"  AWS APIs   {stack['emulator_url']}  (region {stack['region']}, keys test/test)",
        f"  TMDB       {stack['tmdb_url']}  ({films})",
        f"  user pool  {stack['user_pool_id']}, client {stack['client_id']}",
    ]
    if stand_in:
        lines.insert(-1, f"  posters    {str(stack['tmdb_url']).removesuffix('/3')}/t/p/w500")
    if demo:
        email, password = demo
        body = json.dumps({"email": email, "password": password})
        lines += [
            f"  demo user  {email}, password {password}",
            "",
            "Try next, in another terminal:",
            "  make demo                 several users find their film together",
            "  make refresh PAGES=2      fill the catalogue: /media has lists then",
            f"  curl -s -H 'content-type: application/json' -d '{body}' \\",
            f"       {stack['rest_url']}/auth/signin",
        ]
    else:
        lines += ["", "Try next, in another terminal:"]
    lines += [
        "  make logs                 what the functions say (make logs FUNCTION=RoomsApiFunction)",
        "",
        f"Logs of the parts: {logs}. Changed sources are redeployed as you save them.",
        "Ctrl-C stops everything; the next start finds users and rooms again.",
    ]
    return "\n".join(lines)
