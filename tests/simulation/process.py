"""The process of the simulation: its time, its random numbers and its clients are simulated ones.

`prepare` is called before anything of the product is imported, in a process that does nothing else:
the product binds `time.sleep` and `boto3.client` where it needs them, and knows nothing of this.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import hashlib
import importlib
import inspect
import logging
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from types import FrameType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.simulation.scheduler import Point, Task

if TYPE_CHECKING:
    from tests.simulation.world import World

SERVICES = ("auth", "catalog", "library", "recommender", "rooms")
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "simulated",
    "AWS_SECRET_ACCESS_KEY": "simulated",
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}
_SERVICE_FOLDER = f"{os.sep}services{os.sep}"


class Current:
    """The world that the process simulates at present."""

    world: World | None = None
    chance: Random = Random(0)

    @classmethod
    def get(cls) -> World:
        """Return it."""
        assert cls.world is not None, "nothing is simulated now"
        return cls.world

    @classmethod
    def now(cls) -> float:
        """Return the simulated time, in seconds since 1970."""
        return cls.world.scheduler.now if cls.world else 0.0

    @classmethod
    def task(cls) -> Task:
        """Return the task that runs."""
        return cls.get().scheduler.current()


class SimulatedDatetime(datetime):
    """The class of datetimes, whose present is the simulation's."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # noqa: ANN401 - datetime's own
        """Return the simulated time."""
        return datetime.fromtimestamp(Current.now(), tz)

    @classmethod
    def fromisoformat(cls, text: str, /) -> datetime:  # type: ignore[override]
        """Parse a time, as one of the usual class."""
        return datetime.fromisoformat(text)

    @classmethod
    def fromtimestamp(cls, timestamp: float, tz: Any = None) -> datetime:  # type: ignore[override]  # noqa: ANN401
        """Return a moment, as one of the usual class."""
        return datetime.fromtimestamp(timestamp, tz)


class Branches(concurrent.futures.Executor):
    """A pool of threads whose threads are tasks: they interleave, and end with their function."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def submit(  # type: ignore[override]
        self,
        work: Callable[..., Any],
        *args: Any,  # noqa: ANN401 - an executor's own
        **kwargs: Any,  # noqa: ANN401
    ) -> _Branch:
        """Start a task."""
        scheduler = Current.get().scheduler
        parent = scheduler.current()
        name = f"{len(parent.children) + 1}"
        return _Branch(scheduler.branch(name, lambda: work(*args, **kwargs)))

    def map(  # type: ignore[override]
        self, work: Callable[..., Any], *iterables: Iterable[Any], **_: object
    ) -> Iterator[Any]:
        """Start a task for each element; return their results in order."""
        branches = [self.submit(work, *arguments) for arguments in zip(*iterables, strict=False)]
        return (branch.result() for branch in branches)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002, E501
        """Do nothing: tasks end by themselves."""


class _Branch:
    """What `submit` returns."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def result(self, timeout: float | None = None) -> Any:  # noqa: ANN401, ARG002 - a future's own
        """Wait for the task; return or raise what it did."""
        Current.get().scheduler.wait(self._task)
        if self._task.error:
            raise self._task.error
        return self._task.value


def prepare() -> None:
    """Make this process one that simulates. Call it once, first of all."""
    root = Path(__file__).resolve().parents[2]
    sys.path += [str(root / "services" / name) for name in ("shared", *SERVICES)]
    loaded = [name for name in sys.modules if name.partition(".")[0] in SERVICES]
    assert not loaded, f"the simulation comes too late: {loaded}"
    importlib.import_module("tools.appsync.javascript")  # it starts a thread, a real one
    os.environ |= ENVIRONMENT
    logging.disable(logging.CRITICAL)
    _replace(time, sleep=_sleep, time=Current.now, time_ns=_nanoseconds, monotonic=Current.now)
    _replace(os, urandom=_random_bytes)
    _replace(random, _urandom=_random_bytes)  # what SystemRandom draws from
    _replace(hashlib, scrypt=_fast_hash)
    _replace(concurrent.futures, ThreadPoolExecutor=Branches)
    _replace(functools, cache=_cache_by_instance)
    _patch_boto()
    _patch_httpx()
    _patch_clocks()
    _leave_out_what_shows_nothing()
    sys.unraisablehook = _ignore_coroutines


def _ignore_coroutines(error: Any) -> None:  # noqa: ANN401 - its type has no public name
    """Report what cannot be raised, but for the coroutines of functions that were killed."""
    if not inspect.iscoroutine(error.object):
        sys.__unraisablehook__(error)


def _replace(where: object, **by: object) -> None:
    for name, what in by.items():
        setattr(where, name, what)


def _sleep(seconds: float) -> None:
    Current.get().scheduler.sleep(seconds)


def _nanoseconds() -> int:
    return int(Current.now() * 1_000_000_000)


def _fast_hash(password: bytes, *, salt: bytes, dklen: int, **_: object) -> bytes:
    """Return a hash that takes no time: scrypt's fifty milliseconds are there to be spent."""
    return hashlib.blake2b(password, salt=salt[:16], digest_size=dklen).digest()


def _random_bytes(size: int) -> bytes:
    return Current.chance.randbytes(size)


def _cache_by_instance(make: Callable[..., Any]) -> Callable[..., Any]:
    """Cache what a composition root builds in its function's instance, and all else for good."""
    if make.__module__.partition(".")[0] not in SERVICES:
        return functools.lru_cache(maxsize=None)(make)

    @functools.wraps(make)
    def cached(*arguments: Any) -> Any:  # noqa: ANN401 - any root's
        instance = Current.task().instance
        assert instance is not None
        key = (make, *map(_hashable, arguments))
        if key not in instance.built:
            instance.built[key] = make(*arguments)
        return instance.built[key]

    cached.cache_clear = lambda: None  # type: ignore[attr-defined] # an instance ends instead
    return cached


def _hashable(argument: object) -> object:
    return argument if getattr(argument, "__hash__", None) else id(argument)


def _patch_boto() -> None:
    import boto3  # noqa: PLC0415 - after the clocks
    import botocore.session  # noqa: PLC0415
    from botocore.client import BaseClient  # noqa: PLC0415

    session = botocore.session.Session()
    clients: dict[str, Any] = {}

    def client(name: str, *_: object, **__: object) -> Any:  # noqa: ANN401 - any client
        if name not in clients:
            clients[name] = session.create_client(name, region_name="eu-west-1")
        return clients[name]

    def call(self: Any, operation: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        return Current.get().call(self, operation, params)

    def paginator(self: Any, operation: str) -> Any:  # noqa: ANN401 - any client's
        key = f"{operation} of {id(self)}"
        if key not in clients:
            clients[key] = real_paginator(self, operation)
        return clients[key]

    real_paginator = BaseClient.get_paginator
    # Every call of every client passes there.
    _replace(BaseClient, get_paginator=paginator, _make_api_call=call)
    _replace(boto3, client=client)
    # To make a session takes longer than a hundred calls, and Powertools makes many.
    one = boto3.session.Session()
    _replace(one, client=client)
    _replace(boto3, Session=lambda *_, **__: one)
    _replace(boto3.session, Session=lambda *_, **__: one)


def _patch_httpx() -> None:
    import httpx  # noqa: PLC0415 - after the clocks

    from tests.simulation.loop import SimulatedRunner, Transport  # noqa: PLC0415

    def send(request: httpx.Request) -> httpx.Response:
        return Current.get().http(request, code_of_the_product())

    shared = httpx.Client(transport=httpx.MockTransport(send))
    asynchronous = functools.partial(httpx.AsyncClient, transport=Transport())
    _replace(httpx, Client=lambda *_, **__: shared, AsyncClient=asynchronous)
    _replace(asyncio, Runner=SimulatedRunner)


def _patch_clocks() -> None:
    from aws_lambda_powertools.shared import user_agent  # noqa: PLC0415
    from aws_lambda_powertools.utilities.idempotency import base  # noqa: PLC0415
    from aws_lambda_powertools.utilities.idempotency.persistence import (  # noqa: PLC0415
        base as store,
    )
    from aws_lambda_powertools.utilities.idempotency.persistence import (  # noqa: PLC0415
        datarecord,
        dynamodb,
    )
    from aws_lambda_powertools.utilities.parameters import base as parameters  # noqa: PLC0415

    import matinee.clock  # noqa: PLC0415
    import matinee.ids  # noqa: PLC0415
    import matinee.settings  # noqa: PLC0415
    from matinee.observability import metrics  # noqa: PLC0415

    _replace(user_agent, register_feature_to_client=lambda **_: None)
    _replace(matinee.settings.Settings, load=classmethod(_load_settings))
    _replace(metrics, add_metric=lambda *_, **__: None)
    for module in (base, store, datarecord, dynamodb):
        present = {"datetime": SimulatedDatetime, "timedelta": timedelta, "UTC": UTC}
        _replace(module, dt=SimpleNamespace(timezone=timezone, **present))
    _replace(parameters, datetime=SimulatedDatetime)
    _replace(matinee.clock, datetime=SimulatedDatetime)
    _replace(matinee.ids, uuid7=_uuid7)


_SETTINGS: dict[tuple[type, str], Any] = {}


def _load_settings(settings: type) -> Any:  # noqa: ANN401 - any settings
    """Return a function's settings, of its environment instead of the process's; read once."""
    instance = Current.task().instance
    assert instance is not None
    key = settings, instance.function
    if key not in _SETTINGS:
        variables = {name.lower(): value for name, value in instance.environment.items()}
        _SETTINGS[key] = settings.model_validate(variables)  # type: ignore[attr-defined]
    return _SETTINGS[key]


def _leave_out_what_shows_nothing() -> None:
    """Save the time of log lines that nobody reads, signatures that nobody verifies, and such."""
    from aws_lambda_powertools import Logger  # noqa: PLC0415 - after the clocks
    from aws_lambda_powertools.utilities.batch import base  # noqa: PLC0415
    from botocore.auth import SigV4Auth  # noqa: PLC0415

    def signature(handler: Any) -> inspect.Signature:  # noqa: ANN401 - any callable
        return known_signature(getattr(handler, "__func__", handler))

    known_signature = functools.lru_cache(maxsize=None)(inspect.signature)
    _replace(base, inspect=SimpleNamespace(signature=signature))
    _replace(Logger, structure_logs=_nothing, append_keys=_nothing, clear_state=_nothing)
    _replace(SigV4Auth, add_auth=lambda _, request: request.headers.add_header("Signed", "yes"))


def _nothing(*_: object, **__: object) -> None:
    pass


def _uuid7() -> str:
    """Return an identifier of version 7: the time in milliseconds, a number, random bits."""
    world = Current.get()
    world.ids += 1
    head = int(Current.now() * 1000)
    return (
        f"{head >> 16:08x}-{head & 0xFFFF:04x}-7{world.ids & 0xFFF:03x}-8"
        f"{world.ids >> 12 & 0xFFF:03x}-{Current.chance.getrandbits(48):012x}"
    )


_PLACES: dict[int, tuple[Any, str | None]] = {}


def _place(code: Any) -> str | None:  # noqa: ANN401 - a code object
    if id(code) not in _PLACES:  # hashing a code object takes longer than all else
        path = Path(code.co_filename)
        name = f"{path.parent.name}/{path.name}:{code.co_qualname.rpartition('.')[2]}"
        _PLACES[id(code)] = code, name if _SERVICE_FOLDER in code.co_filename else None
    return _PLACES[id(code)][1]


def code_of_the_product() -> str:
    """Return the innermost lines of the product on the stack, or those of its library."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - no other way leads to the caller
    known = _PLACES
    while frame is not None:
        code = frame.f_code
        found = known.get(id(code))
        if place := found[1] if found else _place(code):
            return place
        frame = frame.f_back
    return "?"


_POINTS: dict[tuple[str, ...], Point] = {}


def point_of(
    task: Task, service: str, operation: str, target: str, code: str | None = None
) -> Point:
    """Return the point at which a task calls a service, from the lines that it runs now."""
    function = task.instance.function if task.instance else task.name
    key = function, service, operation, target, code or code_of_the_product()
    point = _POINTS.get(key)
    if point is None:
        point = _POINTS[key] = Point(function, f"{service}.{operation}", target, key[-1])
    return point
