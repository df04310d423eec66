"""The service's routes: parameters, responses and errors of each."""

from http import HTTPMethod, HTTPStatus

from catalog.api.refresh_routes import REFRESH_ROUTES
from catalog.api.schemas import (
    Conditional,
    Genres,
    ListQuery,
    MediaDetails,
    MediaList,
    SearchQuery,
    SearchResult,
    TitleConditions,
    TitlePath,
    TitleQuery,
)
from catalog.domain.errors import (
    CatalogUnavailable,
    TitleNotFound,
    TmdbRateLimited,
    TmdbUnavailable,
)
from matinee.errors import InvalidInput
from matinee.http.routes import Route

_NOT_MODIFIED = {HTTPStatus.NOT_MODIFIED: "If-None-Match names the current response."}
_HEADERS = {
    "ETag": "Identifies this response, for If-None-Match.",
    "Cache-Control": "How long the response may be stored.",
    "Age": "Only with `stale`: how many seconds ago the content was fetched from TMDB.",
}
_PUBLIC = "Public; no token is read."


LIST_MEDIA = Route(
    method=HTTPMethod.GET,
    path="/media",
    name="listMedia",
    summary="Browse a list of films or series",
    description=f"{_PUBLIC} Returns the list as of its last refresh, in TMDB's order; a request "
    "never starts a refresh. A cursor continues in the version of the list that it belongs to.",
    query=ListQuery,
    headers=Conditional,
    responses=(MediaList,),
    bodiless=_NOT_MODIFIED,
    response_headers=_HEADERS,
    errors=(InvalidInput, CatalogUnavailable),
)

LIST_GENRES = Route(
    method=HTTPMethod.GET,
    path="/media/genres",
    name="listGenres",
    summary="List the genres of films and of series",
    description=_PUBLIC,
    headers=Conditional,
    responses=(Genres,),
    bodiless=_NOT_MODIFIED,
    response_headers={name: _HEADERS[name] for name in ("ETag", "Cache-Control")},
)

SEARCH_MEDIA = Route(
    method=HTTPMethod.GET,
    path="/media/search",
    name="searchMedia",
    summary="Search for a film or series by its title",
    description=f"{_PUBLIC} Results are cached for a quarter of an hour; case, width and spaces of "
    "the text make no difference.",
    query=SearchQuery,
    headers=Conditional,
    responses=(SearchResult,),
    bodiless=_NOT_MODIFIED,
    response_headers=_HEADERS,
    errors=(InvalidInput, TmdbRateLimited, TmdbUnavailable),
)

SHOW_TITLE = Route(
    method=HTTPMethod.GET,
    path="/media/{mediaType}/{mediaId}",
    name="showTitle",
    summary="Show a film or series with its details",
    description=f"{_PUBLIC} From the cache; a title that is missing or old is fetched from TMDB. "
    "While TMDB is unavailable, an old one is returned as it is.",
    parameters=TitlePath,
    query=TitleQuery,
    headers=TitleConditions,
    responses=(MediaDetails,),
    bodiless=_NOT_MODIFIED,
    response_headers=_HEADERS
    | {
        "Content-Language": "The language of title and overview.",
        "Vary": "Accept-Language, without `language`.",
    },
    errors=(InvalidInput, TitleNotFound, TmdbRateLimited, TmdbUnavailable, CatalogUnavailable),
)

ROUTES = (LIST_MEDIA, LIST_GENRES, SEARCH_MEDIA, SHOW_TITLE, *REFRESH_ROUTES)
