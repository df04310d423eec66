"""The page: every service's drawing, then every event with its fields and an example."""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from tools.contracts.catalogue.entries import Entry, entries
from tools.contracts.catalogue.flows import anchor, drawing
from tools.contracts.project import Project

_STYLE = Path(__file__).with_name("style.css")
_SCRIPT = Path(__file__).with_name("filter.js")


def page(project: Project) -> str:
    """Write the page."""
    published = entries(project)
    by_service = [
        (name, list(events)) for name, events in groupby(published, key=lambda entry: entry.service)
    ]
    contents = "".join(_contents(name, events) for name, events in by_service)
    body = "".join(_service(name, events) for name, events in by_service)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Matinee's events</title><style>{_STYLE.read_text(encoding='utf-8')}</style>"
        '</head><body><nav><h1>Matinee\'s events</h1><input id="filter" type="search" '
        f'placeholder="Find an event or a field" aria-label="Find an event or a field">{contents}'
        "</nav><main><p>Every event on Matinee's bus, its publisher and which of our own functions "
        "consume it. Events are delivered at least once and in no promised order; "
        "<code>metadata.event_id</code> identifies a repeat. How to subscribe and what we promise: "
        f"contracts/README.md.</p>{body}{_envelope(published)}</main>"
        f"<script>{_SCRIPT.read_text(encoding='utf-8')}</script></body></html>\n"
    )


def _contents(service: str, events: Sequence[Entry]) -> str:
    links = "".join(
        f'<li><a href="#{escape(anchor(entry))}">{escape(entry.name)}</a></li>' for entry in events
    )
    return f'<h2><a href="#{escape(service)}">{escape(service)}</a></h2><ul>{links}</ul>'


def _service(service: str, events: Sequence[Entry]) -> str:
    articles = "".join(map(_event, events))
    return (
        f'<section id="{escape(service)}"><h2>{escape(service)}</h2>'
        f'<div class="scroll">{drawing(service, events)}</div>{articles}</section>'
    )


def _event(entry: Entry) -> str:
    things = ", ".join(f"<code>{escape(name)}</code>" for name in entry.entity_keys)
    of_thing = f" for each {things}" if things else ""
    facts = {
        "when": escape(entry.contract.trigger) or "—",
        "source, detail-type": f"<code>{entry.contract.source}</code>, "
        f"<code>{escape(entry.name)}</code>",
        "ordered by": f"<code>{escape(entry.ordering_path)}</code>{of_thing}",
        "idempotency key": f"<code>{escape(entry.idempotency_form)}</code>",
        "consumers": "".join(
            f"<div>{escape(consumer.function)} <small>of {escape(consumer.service)}, by "
            f"{escape(consumer.queue)}</small></div>"
            for consumer in entry.consumers
        )
        or "none of ours",
    }
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items())
    example = json.dumps(entry.example, indent=2, ensure_ascii=False)
    schema = json.dumps(entry.schema, indent=2, ensure_ascii=False)
    return (
        f'<article id="{escape(anchor(entry))}"><h3>{escape(entry.name)} '
        f"<small>{entry.file.version}</small></h3><p>{escape(entry.meaning)}</p><dl>{rows}</dl>"
        f"{_table(entry.schema['properties']['data'])}"
        f"<details><summary>An example</summary><pre>{escape(example)}</pre></details>"
        f"<details><summary>The schema of <code>detail</code></summary><pre>{escape(schema)}</pre>"
        "</details></article>"
    )


def _envelope(published: Sequence[Entry]) -> str:
    metadata = published[0].schema["properties"]["metadata"]
    return (
        '<section id="metadata"><h2>The envelope</h2><p><code>detail</code> is '
        "<code>{metadata, data}</code>. <code>metadata</code> is the same for every event:</p>"
        f"{_table(metadata)}</section>"
    )


def _table(schema: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(kind)}</td>"
        f"<td>{'always' if required else 'if any'}</td><td>{escape(said)}</td></tr>"
        for name, kind, required, said in _rows(schema, "")
    )
    head = "<tr><th>field</th><th>type</th><th>there</th><th>meaning</th></tr>"
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'


def _rows(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, bool, str]]:
    """Yield a record's fields, those of the records in it after it."""
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        yield f"{path}{name}", kind(field), name in required, field.get("description", "")
        items = field.get("items")
        inner = items if isinstance(items, dict) else field
        if "properties" in inner:
            yield from _rows(inner, f"{path}{name}{'[].' if inner is items else '.'}")


def kind(field: Mapping[str, Any]) -> str:
    """Describe in a word or two what a field holds, and within what limits."""
    if "const" in field:
        return json.dumps(field["const"], ensure_ascii=False)
    if "enum" in field:
        return " or ".join(json.dumps(value, ensure_ascii=False) for value in field["enum"])
    choices = field.get("anyOf") or field.get("oneOf")
    if choices:
        return " or ".join(map(kind, choices))
    name = "time" if field.get("format") == "date-time" else str(field.get("type", "anything"))
    if name == "array" and isinstance(field.get("items"), dict):
        name = f"list of {kind(field['items'])}"
    limits = ", ".join(_limits(field))
    return f"{name}, {limits}" if limits else name


def _limits(field: Mapping[str, Any]) -> Iterator[str]:
    for least, most, of in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " of them"),
    ):
        if least in field and most in field:
            yield f"{field[least]} to {field[most]}{of}"
        elif least in field:
            yield f"{field[least]}{of} or more"
        elif most in field:
            yield f"up to {field[most]}{of}"
