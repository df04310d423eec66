"""How a test gets a client of the stand-in: the type of the ``connect`` fixture."""

from collections.abc import Callable

import httpx
from starlette.applications import Starlette

from tools.tmdb.catalogue import Catalogue

type Connect = Callable[[Catalogue | Starlette], httpx.AsyncClient]
"""A client with a valid key, of an application or, without a rate limit, of a catalogue."""
