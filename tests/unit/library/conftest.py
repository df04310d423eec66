"""The functions over the fakes."""

from collections.abc import Iterator

import pytest

from tests.fakes.library_http import LibraryApi, library_api, reset_handlers


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[LibraryApi]:
    yield library_api(monkeypatch)
    reset_handlers()
