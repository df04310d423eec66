"""English titles and overviews: a small grammar over the genres' vocabularies."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from tools.tmdb.catalogue.names import NAMES
from tools.tmdb.catalogue.themes import THEMES, Theme


def _words(text: str) -> tuple[str, ...]:
    """Split at spaces; a bar stands for a space within an entry."""
    return tuple(word.replace("|", " ") for word in text.split())


_PLACE_HEADS: Final = _words(
    "Vell Harrow Tarn Ash Quill Marrow Cold Elder Wren Bram Corra Dun Esk Fenn Gal Hollin Isel "
    "Kest Lor Morrow Nether Orr Pell Raven Skerr Thorn Umber Wick Yar Zel Alder Birk Crow Eider "
    "Glass Kettle Linden Mallow Otter Sorrel"
)
_PLACE_TAILS: Final = _words(
    "moor ham bay ford mere gate wick holm ridge water ness stead combe haven field bridge"
)
_PLACE_TITLES: Final = ("Port ", "Cape ", "Saint ", "Fort ", "", "", "", "", "", "")
_THINGS: Final = _words(
    "River Lantern Winter Mirror Bridge Garden Salt Thunder Paper Clock Road Rain Station Thread "
    "Feather Ladder Shore Mountain Bell Apple Storm Island Window Stone Hour Smoke Cradle Crossing"
)
_STUFF: Final = _words(
    "Salt Thunder Ash Honey Iron Rain Dust Velvet Snow Silver Smoke Ivory Bread Gin Feathers Wine "
    "Copper Lace Sugar Gravel Amber Milk Powder Linen"
)
_PLURALS: Final = _words(
    "Winters Strangers Wolves Brothers Sisters Bridges Letters Lies Suns Nights Ravens Doors "
    "Miles Keys Kings Ghosts Horses Summers Candles Oranges"
)
_NUMBERS: Final = _words("Two Three Four Five Six Seven Nine Eleven Twelve Forty Ninety A|Thousand")
_GERUNDS: Final = _words(
    "Leaving Finding Burning Saving Remembering Crossing Stealing Waiting|for Running|from "
    "Dreaming|of Losing Calling Looking|for Returning|to"
)
_TIMES: Final = _words(
    "August Midnight December Sunday Dawn Winter April Autumn Noon Twilight Midsummer Monday "
    "October Halloween Carnival"
)
_VERBS: Final = _words("Kept Knew Took Remembered Left Wanted Hid Sang Forgave Carried Brought")
_TRADES: Final = _words(
    "Beekeeper Clockmaker Ferryman Gardener Glassblower Gravedigger Lighthouse|Keeper Locksmith "
    "Mapmaker Piano|Tuner Puppeteer Saltmaker Shepherd Tailor Undertaker Watchman Weaver Baker"
)
_KIN: Final = _words("Daughter Son Wife Brother Apprentice Secret Promise Widow Sister Shadow")
_PREPOSITIONS: Final = _words("at near beyond under above off")
_BEFORE: Final = _words("Before After Beneath Beyond Under Behind Against Without")
_SUBTITLES: Final = (
    "A History of Silence",
    "A Portrait",
    "The Untold Story",
    "A Year in the Life",
    "An Unfinished Song",
    "Voices from the Shore",
    "The Making of a Legend",
    "A Love Story",
    "In Their Own Words",
)
_SEQUEL: Final = ("II", "III", "2", "Part Two", "Returns", "Reborn", "The Last Chapter")


class Wordsmith:
    """Makes English titles and overviews, every choice drawn from one ``Random``."""

    def __init__(self, random: Random) -> None:
        self._random = random.random
        self._given = NAMES["en"].women + NAMES["en"].men
        self._families = NAMES["en"].families

    def title(self, genres: Sequence[int]) -> str:
        """Return a title in the manner of ``genres`` (at least one)."""
        return self._pick(_PATTERNS)(self, self._theme(genres))

    def broadcast_title(self) -> str:
        """Return the name of a talk show, soap, contest or news programme."""
        return self._pick(_BROADCAST_PATTERNS)(self, THEMES[10767])

    def sequel(self, title: str) -> str:
        """Return the name of what came after ``title``."""
        return f"{title} {self._pick(_SEQUEL)}"

    def overview(self, genres: Sequence[int]) -> str:
        """Return one to three sentences about somebody to whom something happens."""
        first, second = self._theme(genres[:1]), self._theme(genres)
        role, event = self._pick(first.roles), self._pick(second.events)
        if _sex(role) == "his" and _sex(event) == "her":
            role = _ROLE_FOR_ANYBODY
        article = "an" if role[0] in "aeiou" else "a"
        draw = self._random()
        if draw < _NAMED and not _NAMELESS.intersection(role.split()):
            opening = f"{self._name(_sex(role) or _sex(event))}, {article} {role}, {event}."
        elif draw < _SET_SOMEWHERE:
            opening = f"In {self.place()}, {article} {role} {event}."
        else:
            opening = f"{article.capitalize()} {role} {event}."
        draw = self._random()
        if draw < _ONE_SENTENCE:
            return opening
        turn = self._pick(first.turns)
        if draw < _TWO_SENTENCES:
            return f"{opening} {turn}"
        return f"{opening} {turn} {self._pick(_CLOSINGS)}"

    def person(self) -> str:
        """Return the full name of an invented person."""
        return f"{self._pick(self._given)} {self._pick(self._families)}"

    def _name(self, sex: str | None) -> str:
        stock = {"her": NAMES["en"].women, "his": NAMES["en"].men}.get(sex or "", self._given)
        return f"{self._pick(stock)} {self._pick(self._families)}"

    def given_name(self) -> str:
        """Return an invented person's first name."""
        return self._pick(self._given)

    def family_name(self) -> str:
        """Return an invented person's last name."""
        return self._pick(self._families)

    def place(self) -> str:
        """Return the name of a town that does not exist."""
        return self._pick(_PLACE_TITLES) + self._pick(_PLACE_HEADS) + self._pick(_PLACE_TAILS)

    def _theme(self, genres: Sequence[int]) -> Theme:
        return THEMES[self._pick(genres)]

    def _pick[Item](self, items: Sequence[Item]) -> Item:
        return items[int(self._random() * len(items))]

    def _noun(self, theme: Theme) -> str:
        return self._pick(theme.nouns if self._random() < _OWN_NOUN else _THINGS)

    # The patterns that titles are made on, each one line of the grammar.

    def _adjective_noun(self, theme: Theme) -> str:
        return f"The {self._pick(theme.adjectives)} {self._noun(theme)}"

    def _bare_adjective_noun(self, theme: Theme) -> str:
        return f"{self._pick(theme.adjectives)} {self._noun(theme)}"

    def _noun_of_place(self, theme: Theme) -> str:
        return f"The {self._noun(theme)} of {self.place()}"

    def _noun_at_place(self, theme: Theme) -> str:
        return f"The {self._noun(theme)} {self._pick(_PREPOSITIONS)} {self.place()}"

    def _one_and_other(self, theme: Theme) -> str:
        stuff, noun = self._pick(_STUFF), self._noun(theme)
        return f"{stuff} and {noun}" if stuff != noun else f"{stuff} and Silence"

    def _owned_noun(self, theme: Theme) -> str:
        return f"{self.family_name()}'s {self._noun(theme)}"

    def _noun_for_somebody(self, theme: Theme) -> str:
        noun = self._noun(theme)
        if noun.endswith("s") or noun in _UNCOUNTABLE:
            return f"{noun} for {self.given_name()}"
        article = "An" if noun[0] in "AEIOU" else "A"
        return f"{article} {noun} for {self.given_name()}"

    def _what_it_does(self, theme: Theme) -> str:
        return f"What the {self._noun(theme)} {self._pick(_VERBS)}"

    def _before_it(self, theme: Theme) -> str:
        return f"{self._pick(_BEFORE)} the {self._noun(theme)}"

    def _subtitled(self, theme: Theme) -> str:
        return f"{self._noun(theme)}: {self._pick(_SUBTITLES)}"

    def _single_word(self, theme: Theme) -> str:
        return self._pick(theme.nouns) if self._random() < _OWN_NOUN else self.place()

    def _gerund(self, _theme: Theme) -> str:
        whom = self.place() if self._random() < _OWN_NOUN else self.given_name()
        return f"{self._pick(_GERUNDS)} {whom}"

    def _number_of(self, _theme: Theme) -> str:
        return f"{self._pick(_NUMBERS)} {self._pick(_PLURALS)}"

    def _time_and_place(self, _theme: Theme) -> str:
        return f"{self._pick(_TIMES)} in {self.place()}"

    def _kin(self, _theme: Theme) -> str:
        return f"The {self._pick(_TRADES)}'s {self._pick(_KIN)}"

    def _couple(self, _theme: Theme) -> str:
        return f"{self.given_name()} & {self.given_name()}"

    def _full_name(self, _theme: Theme) -> str:
        return self.person()

    def _show(self, theme: Theme) -> str:
        return f"The {self._pick(theme.adjectives)} {self.place()} {self._pick(theme.nouns)}"

    def _with_somebody(self, theme: Theme) -> str:
        return f"The {self._pick(theme.adjectives)} {self._pick(theme.nouns)} with {self.person()}"

    def _tonight(self, _theme: Theme) -> str:
        return f"Tonight with {self.person()}"

    def _place_noun(self, theme: Theme) -> str:
        return f"{self.place()} {self._pick(theme.nouns)}"


_ROLE_FOR_ANYBODY: Final = "newcomer to the town"
_HERS: Final = frozenset(
    {"her", "widow", "bride", "witch", "seamstress", "daughter", "grandmother"}
)
_HIS: Final = frozenset({"his", "son", "prince", "boy"})
_NAMELESS: Final = frozenset(
    {"otter", "elephant", "choir", "family", "team", "panel", "newsroom", "street"}
)


def _sex(text: str) -> str | None:
    """Return "her" or "his" where the wording settles which, else None."""
    words = text.split()
    if _HERS.intersection(words):
        return "her"
    return "his" if _HIS.intersection(words) else None


_UNCOUNTABLE: Final = frozenset(
    {"Salt", "Thunder", "Paper", "Rain", "Smoke", "Bread", "Grain", "Teeth", "Skin", "Fury"}
    | {"Silence", "Leverage", "Surveillance", "Vinyl", "Marmalade", "Sagebrush", "Payback"}
)
_OWN_NOUN: Final = 0.68
_NAMED: Final = 0.45
_SET_SOMEWHERE: Final = 0.7
_ONE_SENTENCE: Final = 0.22
_TWO_SENTENCES: Final = 0.82
_CLOSINGS: Final = (
    "Nothing will be as it was.",
    "And the clock is running.",
    "The rest is a question of nerve.",
    "Only the sea seems to know the answer.",
    "It is already too late to turn round.",
    "Someone will have to tell the truth first.",
)

type _Pattern = Callable[[Wordsmith, Theme], str]


def _weighted(*patterns: tuple[int, _Pattern]) -> tuple[_Pattern, ...]:
    return tuple(pattern for weight, pattern in patterns for _ in range(weight))


# ruff: noqa: SLF001 - the tables below are part of the class: its grammar's weights.
_PATTERNS: Final = _weighted(
    (8, Wordsmith._adjective_noun),
    (5, Wordsmith._bare_adjective_noun),
    (4, Wordsmith._noun_of_place),
    (3, Wordsmith._noun_at_place),
    (4, Wordsmith._one_and_other),
    (4, Wordsmith._owned_noun),
    (3, Wordsmith._noun_for_somebody),
    (3, Wordsmith._what_it_does),
    (3, Wordsmith._before_it),
    (2, Wordsmith._subtitled),
    (3, Wordsmith._single_word),
    (4, Wordsmith._gerund),
    (2, Wordsmith._number_of),
    (2, Wordsmith._time_and_place),
    (3, Wordsmith._kin),
    (2, Wordsmith._couple),
    (1, Wordsmith._full_name),
)
_BROADCAST_PATTERNS: Final = _weighted(
    (3, Wordsmith._show),
    (2, Wordsmith._with_somebody),
    (1, Wordsmith._tonight),
    (3, Wordsmith._place_noun),
)
