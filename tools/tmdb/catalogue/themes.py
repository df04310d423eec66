"""What titles of each genre are made of: words, stories, colours, and how often it is met."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

DATA: Final[Mapping[str, Any]] = yaml.load(
    Path(__file__).with_name("genres.yaml").read_bytes(),
    yaml.CSafeLoader,  # noqa: S506 - the safe loader, in C
)
"""The file as it is; it says itself what its parts mean."""

type Weights = dict[int, float]


@dataclass(frozen=True, slots=True)
class Theme:
    """One genre's vocabulary.

    A role and an event make a sentence ("a retired spy", "hunts ..."); turns are sentences.
    """

    nouns: tuple[str, ...]
    adjectives: tuple[str, ...]
    roles: tuple[str, ...]
    events: tuple[str, ...]
    turns: tuple[str, ...]
    taglines: tuple[str, ...]
    keywords: tuple[str, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Theme":
        """Return a theme of the file."""
        return cls(
            **{
                name: tuple(value.split() if isinstance(value := data[name], str) else value)
                for name in cls.__slots__
            }
        )


THEMES: Final[dict[int, Theme]] = {
    genre: Theme.of(data) for data in DATA["themes"].values() for genre in data["genres"]
}
"""By genre id, of films and of series."""

KEYWORDS: Final[dict[int, str]] = {
    9_000 + 7 * index: word
    for index, word in enumerate(
        sorted({word for theme in THEMES.values() for word in theme.keywords})
    )
}
"""Keyword names by id."""

KEYWORD_IDS: Final[dict[str, int]] = {word: key for key, word in KEYWORDS.items()}

KEYWORD_IDS_OF_GENRE: Final[dict[int, tuple[int, ...]]] = {
    genre: tuple(KEYWORD_IDS[word] for word in theme.keywords) for genre, theme in THEMES.items()
}
