"""The requests to TMDB: paths, parameters and parsers. The key is added by the client."""

from collections.abc import Mapping
from functools import partial

from catalog.adapters.tmdb.client import TmdbRequest
from catalog.adapters.tmdb.details import STREAMED, TmdbDetails
from catalog.adapters.tmdb.rows import TmdbMatches, TmdbPage
from catalog.domain import (
    LANGUAGES,
    MIN_VOTES,
    Details,
    DiscoverQuery,
    ListKey,
    ListType,
    Strategy,
    TitlePage,
)
from catalog.domain.resolution import Match, Matches
from catalog.ports import ByImdbId, ByKey, ByName, Lookup, PageRequest
from matinee.filters import Filters
from matinee.media import MediaType, TitleKey

LANGUAGE = "en-US"

_GENRE_SEPARATORS = {Strategy.AND: ",", Strategy.OR: "|", Strategy.ANY: ","}

DETAILS = ("credits", "keywords", "videos", "translations", "watch/providers")
CERTIFICATIONS = {MediaType.MOVIE: "release_dates", MediaType.TV: "content_ratings"}
"""What is appended to the details of a title, of TMDB's at most twenty."""
_YEAR = {MediaType.MOVIE: "primary_release_year", MediaType.TV: "first_air_date_year"}

GONE = object()
"""The result for a title that TMDB does not have."""


def discover_request(request: PageRequest) -> TmdbRequest[TitlePage]:
    """Return the request for a page of a query's results.

    TMDB applies the filters that it has, so that few titles of a page are dropped: half of all
    series with enough votes are of another language.
    """
    query = request.query
    parameters = {
        "page": str(request.page),
        "language": LANGUAGE,
        "sort_by": "popularity.desc",
        "include_adult": "false",
        "vote_count.gte": str(MIN_VOTES),
        "with_original_language": "|".join(query.languages),
        **_filter_parameters(query.media_type, query.filters),
    }
    if query.genre_ids:
        separator = _GENRE_SEPARATORS[query.strategy]
        parameters["with_genres"] = separator.join(str(genre) for genre in query.genre_ids)
    return _page_request(f"discover/{query.media_type}", parameters, query.media_type)


def _filter_parameters(media_type: MediaType, filters: Filters) -> Mapping[str, str]:
    """Return TMDB's own filters: without them hardly a title of a page would pass."""
    day = "primary_release_date" if media_type is MediaType.MOVIE else "first_air_date"
    values = {
        "without_genres": ",".join(map(str, filters.excluded_genre_ids)),
        f"{day}.gte": filters.year_from and f"{filters.year_from:04}-01-01",
        f"{day}.lte": filters.year_to and f"{filters.year_to:04}-12-31",
        "with_runtime.gte": filters.min_runtime,
        "with_runtime.lte": filters.max_runtime,
        "vote_average.gte": filters.min_rating,
        "certification_country": filters.certification_country,
        "certification.lte": filters.certification,
        "watch_region": filters.provider_country,
        "with_watch_providers": "|".join(map(str, filters.provider_ids)),
        "with_watch_monetization_types": filters.provider_ids and "|".join(STREAMED),
    }
    return {name: str(value) for name, value in values.items() if value not in (None, "", ())}


def list_request(key: ListKey, page: int) -> TmdbRequest[TitlePage]:
    """Return the request for a page of a list; a genre's is Smart Discovery's for one genre."""
    kind = key.media_type
    if key.genre_id is not None:
        query = DiscoverQuery(kind, (key.genre_id,), Strategy.AND)
        return discover_request(PageRequest(query, page))
    path = (
        f"trending/{kind}/week" if key.list_type is ListType.TRENDING else f"{kind}/{key.list_type}"
    )
    return _page_request(path, {"page": str(page), "language": LANGUAGE}, kind)


def search_request(media_type: MediaType, text: str, page: int) -> TmdbRequest[TitlePage]:
    """Return the request for a page of a search's results."""
    parameters = {"query": text, "page": str(page), "language": LANGUAGE, "include_adult": "false"}
    return _page_request(f"search/{media_type}", parameters, media_type)


def details_request(key: TitleKey) -> TmdbRequest[Details | object]:
    """Return the request for the details of a title; its result is `GONE` when there is none."""
    return TmdbRequest(
        f"{key.media_type}/{key.id}",
        {
            "language": LANGUAGE,
            "append_to_response": ",".join((*DETAILS, CERTIFICATIONS[key.media_type])),
            "include_video_language": ",".join((*LANGUAGES, "null")),
        },
        lambda body: TmdbDetails.parse(body, key),
        absent=GONE,
    )


def lookup_request(lookup: Lookup) -> TmdbRequest[Matches]:
    """Return the request of a lookup; one that finds nothing has a result without matches."""
    match lookup:
        case ByKey(key):
            request = details_request(key)
            return TmdbRequest(
                request.path,
                request.parameters,
                lambda body: Matches((Match(TmdbDetails.parse(body, key).title),)),
                absent=Matches(),
            )
        case ByImdbId(imdb_id):
            parameters = {"external_source": "imdb_id", "language": LANGUAGE}
            return TmdbRequest(f"find/{imdb_id}", parameters, TmdbMatches.parse, absent=Matches())
        case ByName(media_type, name, year):
            parameters = {"query": name, "page": "1", "language": LANGUAGE}
            parameters["include_adult"] = "false"
            if year:
                parameters[_YEAR[media_type]] = str(year)
            parse = partial(TmdbMatches.parse, media_type=media_type)
            return TmdbRequest(f"search/{media_type}", parameters, parse)


def _page_request(
    path: str, parameters: Mapping[str, str], media_type: MediaType
) -> TmdbRequest[TitlePage]:
    return TmdbRequest(path, parameters, lambda body: TmdbPage.parse(body).as_page(media_type))
