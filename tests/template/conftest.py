"""The templates of the checkout, read once."""

import pytest

from tests.template.stacks import Stacks


@pytest.fixture(scope="session")
def stacks() -> Stacks:
    """Return all stacks."""
    return Stacks.read()


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give SAM's transform the region that it asks for."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
