"""The mailbox of the local product: every mail that its user pool has sent, to whomever.

The emulator appends one line a mail (`tools.local.patches.mail`); the state folder holds it, so it
lives as long as the accounts.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE = "mails.jsonl"
"""The name of the mailbox in the state folder."""

_CODE = re.compile(r"\b[0-9]{6}\b")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. `code` is the one in its text, if there is one."""

    to: tuple[str, ...]
    subject: str
    text: str
    sent_at: datetime

    @property
    def code(self) -> str | None:
        """The code that the mail brings."""
        found = _CODE.search(self.text)
        return found[0] if found else None


def read_mails(state: Path, to: str | None = None) -> Sequence[Mail]:
    """Return the mails in a state folder, to an address if one is given, the newest last."""
    return [mail for mail in _mails(state / FILE) if to is None or to in mail.to]


def _mails(path: Path) -> Iterator[Mail]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            mail = json.loads(line)
        except ValueError:  # cut off by a kill
            continue
        sent_at = datetime.fromtimestamp(mail["sent_at"], UTC)
        yield Mail(tuple(mail["to"]), mail["subject"], mail["text"], sent_at)
