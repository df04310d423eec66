"""One pool for the session, for keys are slow to make, and a fresh endpoint for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.tools.appsync.harness import Endpoint, Pool, serve


@pytest.fixture(scope="session")
def pool() -> Pool:
    return Pool()


@pytest.fixture
async def endpoint(pool: Pool) -> AsyncIterator[Endpoint]:
    async with serve(pool) as endpoint:
        yield endpoint
