"""Every alarm has its runbook, and every runbook its alarm."""

import fnmatch
import re
from collections.abc import Iterator

from tests.template.stacks import Stacks
from tests.template.watching import alarms
from tools.contracts.paths import ROOT

_LINE = re.compile(r"^#{2,4} (?P<heading>.+)\n+Alarms: (?P<patterns>.+)$", re.MULTILINE)


def runbooks() -> Iterator[tuple[str, str, str]]:
    """Yield (page, heading, pattern of alarms' names) of every runbook."""
    pages = [ROOT / "docs" / "operations.md", *sorted(ROOT.glob("services/*/README.md"))]
    for page in pages:
        for found in _LINE.finditer(page.read_text(encoding="utf-8")):
            for pattern in re.findall(r"`([^`]+)`", found["patterns"]):
                yield page.name, found["heading"], pattern


def test_every_alarm_has_its_runbook(stacks: Stacks) -> None:
    patterns = [pattern for _, _, pattern in runbooks()]

    without = [
        name
        for name in alarms(stacks)
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    ]

    assert without == []


def test_every_runbook_is_about_an_alarm(stacks: Stacks) -> None:
    idle = [
        (page, heading, pattern)
        for page, heading, pattern in runbooks()
        if not fnmatch.filter(alarms(stacks), pattern)
    ]

    assert idle == []


def test_no_two_runbooks_of_one_page_are_about_the_same_alarm(stacks: Stacks) -> None:
    for name in alarms(stacks):
        fitting = {
            heading
            for page, heading, pattern in runbooks()
            if page == "operations.md" and fnmatch.fnmatchcase(name, pattern)
        }
        assert len(fitting) <= 1, (name, fitting)


def test_an_alarm_s_runbook_says_more_than_its_name() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    sections = re.split(r"^### ", text, flags=re.MULTILINE)[1:]

    assert len(sections) > 10
    for section in sections:
        assert len(section) > 150, section
