"""What is on the posters: one function a composition.

Each takes a ``Sketch``, adds shapes to it from back to front, and works in any proportion, so that
a poster and its backdrop show the same thing. Horizons lie below the middle: the title of such a
poster stands in the sky.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tools.tmdb.catalogue.themes import DATA
from tools.tmdb.posters.sketch import Sketch


def _land(sketch: Sketch, base: float, swing: float, fill: str, *, steps: int = 5) -> None:
    """Add a soft line of hills from one side to the other, filled down to the bottom."""
    width, height = sketch.width, sketch.height
    step = width / steps
    points = [
        (index * step, base + sketch.between(-swing, swing)) for index in range(-1, steps + 2)
    ]
    commands = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
        middle = (x1 + x2) / 2
        commands.append(f"C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}")
    commands.append(f"V{height + 2:.0f} H{points[0][0]:.1f} Z")
    sketch.path(" ".join(commands), fill)


def _stars(sketch: Sketch, count: int, depth: float) -> None:
    for _ in range(count):
        sketch.circle(
            sketch.between(0, sketch.width),
            sketch.between(0, sketch.height * depth),
            sketch.between(0.6, 2.2),
            sketch.palette.glow,
            sketch.between(0.25, 0.9),
        )


def hills(sketch: Sketch) -> None:
    """Draw a sun over ridges."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    x, y, r = sketch.between(0.25, 0.75) * w, sketch.between(0.5, 0.58) * h, 0.19 * min(w, h)
    sketch.circle(x, y, r * 1.7, colours.glow, 0.12)
    sketch.circle(x, y, r * 1.3, colours.glow, 0.18)
    sketch.circle(x, y, r, colours.glow)
    _land(sketch, 0.66 * h, 0.05 * h, colours.far)
    _land(sketch, 0.76 * h, 0.05 * h, colours.mid, steps=4)
    _land(sketch, 0.88 * h, 0.04 * h, colours.near, steps=3)


def sea(sketch: Sketch) -> None:
    """Draw a moon, its path on the water, and swell."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    x, r = sketch.between(0.3, 0.7) * w, sketch.between(0.13, 0.2) * min(w, h)
    sketch.circle(x, 0.5 * h, r * 1.5, colours.glow, 0.14)
    sketch.circle(x, 0.5 * h, r, colours.glow)
    sketch.box(0, 0.6 * h, w, 0.4 * h, colours.far)
    for index in range(9):
        reach = r * (1.0 - index * 0.06) * sketch.between(0.5, 1.0)
        y = 0.615 * h + index * 0.021 * h
        sketch.box(x - reach, y, 2 * reach, 0.006 * h, colours.glow, 0.75 - index * 0.06)
    _land(sketch, 0.8 * h, 0.015 * h, colours.mid, steps=6)
    _land(sketch, 0.9 * h, 0.02 * h, colours.near, steps=4)
    if sketch.random.random() < _OFTEN:
        side = x - 0.22 * w if x > w / 2 else x + 0.22 * w
        mast = 0.16 * h
        deck, top = 0.73 * h, 0.745 * h - mast * 0.8
        sketch.polygon(
            [(side, 0.74 * h - mast), (side, deck), (side + mast / 2, deck)], colours.ink
        )
        sketch.polygon(
            [(side - 4, top), (side - 4, deck), (side - mast * 0.3, deck)], colours.ink, 0.8
        )
        sketch.path(
            f"M{side - mast * 0.42:.1f} {0.738 * h:.1f} h{mast:.1f} l{-mast * 0.16:.1f} "
            f"{mast * 0.17:.1f} h{-mast * 0.68:.1f} Z",
            colours.near,
        )


def forest(sketch: Sketch) -> None:
    """Draw firs in three distances under a moon."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    sketch.circle(sketch.between(0.25, 0.75) * w, 0.47 * h, 0.17 * min(w, h), colours.glow, 0.92)
    for base, size, fill in (
        (0.72, 0.2, colours.far),
        (0.83, 0.27, colours.mid),
        (1.02, 0.36, colours.near),
    ):
        x = -0.1 * w
        while x < 1.1 * w:
            tall = size * h * sketch.between(0.65, 1.1)
            broad = tall * 0.34
            for level in range(3):
                top = base * h - tall + level * tall * 0.24
                half = broad * (0.45 + 0.27 * level) / 1.2
                sketch.polygon(
                    [(x, top), (x - half, top + tall * 0.42), (x + half, top + tall * 0.42)], fill
                )
            x += broad * sketch.between(0.5, 1.15)
        sketch.box(0, base * h - size * 0.42 * h, w, h, fill)


def skyline(sketch: Sketch) -> None:
    """Draw a city at night, some windows lit."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    sketch.circle(sketch.between(0.2, 0.8) * w, 0.5 * h, 0.22 * min(w, h), colours.glow, 0.85)
    unit = min(w, h)
    for base, fill, lit in (
        (0.5, colours.far, 0.0),
        (0.6, colours.mid, 0.22),
        (0.72, colours.near, 0.3),
    ):
        x = -0.02 * w
        while x < w:
            broad = unit * sketch.between(0.09, 0.18)
            top = h * (base + sketch.between(-0.1, 0.09))
            sketch.box(x, top, broad, h - top, fill)
            if sketch.random.random() < _SELDOM:
                sketch.box(x + broad * 0.46, top - unit * 0.09, broad * 0.08, unit * 0.1, fill)
            if lit:
                _windows(sketch, x, top, broad, lit)
            x += broad * sketch.between(0.9, 1.15)


def _windows(sketch: Sketch, x: float, top: float, broad: float, lit: float) -> None:
    columns = max(2, int(broad / 15))
    gap = broad / (columns + 0.5)
    for row in range(9):
        for column in range(columns):
            if sketch.random.random() < lit:
                sketch.box(
                    x + gap * (column + 0.45), top + 14 + row * 20, gap * 0.42, 9,
                    sketch.palette.glow, 0.85,
                )  # fmt: skip


def rays(sketch: Sketch) -> None:
    """Draw a burst from one point, and something round where it comes from."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    x, y = sketch.between(0.35, 0.65) * w, sketch.between(0.34, 0.42) * h
    reach, count = 1.6 * max(w, h), sketch.random.choice((14, 18, 22))
    turn = sketch.between(0, math.pi)
    for index in range(count):
        first = turn + 2 * math.pi * index / count
        second = first + math.pi / count
        sketch.polygon(
            [
                (x, y),
                (x + reach * math.cos(first), y + reach * math.sin(first)),
                (x + reach * math.cos(second), y + reach * math.sin(second)),
            ],
            colours.far if index % 2 else colours.mid,
            0.75,
        )
    r = 0.2 * min(w, h)
    sketch.circle(x, y, r * 1.25, colours.near)
    sketch.circle(x, y, r, colours.glow)
    kind = sketch.random.randrange(3)
    if kind == 0:
        sketch.circle(x + r * 0.36, y - r * 0.2, r * 0.82, colours.near)
    elif kind == 1:
        _star(sketch, x, y, r * 0.82, colours.near)
    else:
        sketch.circle(x, y, r * 0.55, colours.near)
        sketch.circle(x, y, r * 0.26, colours.glow)


def _star(sketch: Sketch, x: float, y: float, r: float, fill: str) -> None:
    points = []
    for index in range(10):
        reach = r if index % 2 == 0 else r * 0.42
        angle = math.pi * index / 5 - math.pi / 2
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    sketch.polygon(points, fill)


def orbits(sketch: Sketch) -> None:
    """Draw a planet with rings and moons among stars."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    unit = min(w, h)
    _stars(sketch, 70, 1.0)
    x, y, r = (
        sketch.between(0.35, 0.65) * w,
        sketch.between(0.34, 0.42) * h,
        sketch.between(0.2, 0.27) * unit,
    )
    tilt = sketch.between(-32, 32)
    sketch.circle(x, y, r * 1.35, colours.low, 0.35)
    sketch.circle(x, y, r, colours.far)
    sketch.raw(
        f'<clipPath id="planet"><circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"/></clipPath>'
        f'<g clip-path="url(#planet)" transform="rotate({tilt / 2:.1f} {x:.1f} {y:.1f})">'
    )
    for index in range(5):
        sketch.box(
            x - 2 * r, y - r + index * 0.42 * r, 4 * r, r * sketch.between(0.08, 0.24),
            colours.mid if index % 2 else colours.glow, 0.55 if index % 2 else 0.28,
        )  # fmt: skip
    sketch.raw("</g>")
    for index, reach in enumerate((1.5, 1.95, 2.5)):
        sketch.raw(
            f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{r * reach:.1f}" ry="{r * reach * 0.3:.1f}" '
            f'fill="none" stroke="{colours.glow}" stroke-width="{3 - index:.1f}" '
            f'opacity="{0.9 - index * 0.25:.2f}" transform="rotate({tilt:.1f} {x:.1f} {y:.1f})"/>'
        )
        angle = sketch.between(0, 2 * math.pi)
        across, along = r * reach * math.cos(angle), r * reach * 0.3 * math.sin(angle)
        turn = math.radians(tilt)
        sketch.circle(
            x + across * math.cos(turn) - along * math.sin(turn),
            y + across * math.sin(turn) + along * math.cos(turn),
            r * (0.07 + 0.03 * index),
            colours.ink,
        )


def tiles(sketch: Sketch) -> None:
    """Draw a grid of quarter circles, discs and triangles."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    across = 4 if w < h else 8
    side = w / across
    fills = (colours.far, colours.mid, colours.near, colours.glow, colours.low, colours.far)
    for row in range(math.ceil(h / side)):
        for column in range(across):
            _tile(sketch, column * side, row * side, side, fills)


type _Tile = Callable[[Sketch, float, float, float, str, str], None]


def _tile(sketch: Sketch, x: float, y: float, side: float, fills: tuple[str, ...]) -> None:
    back, front = sketch.random.sample(fills[:5], 2)
    sketch.box(x, y, side + 0.6, side + 0.6, back)
    sketch.random.choice(_TILE_KINDS)(sketch, x, y, side, front, back)


def _quarter(sketch: Sketch, x: float, y: float, side: float, front: str, _back: str) -> None:  # noqa: PLR0917
    right, low = sketch.random.random() < _EVENLY, sketch.random.random() < _EVENLY
    across, down = (-side if right else side), (-side if low else side)
    corner_x, corner_y = x + (side if right else 0), y + (side if low else 0)
    sketch.path(
        f"M{corner_x:.1f} {corner_y:.1f} h{across:.1f} A{side:.1f} {side:.1f} 0 0 "
        f"{int(right == low)} {corner_x:.1f} {corner_y + down:.1f} Z",
        front,
    )


def _disc(sketch: Sketch, x: float, y: float, side: float, front: str, _back: str) -> None:  # noqa: PLR0917
    sketch.circle(x + side / 2, y + side / 2, side * 0.36, front)


def _wedge(sketch: Sketch, x: float, y: float, side: float, front: str, _back: str) -> None:  # noqa: PLR0917
    sketch.polygon([(x, y), (x + side, y), (x, y + side)], front)


def _target(sketch: Sketch, x: float, y: float, side: float, front: str, back: str) -> None:  # noqa: PLR0917
    sketch.circle(x + side / 2, y + side / 2, side * 0.5, front)
    sketch.circle(x + side / 2, y + side / 2, side * 0.25, back)


def _stripes(sketch: Sketch, x: float, y: float, side: float, front: str, _back: str) -> None:  # noqa: PLR0917
    for index in range(3):
        sketch.box(x, y + side * (0.08 + index / 3), side, side * 0.17, front)


_EVENLY: Final = 0.5
_TILE_KINDS: Final[tuple[_Tile, ...]] = (_quarter, _disc, _wedge, _target, _stripes)


def bands(sketch: Sketch) -> None:
    """Draw diagonal stripes, with a disc caught between them."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    slope = sketch.random.choice((-1, 1)) * sketch.between(0.45, 0.8)
    fills = (colours.far, colours.mid, colours.low, colours.glow)
    y = -0.3 * h
    index = sketch.random.randrange(4)
    x0, r = sketch.between(0.35, 0.65) * w, 0.24 * min(w, h)
    while y < 1.1 * h:
        thick = h * sketch.between(0.03, 0.1)
        if index % 4 == 3:  # noqa: PLR2004 - the brightest is the thinnest
            thick *= 0.35
        shift = slope * w / 2
        sketch.polygon(
            [(0, y - shift), (w, y + shift), (w, y + shift + thick), (0, y - shift + thick)],
            fills[index % 4],
            0.9,
        )
        y += thick * sketch.between(1.0, 1.7)
        index += 1
    sketch.circle(x0, 0.4 * h, r * 1.12, colours.near)
    sketch.circle(x0, 0.4 * h, r, colours.glow)
    sketch.circle(x0 - slope * r * 0.3, 0.4 * h + r * 0.25, r * 0.72, colours.near)


def keyhole(sketch: Sketch) -> None:
    """Draw a keyhole with light behind it, or an eye."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    x, y, unit = w / 2, 0.38 * h, min(w, h)
    for index in range(9, 0, -1):
        sketch.circle(x, y, unit * 0.085 * index, colours.far if index % 2 else colours.mid, 0.5)
    if sketch.random.random() < _OFTEN:
        sketch.circle(x, y - 0.05 * h, unit * 0.15, colours.glow)
        sketch.polygon(
            [
                (x - unit * 0.06, y - 0.02 * h),
                (x + unit * 0.06, y - 0.02 * h),
                (x + unit * 0.16, y + unit * 0.36),
                (x - unit * 0.16, y + unit * 0.36),
            ],
            colours.glow,
        )
        return
    reach, lid = unit * 0.4, unit * 0.26
    sketch.path(
        f"M{x - reach:.1f} {y:.1f} Q{x:.1f} {y - 2 * lid:.1f} {x + reach:.1f} {y:.1f} "
        f"Q{x:.1f} {y + 2 * lid:.1f} {x - reach:.1f} {y:.1f} Z",
        colours.ink,
    )
    sketch.circle(x, y, unit * 0.2, colours.near)
    sketch.circle(x, y, unit * 0.15, colours.glow)
    sketch.circle(x, y, unit * 0.075, colours.near)
    sketch.circle(x + unit * 0.06, y - unit * 0.06, unit * 0.03, colours.ink)


def pair(sketch: Sketch) -> None:
    """Draw two discs that overlap."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    unit, y = min(w, h), 0.37 * h
    r, apart, lean = (
        0.25 * unit,
        sketch.between(0.13, 0.19) * unit,
        sketch.between(-0.1, 0.1) * unit,
    )
    for index in range(4):
        sketch.ring(w / 2, y, r * (2.0 + 0.42 * index), colours.glow, 1.5, 0.35 - index * 0.07)
    left, right = (w / 2 - apart, y + lean), (w / 2 + apart, y - lean)
    sketch.circle(*left, r, colours.glow)
    sketch.circle(*right, r, colours.far)
    disc = f'<circle cx="{left[0]:.1f}" cy="{left[1]:.1f}" r="{r:.1f}"/>'
    sketch.raw(f'<clipPath id="shared">{disc}</clipPath><g clip-path="url(#shared)">')
    sketch.circle(*right, r, colours.ink)
    sketch.raw("</g>")


def bars(sketch: Sketch) -> None:
    """Draw sound, as bars around the middle."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    count = 15 if w < h else 33
    step = w * 0.86 / count
    phase, beat = sketch.between(0, 6), sketch.between(0.35, 0.8)
    for index in range(count):
        wave = abs(math.sin(phase + index * beat)) * 0.6 + sketch.between(0.1, 0.4)
        tall = h * 0.23 * wave + 8
        sketch.raw(
            f'<rect x="{w * 0.07 + index * step:.1f}" y="{0.38 * h - tall:.1f}" '
            f'width="{step * 0.62:.1f}" height="{2 * tall:.1f}" rx="{step * 0.31:.1f}" '
            f'fill="{(colours.glow, colours.low, colours.ink)[index % 3]}"/>'
        )


def road(sketch: Sketch) -> None:
    """Draw a road to a vanishing point, between poles."""
    w, h, colours = sketch.width, sketch.height, sketch.palette
    x, y = sketch.between(0.4, 0.6) * w, 0.58 * h
    sketch.circle(x, y - 0.02 * h, 0.2 * min(w, h), colours.glow, 0.95)
    _land(sketch, y + 0.015 * h, 0.02 * h, colours.far, steps=6)
    sketch.box(0, y + 0.03 * h, w, h, colours.mid)
    sketch.polygon(
        [(x - 4, y + 0.03 * h), (x + 4, y + 0.03 * h), (0.92 * w, h), (0.08 * w, h)], colours.near
    )
    for index in range(6):
        near, far = ((index + 1) / 6.0) ** 2.2, ((index + 0.55) / 6.0) ** 2.2
        span = h - (y + 0.03 * h)
        top, bottom = y + 0.03 * h + far * span, y + 0.03 * h + near * span
        half_top, half_bottom = 1 + far * 0.018 * w, 1 + near * 0.018 * w
        middle_top, middle_bottom = x + (w / 2 - x) * far, x + (w / 2 - x) * near
        sketch.polygon(
            [
                (middle_top - half_top, top),
                (middle_top + half_top, top),
                (middle_bottom + half_bottom, bottom),
                (middle_bottom - half_bottom, bottom),
            ],
            colours.glow,
        )


@dataclass(frozen=True, slots=True)
class Composition:
    """A drawing and where its title goes: in the sky above it, or below."""

    draw: Callable[[Sketch], None]
    title_on_top: bool


_OFTEN: Final = 0.6
_SELDOM: Final = 0.35

_ALL: Final = {
    draw.__name__: Composition(draw, title_on_top=on_top)
    for on_top, drawings in (
        (True, (hills, sea, forest, skyline, road)),
        (False, (rays, orbits, tiles, bands, keyhole, pair, bars)),
    )
    for draw in drawings
}

COMPOSITIONS: Final[dict[int, tuple[Composition, ...]]] = {
    genre: tuple(_ALL[name] for name in names) for genre, names in DATA["compositions"].items()
}
"""By genre id, of films and of series."""

DEFAULT: Final = tuple(_ALL[name] for name in ("hills", "tiles", "pair"))
"""For titles without a genre that has compositions of its own."""
