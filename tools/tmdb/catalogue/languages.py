"""Names, places and words of each language, as Faker has them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from faker.factory import Factory

_PROVIDERS: Final = [f"faker.providers.{name}" for name in ("person", "address", "lorem")]
_DRAWS: Final = 160
"""How often each kind of name is drawn; what came twice counts once."""


@dataclass(frozen=True, slots=True)
class Language:
    """How common a language is, where films in it come from, and Faker's locales for it.

    ``people`` is the locale of the people in it, where that has their names in Latin letters.
    ``titles`` is what titles are made of: what Faker has of names, places and words.
    """

    weight: float
    locale: str
    countries: str
    people: str = ""
    titles: tuple[str, ...] = ("names", "places", "words", "words")
    is_latin: bool = True
    gap: str = " "
    """What stands between two words."""


_NAMES: Final = ("names", "full names")
_WORDS: Final = ("names", "words", "words")
_NO_WORDS: Final = ("names", "places", "places", "full names")


LANGUAGES: Final[dict[str, Language]] = {
    "en": Language(58, "en_US", "US US US US GB GB CA AU IE NZ"),
    "fr": Language(6, "fr_FR", "FR BE CA CH"),
    "es": Language(6, "es_ES", "ES MX AR CO CL"),
    "ja": Language(5, "ja_JP", "JP", is_latin=False, gap=""),
    "de": Language(3.8, "de_DE", "DE AT CH"),
    "it": Language(3.4, "it_IT", "IT"),
    "ko": Language(3, "ko_KR", "KR", titles=_NO_WORDS, is_latin=False),
    "hi": Language(3, "hi_IN", "IN", "en_IN", titles=_NO_WORDS, is_latin=False),
    "zh": Language(3, "zh_CN", "CN HK TW", is_latin=False, gap=""),
    "pt": Language(2.4, "pt_BR", "BR PT", titles=_NO_WORDS),
    "ru": Language(2.3, "ru_RU", "RU", titles=_WORDS, is_latin=False),
    "sv": Language(1, "sv_SE", "SE", titles=_NO_WORDS),
    "pl": Language(0.8, "pl_PL", "PL"),
    "tr": Language(0.8, "tr_TR", "TR", titles=_NAMES),
    "da": Language(0.7, "da_DK", "DK"),
    "nl": Language(0.6, "nl_NL", "NL BE"),
    "th": Language(0.5, "th_TH", "TH", "en_TH", is_latin=False, gap=""),
    "ar": Language(0.4, "ar_AA", "EG LB MA SA", titles=_WORDS, is_latin=False),
    "uk": Language(0.3, "uk_UA", "UA", titles=_WORDS, is_latin=False),
}
"""By ISO 639-1 code; the weights are about TMDB's shares."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names and words of one language, each once.

    ``women``, ``men`` and ``families`` are as credits have them, the others in the language's own
    script. What Faker does not know is empty.
    """

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    full: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@cache
def names_of(code: str) -> Names:
    """Return a language's names: the same ones every time."""
    language = LANGUAGES[code]
    own, people = _faker(language.locale, code), _faker(language.people or language.locale, code)
    if hasattr(people, "first_romanized_name"):
        given, families = _drawn(people.first_romanized_name), _drawn(people.last_romanized_name)
        women, men = given[::2], given[1::2]
    else:
        women, men = _drawn(people.first_name_female), _drawn(people.first_name_male)
        families = _drawn(people.last_name)
    return Names(
        women,
        men,
        families,
        full=_drawn(own.name_female) if "full names" in language.titles else (),
        given=_drawn(own.first_name_female),
        places=_drawn(own.city) if "places" in language.titles else (),
        words=_drawn(own.word) if "words" in language.titles else (),
    )


def _faker(locale: str, seed: str) -> Any:  # noqa: ANN401 - has the methods of its providers
    made = Factory.create(locale, _PROVIDERS)
    made.seed_instance(seed)
    for provider in made.providers:
        if hasattr(provider, "cities"):  # Italy's were a set: another order in each process
            provider.cities = sorted(provider.cities)
    return made


def _drawn(draw: Callable[[], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(draw() for _ in range(_DRAWS)))
