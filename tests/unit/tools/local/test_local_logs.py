"""The functions' output, for a person to read."""

import json

import pytest

from tools.local.logs import LogLine, render, render_all


def line(text: str) -> LogLine:
    return LogLine(at=1_795_290_888_896, function="VoteFunction", stream="s", text=text)


def test_a_structured_entry_becomes_a_sentence_with_its_details() -> None:
    entry = {
        "level": "WARNING",
        "location": "vote:12",
        "message": "vote refused",
        "timestamp": "2026-11-21 19:54:48,896+0000",
        "service": "rooms",
        "correlation_id": "c-1",
        "attempts": 3,
    }
    shown = render(line(json.dumps(entry)))
    assert shown is not None
    assert shown.split()[1:] == [
        *("VoteFunction", "WARNING", "vote", "refused", "correlation_id=c-1", "attempts=3")
    ]


def test_a_stack_trace_keeps_its_lines() -> None:
    entry = {"level": "ERROR", "message": "failed", "exception": "Traceback:\n  line 1"}
    shown = render(line(json.dumps(entry)))
    assert shown is not None
    assert shown.splitlines()[1:] == ["Traceback:", "  line 1"]


@pytest.mark.parametrize("text", ["printed", "[1, 2]", "{broken"])
def test_what_is_not_structured_is_shown_as_it_is(text: str) -> None:
    assert (render(line(text)) or "").endswith(text)


@pytest.mark.parametrize(
    "text",
    [
        "START RequestId: 1 Version: $LATEST",
        "END RequestId: 1",
        "REPORT RequestId: 1 Duration: 3 ms",
        json.dumps({"_aws": {}, "ColdStart": [1.0], "service": "rooms"}),
    ],
)
def test_platform_lines_and_metrics_are_shown_on_request_only(text: str) -> None:
    assert list(render_all([line(text)], everything=False)) == []
    assert len(list(render_all([line(text)], everything=True))) == 1
