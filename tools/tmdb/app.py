"""The stand-in as an ASGI application."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tools.tmdb import certifications, offers, rows
from tools.tmdb.catalogue.collection import TitleCollection
from tools.tmdb.catalogue.store import Catalogue
from tools.tmdb.catalogue.titles import MediaType, Person, Title
from tools.tmdb.discovery import (
    Selection,
    discover,
    popular,
    recommended,
    similar,
    top_rated,
)
from tools.tmdb.errors import (
    INVALID_PARAMETERS,
    METHOD_NOT_SUPPORTED,
    NOT_FOUND,
    TOO_MANY_APPENDED,
    QueryMissingError,
    TmdbError,
    query_missing,
    refusal,
)
from tools.tmdb.middleware import FaultMiddleware, ServerState
from tools.tmdb.parameters import PAGE_SIZE, Parameters
from tools.tmdb.posters import SIZES, backdrop, poster
from tools.tmdb.responses import TmdbJson
from tools.tmdb.search import search, search_all

_KINDS: Final = frozenset(MediaType)
_TREND_KINDS: Final = frozenset({"movie", "tv", "all"})
_WINDOWS: Final = frozenset({"day", "week"})
_MAX_APPENDED: Final = 20
_METHOD_NOT_ALLOWED: Final = 405
_LETTERS: Final = {"m": MediaType.MOVIE, "s": MediaType.TV}
_WIDE: Final = "-wide"
_DESCRIPTIONS: Final[dict[str, Callable[[Catalogue, Title, Parameters], rows.Json]]] = {
    "credits": lambda catalogue, title, _: rows.credits_of(catalogue, title),
    "keywords": lambda catalogue, title, _: rows.keywords_of(catalogue, title),
    "external_ids": lambda _, title, __: rows.external_ids(title),
    "videos": lambda _, title, parameters: offers.videos(title, parameters.video_languages()),
    "translations": lambda _, title, __: offers.translations(title),
    "watch/providers": lambda catalogue, title, _: offers.watch_providers(
        title, catalogue.titles_of(title.media_type).offers_of(title)
    ),
    "release_dates": lambda _, title, __: certifications.release_dates(title),
    "content_ratings": lambda _, title, __: certifications.content_ratings(title),
}
_EXTERNAL_SOURCES: Final = frozenset(
    {
        "imdb_id",
        "facebook_id",
        "instagram_id",
        "tvdb_id",
        "tiktok_id",
        "twitter_id",
        "wikidata_id",
        "youtube_id",
    }
)
_LISTS: Final[dict[str, Callable[[TitleCollection, Title], Selection]]] = {
    "similar": similar,
    "recommendations": recommended,
}
_OF_ONE_KIND: Final = {"release_dates": MediaType.MOVIE, "content_ratings": MediaType.TV}
_PARTS: Final = _DESCRIPTIONS.keys() | _LISTS.keys()
"""What a title has paths of its own for, and what can be appended to its details."""


def create_app(
    catalogue: Catalogue,
    *,
    rate_limit: float = 40,
    keys: Collection[str] | None = None,
    seed: int = 1,
    clock: Callable[[], float] = time.monotonic,
) -> Starlette:
    """Return the application over ``catalogue``.

    ``rate_limit`` is in requests a second, 0 for none. ``keys`` are the valid API keys; None
    takes any but "invalid". ``seed`` fixes the faults' chances. ``clock`` (seconds, never running
    backwards) drives the rate limit and the counts. ``app.state.server`` has the faults and
    counts, for whoever runs in the same process.
    """
    state = ServerState(
        rate_limit=rate_limit,
        seed=seed,
        keys=frozenset(keys) if keys is not None else None,
        clock=clock,
    )
    app = Starlette(
        routes=[*_Api(catalogue).routes(), *_Control(catalogue, state).routes()],
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["Retry-After"],
            ),
            Middleware(FaultMiddleware, state=state),
        ],
        exception_handlers={
            TmdbError: _refuse,
            QueryMissingError: _refuse_empty_search,
            HTTPException: _refuse_http,
        },
    )
    app.state.server = state
    return app


async def _refuse(_request: Request, error: Exception) -> Response:
    return refusal(error.code if isinstance(error, TmdbError) else NOT_FOUND)


async def _refuse_empty_search(_request: Request, _error: Exception) -> Response:
    return query_missing()


async def _refuse_http(_request: Request, error: Exception) -> Response:
    wrong_method = isinstance(error, HTTPException) and error.status_code == _METHOD_NOT_ALLOWED
    return refusal(METHOD_NOT_SUPPORTED if wrong_method else NOT_FOUND)


class _Api:
    """TMDB's own paths, and the images."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def routes(self) -> list[Route]:
        return [
            Route("/3/configuration", self.configuration),
            Route("/3/trending/{kind}/{window}", self.trending),
            Route("/3/discover/{kind}", self.discover),
            Route("/3/search/multi", self.search_all),
            Route("/3/search/{kind}", self.search),
            Route("/3/genre/{kind}/list", self.genres),
            Route("/3/find/{id}", self.find),
            Route("/3/{kind}/popular", self.popular),
            Route("/3/{kind}/top_rated", self.top_rated),
            Route("/3/{kind}/{id}", self.details),
            Route("/3/{kind}/{id}/{part:path}", self.part),
            Route("/t/p/{size}/{file}", self.image),
        ]

    async def configuration(self, request: Request) -> Response:
        base = f"{str(request.base_url).rstrip('/')}/t/p/"
        return TmdbJson(
            {
                "images": {
                    "base_url": base,
                    "secure_base_url": base,
                    **SIZES,
                },
                "change_keys": [],
            }
        )

    async def trending(self, request: Request) -> Response:
        kind, window = request.path_params["kind"], request.path_params["window"]
        if kind not in _TREND_KINDS or window not in _WINDOWS:
            raise TmdbError(NOT_FOUND)
        page = Parameters(request.query_params).page()
        return _page(page, self._catalogue.trending(kind, window), _trending_row)

    async def discover(self, request: Request) -> Response:
        kind, parameters = _kind(request), Parameters(request.query_params)
        page = parameters.page()
        return _selected(page, discover(self._catalogue.titles_of(kind), kind, parameters))

    async def search(self, request: Request) -> Response:
        kind, parameters = _kind(request), Parameters(request.query_params)
        page = parameters.page()
        found = search(self._catalogue.titles_of(kind), kind, parameters)
        return _page(page, found, rows.list_row)

    async def search_all(self, request: Request) -> Response:
        parameters = Parameters(request.query_params)
        page = parameters.page()

        def row(entry: Title | Person) -> rows.Json:
            if isinstance(entry, Title):
                return rows.list_row(entry, with_media_type=True)
            return rows.person_row(entry) | {"known_for": rows.known_for(self._catalogue, entry)}

        return _page(page, search_all(self._catalogue, parameters), row)

    async def find(self, request: Request) -> Response:
        source = request.query_params.get("external_source", "")
        if source not in _EXTERNAL_SOURCES:
            raise TmdbError(INVALID_PARAMETERS)
        text = request.path_params["id"]
        title = rows.by_imdb_id(self._catalogue, text) if source == "imdb_id" else None
        return TmdbJson(rows.found_by_id(title))

    async def popular(self, request: Request) -> Response:
        page = Parameters(request.query_params).page()
        return _selected(page, popular(self._catalogue.titles_of(_kind(request))))

    async def top_rated(self, request: Request) -> Response:
        page = Parameters(request.query_params).page()
        return _selected(page, top_rated(self._catalogue.titles_of(_kind(request))))

    async def genres(self, request: Request) -> Response:
        return TmdbJson(rows.genre_list(_kind(request)))

    async def details(self, request: Request) -> Response:
        wanted = [
            part.strip()
            for part in request.query_params.get("append_to_response", "").split(",")
            if part.strip()
        ]
        if len(wanted) > _MAX_APPENDED:
            raise TmdbError(TOO_MANY_APPENDED)
        title = self._title(request)
        appended = {part: self._part(title, part, request) for part in wanted if _has(title, part)}
        return TmdbJson(rows.details(self._catalogue, title) | appended)

    async def part(self, request: Request) -> Response:
        part, title = request.path_params["part"], self._title(request)
        if not _has(title, part):
            raise TmdbError(NOT_FOUND)
        about = {} if part in _LISTS else {"id": title.id}
        return TmdbJson(about | self._part(title, part, request))

    async def image(self, request: Request) -> Response:
        size, file = request.path_params["size"], request.path_params["file"]
        stem, _, extension = file.partition(".")
        wide = stem.endswith(_WIDE)
        number = stem.removesuffix(_WIDE)[1:]
        kind = _LETTERS.get(stem[:1])
        if kind is None or extension != "svg" or not _is_id(number):
            return _no_image()
        title = self._catalogue.titles_of(kind).find(int(number))
        if title is None or not title.has_poster:
            return _no_image()
        directors = rows.director_names(self._catalogue, title)
        try:
            drawn = backdrop(title, size) if wide else poster(title, size, directors=directors)
        except KeyError:
            return _no_image()
        return Response(
            drawn,
            media_type="image/svg+xml",
            headers={"Cache-Control": "public, max-age=86400"},
        )

    def _part(self, title: Title, part: str, request: Request) -> rows.Json:
        if part in _DESCRIPTIONS:
            return _DESCRIPTIONS[part](self._catalogue, title, Parameters(request.query_params))
        page = Parameters(request.query_params).page()
        related = _LISTS[part](self._catalogue.titles_of(title.media_type), title)
        named = part == "recommendations"
        shown = [rows.list_row(one, with_media_type=named) for one in related.page(page)]
        return _list(page, shown, len(related))

    def _title(self, request: Request) -> Title:
        kind, text = _kind(request), request.path_params["id"].partition("-")[0]
        title = self._catalogue.titles_of(kind).find(int(text)) if _is_id(text) else None
        if title is None:
            raise TmdbError(NOT_FOUND)
        return title


class _Control:
    """The stand-in's own paths, which TMDB does not have."""

    def __init__(self, catalogue: Catalogue, state: ServerState) -> None:
        self._catalogue = catalogue
        self._state = state

    def routes(self) -> list[Route]:
        return [
            Route("/__ready", self.ready),
            Route("/__control", self.show, methods=["GET"]),
            Route("/__control", self.change, methods=["POST"]),
            Route("/__control/reset", self.reset, methods=["POST"]),
            Route("/__stats", self.stats, methods=["GET"]),
            Route("/__stats/reset", self.reset_stats, methods=["POST"]),
        ]

    async def ready(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "ready": True,
                "films": len(self._catalogue.movies),
                "series": len(self._catalogue.series),
                "seed": self._catalogue.seed,
            }
        )

    async def show(self, _request: Request) -> Response:
        return JSONResponse(self._state.faults.settings.model_dump())

    async def change(self, request: Request) -> Response:
        try:
            wanted = await request.json()
        except ValueError:
            return JSONResponse({"error": "the body is not JSON"}, status_code=400)
        if not isinstance(wanted, dict):
            return JSONResponse({"error": "the body is not a JSON object"}, status_code=400)
        try:
            changed = self._state.faults.change(wanted)
        except ValidationError as invalid:
            problems = [
                {"field": ".".join(map(str, problem["loc"])), "problem": problem["msg"]}
                for problem in invalid.errors(include_url=False)
            ]
            return JSONResponse({"error": "nothing changed", "problems": problems}, 400)
        if "rate_limit" in changed:
            self._state.refill()
        if "providers" in changed:
            self._change_offers()
        return await self.show(request)

    def _change_offers(self) -> None:
        for media_type in MediaType:
            self._catalogue.titles_of(media_type).change_offers(
                {
                    int(id_): countries
                    for name, countries in self._state.faults.settings.providers.items()
                    for kind, _, id_ in [name.partition("/")]
                    if kind == media_type
                }
            )

    async def reset(self, request: Request) -> Response:
        self._state.faults.reset()
        self._state.refill()
        self._change_offers()
        return await self.show(request)

    async def stats(self, _request: Request) -> Response:
        return JSONResponse(self._state.count.snapshot())

    async def reset_stats(self, request: Request) -> Response:
        self._state.count.reset()
        return await self.stats(request)


def _kind(request: Request) -> MediaType:
    kind = request.path_params["kind"]
    if kind not in _KINDS:
        raise TmdbError(NOT_FOUND)
    return MediaType(kind)


def _has(title: Title, part: str) -> bool:
    return part in _PARTS and _OF_ONE_KIND.get(part, title.media_type) is title.media_type


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(2**31))


def _no_image() -> Response:
    return Response("File not Found", status_code=404, media_type="text/plain")


def _trending_row(entry: Title | Person) -> rows.Json:
    if isinstance(entry, Person):
        return rows.person_row(entry)
    return rows.list_row(entry, with_media_type=True)


def _selected(page: int, selection: Selection) -> Response:
    return _envelope(page, [rows.list_row(t) for t in selection.page(page)], len(selection))


def _page[Entry](
    page: int, entries: Sequence[Entry], row: Callable[[Entry], rows.Json]
) -> Response:
    shown = entries[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return _envelope(page, [row(entry) for entry in shown], len(entries))


def _envelope(page: int, results: list[rows.Json], total: int) -> Response:
    return TmdbJson(_list(page, results, total))


def _list(page: int, results: list[rows.Json], total: int) -> rows.Json:
    """Even a list of nothing has one page, and a long one says more pages than may be asked."""
    return {
        "page": page,
        "results": results,
        "total_pages": max(1, -(-total // PAGE_SIZE)),
        "total_results": total,
    }
