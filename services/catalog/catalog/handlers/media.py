"""MediaFunction: the public catalogue."""

from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response

from catalog import bootstrap
from catalog.api import schemas
from catalog.api.http_cache import A_DAY, A_WHILE, AN_HOUR, HttpCache
from catalog.api.routes import LIST_GENRES, LIST_MEDIA, SEARCH_MEDIA, SHOW_TITLE, pattern_of
from matinee.http.api import HttpApi, HttpHandler
from matinee.validation import validate


def build() -> HttpApi:
    """Build the function's routes."""
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
        wanted = validate(
            schemas.TitlePath, {name: unquote(text) for name, text in typed.items()}
        ).id
        served = browsing.title(wanted, api.trace)
        return kept.answer(schemas.MediaDetails.served(served), AN_HOUR, served)

    return api


handler = HttpHandler(build, at_start=False)
