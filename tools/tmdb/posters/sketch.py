"""A drawing in the making."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from tools.tmdb.posters.palettes import Palette


@dataclass
class Sketch:
    """A drawing in the making: its size, its colours, its chances and its shapes so far."""

    width: float
    height: float
    palette: Palette
    random: Random
    shapes: list[str] = field(default_factory=list)

    def between(self, low: float, high: float) -> float:
        """Return a number by chance."""
        return self.random.uniform(low, high)

    def circle(self, x: float, y: float, r: float, fill: str, opacity: float = 1.0) -> None:
        """Add a disc."""
        self.shapes.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{fill}"{_opacity(opacity)}/>'
        )

    def ring(  # noqa: PLR0917 - as SVG has it
        self, x: float, y: float, r: float, stroke: str, width: float, opacity: float = 1.0
    ) -> None:
        """Add a circle's outline."""
        self.shapes.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="none" stroke="{stroke}" '
            f'stroke-width="{width:.1f}"{_opacity(opacity)}/>'
        )

    def box(  # noqa: PLR0917 - as SVG has it
        self, x: float, y: float, w: float, h: float, fill: str, opacity: float = 1.0
    ) -> None:
        """Add a rectangle."""
        self.shapes.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" '
            f'fill="{fill}"{_opacity(opacity)}/>'
        )

    def polygon(
        self, points: Iterable[tuple[float, float]], fill: str, opacity: float = 1.0
    ) -> None:
        """Add a filled outline."""
        listed = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.shapes.append(f'<polygon points="{listed}" fill="{fill}"{_opacity(opacity)}/>')

    def path(self, commands: str, fill: str, opacity: float = 1.0) -> None:
        """Add a filled path."""
        self.shapes.append(f'<path d="{commands}" fill="{fill}"{_opacity(opacity)}/>')

    def raw(self, shape: str) -> None:
        """Add an element as it is."""
        self.shapes.append(shape)


def _opacity(value: float) -> str:
    return f' opacity="{value:.2f}"' if value < 1 else ""
