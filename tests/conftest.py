"""What every test finds: no real credentials, no network in unit tests, modest hypothesis runs."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import disable_socket, enable_socket

os.environ |= {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_TRACE_DISABLED": "1",
    "POWERTOOLS_SERVICE_NAME": "tests",
    "POWERTOOLS_METRICS_NAMESPACE": "Matinee/tests",
}
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)

from matinee.observability import metrics  # noqa: E402 - the variables come first
from tests.fakes import measured  # noqa: E402
from tests.fakes.examples import HYPOTHESIS_PROFILE, MANY  # noqa: E402

UNIT = Path(__file__).parent / "unit"
UNMEASURED = {
    *(UNIT.parent / folder for folder in ("clients", "e2e", "simulation", "template")),
    *(UNIT / folder for folder in ("architecture", "bench", "fakes", "tools")),
    *(UNIT.parent / "integration" / folder for folder in ("evaluate", "local", "ops", "tools")),
}
"""The folders of the tests that run of the services in this process what others run, too."""

settings.register_profile(
    "quick",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough",
    parent=settings.get_profile("quick"),
    max_examples=MANY,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile(os.environ.get(HYPOTHESIS_PROFILE, "quick"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the unit tests last: short files keep every worker busy to the end.

    The end-to-end tests, which wait much and leave a product running, come just before them.
    """
    late = {"e2e": 1, "unit": 2}
    items.sort(key=lambda item: late.get(item.path.relative_to(UNIT.parent).parts[0], 0))


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: thousands of tests and their modules."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Measure coverage where tests run the services' code."""
    if UNMEASURED.isdisjoint(item.path.parents):
        measured.resume()
    else:
        measured.pause()


@pytest.fixture(autouse=True)
def _fresh_metrics() -> Iterator[None]:
    """Clear the metrics that a test has counted."""
    yield
    metrics.clear_metrics()


@pytest.fixture(autouse=True)
def _no_network_in_unit_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    """Forbid connections in unit tests; an event loop's own socket pair is permitted."""
    if UNIT not in request.path.parents:
        yield
        return
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
