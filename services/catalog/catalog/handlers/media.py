"""MediaFunction: the public catalogue."""

from functools import cache
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog import bootstrap
from catalog import media_schemas as schemas
from catalog.caching import A_DAY, A_WHILE, AN_HOUR, HttpCache
from catalog.routes import LIST_GENRES, LIST_MEDIA, SEARCH_MEDIA, SHOW_TITLE, pattern_of
from matinee.graphql import read
from matinee.http import HttpApi
from matinee.observability import entry_point


def build() -> HttpApi:
    """Make the function's routes."""
    api = HttpApi(bootstrap.media_settings().allowed_origins)
    browsing = bootstrap.browsing()
    kept = HttpCache(api, browsing.media.now)

    @api.routes.get(LIST_MEDIA.path)
    def list_media() -> Response[str]:
        query = api.read_query(schemas.ListQuery)
        served, cursor = browsing.part_of_list(query)
        return kept.answer(schemas.MediaList.served(query.key, served, cursor), A_WHILE, served)

    @api.routes.get(LIST_GENRES.path)
    def list_genres() -> Response[str]:
        return kept.answer(schemas.Genres.all(), A_DAY)

    @api.routes.get(SEARCH_MEDIA.path)
    def search_media() -> Response[str]:
        query = api.read_query(schemas.SearchQuery)
        served = browsing.search(query.q, query.media_types)
        return kept.answer(schemas.Found.served(served, query.limit), A_WHILE, served)

    @api.routes.get(pattern_of(SHOW_TITLE))
    def show_title() -> Response[str]:
        typed = api.routes.current_event.raw_event["pathParameters"]
        wanted = read(schemas.TitlePath, {name: unquote(text) for name, text in typed.items()}).id
        served = browsing.title(wanted, api.thread)
        return kept.answer(schemas.MediaDetails.served(served), AN_HOUR, served)

    return api


@cache
def _api() -> HttpApi:
    return build()


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the HTTP API (payload 2.0)."""
    return _api().handle(event, context)
