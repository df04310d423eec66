"""What catalog tests read: the log."""

import io
import json

import pytest

from matinee.observability import logger
from tests.unit.catalog.fakes import LogLines


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> LogLines:
    """Return what was logged so far, as the log's reader sees it."""
    written = io.StringIO()
    for handler in logger.handlers:
        monkeypatch.setattr(handler, "stream", written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]
