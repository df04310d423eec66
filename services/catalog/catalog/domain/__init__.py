"""The catalog service's rules, of the standard library alone."""

from catalog.domain.catalogue import (
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
from catalog.domain.draw import CANDIDATES, LAST_PAGE, TITLES_PER_PAGE, Discovery, Draw, choose
from catalog.domain.questions import MOST_GENRES, Page, Query, Strategy, Taste
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
    "ListType",
    "MediaType",
    "Page",
    "Query",
    "Strategy",
    "Taste",
    "Title",
    "TitleId",
    "choose",
    "is_latin",
]
