"""TMDB over HTTP: what is asked (`questions`), how (`client`), and what is read (`rows`)."""

from catalog.tmdb.client import LIMITS, TIMEOUT, TmdbClient
from catalog.tmdb.pages import TmdbPages
from catalog.tmdb.titles import TmdbTitles

__all__ = ["LIMITS", "TIMEOUT", "TmdbClient", "TmdbPages", "TmdbTitles"]
