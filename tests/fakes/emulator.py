"""The AWS emulator in a process of its own, for tests that need real requests at once."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.local.settings import CHECKOUT

START_SECONDS = 60


@contextmanager
def running_emulator(folder: Path, *, patched: bool = False) -> Iterator[str]:
    """Run an emulator whose files all stay in a folder; answers its URL.

    `patched` as the local product runs it.
    """
    port = _free_port()
    program = ["tools.local.emulator_process", "--port", str(port)] if patched else ["ministack"]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINI"))
    }
    environment |= {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": "eu-west-1",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "PERSIST_STATE": "0",
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "TMPDIR": str(folder),
        "DOCKER_HOST": f"unix://{folder / 'no-docker.sock'}",
        "LOG_LEVEL": "WARNING",
    } | ({"AUTH": "true", "PYTHONPATH": str(CHECKOUT)} if patched else {})
    url = f"http://127.0.0.1:{port}"
    log = folder / "emulator.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", *program],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    try:
        _wait_until_ready(process, f"{url}/_ministack/ready", log)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the emulator ended:\n{log.read_text()[-2000:]}"
        try:
            with opener.open(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    message = f"the emulator does not answer:\n{log.read_text()[-2000:]}"
    raise AssertionError(message)
