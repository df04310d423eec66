"""The app for people, as web/ was built: files, one view for every address, a configuration."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from tools.local.page import PREFIX
from tools.local.settings import CHECKOUT
from tools.local.stack_file import read_stack_file
from tools.local.template import load_template
from tools.templates import WEB_TEMPLATE

BUILT = CHECKOUT / "web" / "dist"
"""Where `make web` puts it."""

PLACE = f"{PREFIX}/app"
TMDB_PICTURES = "https://image.tmdb.org/t/p"
_HOW_TO_BUILD = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>Matinee</title>
<p>The app has not been built: it needs Node 20.19 or newer. With Node on the PATH,
<code>make web</code> builds it, and <code>make run</code> does so by itself. Everything else runs
without it.</p></html>
"""


class _Views(StaticFiles):
    """The built files; an address that is none of them is a view, which the app's script draws.

    `headers` are those of every answer, as the app's stack on AWS has them.
    """

    def __init__(self, built: Path, headers: Callable[[], Mapping[str, str]]) -> None:
        super().__init__(directory=built, html=True)
        self._headers = headers

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except HTTPException as missing:
            if missing.status_code != 404 or Path(path).suffix:  # noqa: PLR2004 - HTTP's own
                raise
            response = await super().get_response("index.html", scope)
        response.headers.update(self._headers())
        return response


def routes(stack_file: Path, built: Path = BUILT) -> list[Route | Mount]:
    """Return the app's routes; `stack_file` describes the product once it is ready."""

    def find() -> Mapping[str, Any] | None:
        stack = read_stack_file(stack_file)
        return None if stack is None else client_configuration(stack)

    return served(find, built)


def served(
    find: Callable[[], Mapping[str, Any] | None], built: Path = BUILT
) -> list[Route | Mount]:
    """Return the routes of the built files; `find` returns their config.json once it is known."""

    async def configuration(_: Request) -> Response:
        where = find()
        if where is None:
            return JSONResponse({"message": "the product is starting"}, 503)
        return JSONResponse(where)

    def headers() -> Mapping[str, str]:
        where = find()
        if where is None:
            return {}
        origins = {
            "RestOrigin": origin(where["restUrl"]),
            "GraphqlOrigin": origin(where["graphqlUrl"]),
            "RealtimeOrigin": origin(where["realtimeUrl"]),
            "PicturesOrigin": origin(where["picturesUrl"]),
        }
        return {"Content-Security-Policy": security_policy(origins)}

    async def how_to_build(_: Request) -> Response:
        return HTMLResponse(_HOW_TO_BUILD, 503)

    if not (built / "index.html").is_file():
        return [Route(f"{PLACE}/{{path:path}}", how_to_build)]
    return [
        Route(f"{PLACE}/config.json", configuration),
        Mount(PLACE, _Views(built, headers)),
    ]


def security_policy(origins: Mapping[str, str]) -> str:
    """Return the Content-Security-Policy of the app's stack for origins, by their parameters."""
    text = _policy()
    for name, value in origins.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def origin(url: str) -> str:
    """Return the scheme, host and port of a URL."""
    return urlsplit(url)._replace(path="", query="", fragment="").geturl()


@cache
def _policy() -> str:
    resource = load_template(CHECKOUT / WEB_TEMPLATE)["Resources"]["SecurityHeaders"]["Properties"]
    headers = resource["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    return str(headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"])


def client_configuration(stack: Mapping[str, Any]) -> dict[str, Any]:
    """Return the app's config.json for the running product."""
    tmdb = urlsplit(str(stack["tmdb_url"]))
    stand_in = tmdb.hostname == "127.0.0.1"
    return {
        "restUrl": stack["rest_url"],
        "graphqlUrl": stack["graphql_url"],
        "realtimeUrl": stack["realtime_url"],
        "region": stack["region"],
        "picturesUrl": tmdb._replace(path="/t/p").geturl() if stand_in else TMDB_PICTURES,
        "local": True,
        "demoUser": stack.get("demo_user"),
    }
