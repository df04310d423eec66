"""The titles that the stand-in serves: generated from a seed, read from a file or built by hand."""

from tools.tmdb.catalogue.builder import CatalogueBuilder
from tools.tmdb.catalogue.collection import SortKey, TitleCollection
from tools.tmdb.catalogue.files import CatalogueFileError, load
from tools.tmdb.catalogue.generation import DEFAULT_FILMS, DEFAULT_SERIES, generate
from tools.tmdb.catalogue.store import AS_OF, Catalogue
from tools.tmdb.catalogue.titles import MediaType, Person, Title

__all__ = [
    "AS_OF",
    "DEFAULT_FILMS",
    "DEFAULT_SERIES",
    "Catalogue",
    "CatalogueBuilder",
    "CatalogueFileError",
    "MediaType",
    "Person",
    "TitleCollection",
    "SortKey",
    "Title",
    "generate",
    "load",
]
