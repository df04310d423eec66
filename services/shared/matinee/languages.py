"""The languages that a reader understands, from an argument or Accept-Language."""

import re
from collections.abc import Container, Iterable, Iterator

DEFAULT_LANGUAGE = "en"
LANGUAGE_PATTERN = r"^[A-Za-z]{2}(-[A-Za-z]{2})?$"
"""A language (ISO 639-1), and the reader's country: `de`, `pt-BR`."""

COUNTRY_PATTERN = r"^[A-Z]{2}$"
"""ISO 3166-1 alpha-2."""

MAX_HEADER_CHARACTERS = 1_000
_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?"
)
_REGION = re.compile(r"[A-Za-z]{2}")


def accepted_languages(header: str) -> list[str]:
    """Return the tags of an Accept-Language header, the most wanted first (RFC 9110, 12.5.4).

    What cannot be parsed is left out; `q=0` means not at all.
    """
    found = map(_RANGE.fullmatch, header[:MAX_HEADER_CHARACTERS].split(","))
    weighted = [(float(match[2] or 1), match[1]) for match in found if match]
    return [tag for weight, tag in sorted(weighted, key=lambda pair: -pair[0]) if weight]


def best_language(tags: Iterable[str], available: Container[str]) -> str:
    """Return the first language of some tags that is available; English if none is."""
    languages: Iterator[str] = (tag.partition("-")[0].lower() for tag in tags)
    usable = (tag for tag in languages if tag == DEFAULT_LANGUAGE or tag in available)
    return next(usable, DEFAULT_LANGUAGE)


def country_of(tags: Iterable[str]) -> str | None:
    """Return the country of the first tag that names one: AT of de-AT."""
    parts = (tag.split("-")[1:] for tag in tags)
    regions = (part.upper() for rest in parts for part in rest if _REGION.fullmatch(part))
    return next(regions, None)
