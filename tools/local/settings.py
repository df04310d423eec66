"""Settings of one local product: its folders, ports, names and parameters."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.local.ports import HOST, Ports

REGION: Final = "eu-west-1"
ACCOUNT = "000000000000"
SUBSCRIBER_ACCOUNT = "222222222222"
STACK_NAME = "matinee"
MINTED_PORT = "4566"
"""The port in names that the emulator mints, wherever it listens: a kept state works anywhere."""
CHECKOUT = Path(__file__).resolve().parents[2]

REAL_TMDB = "https://api.themoviedb.org/3"
STAND_IN_KEY = "local"


class StateFolderError(Exception):
    """The folder for the stack's state cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of a local product: all below one, `.local` by default."""

    home: Path

    @property
    def state(self) -> Path:
        """The emulator's saved state: users, tables, queues, functions."""
        return self.home / "state"

    @property
    def temporary(self) -> Path:
        """The temporary directory of every child; emptied at start and at stop."""
        return self.home / "tmp"

    @property
    def logs(self) -> Path:
        """One log file for each child process."""
        return self.home / "logs"

    @property
    def client(self) -> Path:
        """What `make client-config` writes."""
        return self.home / "client"

    @property
    def tls(self) -> Path:
        """The authority that signs for the endpoint's TLS; clients trust its ca.pem."""
        return self.home / "tls"

    @property
    def vapid(self) -> Path:
        """The key pair of Web Push: browsers that have subscribed with it go on to."""
        return self.home / "vapid.json"

    @property
    def free_ports(self) -> Path:
        """The ports that were picked last time, for the next time."""
        return self.home / "ports.json"

    @property
    def lock(self) -> Path:
        """Held by the running supervisor; its text is the supervisor's pid."""
        return self.home / "supervisor.lock"

    @property
    def processes(self) -> Path:
        """The pids of the running children, for a start that has to clean up."""
        return self.home / "processes.json"

    @property
    def origins(self) -> Path:
        """The web origins that were added to the template's, one a line."""
        return self.home / "origins"

    @property
    def stack_file(self) -> Path:
        """The description of the running stack; there only while it is ready."""
        return self.home / "stack.json"

    def create(self) -> None:
        """Make the folders, private to this user. Raises StateFolderError."""
        try:
            for folder in (self.home, self.state, self.temporary, self.logs):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self.home / ".writable"
            probe.write_text("", encoding="ascii")
            probe.unlink()
        except OSError as error:
            raise StateFolderError(
                f"The state folder {self.home} cannot be written ({error.strerror}).\n"
                "Make it writable, or keep the state elsewhere: "
                "python -m tools.local run --state-dir DIR"
            ) from error


@dataclass(frozen=True, slots=True)
class StackSettings:
    """One local stack. `also_described_in` is a second place for its stack.json.

    `origins`: the web origins that may call the REST API; without any, those of the template.
    `strict`: the emulator is as unkind as AWS can be (`tools.local.patches`). `verify`: an account
    needs the code that is mailed to its address.
    """

    folders: Folders
    ports: Ports
    template: Path
    also_described_in: Path | None = None
    tmdb_api_key: str = ""
    watch: bool = True
    with_endpoints: bool = True
    strict: bool = False
    origins: tuple[str, ...] = ()
    verify: bool = False

    @property
    def root(self) -> Path:
        """The folder that the template's relative paths start from."""
        return self.template.parent

    @property
    def stack_files(self) -> tuple[Path, ...]:
        """Where the running stack is described."""
        own = self.folders.stack_file
        return (own, self.also_described_in) if self.also_described_in else (own,)

    @property
    def emulator_url(self) -> str:
        """Where the AWS APIs answer."""
        return f"http://{HOST}:{self.ports.emulator}"

    @property
    def graphql_url(self) -> str:
        """The GraphQL endpoint over HTTP."""
        return f"http://{HOST}:{self.ports.graphql}/graphql"

    @property
    def realtime_url(self) -> str:
        """The real-time WebSocket endpoint."""
        return f"ws://{HOST}:{self.ports.graphql}/graphql/realtime"

    @property
    def graphql_tls_url(self) -> str:
        """The GraphQL endpoint over HTTPS; aws-amplify makes its wss:// URL of it."""
        return f"https://localhost:{self.ports.graphql_tls}/graphql"

    @property
    def uses_real_tmdb(self) -> bool:
        """Whether movies come from TMDB itself instead of the stand-in."""
        return bool(self.tmdb_api_key)

    @property
    def tmdb_url(self) -> str:
        """The base URL of the TMDB API that the functions call."""
        return REAL_TMDB if self.uses_real_tmdb else f"http://{HOST}:{self.ports.tmdb}/3"

    def parameters(self) -> dict[str, str]:
        """Return the template's parameters for this stack."""
        return {
            "Stage": "local",
            "Emulator": "true",
            "AutoConfirm": "false" if self.verify else "true",
            "TmdbBaseUrl": self.tmdb_url,
            "TmdbApiKey": self.tmdb_api_key or STAND_IN_KEY,
            "GraphqlUrl": self.graphql_url,
            "SubscriberAccounts": SUBSCRIBER_ACCOUNT,
        } | ({"AllowedOrigins": ",".join(self.origins)} if self.origins else {})

    def wanted_ports(self) -> dict[str, int]:
        """Return the ports that must be free, by what listens there."""
        wanted = {"AWS emulator": self.ports.emulator}
        if self.with_endpoints:
            wanted["GraphQL endpoint"] = self.ports.graphql
            wanted["GraphQL endpoint with TLS"] = self.ports.graphql_tls
            if not self.uses_real_tmdb:
                wanted["TMDB stand-in"] = self.ports.tmdb
        return wanted


_PASSED_ON = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TERM", "TZ", "VIRTUAL_ENV")
_PASSED_ON_NETWORK = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)
_LOCAL_HOSTS = "127.0.0.1,localhost,::1"


def child_environment(folders: Folders, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of every child process.

    Built from a list of what is passed on: nobody's AWS profile, keys or proxy settings may send
    a call of the local stack anywhere else.
    """
    passed = {name: environ[name] for name in _PASSED_ON + _PASSED_ON_NETWORK if name in environ}
    unproxied = environ.get("NO_PROXY") or environ.get("no_proxy")
    no_proxy = f"{_LOCAL_HOSTS},{unproxied}" if unproxied else _LOCAL_HOSTS
    return passed | {
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "TMPDIR": str(folders.temporary),
        "PYTHONUNBUFFERED": "1",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
