"""The page, GraphiQL and the OpenAPI document, as an application."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tools.local.client_config import NoTokenError, demo_token
from tools.local.page import PREFIX, app, console
from tools.local.page.contents import Contents
from tools.local.settings import CHECKOUT
from tools.local.stack_file import read_stack_file

_OPENAPI = CHECKOUT / "contracts" / "http" / "openapi.yaml"
_STATIC = {
    "graphiql": ("graphene_django_graphiql_static", "static/graphene_django_graphiql_static"),
    "swagger": ("flask_swagger_ui", "dist"),
}


def create_page(stack_file: Path) -> Starlette:
    """Build the page's application; `stack_file` describes the product once it is ready."""
    templates = Environment(loader=PackageLoader("tools.local.page"), autoescape=True)

    async def show(_: Request) -> Response:
        stack = read_stack_file(stack_file)
        if stack is None:
            return HTMLResponse(templates.get_template("starting.html").render(), 503)
        contents = await run_in_threadpool(Contents.of, stack)
        return HTMLResponse(templates.get_template("page.html").render(page=contents))

    async def redirect(_: Request) -> Response:
        return RedirectResponse("/")

    async def tool(request: Request) -> Response:
        """Show GraphiQL or Swagger UI, signed in as the demo user."""
        stack = read_stack_file(stack_file)
        if stack is None:
            return HTMLResponse(templates.get_template("starting.html").render(), 503)
        try:
            token = await run_in_threadpool(demo_token, stack)
        except NoTokenError:
            token = ""
        name = f"{request.url.path.rpartition('/')[2]}.html"
        return HTMLResponse(templates.get_template(name).render(stack=stack, token=token))

    async def openapi(_: Request) -> Response:
        document = await run_in_threadpool(_openapi)
        stack = read_stack_file(stack_file) or {}
        return JSONResponse(document | {"servers": [{"url": stack.get("rest_url", "/")}]})

    return Starlette(
        routes=[
            Route("/", show),
            Route("/_aws/{rest_url:path}", redirect),
            Route(f"{PREFIX}/graphiql", tool),
            Route(f"{PREFIX}/openapi", tool),
            Route(f"{PREFIX}/openapi.json", openapi),
            *app.routes(stack_file),
            Mount(f"{PREFIX}/console", console.interface(stack_file)),
            *(
                Mount(f"{PREFIX}/{name}", StaticFiles(directory=_folder(*place)))
                for name, place in _STATIC.items()
            ),
        ]
    )


def _folder(package: str, folder: str) -> Path:
    """Return a folder of a package, which is not imported: it would import its framework."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed: make install")
    return Path(spec.origin).parent / folder


def _openapi() -> dict[str, Any]:
    """Return the OpenAPI document; JSON from YAML has no dates that JSON lacks."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = json.loads(
        json.dumps(yaml.load(_OPENAPI.read_text(encoding="utf-8"), loader), default=str)  # noqa: S506 - safe loaders
    )
    return document
