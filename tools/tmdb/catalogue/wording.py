"""Titles and overviews: English ones from patterns and the genres' words, others from Faker's."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final

from tools.tmdb.catalogue.languages import LANGUAGES, names_of
from tools.tmdb.catalogue.themes import THEMES, Theme

_TITLES: Final = (
    *("The {adjective} {noun}",) * 8,
    *("{adjective} {noun}",) * 5,
    *("The {noun} of {place}",) * 4,
    *("{noun} and {noun}",) * 3,
    *("{family}'s {noun}",) * 4,
    *("{noun}",) * 2,
    *("{given} & {given}", "{given} {family}"),
    *("The {noun} at {place}", "The {noun} beyond {place}", "The {noun} near {place}"),
    *("What the {noun} Knew", "What the {noun} Took", "What the {noun} Remembered"),
    *("Before the {noun}", "After the {noun}", "Beneath the {noun}", "Without the {noun}"),
    *("{noun}: A Love Story", "{noun}: The Untold Story", "{noun}: A Portrait"),
    *("Leaving {place}", "Finding {given}", "Running from {place}", "Remembering {given}"),
    *("August in {place}", "Winter in {place}", "Midnight in {place}", "Waiting for {given}"),
    *("The {family} {noun}", "The {noun} Promise", "{place}"),
)
_BROADCAST_TITLES: Final = (
    *("The {adjective} {place} {noun}",) * 3,
    *("The {adjective} {noun} with {given} {family}",) * 2,
    *("{place} {noun}",) * 3,
    "Tonight with {given} {family}",
)
_SEQUELS: Final = ("II", "III", "2", "Part Two", "Returns", "Reborn", "The Last Chapter")
_BROADCAST: Final = 10767
"""The genre whose words talk shows, soaps, contests and news are named with."""

_OVERVIEWS: Final = (
    *("{given} {family}, {role}, {event}.",) * 5,
    *("In {place}, {role} {event}.",) * 3,
    *("{role} {event}.",) * 3,
)
_CLOSINGS: Final = (
    "Nothing will be as it was.",
    "And the clock is running.",
    "The rest is a question of nerve.",
    "Only the sea seems to know the answer.",
    "It is already too late to turn round.",
    "Someone will have to tell the truth first.",
)
_ONE_SENTENCE: Final = 0.22
_TWO_SENTENCES: Final = 0.82


class TextGenerator:
    """Makes titles, overviews and names, every choice drawn from one ``Random``."""

    def __init__(self, random: Random) -> None:
        self._random = random.random
        self._names = names_of("en")
        self._given = self._names.women + self._names.men

    def title(self, genres: Sequence[int]) -> str:
        """Return an English title in the manner of ``genres`` (at least one)."""
        return self._filled(_TITLES, self._theme(genres))

    def broadcast_title(self) -> str:
        """Return the name of a talk show, soap, contest or news programme."""
        return self._filled(_BROADCAST_TITLES, THEMES[_BROADCAST])

    def sequel(self, title: str) -> str:
        """Return the name of what came after ``title``."""
        return f"{title} {self.pick(_SEQUELS)}"

    def foreign_title(self, code: str) -> str:
        """Return a title in a language and its script."""
        language, names = LANGUAGES[code], names_of(code)
        match self.pick(language.titles):
            case "words":
                words = [self.pick(names.words) for _ in range(2 + int(self._random() * 2))]
                title = language.gap.join(dict.fromkeys(words))
                return title[:1].upper() + title[1:]
            case "places":
                return self.pick(names.places)
            case "full names":
                return self.pick(names.full)
        return self.pick(names.given)

    def overview(self, genres: Sequence[int]) -> str:
        """Return one to three sentences about somebody to whom something happens."""
        first = self._theme(genres[:1])
        opening = self._filled(_OVERVIEWS, self._theme(genres))
        opening = opening[:1].upper() + opening[1:]
        draw = self._random()
        if draw < _ONE_SENTENCE:
            return opening
        turn = self.pick(first.turns)
        if draw < _TWO_SENTENCES:
            return f"{opening} {turn}"
        return f"{opening} {turn} {self.pick(_CLOSINGS)}"

    def person(self) -> str:
        """Return the full name of an invented person."""
        return f"{self.pick(self._given)} {self.pick(self._names.families)}"

    def pick[Item](self, items: Sequence[Item]) -> Item:
        """Return one of the items."""
        return items[int(self._random() * len(items))]

    def _theme(self, genres: Sequence[int]) -> Theme:
        return THEMES[self.pick(genres)]

    def _filled(self, patterns: Sequence[str], theme: Theme) -> str:
        """Return one of the patterns, each field in it drawn anew."""
        stocks = {
            "noun": theme.nouns,
            "adjective": theme.adjectives,
            "role": theme.roles,
            "event": theme.events,
            "place": self._names.places,
            "given": self._given,
            "family": self._names.families,
        }
        return self.pick(patterns).format_map(_Drawn(stocks, self.pick))


class _Drawn(dict[str, str]):
    """A pattern's fields: each is drawn when it is asked for."""

    def __init__(
        self, stocks: Mapping[str, Sequence[str]], pick: Callable[[Sequence[str]], str]
    ) -> None:
        super().__init__()
        self._stocks = stocks
        self._pick = pick

    def __missing__(self, name: str) -> str:
        return self._pick(self._stocks[name])
