"""TMDB over HTTP: what is requested (`requests`), how (`client`), how it is parsed (`rows`)."""

from catalog.adapters.tmdb.client import LIMITS, TIMEOUT, TmdbClient
from catalog.adapters.tmdb.pages import TmdbPages
from catalog.adapters.tmdb.titles import TmdbTitles

__all__ = ["LIMITS", "TIMEOUT", "TmdbClient", "TmdbPages", "TmdbTitles"]
