"""The routes of this service: what each takes, answers and refuses."""

import re
from http import HTTPMethod, HTTPStatus

from catalog.api.refresh_routes import REFRESH_ROUTES
from catalog.api.schemas import (
    Conditional,
    Found,
    Genres,
    ListQuery,
    MediaDetails,
    MediaList,
    SearchQuery,
    TitlePath,
)
from catalog.domain.errors import (
    CatalogUnavailable,
    TitleNotFound,
    TmdbRateLimited,
    TmdbUnavailable,
)
from matinee.errors import InvalidInput
from matinee.http.routes import Route

_UNCHANGED = {HTTPStatus.NOT_MODIFIED: "What If-None-Match names is what there is."}
_HEADERS = {
    "ETag": "Names this answer, for If-None-Match.",
    "Cache-Control": "How long the answer may be kept.",
    "Age": "Only with `stale`: how many seconds ago TMDB said so.",
}
_NO_ONE = "For everybody; no token is read."

_PLACEHOLDER = re.compile(r"\{\w+\}")


def pattern_of(route: Route) -> str:
    """Return a route's path for the router, whose own placeholders take fewer characters."""
    return _PLACEHOLDER.sub(lambda _: r"[\s\S]+", route.path)


LIST_MEDIA = Route(
    method=HTTPMethod.GET,
    path="/media",
    name="listMedia",
    summary="Browse a list of films or series",
    description=f"{_NO_ONE} The list as it was at its last refresh, in TMDB's order: nothing that "
    "is asked for here begins a refresh. A cursor goes on in the edition of the list that it was "
    "given for.",
    query=ListQuery,
    headers=Conditional,
    responses=(MediaList,),
    bodiless=_UNCHANGED,
    response_headers=_HEADERS,
    errors=(InvalidInput, CatalogUnavailable),
)

LIST_GENRES = Route(
    method=HTTPMethod.GET,
    path="/media/genres",
    name="listGenres",
    summary="The genres of films and of series",
    description=_NO_ONE,
    headers=Conditional,
    responses=(Genres,),
    bodiless=_UNCHANGED,
    response_headers={name: _HEADERS[name] for name in ("ETag", "Cache-Control")},
)

SEARCH_MEDIA = Route(
    method=HTTPMethod.GET,
    path="/media/search",
    name="searchMedia",
    summary="Look for a film or series by its title",
    description=f"{_NO_ONE} Answers are kept for a quarter of an hour; case, width and spaces of "
    "the text make no difference.",
    query=SearchQuery,
    headers=Conditional,
    responses=(Found,),
    bodiless=_UNCHANGED,
    response_headers=_HEADERS,
    errors=(InvalidInput, TmdbRateLimited, TmdbUnavailable),
)

SHOW_TITLE = Route(
    method=HTTPMethod.GET,
    path="/media/{mediaType}/{mediaId}",
    name="showTitle",
    summary="All that is known of a film or series",
    description=f"{_NO_ONE} From the cache; a title that is not there, or old, is fetched. While "
    "TMDB is away, an old one is answered as it is.",
    parameters=TitlePath,
    headers=Conditional,
    responses=(MediaDetails,),
    bodiless=_UNCHANGED,
    response_headers=_HEADERS,
    errors=(InvalidInput, TitleNotFound, TmdbRateLimited, TmdbUnavailable, CatalogUnavailable),
)

ROUTES = (LIST_MEDIA, LIST_GENRES, SEARCH_MEDIA, SHOW_TITLE, *REFRESH_ROUTES)
