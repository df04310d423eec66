"""The addresses of the running product."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tools.local.mailbox import read_mails

STACK_FILE = Path(".local/stack.json")


class NotRunning(Exception):
    """There is no product running from this checkout."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The running product's addresses, as its supervisor wrote them when it was ready."""

    rest_url: str
    graphql_url: str
    realtime_url: str
    emulator_url: str
    tmdb_url: str
    region: str
    user_pool_id: str
    client_id: str
    graphql_tls_url: str = ""
    ca_file: str = ""
    state: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    stacks: dict[str, str] = field(default_factory=dict)

    def mailed_code(self, email: str) -> str:
        """Return the code in the newest mail to an address, or nothing: started with VERIFY=1."""
        mails = read_mails(Path(self.state), email)
        return (mails[-1].code or "") if mails else ""

    @classmethod
    def load(cls, path: Path = STACK_FILE) -> Self:
        """Read the addresses; raises NotRunning."""
        try:
            values = json.loads(path.read_text())
        except FileNotFoundError as error:
            message = "Matinee is not running here. Start it with `make run` in another terminal."
            raise NotRunning(message) from error
        return cls(**{name: values[name] for name in cls.__dataclass_fields__})
