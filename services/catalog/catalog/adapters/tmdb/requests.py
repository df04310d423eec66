"""What is asked of TMDB: paths and parameters, and what reads the answers. The key is left out."""

from collections.abc import Mapping

from catalog.adapters.tmdb.client import Ask
from catalog.adapters.tmdb.details import TmdbDetails
from catalog.adapters.tmdb.rows import TmdbPage
from catalog.domain import (
    FEWEST_VOTES,
    LANGUAGES,
    Details,
    ListKey,
    ListType,
    MediaType,
    Page,
    Query,
    Strategy,
    TitleId,
)
from catalog.ports import PageRequest

LANGUAGE = "en-US"

_GENRE_SEPARATORS = {Strategy.AND: ",", Strategy.OR: "|", Strategy.ANY: ","}

GONE = object()
"""The answer for a title that TMDB does not have."""


def discovered(request: PageRequest) -> Ask[Page]:
    """Ask for a page of the titles with some genres.

    What TMDB can filter it filters, so that few titles of a page are dropped: half of all series
    with votes enough are of another language.
    """
    query = request.query
    values = {
        "page": str(request.page),
        "language": LANGUAGE,
        "sort_by": "popularity.desc",
        "include_adult": "false",
        "vote_count.gte": str(FEWEST_VOTES),
        "with_original_language": "|".join(LANGUAGES),
    }
    if query.genre_ids:
        separator = _GENRE_SEPARATORS[query.strategy]
        values["with_genres"] = separator.join(str(genre) for genre in query.genre_ids)
    return _page(f"discover/{query.media_type.path}", values, query.media_type)


def listed(key: ListKey, page: int) -> Ask[Page]:
    """Ask for a page of a list; a genre's is what Smart Discovery asks for one genre."""
    kind = key.media_type.path
    if key.genre_id is not None:
        query = Query(key.media_type, (key.genre_id,), Strategy.AND)
        return discovered(PageRequest(query, page))
    path = (
        f"trending/{kind}/week" if key.list_type is ListType.TRENDING else f"{kind}/{key.list_type}"
    )
    return _page(path, {"page": str(page), "language": LANGUAGE}, key.media_type)


def searched(media_type: MediaType, text: str, page: int) -> Ask[Page]:
    """Ask for a page of the titles that a text finds."""
    values = {"query": text, "page": str(page), "language": LANGUAGE, "include_adult": "false"}
    return _page(f"search/{media_type.path}", values, media_type)


def detailed(wanted: TitleId) -> Ask[Details | object]:
    """Ask for all that is known of a title; `GONE` when there is none."""
    return Ask(
        f"{wanted.media_type.path}/{wanted.id}",
        {"language": LANGUAGE, "append_to_response": "credits,keywords"},
        lambda body: TmdbDetails.read(body, wanted),
        absent=GONE,
    )


def _page(path: str, values: Mapping[str, str], media_type: MediaType) -> Ask[Page]:
    return Ask(path, values, lambda body: TmdbPage.read(body).as_page(media_type))
