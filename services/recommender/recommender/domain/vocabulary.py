"""The meanings of the questionnaire's answers: canonical genres and TMDB's keywords.

The genres are the original document's; the keywords are those that TMDB's users give such titles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matinee.media import MediaType


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of an answer: canonical genres, and keywords."""

    genres: frozenset[int] = frozenset()
    keywords: frozenset[str] = frozenset()


def _means(genres: Sequence[int] = (), keywords: str = "") -> Meaning:
    words = (word.strip() for word in keywords.split(","))
    return Meaning(frozenset(genres), frozenset(word for word in words if word))


SUBGENRES: Mapping[str, Meaning] = {
    "superhero": _means((28, 14), "superhero, based on comic, marvel comic, dc comics"),
    "spy": _means((28, 53), "spy, secret agent, espionage, spying, cia, mi6"),
    "disaster": _means((28, 18), "disaster, disaster film, natural disaster, earthquake, tsunami"),
    "dystopian": _means((878, 18), "dystopia, dystopic future, post-apocalyptic, totalitarianism"),
    "cyberpunk": _means((878,), "cyberpunk, hacker, artificial intelligence, android, cyborg"),
    "biographical": _means((18, 36), "biography, based on true story, autobiography"),
    "psychological": _means(
        (18, 53), "psychological thriller, psychology, paranoia, insanity, psychological"
    ),
    "satire": _means((35,), "satire, parody, social satire, political satire, dark comedy, spoof"),
    "slasher": _means((27,), "slasher, serial killer, proto-slasher, masked killer"),
    "noir": _means((80, 53), "film noir, neo-noir, classic noir, noir, private detective"),
    "comingofage": _means((18,), "coming of age, teenager, adolescence, teenage girl, teenage boy"),
    "historical": _means((36, 18), "historical figure, period drama, 19th century, 18th century"),
}

MOODS: Mapping[str, Meaning] = {
    "exciting": _means((28, 12, 53, 878)),
    "thoughtful": _means((18, 99, 9648, 36)),
    "funny": _means((35, 10751, 16)),
    "scary": _means((27, 53, 9648)),
    "emotional": _means((18, 10749, 10402)),
}
MOODS = {**MOODS, "relaxing": MOODS["funny"], "romantic": _means((10749,), "love, romance")}

AESTHETICS: Mapping[str, Meaning] = {
    "visuallystunning": _means((16, 14, 878, 12), "visually stunning, surrealism"),
    "darkmoody": _means((53, 27, 80), "neo-noir, film noir, dark"),
    "colorful": _means((16, 10751, 14), "colorful, vibrant"),
    "minimalist": _means((18,), "minimalist, minimalism"),
    "blackandwhite": _means((), "black and white"),
}

STORIES: Mapping[str, Meaning] = {
    "twist": _means((9648, 53), "plot twist, surprise ending, twist, whodunit"),
    "nonlinear": _means(
        (18, 9648, 878), "nonlinear timeline, flashback, told in flashback, time loop, time travel"
    ),
    "linear": _means((12, 28)),
    "anthology": _means((), "anthology, episode film, episodic"),
}
STORIES = {**STORIES, "twists": STORIES["twist"], "plottwists": STORIES["twist"]}

CHARACTERS: Mapping[str, Meaning] = {
    "complexprotagonist": _means((18,), "anti hero, moral ambiguity, identity crisis"),
    "ensemble": _means((12, 28, 35), "ensemble cast, team, multiple storylines"),
    "antihero": _means((80, 18), "anti hero, antihero"),
    "strongfemale": _means((), "female protagonist, strong woman, heroine, female hero"),
    "underdog": _means((), "underdog"),
}
CHARACTERS = {**CHARACTERS, "ensemblecast": CHARACTERS["ensemble"]}

ERAS: Mapping[str, tuple[int, int]] = {
    "classic": (1900, 1979),
    "classics": (1900, 1979),
    "modern": (1980, 2009),
    "recent": (2010, 9999),
}
_SHORT = 2
_FIRST_DECADE = 30
"""Of two digits: "30s" are those of the last century, "20s" those of this one."""

RUNTIMES: Mapping[str, Mapping[MediaType, tuple[int, int]]] = {
    "short": {MediaType.MOVIE: (1, 95), MediaType.TV: (1, 30)},
    "medium": {MediaType.MOVIE: (90, 130), MediaType.TV: (25, 50)},
    "long": {MediaType.MOVIE: (125, 999), MediaType.TV: (45, 999)},
}
"""Minutes of a film, and of an episode."""

DEAL_BREAKERS: Mapping[str, frozenset[str]] = {
    "violence": frozenset(
        {"violence", "gore", "blood", "torture", "extreme violence", "brutality", "blood splatter"}
        | {"massacre", "splatter", "graphic violence", "gun violence", "mutilation"}
    ),
    "sexualcontent": frozenset(
        {"sex", "nudity", "female nudity", "male nudity", "eroticism", "unsimulated sex"}
        | {"sexual abuse", "rape", "pornography", "erotic movie", "softcore", "sex scene", "orgy"}
    ),
    "profanity": frozenset(
        {"profanity", "swearing", "child swearing", "strong language", "foul language", "vulgar"}
    ),
    "slowpace": frozenset({"slow cinema", "slow burn", "slow paced", "slow pace"}),
    "cliffhangers": frozenset({"cliffhanger", "cliffhanger ending"}),
    "openendings": frozenset({"open ending", "open ended", "ambiguous ending", "ambiguous"}),
    "animalharm": frozenset(
        {"animal abuse", "animal cruelty", "animal death", "dead animal", "death of pet"}
        | {"aggression by animal", "animal sacrifice", "dog fighting", "dead dog", "hunting"}
        | {"bullfighting", "cruelty to animals", "death of dog", "animal testing"}
    ),
    "jumpscares": frozenset({"jump scare", "jumpscare", "jump scares"}),
    "blackandwhite": frozenset({"black and white", "silent film"}),
    "subtitles": frozenset(),
}
"""Keywords of a deal-breaker. Some have rules of their own besides: see hard_filters."""

EXPLICIT = (
    DEAL_BREAKERS["violence"]
    | DEAL_BREAKERS["sexualcontent"]
    | DEAL_BREAKERS["profanity"]
    | {"drug use", "serial killer", "slasher", "drugs", "murder", "suicide"}
)
"""Keywords of titles that are not for children."""

_LANGUAGES = {
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "de": "german",
    "it": "italian",
    "pt": "portuguese",
    "ja": "japanese",
    "ko": "korean",
    "zh": "chinese mandarin",
    "cn": "cantonese chinese",
    "hi": "hindi",
    "ru": "russian",
    "sv": "swedish",
    "da": "danish",
    "no": "norwegian",
    "fi": "finnish",
    "nl": "dutch",
    "pl": "polish",
    "tr": "turkish",
    "ar": "arabic",
    "fa": "persian farsi",
    "th": "thai",
    "he": "hebrew",
    "el": "greek",
    "hu": "hungarian",
    "cs": "czech",
    "ro": "romanian",
    "id": "indonesian",
    "ta": "tamil",
    "te": "telugu",
    "uk": "ukrainian",
    "vi": "vietnamese",
}


def era_years(era: str) -> tuple[int, int] | None:
    """Return the first and last year of an era: a name, or a decade as "1990s" or "90s"."""
    if era in ERAS:
        return ERAS[era]
    digits = era.removesuffix("s")
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in {2, 4}:
        return None
    decade = int(digits)
    if len(digits) == _SHORT:
        decade += 1900 if decade >= _FIRST_DECADE else 2000
    return decade, decade + 9


def language_codes(languages: Sequence[str]) -> frozenset[str]:
    """Return the codes of languages given as names or as ISO 639-1 codes ("en", "en-US")."""
    codes = set()
    for text in languages:
        codes |= {code for code, names in _LANGUAGES.items() if text in names.split()}
        codes.add(text.partition("-")[0])
    return frozenset(codes)
