"""The catalog service's entities and rules."""

from catalog.domain.discover_query import (
    MAX_GENRES,
    DiscoverQuery,
    RoomCriteria,
    Strategy,
    TitlePage,
)
from catalog.domain.lists import ListKey, ListPage, ListType
from catalog.domain.page_sampler import (
    CANDIDATES,
    LAST_PAGE,
    TITLES_PER_PAGE,
    Discovery,
    PageSampler,
    choose,
)
from catalog.domain.refresh import (
    ListProgress,
    ListState,
    PageState,
    PageTask,
    Run,
    Scope,
    start_run,
)
from catalog.domain.titles import (
    CACHE_TTL,
    LANGUAGES,
    MIN_VOTES,
    CachedTitle,
    Details,
    Enrichment,
    Facts,
    Title,
    is_latin,
)

__all__ = [
    "CACHE_TTL",
    "CANDIDATES",
    "LANGUAGES",
    "LAST_PAGE",
    "MAX_GENRES",
    "MIN_VOTES",
    "TITLES_PER_PAGE",
    "CachedTitle",
    "Details",
    "DiscoverQuery",
    "Discovery",
    "Enrichment",
    "Facts",
    "ListKey",
    "ListPage",
    "ListProgress",
    "ListState",
    "ListType",
    "PageSampler",
    "PageState",
    "PageTask",
    "RoomCriteria",
    "Run",
    "Scope",
    "Strategy",
    "Title",
    "TitlePage",
    "choose",
    "is_latin",
    "start_run",
]
