"""Every event has its times in one form, so that their texts sort as the times do."""

import json
import re
from pathlib import Path

import pytest

from matinee.events.envelope import detail
from tools.contracts.paths import ROOT
from tools.contracts.project import Project

EXAMPLES = sorted((ROOT / "contracts" / "events").glob("*/*/*.example.json"))
TIME = re.compile(r"\d{4}-\d\d-\d\dT[^\"]*")


@pytest.mark.parametrize("moment", ["12:00:00Z", "12:00:00.123456Z", "14:00:00.5+02:00"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_time_has_milliseconds_and_z(project: Project, path: Path, moment: str) -> None:
    event = json.loads(path.read_text())["detail"]
    event["metadata"]["idempotency_key"] = "it may contain a time as a text"
    example = json.dumps(event)
    given = re.sub(r"T\d\d:\d\d:\d\d[^\"]*", f"T{moment}", example)

    text = detail(project.known.read(json.loads(given)))

    times = TIME.findall(text)
    assert len(times) == len(TIME.findall(example))
    assert {time[10:17] for time in times} == {"T12:00:"}
    assert all(re.fullmatch(r".{10}T12:00:00\.\d{3}Z", time) for time in times)
