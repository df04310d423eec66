"""From a title to an SVG file."""

from collections.abc import Sequence
from html import escape
from random import Random
from typing import Final

from tools.tmdb.catalogue.titles import MediaType, Title
from tools.tmdb.posters import compositions, palettes
from tools.tmdb.posters.compositions import Composition
from tools.tmdb.posters.lettering import Setting, set_title, width_of
from tools.tmdb.posters.palettes import Palette
from tools.tmdb.posters.sketch import Sketch

SIZES: Final[dict[str, tuple[str, ...]]] = {
    "backdrop_sizes": ("w300", "w780", "w1280", "original"),
    "logo_sizes": ("w45", "w92", "w154", "w185", "w300", "w500", "original"),
    "poster_sizes": ("w92", "w154", "w185", "w342", "w500", "w780", "original"),
    "profile_sizes": ("w45", "w185", "h632", "original"),
    "still_sizes": ("w92", "w185", "w300", "original"),
}
"""TMDB's sizes of images as /configuration has them: a width or a height in pixels.

As there, any picture comes in each of them, whatever it is a picture of.
"""

_KNOWN: Final = frozenset().union(*SIZES.values())
_ORIGINAL, _WIDE_ORIGINAL = 1000, 1920
_WIDTH, _HEIGHT = 500, 750
_WIDE_WIDTH, _WIDE_HEIGHT = 1280, 720
_MARGIN: Final = 36
_TITLE_HEIGHT: Final = 215
_SKY_HEIGHT: Final = 180
_SMALL: Final = 13.5
_SPACED: Final = 2.0
_SANS: Final = (
    "'Avenir Next', Futura, Montserrat, 'Helvetica Neue', Arial, 'Noto Sans', 'Noto Sans CJK JP', "
    "'Hiragino Sans', 'Yu Gothic', 'Noto Sans Devanagari', sans-serif"
)
_SERIF: Final = (
    "'Playfair Display', Didot, 'Bodoni MT', Georgia, 'Noto Serif', 'Noto Serif CJK JP', "
    "'Hiragino Mincho ProN', 'Yu Mincho', serif"
)
_IN_SERIF: Final = frozenset({18, 36, 99, 10749, 10752, 14, 10766, 37, 10768})
_IN_CAPITALS: Final = frozenset({28, 10759, 53, 27, 878, 10765, 80, 37, 10752, 10402})
_XML_CONTROLS: Final = "".join(map(chr, (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)))
_NO_CONTROLS: Final = str.maketrans("", "", _XML_CONTROLS)


def poster(title: Title, size: str = "w500", *, directors: Sequence[str] = ()) -> str:
    """Return the poster as an SVG file, 2:3, as large as ``size`` says (KeyError: no such size)."""
    width = _width(size, 2 / 3, _ORIGINAL)
    sketch, composition = _sketch(title, _WIDTH, _HEIGHT)
    capitals = bool(title.genres) and title.genres[0] in _IN_CAPITALS
    name = _plain(title.title)
    setting = set_title(
        name.upper() if capitals else name,
        width=_WIDTH - 2 * _MARGIN,
        height=_SKY_HEIGHT if composition.title_on_top else _TITLE_HEIGHT,
    )
    text = _text(title, setting, sketch.palette, composition, directors)
    return _file(sketch, width, width * 3 // 2, name, [*_scrim(composition), *text])


def backdrop(title: Title, size: str = "w1280") -> str:
    """Return the picture without words, 16:9, as an SVG file (KeyError: no such size)."""
    width = _width(size, 16 / 9, _WIDE_ORIGINAL)
    sketch, _ = _sketch(title, _WIDE_WIDTH, _WIDE_HEIGHT)
    return _file(sketch, width, width * 9 // 16, _plain(title.title), [])


def _width(size: str, ratio: float, original: int) -> int:
    """Return the width in pixels of a picture in one of TMDB's sizes. Raises KeyError."""
    if size not in _KNOWN:
        raise KeyError(size)
    if size == "original":
        return original
    pixels = int(size[1:])
    return pixels if size[0] == "w" else round(pixels * ratio)


def _sketch(title: Title, width: int, height: int) -> tuple[Sketch, Composition]:
    random = Random(f"{title.media_type}/{title.id}")  # noqa: S311 - a drawing's chances
    genre = title.genres[0] if title.genres else 0
    palette = random.choice(palettes.PALETTES.get(genre, palettes.DEFAULT))
    composition = random.choice(compositions.COMPOSITIONS.get(genre, compositions.DEFAULT))
    sketch = Sketch(width, height, palette, random)
    composition.draw(sketch)
    return sketch, composition


def _file(sketch: Sketch, width: int, height: int, name: str, text: list[str]) -> str:
    colours = sketch.palette
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {sketch.width:.0f} {sketch.height:.0f}" role="img">',
            f"<title>{escape(name)}</title>",
            "<defs>",
            '<linearGradient id="back" x1="0" y1="0" x2="0" y2="1">',
            f'<stop offset="0" stop-color="{colours.high}"/>',
            f'<stop offset="0.85" stop-color="{colours.low}"/></linearGradient>',
            _fade("down", colours.high, ((0, 0.9), (0.6, 0.55), (1, 0))),
            _fade("up", colours.near, ((0, 0), (0.4, 0.86), (0.62, 0.97), (1, 1))),
            f'<clipPath id="frame"><rect width="{sketch.width:.0f}" '
            f'height="{sketch.height:.0f}"/></clipPath>',
            "</defs>",
            '<g clip-path="url(#frame)">',
            '<rect width="100%" height="100%" fill="url(#back)"/>',
            *sketch.shapes,
            *text,
            "</g></svg>\n",
        )
    )


def _fade(name: str, colour: str, stops: Sequence[tuple[float, float]]) -> str:
    listed = "".join(
        f'<stop offset="{offset}" stop-color="{colour}" stop-opacity="{opacity}"/>'
        for offset, opacity in stops
    )
    return f'<linearGradient id="{name}" x1="0" y1="0" x2="0" y2="1">{listed}</linearGradient>'


def _scrim(composition: Composition) -> list[str]:
    """Quieten the drawing where the title will stand."""
    if composition.title_on_top:
        return [
            f'<rect width="{_WIDTH}" height="330" fill="url(#down)"/>',
            f'<rect y="610" width="{_WIDTH}" height="240" fill="url(#up)"/>',
        ]
    return [f'<rect y="340" width="{_WIDTH}" height="410" fill="url(#up)"/>']


def _text(
    title: Title,
    setting: Setting,
    palette: Palette,
    composition: Composition,
    directors: Sequence[str],
) -> list[str]:
    serif = bool(title.genres) and title.genres[0] in _IN_SERIF
    first = (
        _MARGIN + 34 + setting.size * 0.8
        if composition.title_on_top
        else _HEIGHT - 84 - setting.height + setting.size * 0.86
    )
    lines = "".join(
        f'<tspan x="{_MARGIN}" y="{first + index * setting.line_height:.1f}">{escape(line)}</tspan>'
        for index, line in enumerate(setting.lines)
    )
    small = (
        f'font-family="{_SANS}" font-size="{_SMALL}" font-weight="600" letter-spacing="{_SPACED}" '
        f'fill="{palette.glow}"'
    )
    rule = first - setting.size * 0.8 - 22
    parts = [
        f'<rect x="{_MARGIN}" y="{rule:.1f}" width="46" height="4" fill="{palette.glow}"/>',
        f'<text font-family="{_SERIF if serif else _SANS}" font-size="{setting.size}" '
        f'font-weight="{700 if serif else 800}" fill="{palette.ink}">{lines}</text>',
    ]
    credit, foot = escape(_credit(title, directors)), _HEIGHT - 34
    parts.append(f'<text x="{_MARGIN}" y="{foot}" {small}>{credit}</text>')
    if title.released is not None:
        where = f'x="{_WIDTH - _MARGIN}" y="{foot}" text-anchor="end"'
        parts.append(f"<text {where} {small}>{title.released.year}</text>")
    return parts


def _credit(title: Title, directors: Sequence[str]) -> str:
    """Return the line at the foot: as much of it as leaves room for the year."""
    kind = "A FILM" if title.media_type is MediaType.MOVIE else "A SERIES"
    names = [_plain(name) for name in directors]
    wanted = [f"{kind} BY {' & '.join(names[:count])}" for count in (2, 1)] if names else []
    room = _WIDTH - 2 * _MARGIN - 60
    for line in (*(line.upper() for line in wanted), *(name.upper() for name in names[:1])):
        if width_of(line, _SMALL) + _SPACED * len(line) <= room:
            return line
    return kind


def _plain(text: str) -> str:
    """Return ``text`` without what XML cannot carry."""
    return text.translate(_NO_CONTROLS).encode("utf-8", "ignore").decode().strip() or "Untitled"
