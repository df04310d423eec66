"""The mailbox of the local product, and an emulator's log without addresses."""

import logging
import stat
from pathlib import Path
from typing import Any

import pytest

from tools.local.cli import main
from tools.local.mailbox import FILE, read_mails
from tools.local.patches.mail import keeping, without_addresses

ANN, BOB = "ann@example.com", "bob@example.com"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with two mails that the emulator has sent."""
    sent: list[dict[str, Any]] = []

    def send(to: str, text: str) -> str:
        sent.append(
            {
                "MessageId": f"message-{len(sent)}",
                "Timestamp": 1_700_000_000.5 + len(sent),
                "To": [to],
                "Subject": "Your verification code",
                "BodyText": text,
                "BodyHtml": "",
            }
        )
        return str(sent[-1]["MessageId"])

    kept = keeping(send, lambda: sent, tmp_path / "state" / FILE)
    assert kept(ANN, "Your verification code is 123456.") == "message-0"
    kept(BOB, "Welcome.")
    return tmp_path / "state"


def test_the_mailbox_has_every_mail_in_its_order(state: Path) -> None:
    first, second = read_mails(state)
    assert (first.to, first.subject) == ((ANN,), "Your verification code")
    assert (first.code, second.code) == ("123456", None)
    assert first.sent_at < second.sent_at


def test_the_mails_to_one_address_can_be_read(state: Path) -> None:
    assert [mail.to for mail in read_mails(state, BOB)] == [(BOB,)]
    assert read_mails(state, "cem@example.com") == []


def test_nobody_else_can_read_the_mailbox(state: Path) -> None:
    assert stat.S_IMODE((state / FILE).stat().st_mode) == 0o600


def test_a_mail_that_was_cut_off_is_left_out(state: Path) -> None:
    with (state / FILE).open("a") as mailbox:
        mailbox.write('{"sent_at": 17')
    assert len(read_mails(state)) == 2


def test_there_is_no_mail_before_the_first(tmp_path: Path) -> None:
    assert read_mails(tmp_path) == []


def test_the_command_shows_mails_with_their_codes(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mail", "--state-dir", str(state.parent), "--to", ANN]) == 0
    shown = capsys.readouterr()
    assert "123456" in shown.out + shown.err
    assert BOB not in shown.out + shown.err


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("SES %s: %s -> %s | %s", ("Code", "no-reply@mail.example", [ANN], "Your code")),
        ("no user <ann@example.com>", ()),
    ],
)
def test_no_log_line_names_an_address(message: str, arguments: tuple[object, ...]) -> None:
    record = logging.LogRecord("ses", logging.INFO, "", 0, message, arguments, None)
    assert without_addresses(record)
    assert "@" not in record.getMessage()
    assert "<address>" in record.getMessage()
