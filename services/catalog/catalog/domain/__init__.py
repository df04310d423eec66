"""The catalog service's rules, of the standard library alone."""

from catalog.domain.discover_query import MOST_GENRES, Page, Query, Strategy, Taste
from catalog.domain.lists import (
    CachedTitle,
    Details,
    Enrichment,
    Facts,
    GenrePage,
    ListKey,
    ListPage,
    ListType,
    TitleId,
)
from catalog.domain.page_sampler import (
    CANDIDATES,
    LAST_PAGE,
    TITLES_PER_PAGE,
    Discovery,
    Draw,
    choose,
)
from catalog.domain.refresh import (
    ListProgress,
    ListState,
    PageOfRun,
    PageState,
    Run,
    Scope,
    begin,
)
from catalog.domain.titles import FEWEST_VOTES, LANGUAGES, MediaType, Title, is_latin

__all__ = [
    "CANDIDATES",
    "FEWEST_VOTES",
    "LANGUAGES",
    "LAST_PAGE",
    "MOST_GENRES",
    "TITLES_PER_PAGE",
    "CachedTitle",
    "Details",
    "Discovery",
    "Draw",
    "Enrichment",
    "Facts",
    "GenrePage",
    "ListKey",
    "ListPage",
    "ListProgress",
    "ListState",
    "ListType",
    "MediaType",
    "Page",
    "PageOfRun",
    "PageState",
    "Query",
    "Run",
    "Scope",
    "Strategy",
    "Taste",
    "Title",
    "TitleId",
    "begin",
    "choose",
    "is_latin",
]
