"""The supervisor: starts the parts in order, keeps them running, redeploys, stops them cleanly."""

import itertools
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tools.local import demo_user, emulator, logs, processes, stack_file
from tools.local.console import Console, Step, ready_text
from tools.local.deploy import DeployedStack, Deployment, DeploymentError, OldStateError, deploy
from tools.local.emulator import Aws
from tools.local.lock import AlreadyRunningError, only_one
from tools.local.ports import PortTakenError, require_free
from tools.local.processes import Child, ChildFailedError
from tools.local.settings import (
    StackSettings,
    StateFolderError,
    child_environment,
)
from tools.local.template import TemplateError
from tools.local.warm import failing
from tools.local.watch import SourceWatcher, name_files, syntax_errors
from tools.local.wiring import Wiring

TMDB = "TMDB stand-in"
GRAPHQL = "GraphQL endpoint"
_READY_PATHS = {TMDB: "/__ready", GRAPHQL: "/status"}
_ENDPOINT_SECONDS = 60.0
_LOGS_KEPT_SECONDS = 24 * 3600.0
_SAVE_SECONDS = 60.0
_END_SECONDS = 5.0
_TICK_SECONDS = 0.3
_MAX_NAMED = 8
_RESTARTS = 3
_RESTARTS_WITHIN_SECONDS = 60.0
_DEPLOYMENT_ERRORS = (
    TemplateError,
    DeploymentError,
    ClientError,
    BotoCoreError,
)
_EXPECTED_ERRORS = (
    *_DEPLOYMENT_ERRORS,
    AlreadyRunningError,
    ChildFailedError,
    PortTakenError,
    StateFolderError,
)


class StopRequested(BaseException):
    """Ctrl-C or SIGTERM: not an error, and nothing but the supervisor handles it."""


class Supervisor:
    """One run of one local stack."""

    def __init__(self, settings: StackSettings, console: Console, *, fresh: bool = False) -> None:
        self._settings = settings
        self._console = console
        self._fresh = fresh
        self._environment = child_environment(settings.folders, os.environ)
        self._aws = Aws(settings.emulator_url)
        self._children: dict[str, Child] = {}
        self._restarts: dict[str, list[float]] = {}
        self._watcher: SourceWatcher | None = None
        self._graphql = ""
        self._graphql_stack: DeployedStack | None = None
        self._stopping = False

    def run(self) -> int:
        """Run until it is stopped; return the process's exit code."""
        try:
            self._settings.folders.create()
            with only_one(self._settings.folders.lock), self._signals():
                return self._run_locked()
        except _EXPECTED_ERRORS as error:
            self._console.fail(str(error))
            return 1

    def _run_locked(self) -> int:
        code = 0
        try:
            self._start()
            self._keep_running()
        except StopRequested:
            self._console.say()
        except _DEPLOYMENT_ERRORS as error:
            self._console.fail(str(error))
            if not self._fresh and not isinstance(error, (OldStateError, TemplateError)):
                self._console.say(
                    "If the kept state does not go with this template: make run FRESH=1 "
                    "(forgets users and rooms)."
                )
            code = 1
        except (ChildFailedError, PortTakenError) as error:
            self._console.fail(str(error))
            code = 1
        finally:
            self._stop()
        return code

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Turn Ctrl-C and SIGTERM into StopRequested, once; afterwards they only inform."""

        def requested(_number: int, _frame: FrameType | None) -> None:
            if self._stopping:
                self._console.say("Saving what the stack holds: a moment, please.")
                return
            self._stopping = True
            raise StopRequested

        before = {number: signal.signal(number, requested) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    # -- start ----------------------------------------------------------------------------

    def _start(self) -> None:
        began = time.monotonic()
        self._recover()
        require_free(self._settings.wanted_ports())
        kept = self._prepare_state()
        with self._console.step("AWS emulator") as step:
            step.detail = "with the state of last time" if kept else "empty"
            self._add(emulator.start_emulator(self._settings, self._environment))
            if self._settings.with_endpoints and not self._settings.uses_real_tmdb:
                self._add(self._spawn_tmdb())
            emulator.wait_until_ready(self._children[emulator.NAME], self._settings)
        with self._console.step("deployment of the stacks") as step:
            deployment = deploy(self._settings, self._aws, report=self._progress(step))
            step.detail = (
                f"{len(deployment.changed)} resources changed in "
                f"{len(deployment.changed_stacks)} of {len(deployment.stacks)} stacks"
                if deployment.changed
                else "nothing changed since last time"
            )
        self._graphql = deployment.graphql_fingerprint
        if self._settings.with_endpoints:
            self._graphql_stack = deployment.graphql_stack
            self._add(self._spawn_graphql())
        if kept:
            self._prune_logs(deployment)
        demo = self._demo_user(deployment)  # meanwhile the endpoints start
        for name in (TMDB, GRAPHQL):
            if name in self._children:
                with self._console.step(name):
                    self._wait_for_endpoint(name)
        self._announce(deployment, demo, began)

    def _recover(self) -> None:
        """Clean up after a supervisor that could not stop its children."""
        folders = self._settings.folders
        self._remove_stack_files()
        left_over = processes.left_over(folders.processes)
        if left_over:
            with self._console.step("end of a run that was killed") as step:
                step.detail = ", ".join(left_over)
                processes.end_left_over(left_over.values(), _SAVE_SECONDS)
        folders.processes.unlink(missing_ok=True)
        empty_folder(folders.temporary)

    def _prepare_state(self) -> bool:
        """Return whether there is a state of last time; with `fresh` it is removed."""
        state = self._settings.folders.state
        if self._fresh:
            empty_folder(state)
        return any(state.iterdir())

    def _progress(self, step: Step) -> Callable[[DeployedStack, float], None]:
        """Count the deployed stacks in a step's detail."""
        stacks = len(Wiring.read(self._settings.template).applications)
        done = itertools.count(1)

        def report(_stack: DeployedStack, _seconds: float) -> None:
            step.detail = f"{next(done)} of {stacks}"

        return report

    def _prune_logs(self, deployment: Deployment) -> None:
        groups = logs.log_groups(self._aws, deployment.functions).values()
        before = round((time.time() - _LOGS_KEPT_SECONDS) * 1000)
        logs.prune(self._aws, groups, before)

    def _report_failures(self, failed: dict[str, str]) -> None:
        for name, error in failed.items():
            self._console.warn(f"{name} fails when it is called: {error}")
            self._console.warn(f"  its log: make logs FN={name}")

    def _demo_user(self, deployment: Deployment) -> demo_user.DemoUser | None:
        pool = deployment.outputs.get("UserPoolId", "")
        if not (deployment.http_api_id and pool):
            return None
        rest_url = stack_file.rest_url_of(self._settings, deployment)
        try:
            with self._console.step("demo user"):
                return demo_user.ensure_demo_user(self._aws, rest_url, pool)
        except demo_user.DemoUserError as error:
            self._console.warn(f"No demo user: {error}")
            return None

    def _announce(
        self, deployment: Deployment, demo: demo_user.DemoUser | None, began: float
    ) -> None:
        person = {"email": demo.email, "password": demo.password} if demo else None
        stack = stack_file.describe_stack(self._settings, deployment, person)
        self._write_stack_files(stack)
        self._console.say(
            ready_text(
                stack,
                (demo.email, demo.password) if demo else None,
                str(self._settings.folders.logs),
                stand_in=not self._settings.uses_real_tmdb,
            )
        )
        self._console.say(f"\nReady after {time.monotonic() - began:.1f} s.")

    def _write_stack_files(self, stack: dict[str, Any]) -> None:
        for path in self._settings.stack_files:
            stack_file.write_stack_file(path, stack)

    def _remove_stack_files(self) -> None:
        for path in self._settings.stack_files:
            path.unlink(missing_ok=True)

    # -- children -------------------------------------------------------------------------

    def _add(self, child: Child) -> None:
        self._children[child.name] = child
        processes.record(self._settings.folders.processes, self._children.values())

    def _spawn_tmdb(self) -> Child:
        arguments = ["--port", str(self._settings.ports.tmdb)]
        return processes.spawn(
            TMDB, "tools.tmdb", arguments, self._environment, self._settings.folders.logs
        )

    def _spawn_graphql(self) -> Child:
        settings = self._settings
        arguments = [
            *("--port", str(settings.ports.graphql)),
            *("--tls-port", str(settings.ports.graphql_tls)),
            *("--tls-folder", str(settings.folders.tls)),
            *("--emulator", settings.emulator_url),
        ]
        if self._graphql_stack:
            arguments += ["--stack-name", self._graphql_stack.name]
            arguments += ["--template", str(self._graphql_stack.template)]
        return processes.spawn(
            GRAPHQL, "tools.appsync", arguments, self._environment, settings.folders.logs
        )

    def _wait_for_endpoint(self, name: str) -> None:
        port = self._settings.wanted_ports()[name]
        url = f"http://127.0.0.1:{port}{_READY_PATHS[name]}"
        self._children[name].wait_ready(lambda: emulator.answers(url), _ENDPOINT_SECONDS)

    def _look_after_children(self) -> None:
        for name, child in list(self._children.items()):
            if child.alive:
                child.rotate_log()
                continue
            code = child.process.returncode
            if name == emulator.NAME:
                raise child.failure(
                    f"The AWS emulator ended (exit code {code}). "
                    "What it was told in the last seconds may be lost; start it again."
                )
            self._restart(child, f"The {name} ended (exit code {code})")

    def _restart(self, child: Child, why: str) -> None:
        now = time.monotonic()
        recent = [
            at for at in self._restarts.get(child.name, []) if now - at < _RESTARTS_WITHIN_SECONDS
        ]
        if len(recent) >= _RESTARTS:
            raise child.failure(f"{why}, {_RESTARTS} times in a minute.")
        self._restarts[child.name] = [*recent, now]
        self._console.warn(f"{why}. The end of its log:\n{child.tail(10)}")
        self._replace(child)
        self._console.note(f"The {child.name} was started again.")

    def _replace(self, child: Child) -> None:
        """Start a part again that holds no state."""
        child.stop(_END_SECONDS)
        self._add(self._spawn_tmdb() if child.name == TMDB else self._spawn_graphql())
        self._wait_for_endpoint(child.name)

    # -- while it runs --------------------------------------------------------------------

    def _keep_running(self) -> None:
        watcher = SourceWatcher(self._settings.root, self._settings.template, self._folders())
        if self._settings.watch:
            self._watcher = watcher
            watcher.start()
        while True:
            changed = watcher.collect(_TICK_SECONDS)
            if changed:
                self._redeploy(changed)
            self._look_after_children()

    def _folders(self) -> list[Path]:
        """Return the folders of the stacks' templates."""
        wiring = Wiring.read(self._settings.template)
        return sorted({application.template.parent for application in wiring.applications})

    def _redeploy(self, changed: frozenset[Path]) -> None:
        files = name_files(changed, self._settings.root)
        # All of them, not only those that changed: a deployment takes every file along.
        errors = syntax_errors((self._settings.root / "services").rglob("*.py"))
        if errors:
            self._console.warn("Not deployed, the old code goes on:\n  " + "\n  ".join(errors))
            return
        started = time.monotonic()
        try:
            deployment = deploy(self._settings, self._aws)
        except _DEPLOYMENT_ERRORS as error:
            self._console.warn(f"Not deployed ({files}), the old code goes on:\n{error}")
            return
        if not deployment.changed:
            return
        names = deployment.changed_functions
        failed = failing(self._aws, names)
        if deployment.graphql_fingerprint != self._graphql and GRAPHQL in self._children:
            self._replace(self._children[GRAPHQL])
        self._graphql = deployment.graphql_fingerprint
        what = ", ".join(names or deployment.changed)
        if len(names) > _MAX_NAMED:
            what = f"{len(names)} functions"
        self._console.note(
            f"{files}: redeployed {', '.join(deployment.changed_stacks)} ({what}) "
            f"in {time.monotonic() - started:.1f} s"
        )
        self._report_failures(failed)
        before = stack_file.read_stack_file(self._settings.folders.stack_file) or {}
        self._write_stack_files(
            stack_file.describe_stack(self._settings, deployment, before.get("demo_user"))
        )

    # -- stop -----------------------------------------------------------------------------

    def _stop(self) -> None:
        self._stopping = True
        folders = self._settings.folders
        self._remove_stack_files()
        if self._watcher:
            self._watcher.stop()
        for name in (GRAPHQL, TMDB):
            child = self._children.pop(name, None)
            if child:
                child.stop(_END_SECONDS)
        child = self._children.pop(emulator.NAME, None)
        if child:
            with self._console.step("stop") as step:
                saved = child.stop(_SAVE_SECONDS) and child.process.returncode == 0
                step.detail = f"state kept in {folders.state}" if saved else ""
            if not saved:
                self._console.fail(str(child.failure("The emulator did not save its state.")))
        folders.processes.unlink(missing_ok=True)
        empty_folder(folders.temporary)


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def empty_folder(folder: Path) -> None:
    """Remove everything inside a folder of ours."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
