"""MediaFunction: the public catalogue."""

from functools import partial
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response

from catalog import bootstrap
from catalog.api import http_cache, schemas
from catalog.api.routes import LIST_GENRES, LIST_MEDIA, ROUTES, SEARCH_MEDIA, SHOW_TITLE
from matinee.http.api import HttpApi, HttpHandler
from matinee.http.routes import pattern_of
from matinee.validation import validate


def build() -> HttpApi:
    """Build the function's routes."""
    api = HttpApi(bootstrap.media_settings().allowed_origins, ROUTES)
    browser, run = bootstrap.media_browser(), bootstrap.media_runner()
    cache = http_cache.HttpCache(api, browser.now)

    @api.routes.get(LIST_MEDIA.path)
    def list_media() -> Response[str]:
        query = api.read_query(schemas.ListQuery)
        result = browser.get_list(query.key, query.limit, query.position(), query.exclude_ids)
        body = schemas.MediaList.from_result(query.key, result)
        return cache.respond(body, http_cache.LIST_MAX_AGE, result)

    @api.routes.get(LIST_GENRES.path)
    def list_genres() -> Response[str]:
        return cache.respond(schemas.Genres.all(), http_cache.GENRES_MAX_AGE)

    @api.routes.get(SEARCH_MEDIA.path)
    def search_media() -> Response[str]:
        query = api.read_query(schemas.SearchQuery)
        result = run(partial(browser.search, query.q, query.media_types))
        body = schemas.SearchResult.from_result(result, query.limit)
        return cache.respond(body, http_cache.SEARCH_MAX_AGE, result)

    @api.routes.get(pattern_of(SHOW_TITLE))
    def show_title() -> Response[str]:
        path = api.routes.current_event.raw_event["pathParameters"]
        decoded = {name: unquote(text) for name, text in path.items()}
        key = validate(schemas.TitlePath, decoded).key
        query = api.read_query(schemas.TitleQuery)
        result = run(partial(browser.get_title, key, api.trace))
        reader = query.reader(api.header("Accept-Language") or "")
        body = schemas.MediaDetails.from_result(result, reader)
        return cache.respond(body, http_cache.TITLE_MAX_AGE, result, language=body.language)

    return api


handler = HttpHandler(build)
