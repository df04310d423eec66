"""Writes the model's file from trained weights and the titles' facts. It needs numpy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from math import log

import numpy as np
import numpy.typing as npt

from matinee.media import TitleKey
from recommender.adapters.model_file import ALIGNMENT, HEAD_OFFSET, MAGIC, MATURITY, pack_key
from recommender.domain.genres import canonical_genres
from recommender.domain.quality import popularity_prior
from recommender.domain.title_index import facets
from recommender.domain.title_vector import Facet
from recommender.domain.titles import TitleFacts, Traits
from recommender.domain.training.cooccurrence import CooccurrenceCounts
from recommender.domain.training.ease import MAX_SOLVED_TITLES, Weights, solve

_BITMAPPED = (Facet.MEDIA, Facet.GENRE, Facet.LANGUAGE, Facet.YEAR, Facet.RATING)
_CODES = {"Q": "<u8", "I": "<u4", "H": "<u2", "f": "<f4", "B": "u1"}


def train(
    counts: CooccurrenceCounts,
    titles: Iterable[TitleFacts],
    *,
    version: str,
    trained_at: datetime,
    max_solved: int = MAX_SOLVED_TITLES,
) -> bytes:
    """Return a model of all titles; favourites of titles that have no facts are ignored.

    Reads the titles once. The same counts and titles, in whatever order, give the same bytes.
    """
    return write_model(
        counts, solve(counts, max_solved), titles, version=version, trained_at=trained_at
    )


def write_model(
    counts: CooccurrenceCounts,
    weights: Weights,
    titles: Iterable[TitleFacts],
    *,
    version: str,
    trained_at: datetime,
) -> bytes:
    """Return a model of all titles with weights between some of those that were counted.

    Of the counts, those of pairs are not read.
    """
    known = {key: place for place, key in enumerate(counts.titles)}
    max_favourites = int(counts.favourites.max(initial=0))

    def favourites(key: TitleKey) -> int:
        return int(counts.favourites[known[key]]) if key in known else 0

    unranked = {title.key: title.traits() for title in titles}
    priors = {
        key: popularity_prior(one, favourites(key), max_favourites) for key, one in unranked.items()
    }
    ranked = [unranked[key] for key in sorted(unranked, key=lambda key: (-priors[key], key))]
    content = _Sections()
    _put_titles(content, ranked, [priors[t.key] for t in ranked], favourites)
    _put_neighbours(content, ranked, counts, weights)
    bitmaps = _put_bitmaps(content, ranked)
    languages = _put_languages(content, ranked)
    head = {
        "version": version,
        "trained_at": trained_at.isoformat(),
        "users": counts.users,
        "favourites": int(counts.favourites.sum()),
        "titles": len(ranked),
        "languages": languages,
        "genre_idf": _genre_idf(ranked),
        "bitmaps": bitmaps,
        "bitmap_bytes": (len(ranked) + 7) // 8,
    }
    return content.to_bytes(head)


class _Sections:
    def __init__(self) -> None:
        self._parts: list[tuple[str, str, bytes]] = []

    def put(self, name: str, code: str, values: npt.ArrayLike) -> None:
        self._parts.append((name, code, np.asarray(values).astype(_CODES[code]).tobytes()))

    def put_rows(self, name: str, code: str, rows: Sequence[Sequence[int]]) -> None:
        self.put(f"{name}.starts", "I", np.cumsum([0, *(len(row) for row in rows)]))
        self.put(f"{name}.values", code, [value for row in rows for value in row])

    def to_bytes(self, head: dict[str, object]) -> bytes:
        """Return the file: sections follow a head whose length depends on their offsets."""
        places, length = {}, 0
        while True:
            begin = _aligned(HEAD_OFFSET + 8 + length)
            for name, code, part in self._parts:
                places[name] = (begin, len(part), code)
                begin = _aligned(begin + len(part))
            text = json.dumps({**head, "sections": places}, sort_keys=True).encode()
            if len(text) == length:
                break
            length = len(text)
        content = bytearray(length.to_bytes(8, "little") + text)
        for name, _, part in self._parts:
            content.extend(bytes(places[name][0] - HEAD_OFFSET - len(content)))
            content.extend(part)
        return MAGIC + hashlib.sha256(content).digest() + bytes(content)


def _aligned(place: int) -> int:
    return -(-place // ALIGNMENT) * ALIGNMENT


def _put_titles(
    content: _Sections,
    ranked: Sequence[Traits],
    priors: Sequence[float],
    favourites: Callable[[TitleKey], int],
) -> None:
    keys = np.array([pack_key(title.key) for title in ranked], np.uint64)
    order = np.argsort(keys)
    content.put("own_keys", "Q", keys)
    content.put("keys", "Q", keys[order])
    content.put("key_numbers", "I", order)
    content.put("popularity_prior", "f", priors)
    content.put("favourites", "I", [favourites(title.key) for title in ranked])
    content.put("vote_average", "f", [title.vote_average for title in ranked])
    content.put("vote_count", "I", [title.vote_count for title in ranked])
    content.put("popularity", "f", [title.popularity for title in ranked])
    content.put("year", "H", [title.year or 0 for title in ranked])
    content.put("runtime", "H", [min(title.runtime or 0, 65535) for title in ranked])
    content.put("maturity", "B", [MATURITY.index(title.maturity) for title in ranked])
    content.put_rows("genres", "H", [sorted(title.genres) for title in ranked])
    words = _put_words(content, "keyword", [title.keywords for title in ranked])
    content.put_rows("keywords", "I", [sorted(words[w] for w in t.keywords) for t in ranked])
    people = _put_words(content, "person", [title.directors | title.cast for title in ranked])
    content.put_rows("directors", "I", [sorted(people[n] for n in t.directors) for t in ranked])
    content.put_rows("cast", "I", [sorted(people[n] for n in t.cast) for t in ranked])


def _put_words(
    content: _Sections, name: str, of_titles: Sequence[frozenset[str]]
) -> dict[str, int]:
    titles_with: dict[str, list[int]] = {}
    for number, words in enumerate(of_titles):
        for word in words:
            titles_with.setdefault(word, []).append(number)
    ordered = sorted(titles_with, key=str.encode)
    encoded = [word.encode() for word in ordered]
    content.put(f"{name}.starts", "I", np.cumsum([0, *(len(word) for word in encoded)]))
    content.put(f"{name}.text", "B", np.frombuffer(b"".join(encoded), np.uint8))
    content.put_rows(f"{name}.titles", "I", [titles_with[word] for word in ordered])
    return {word: place for place, word in enumerate(ordered)}


def _put_neighbours(
    content: _Sections, ranked: Sequence[Traits], counts: CooccurrenceCounts, weights: Weights
) -> None:
    numbers = {title.key: number for number, title in enumerate(ranked)}
    translated = np.array([numbers.get(key, -1) for key in counts.titles], np.int64)
    sources, targets = translated[weights.sources], translated[weights.targets]
    known = (sources >= 0) & (targets >= 0)
    sources, targets, strengths = sources[known], targets[known], weights.strengths[known]
    order = np.lexsort((targets, sources))
    content.put(
        "neighbours.starts", "I", np.searchsorted(sources[order], np.arange(len(ranked) + 1))
    )
    content.put("neighbours.titles", "I", targets[order])
    content.put("neighbours.weights", "f", strengths[order])


def _put_bitmaps(content: _Sections, ranked: Sequence[Traits]) -> dict[str, dict[str, int]]:
    titles_with: dict[tuple[Facet, int | str], list[int]] = {}
    for number, title in enumerate(ranked):
        for facet, value in facets(title):
            if facet in _BITMAPPED:
                titles_with.setdefault((facet, value), []).append(number)
    ordered = sorted(titles_with, key=lambda one: (one[0].value, str(one[1])))
    bits = np.zeros((len(ordered), len(ranked)), np.uint8)
    places: dict[str, dict[str, int]] = {facet.value: {} for facet in _BITMAPPED}
    for place, (facet, value) in enumerate(ordered):
        bits[place, titles_with[facet, value]] = 1
        places[facet.value][str(value)] = place
    content.put("bitmaps", "B", np.packbits(bits, axis=1, bitorder="little").ravel())
    return places


def _put_languages(content: _Sections, ranked: Sequence[Traits]) -> list[str]:
    languages = sorted({title.language for title in ranked if title.language})
    places = {language: place + 1 for place, language in enumerate(languages)}
    content.put("language", "H", [places.get(title.language or "", 0) for title in ranked])
    return languages


def _genre_idf(ranked: Sequence[Traits]) -> dict[str, float]:
    counts: dict[int, int] = {}
    for title in ranked:
        for genre in canonical_genres(title.genres, title.key.media_type):
            counts[genre] = counts.get(genre, 0) + 1
    return {str(genre): log((len(ranked) + 1) / number) for genre, number in sorted(counts.items())}
