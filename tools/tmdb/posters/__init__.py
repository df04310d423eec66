"""Posters and backdrops, drawn as SVG from what a title is.

The genre gives the palette, the composition and the lettering; the id gives everything that is
left to chance, so a title always looks the same.
"""

from tools.tmdb.posters.drawing import SIZES, backdrop, poster

__all__ = ["SIZES", "backdrop", "poster"]
