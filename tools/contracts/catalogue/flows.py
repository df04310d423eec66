"""Who publishes what, and who consumes it: one drawing for each service, as inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tools.contracts.catalogue.entries import Consumer, Entry

_WIDTH, _ROW, _BOX, _TOP = 960, 46, 32, 8
_PUBLISHER, _EVENT, _CONSUMER = (10, 130), (240, 250), (640, 310)
"""Each column's left edge and its boxes' width."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box in the drawing. `x` and `y` are its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def left(self) -> tuple[int, int]:
        """Where a line arrives."""
        return self.x, self.y + self.height // 2

    @property
    def right(self) -> tuple[int, int]:
        """Where a line leaves."""
        return self.x + self.width, self.y + self.height // 2


def drawing(service: str, entries: Sequence[Entry]) -> str:
    """Draw a service, its events and their consumers."""
    consumers = sorted({consumer for entry in entries for consumer in entry.consumers})
    rows = max(len(entries), len(consumers) + 1)
    height = rows * _ROW + _TOP
    events = {entry.name: _box(_EVENT, n, len(entries), rows) for n, entry in enumerate(entries)}
    places = [_box(_CONSUMER, n, len(consumers) + 1, rows) for n in range(len(consumers) + 1)]
    publisher = Box(_PUBLISHER[0], (height - 2 * _BOX) // 2, _PUBLISHER[1], 2 * _BOX)
    others = places[-1]
    lines = [_line(publisher.right, box.left, "publishes") for box in events.values()]
    for entry in entries:
        start = events[entry.name].right
        lines += [
            _line(start, places[consumers.index(consumer)].left, "consumes")
            for consumer in entry.consumers
        ]
        lines.append(_line(start, others.left, "may"))
    boxes = [
        _labelled(publisher, "publisher", service, ""),
        *(_event(events[entry.name], entry) for entry in entries),
        *(
            _labelled(place, "consumer", consumer.function, _note(consumer))
            for place, consumer in zip(places, consumers, strict=False)
        ),
        _labelled(others, "others", "other teams", "by rules of their own"),
    ]
    title = f"Events of {service} and who consumes them"
    return (
        f'<svg class="flow" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{"".join(lines + boxes)}</svg>'
    )


def _box(column: tuple[int, int], number: int, count: int, rows: int) -> Box:
    """Place one of `count` boxes in a column, evenly over the drawing's height."""
    room = rows * _ROW / count
    y = round(_TOP / 2 + room * number + (room - _BOX) / 2)
    return Box(column[0], y, column[1], _BOX)


def _line(start: tuple[int, int], end: tuple[int, int], kind: str) -> str:
    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) // 2
    return f'<path class="{kind}" d="M{x1},{y1} C{middle},{y1} {middle},{y2} {x2},{y2}"/>'


def _event(box: Box, entry: Entry) -> str:
    label = _labelled(box, "event", entry.name, "")
    return f'<a href="#{escape(anchor(entry))}">{label}</a>'


def _labelled(box: Box, kind: str, label: str, note: str) -> str:
    x, y = box.x + box.width // 2, box.y + box.height // 2
    shift = -5 if note else 1
    text = f'<text x="{x}" y="{y + shift}">{escape(label)}</text>'
    if note:
        text += f'<text class="note" x="{x}" y="{y + 9}">{escape(note)}</text>'
    return (
        f'<g class="{kind}"><rect x="{box.x}" y="{box.y}" width="{box.width}" '
        f'height="{box.height}" rx="6"/>{text}</g>'
    )


def _note(consumer: Consumer) -> str:
    return f"{consumer.service}, by {consumer.queue}"


def anchor(entry: Entry) -> str:
    """Return where on the page an event stands."""
    return f"{entry.service}.{entry.name}"
