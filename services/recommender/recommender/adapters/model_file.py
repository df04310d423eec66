"""The model's file format, zero-copy: read in place, without numpy and without parsing.

    magic (8) · SHA-256 of the rest (32) · length of the head (8) · head (JSON) · sections

The head has the model's version and the offsets of its sections. A section is an array of
little-endian numbers, aligned to 8 bytes, read through `memoryview.cast`. Titles are numbered by
their popularity prior, the highest first.
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import log
from typing import Any

from matinee.media import MediaType, TitleKey
from matinee.questionnaire import Maturity
from recommender.domain.bitmap import bitmap_of
from recommender.domain.title_vector import Facet, TitleVector, vectorize
from recommender.domain.titles import Traits

MAGIC = b"MTNMDL02"
HEAD_OFFSET = len(MAGIC) + 32
ALIGNMENT = 8
MEDIA_SHIFT = 40
MEDIA = (MediaType.MOVIE, MediaType.TV)
MATURITY = (None, *Maturity)

MAX_CACHED_VECTORS = 20_000
"""Titles whose vectors stay in memory between requests, about 3 KB each."""

MAX_CACHED_NUMBERS = 100_000
"""Titles whose numbers stay in memory between requests, about 100 bytes each."""

MAX_CACHED_NEIGHBOURS = 2_000_000
"""Neighbours of favourites that stay in memory between requests, about 100 bytes each."""

MAX_CACHED_BITMAPS = 512
"""Sets of titles that stay in memory between requests, an eighth of a byte a title."""


class CorruptModel(Exception):
    """The bytes are no intact model: another format, truncated, or of another checksum."""


def pack_key(key: TitleKey) -> int:
    """Return a title's key as one number, in the order of the format."""
    return MEDIA.index(key.media_type) << MEDIA_SHIFT | key.id


def unpack_key(packed: int) -> TitleKey:
    """Return the key that a number stands for."""
    return TitleKey(MEDIA[packed >> MEDIA_SHIFT], packed & ((1 << MEDIA_SHIFT) - 1))


def read_model(content: bytes | memoryview) -> StoredModel:
    """Open a model after checking its format, length and checksum; raise CorruptModel."""
    view = memoryview(content)
    if len(view) < HEAD_OFFSET + 8 or bytes(view[: len(MAGIC)]) != MAGIC:
        message = "this is no model of this format"
        raise CorruptModel(message)
    if hashlib.sha256(view[HEAD_OFFSET:]).digest() != bytes(view[len(MAGIC) : HEAD_OFFSET]):
        message = "the model is corrupt: its checksum differs"
        raise CorruptModel(message)
    length = int.from_bytes(view[HEAD_OFFSET : HEAD_OFFSET + 8], "little")
    head = json.loads(bytes(view[HEAD_OFFSET + 8 : HEAD_OFFSET + 8 + length]))
    return StoredModel(head, view)


class StoredModel:
    """A trained model over its bytes; a domain.model.Model."""

    def __init__(self, head: dict[str, Any], content: memoryview) -> None:
        self.version: str = head["version"]
        self.trained_at = datetime.fromisoformat(head["trained_at"])
        self.users: int = head["users"]
        self.favourites: int = head["favourites"]
        self._sections = {
            name: _section(content, *place) for name, place in head["sections"].items()
        }
        self._languages: list[str] = head["languages"]
        self._genre_idf: dict[str, float] = head["genre_idf"]
        self._bitmaps: dict[str, dict[str, int]] = head["bitmaps"]
        self._bitmap_bytes: int = head["bitmap_bytes"]
        self._own_keys = self._sections["own_keys"]
        self._size = len(self._own_keys)
        self._keywords = _Words("keyword", self._sections)
        self._people = _Words("person", self._sections)
        self._starts = self._sections["neighbours.starts"]
        self._targets = self._sections["neighbours.titles"]
        self._strengths = self._sections["neighbours.weights"]
        self._maturity = self._sections.get("maturity")  # Models before 2026-12 have none.
        self._numbers: dict[int, int] = {}
        self._vectors: dict[int, TitleVector] = {}
        self._neighbours: dict[int, dict[int, float]] = {}
        self._cached_neighbours = 0
        self._bitmap_cache: dict[tuple[Facet, int | str], int] = {}

    def __len__(self) -> int:
        return self._size

    def number(self, key: TitleKey) -> int | None:
        """Return a title's number."""
        wanted = pack_key(key)
        number = self._numbers.get(wanted)
        if number is None:
            keys = self._sections["keys"]
            place = bisect_left(keys, wanted)
            if place == len(keys) or keys[place] != wanted:
                return None
            number = self._sections["key_numbers"][place]
            _make_room(self._numbers, MAX_CACHED_NUMBERS)
            self._numbers[wanted] = number
        return number

    def key(self, number: int) -> TitleKey:
        """Return a title's key."""
        return unpack_key(self._own_keys[number])

    def vector(self, number: int) -> TitleVector:
        """Return a title's vector."""
        found = self._vectors.get(number)
        if found is None:
            _make_room(self._vectors, MAX_CACHED_VECTORS)
            found = self._vectors[number] = vectorize(self._traits(number), self.idf)
        return found

    def neighbours(self, number: int) -> Mapping[int, float]:
        """Return the titles that a favourite recommends, and how strongly."""
        found = self._neighbours.get(number)
        if found is None:
            part = slice(self._starts[number], self._starts[number + 1])
            titles, strengths = self._targets[part].tolist(), self._strengths[part].tolist()
            self._cached_neighbours += len(titles)
            if self._cached_neighbours > MAX_CACHED_NEIGHBOURS:
                self._neighbours.clear()
                self._cached_neighbours = len(titles)
            found = self._neighbours[number] = dict(zip(titles, strengths, strict=True))
        return found

    def idf(self, facet: Facet, value: int | str) -> float:
        """Return a keyword's, person's or canonical genre's inverse document frequency."""
        if facet is Facet.GENRE:
            return self._genre_idf.get(str(value), 0.0)
        words = self._keywords if facet is Facet.KEYWORD else self._people
        return words.idf(str(value), self._size)

    def titles_with(self, facet: Facet, value: int | str) -> int:
        """Return the titles with a property as a bitmap."""
        found = self._bitmap_cache.get((facet, value))
        if found is None:
            _make_room(self._bitmap_cache, MAX_CACHED_BITMAPS)
            found = self._bitmap_cache[facet, value] = self._bitmap(facet, value)
        return found

    def _bitmap(self, facet: Facet, value: int | str) -> int:
        if facet is Facet.KEYWORD:
            return bitmap_of(self._keywords.titles_with(str(value)), self._size)
        if facet is Facet.PERSON:
            return bitmap_of(self._people.titles_with(str(value)), self._size)
        place = self._bitmaps[facet.value].get(str(value))
        if place is None:
            return 0
        size = self._bitmap_bytes
        return int.from_bytes(
            self._sections["bitmaps"][place * size : (place + 1) * size], "little"
        )

    def _traits(self, number: int) -> Traits:
        of = self._sections
        language = of["language"][number]
        return Traits(
            key=self.key(number),
            genres=frozenset(_row(of, "genres", number)),
            keywords=self._keywords.texts(_row(of, "keywords", number)),
            directors=self._people.texts(_row(of, "directors", number)),
            cast=self._people.texts(_row(of, "cast", number)),
            language=self._languages[language - 1] if language else None,
            year=of["year"][number] or None,
            runtime=of["runtime"][number] or None,
            vote_average=of["vote_average"][number],
            vote_count=of["vote_count"][number],
            popularity=of["popularity"][number],
            favourites=of["favourites"][number],
            popularity_prior=of["popularity_prior"][number],
            maturity=MATURITY[self._maturity[number]] if self._maturity else None,
        )


class _Words:
    """A vocabulary in ascending order of its UTF-8 bytes, and the titles that have each word."""

    def __init__(self, name: str, sections: dict[str, Sequence[int]]) -> None:
        self._starts = sections[f"{name}.starts"]
        self._text: Any = sections[f"{name}.text"]
        self._title_starts = sections[f"{name}.titles.starts"]
        self._titles = sections[f"{name}.titles.values"]
        self._places: dict[str, int] = {}
        self._known: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._starts) - 1

    def texts(self, places: Sequence[int]) -> frozenset[str]:
        return frozenset(self._word(place) for place in places)

    def titles_with(self, word: str) -> Sequence[int]:
        place = self._place(word)
        if place is None:
            return ()
        return self._titles[self._title_starts[place] : self._title_starts[place + 1]]

    def idf(self, word: str, titles: int) -> float:
        return log((titles + 1) / max(1, len(self.titles_with(word))))

    def _word(self, place: int) -> str:
        word = self._known.get(place)
        if word is None:
            word = self._known[place] = self._raw(place).decode()
            self._places[word] = place
        return word

    def _place(self, word: str) -> int | None:
        if word in self._places:
            return self._places[word]
        wanted = word.encode()
        place = bisect_left(range(len(self)), wanted, key=self._raw)
        return place if place < len(self) and self._raw(place) == wanted else None

    def _raw(self, place: int) -> bytes:
        return bytes(self._text[self._starts[place] : self._starts[place + 1]])


def _section(content: memoryview, begin: int, length: int, code: str) -> Any:  # noqa: ANN401 - an array of its code
    part = content[begin : begin + length]
    if sys.byteorder == "little":
        return part if code == "B" else part.cast("B").cast(code)  # type: ignore[call-overload]
    swapped = array(code, part.tobytes())
    swapped.byteswap()
    return swapped


def _make_room[K, V](cache: dict[K, V], size: int) -> None:
    """Empty a cache that has reached its size."""
    if len(cache) >= size:
        cache.clear()


def _row(sections: dict[str, Any], name: str, number: int) -> Sequence[int]:
    starts = sections[f"{name}.starts"]
    row: Sequence[int] = sections[f"{name}.values"][starts[number] : starts[number + 1]]
    return row
