"""The library's functions behind the HTTP API, over the fakes: requests in, answers out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from library import bootstrap
from library.domain.titles import ListName
from library.handlers import favourites, preferences, transfer, watchlist
from tests.fakes.aws import FakeLambdaContext
from tests.fakes.library import Library

CONTEXT = cast("LambdaContext", FakeLambdaContext())
HANDLERS = (favourites, watchlist, preferences, transfer)
_ENVIRONMENT = {
    "STAGE": "local",
    "POWERTOOLS_SERVICE_NAME": "library",
    "ALLOWED_ORIGINS": "http://localhost:3000",
}

type Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a function answered."""

    status: int
    body: Json
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The error's code, empty for none."""
        return str(self.body.get("code", ""))


@dataclass
class LibraryApi:
    """The four functions, behind a gateway that has verified the tokens."""

    library: Library = field(default_factory=Library)

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        user: str | None = "ann",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        claims: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request as a signed-in user, or as nobody."""
        event: Json = {
            "version": "2.0",
            "routeKey": f"{method} {path}",
            "rawPath": path,
            "rawQueryString": urlencode(query or {}),
            "queryStringParameters": dict(query or {}),
            "headers": {"origin": "http://localhost:3000", **(headers or {})},
            "requestContext": {
                "http": {"method": method, "path": path, "sourceIp": "203.0.113.7"},
                "requestId": "1",
                "stage": "$default",
            },
            "isBase64Encoded": False,
        }
        if body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        if user:
            told = {"sub": user, "username": user, "token_use": "access", **(claims or {})}
            event["requestContext"]["authorizer"] = {"jwt": {"claims": told, "scopes": []}}
        answer = handler_of(path).handler(event, CONTEXT)
        text = answer.get("body") or ""
        return Answer(answer["statusCode"], json.loads(text) if text else {}, answer["headers"])


def handler_of(path: str) -> Any:  # noqa: ANN401 - a handler's module
    """Answer the module whose function serves a path."""
    for name, module in (
        ("/user/favourites", favourites),
        ("/user/watchlist", watchlist),
        ("/user/preferences", preferences),
    ):
        if path.startswith(name):
            return module
    return transfer


def library_api(patch: pytest.MonkeyPatch) -> LibraryApi:
    """Put the fakes in the place of what the composition root makes."""
    api = LibraryApi()
    for name, value in _ENVIRONMENT.items():
        patch.setenv(name, value)
    patch.setattr(bootstrap, "favourites", lambda: api.library.lists[ListName.FAVOURITES])
    patch.setattr(bootstrap, "watchlist", lambda: api.library.lists[ListName.WATCHLIST])
    patch.setattr(bootstrap, "mover", lambda: api.library.mover)
    patch.setattr(bootstrap, "preferences", lambda: api.library.preferences)
    patch.setattr(bootstrap, "transfer", lambda: api.library.transfer)
    forget()
    return api


def forget() -> None:
    """Forget what the functions keep between requests."""
    bootstrap.edge.cache_clear()
    for module in HANDLERS:
        module.handler.cache_clear()
