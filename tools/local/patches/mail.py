"""The mails of the local product, within the emulator's process.

On AWS a user pool's mails arrive in mailboxes. The emulator keeps them in memory and writes their
addresses into its log. Here each is a line of the mailbox, and no address is in the log.
"""

import importlib
import json
import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.local.mailbox import FILE
from tools.local.patches.wrap import wrap

_ADDRESS = re.compile(r"[^\s'\"\[\](),:;<>]+@[^\s'\"\[\](),:;<>]+")


def apply(_port: int) -> None:
    """Keep what is sent from now on, and mask the addresses in all log lines."""
    mails = importlib.import_module("ministack.services.ses")
    path = Path(os.environ.get("STATE_DIR", ".")) / FILE
    wrap(mails, "_record_send", lambda send: keeping(send, mails._sent_emails_list, path))  # noqa: SLF001 - as it keeps them
    for handler in logging.getLogger().handlers:
        handler.addFilter(without_addresses)


def keeping(
    send: Callable[..., str], sent: Callable[[], list[dict[str, Any]]], path: Path
) -> Callable[..., str]:
    """Append each mail that is sent to the mailbox."""

    def kept(*arguments: Any, **named: Any) -> str:  # noqa: ANN401 - an untyped module
        message_id = send(*arguments, **named)
        mail = next(mail for mail in reversed(sent()) if mail["MessageId"] == message_id)
        line = json.dumps(
            {
                "sent_at": mail["Timestamp"],
                "to": mail["To"],
                "subject": mail["Subject"],
                "text": mail["BodyText"] or mail["BodyHtml"],
            }
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as mailbox:  # noqa: PTH123 - with its mode
            mailbox.write(line + "\n")
        return message_id

    return kept


def without_addresses(record: logging.LogRecord) -> bool:
    """Mask whatever looks like an address in a log line, which is kept."""
    record.msg, record.args = _ADDRESS.sub("<address>", record.getMessage()), None
    return True
