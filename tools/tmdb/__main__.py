"""``python -m tools.tmdb``: the stand-in as a server."""

import argparse
import gc
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

import uvicorn

from tools.tmdb.app import create_app
from tools.tmdb.catalogue import (
    DEFAULT_FILMS,
    DEFAULT_SERIES,
    Catalogue,
    CatalogueFileError,
    generate,
    load,
)
from tools.tmdb.middleware import ServerState

LOOPBACK = "127.0.0.1"
_DEFAULT_PORT = 4568
_LAST_PORT = 65_535
_CANNOT_START = 2
_SECONDS_TO_FINISH = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status: 0, or 2 if it cannot start."""
    wanted = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    started = time.perf_counter()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((wanted.host, wanted.port))
        except OSError as taken:
            return _refuse(f"port {wanted.port} cannot be opened: {taken.strerror}")
        try:
            catalogue = _catalogue(wanted)
        except CatalogueFileError as unreadable:
            return _refuse(str(unreadable))
        catalogue.warm()
        gc.collect()
        gc.freeze()
        app = create_app(
            catalogue, rate_limit=wanted.rate_limit, keys=wanted.keys, seed=wanted.seed
        )
        server = _Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=_SECONDS_TO_FINISH,
                server_header=False,
            ),
            state=app.state.server,
            announcement=_announcement(listener, catalogue, started),
        )
        server.run(sockets=[listener])
    return 0


class _Server(uvicorn.Server):
    """Prints when it is ready, and ends hanging requests when it stops."""

    def __init__(self, config: uvicorn.Config, *, state: ServerState, announcement: str) -> None:
        super().__init__(config)
        self._state = state
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._announcement, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._state.stopping.set()
        await super().shutdown(sockets)


def _catalogue(wanted: argparse.Namespace) -> Catalogue:
    if wanted.catalogue is not None:
        return load(wanted.catalogue)
    return generate(wanted.films, wanted.series, seed=wanted.seed)


def _announcement(listener: socket.socket, catalogue: Catalogue, started: float) -> str:
    host, port = listener.getsockname()
    return (
        f"TMDB stand-in ready at http://{host}:{port}/3: {len(catalogue.movies):,} films and "
        f"{len(catalogue.series):,} series in {time.perf_counter() - started:.1f} s"
    )


def _refuse(message: str) -> int:
    print(f"tools.tmdb: {message}", file=sys.stderr)
    return _CANNOT_START


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End with status 0; while it serves, uvicorn finishes what is under way before this runs."""
    raise SystemExit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.tmdb",
        description="A local server that speaks TMDB's v3 API over a catalogue of invented titles.",
    )
    parser.add_argument("--host", default=LOOPBACK, choices=[LOOPBACK], help="only %(default)s")
    parser.add_argument(
        "--port", type=_port, default=_DEFAULT_PORT, help="0 picks a free one; %(default)s"
    )
    parser.add_argument("--films", type=_count, default=DEFAULT_FILMS, help="%(default)s")
    parser.add_argument("--series", type=_count, default=DEFAULT_SERIES, help="%(default)s")
    parser.add_argument("--seed", type=int, default=1, help="of titles and faults; %(default)s")
    parser.add_argument(
        "--rate-limit", type=_rate, default=40.0, help="requests a second, 0 for none; %(default)s"
    )
    parser.add_argument(
        "--catalogue", type=Path, metavar="FILE.jsonl", help="titles to serve instead, one a line"
    )
    parser.add_argument(
        "--keys", type=_keys, metavar="KEY,KEY", help='valid API keys; else any but "invalid"'
    )
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _LAST_PORT:
        raise ValueError
    return number


def _rate(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ValueError
    return number


def _keys(text: str) -> frozenset[str]:
    return frozenset(key.strip() for key in text.split(",") if key.strip())


if __name__ == "__main__":
    sys.exit(main())
