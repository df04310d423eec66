"""A client of the stand-in, without a socket."""

from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Mapping

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from tests.fakes.clock import SkippingLoop
from tests.unit.tools.tmdb.connecting import Connect
from tools.tmdb.app import create_app
from tools.tmdb.catalogue import Catalogue, CatalogueBuilder, generate


@pytest.fixture
def builder() -> CatalogueBuilder:
    return CatalogueBuilder()


@pytest.fixture(scope="session")
def generated() -> Catalogue:
    """The catalogue that the server has when nothing is said."""
    return generate()


@pytest_asyncio.fixture
async def connect() -> AsyncIterator[Connect]:
    """Clients with a valid key, of an application or, unlimited, of a catalogue."""
    clients: list[httpx.AsyncClient] = []

    def _connect(target: Catalogue | Starlette) -> httpx.AsyncClient:
        app = create_app(target, rate_limit=0) if isinstance(target, Catalogue) else target
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://tmdb.test",
            headers={"Authorization": "Bearer key"},
        )
        clients.append(client)
        return client

    yield _connect
    for client in clients:
        await client.aclose()


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """Return a loop for the tests here that waits for nothing."""
    return {"skipping": SkippingLoop}
