"""The library's functions behind the HTTP API, over the fakes."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from library import bootstrap
from library.handlers import favourites, imports, preferences, shelves, transfer, watchlist
from tests.fakes.aws import FakeLambdaContext
from tests.fakes.library import LibraryApp

CONTEXT = cast("LambdaContext", FakeLambdaContext())
HANDLERS = (favourites, watchlist, shelves, preferences, transfer, imports)
_ENVIRONMENT = {
    "STAGE": "local",
    "POWERTOOLS_SERVICE_NAME": "library",
    "ALLOWED_ORIGINS": "http://localhost:3000",
}

_TITLE_PATH = re.compile(r"/user/[a-z]+/(?P<mediaType>[^/]+)/(?P<mediaId>[^/]+)")
_IMPORT_PATH = re.compile(r"/user/imports/(?P<importId>[^/]+)(/rows/(?P<number>[^/]+))?")

type Json = dict[str, Any]


@dataclass(frozen=True)
class ApiResponse:
    """The response of a function."""

    status: int
    body: Json
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The error's code, empty for none."""
        return str(self.body.get("code", ""))


@dataclass
class LibraryApi:
    """The functions, behind a gateway that has verified the tokens."""

    library: LibraryApp = field(default_factory=LibraryApp)

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
    ) -> ApiResponse:
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
        if isinstance(body, bytes):  # of a media type that the gateway does not take for a text
            event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        elif body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        if found := _IMPORT_PATH.fullmatch(path) or _TITLE_PATH.fullmatch(path):
            event["pathParameters"] = {k: v for k, v in found.groupdict().items() if v}
        if user:
            token = {
                "sub": user,
                "username": user,
                "token_use": "access",
                "scope": "aws.cognito.signin.user.admin",
                "cognito:groups": "[Users]",
                **(claims or {}),
            }
            event["requestContext"]["authorizer"] = {"jwt": {"claims": token, "scopes": []}}
        response = handler_of(path).handler(event, CONTEXT)
        text, headers = response.get("body") or "", response["headers"]
        is_csv = headers.get("Content-Type") == "text/csv"
        content = {"csv": text} if is_csv else json.loads(text or "{}")
        return ApiResponse(response["statusCode"], content, headers)


def handler_of(path: str) -> Any:  # noqa: ANN401 - a handler's module
    """Return the module whose function serves a path."""
    for name, module in (
        ("/user/favourites", favourites),
        ("/user/favorites", favourites),
        ("/user/watchlist", watchlist),
        ("/user/notices", watchlist),
        ("/user/seen", shelves),
        ("/user/dismissed", shelves),
        ("/user/preferences", preferences),
        ("/user/imports", imports),
    ):
        if path.startswith(name):
            return module
    return transfer


def library_api(patch: pytest.MonkeyPatch) -> LibraryApi:
    """Replace what the composition root builds by the fakes."""
    api = LibraryApi()
    for name, value in _ENVIRONMENT.items():
        patch.setenv(name, value)
    patch.setattr(bootstrap, "favourites", lambda: api.library.favourites.use_cases)
    patch.setattr(bootstrap, "watchlist", lambda: api.library.watchlist.use_cases)
    patch.setattr(bootstrap, "shelf", lambda name: api.library.lists[name].use_cases)
    patch.setattr(bootstrap, "move_to_favourites", lambda: api.library.move)
    patch.setattr(bootstrap, "notices", lambda: api.library.notices)
    patch.setattr(bootstrap, "preferences", lambda: api.library.preferences)
    patch.setattr(bootstrap, "export_user", lambda: api.library.export)
    patch.setattr(bootstrap, "export_films", lambda: api.library.export_films)
    patch.setattr(bootstrap, "import_entries", lambda: api.library.import_entries)
    patch.setattr(bootstrap, "import_file", lambda: api.library.import_file)
    patch.setattr(bootstrap, "read_imports", lambda: api.library.read_imports)
    patch.setattr(bootstrap, "complete_row", lambda: api.library.complete_row)
    reset_handlers()
    return api


def reset_handlers() -> None:
    """Drop what the functions keep between requests."""
    bootstrap.edge.cache_clear()
    for module in HANDLERS:
        module.handler.cache_clear()
