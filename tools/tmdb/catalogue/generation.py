"""A whole catalogue from a seed: invented films and series that are distributed like real ones."""

import gc
import math
from bisect import bisect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Final

from tools.tmdb.catalogue.languages import LANGUAGES
from tools.tmdb.catalogue.people import CastPool, cast_pools
from tools.tmdb.catalogue.store import AS_OF, Catalogue
from tools.tmdb.catalogue.themes import DATA, KEYWORD_IDS_OF_GENRE, KEYWORDS, Weights
from tools.tmdb.catalogue.titles import MediaType, Person, Title
from tools.tmdb.catalogue.wording import TextGenerator

DEFAULT_FILMS: Final = 5_000
DEFAULT_SERIES: Final = 1_500
IN_BOTH_ID_SPACES: Final = 550
"""An id that a film and a series share in every generated catalogue that has both."""

_JAPANESE_ANIMATION: Final = 0.28
_PEOPLE_PER_TITLE: Final = 0.85

_ANIMATION, _DOCUMENTARY, _HORROR, _DRAMA = 16, 99, 27, 18
_FAMILY, _KIDS, _TV_MOVIE = 10751, 10762, 10770
_BROADCAST: Final = frozenset({10763, 10764, 10766, 10767})
_ALWAYS_ENDLESS: Final = frozenset({10763, 10766, 10767})
_OF_GOOD_REPUTE: Final[dict[int, float]] = {
    99: 0.6,
    16: 0.35,
    18: 0.25,
    36: 0.2,
    27: -0.6,
    53: -0.1,
}

_UNDATED: Final = 0.012
_UPCOMING: Final = 0.02
_VINTAGE: Final = 0.16
_OLDEST_FILM: Final = date(1916, 3, 1)
_OLDEST_SERIES: Final = date(1951, 9, 1)
_MANY_VOTES: Final = 30_000
_SEQUELS: Final = 0.025
_ADULT: Final = 0.009
_OBSCURE: Final = 50
_COPRODUCED: Final = 0.12
_DIRECTED_BY_TWO: Final = 0.06
_CREATED_BY_TWO: Final = 0.3
_NO_RUNTIME: Final = 0.02
_NO_EPISODE_RUNTIME: Final = 0.1
_KEPT_IN_LATIN, _KEPT_IN_SCRIPT = 0.45, 0.26
_HOW_MANY_GENRES: Final[Weights] = {1: 31, 2: 37, 3: 24, 4: 8}
_MADE_FOR_TELEVISION: Final = 0.035
_TRIES: Final = 8


class _Weighted[Item]:
    """Draws items by weight: one binary search a draw."""

    def __init__(self, weights: dict[Item, float], random: Random) -> None:
        self._items = list(weights)
        self._bounds = list(accumulate(weights.values()))
        self._random = random.random

    def draw(self) -> Item:
        """Return one item."""
        return self._items[bisect(self._bounds, self._random() * self._bounds[-1])]


@dataclass(frozen=True, slots=True)
class _Reception:
    popularity: float
    vote_average: float
    vote_count: int


class _Generator:
    """Everything that both kinds of title share while one catalogue is made."""

    def __init__(self, seed: int, total: int) -> None:
        self.random = Random(seed)  # noqa: S311 - invented films, not secrets
        self._wording = Random(f"{seed}/words")  # noqa: S311
        self.words = TextGenerator(self._wording)
        weights = {code: language.weight for code, language in LANGUAGES.items()}
        self.language = _Weighted(weights, self.random)
        self.how_many_genres = _Weighted(_HOW_MANY_GENRES, self.random)
        share = total * _PEOPLE_PER_TITLE / sum(weights.values())
        self.cast_pools: dict[str, CastPool] = cast_pools(
            Random(f"{seed}/people"),  # noqa: S311
            {code: int(weight * share) for code, weight in weights.items()},
        )
        self.taken: set[str] = set()
        self.days: dict[int, date] = {}
        self._same_genres: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._same_countries: dict[tuple[str, ...], tuple[str, ...]] = {}

    def people(self) -> Iterator[Person]:
        for pool in self.cast_pools.values():
            yield from pool.directors
            yield from pool.actors

    def genres(
        self, leading: _Weighted[int], companions: dict[int, _Weighted[int]]
    ) -> tuple[int, ...]:
        chosen = [leading.draw()]
        for _ in range(self.how_many_genres.draw() - 1):
            source = chosen[-1] if chosen[-1] in companions else chosen[0]
            genre = companions[source].draw()
            if genre not in chosen:
                chosen.append(genre)
        genres = tuple(chosen)
        return self._same_genres.setdefault(genres, genres)

    def spoken(self, genres: tuple[int, ...]) -> str:
        if genres[0] == _ANIMATION and self.random.random() < _JAPANESE_ANIMATION:
            return "ja"
        return self.language.draw()

    def countries(self, language: str) -> tuple[str, ...]:
        stock, english = LANGUAGES[language].countries.split(), LANGUAGES["en"].countries.split()
        draw = self.random.random
        first = stock[int(draw() ** 1.7 * len(stock))]
        if draw() < _COPRODUCED:
            second = english[int(draw() * len(english))]
            if second != first:
                pair = (first, second)
                return self._same_countries.setdefault(pair, pair)
        single = (first,)
        return self._same_countries.setdefault(single, single)

    def titles(self, language: str, genres: tuple[int, ...]) -> tuple[str, str]:
        """Return the title and the original title; where all are taken, it is a second part."""
        for _ in range(_TRIES):
            title, original = (
                self._english_titles(genres)
                if language == "en"
                else self._foreign_titles(language, genres)
            )
            if not self.taken.intersection((title, original)):
                break
        else:
            number = 2 + int(self._wording.random() ** 3 * 7)
            title, original = f"{title} {number}", f"{original} {number}"
        self.taken.update((title, original))
        return title, original

    def _english_titles(self, genres: tuple[int, ...]) -> tuple[str, str]:
        if _BROADCAST.intersection(genres):
            title = self.words.broadcast_title()
        else:
            title = self.words.title(genres)
            if self._wording.random() < _SEQUELS:
                title = self.words.sequel(title)
        return title, title

    def _foreign_titles(self, language: str, genres: tuple[int, ...]) -> tuple[str, str]:
        """Return titles of which some are kept abroad and some replaced."""
        original = self.words.foreign_title(language)
        kept = _KEPT_IN_LATIN if LANGUAGES[language].is_latin else _KEPT_IN_SCRIPT
        if self._wording.random() < kept:
            return original, original
        return self.words.title(genres), original

    def released(self, oldest: date) -> date | None:
        draw = self.random.random
        kind = draw()
        if kind < _UNDATED:
            return None
        if kind < _UNDATED + _UPCOMING:
            days = -int(draw() * 420)
        elif kind < _UNDATED + _UPCOMING + _VINTAGE:
            days = int(draw() ** 0.8 * (AS_OF - oldest).days)
        else:
            days = int(self.random.expovariate(1 / (365.25 * 8.5)))
        return self.day(AS_OF.toordinal() - min(days, (AS_OF - oldest).days))

    def day(self, ordinal: int) -> date:
        known = self.days.get(ordinal)
        if known is None:
            known = self.days[ordinal] = date.fromordinal(ordinal)
        return known

    def reception(
        self, genres: tuple[int, ...], language: str, released: date | None, *, adult: bool
    ) -> _Reception:
        """Votes with a long tail; popularity after votes and recency; taste after the genre."""
        gauss = self.random.gauss
        age = (AS_OF - released).days if released else 4_000
        log_votes = gauss(2.9 + (0.7 if language == "en" else 0.0), 2.15)
        if adult or _TV_MOVIE in genres:
            log_votes -= 1.5
        if released is None:
            log_votes -= 2.5
        votes = 0 if age < 0 else max(0, int(math.exp(log_votes) - 0.6))
        if votes > _MANY_VOTES:
            votes = _MANY_VOTES + int(self.random.random() * 8_000)
        anticipated = math.exp(gauss(1.2, 1.0)) if age < 0 else 0.0
        recent = 1.0 + 5.5 * math.exp(-abs(age) / 220)
        popularity = 0.6 * (votes + 1) ** 0.44 * math.exp(gauss(0.0, 0.5)) * recent + anticipated
        if not votes:
            return _Reception(round(popularity, 3), 0.0, 0)
        mean = 6.15 + 0.11 * (math.log(votes + 1) - 4) + _OF_GOOD_REPUTE.get(genres[0], 0.0)
        average = gauss(mean, 0.75 + 1.3 / math.sqrt(votes))
        return _Reception(round(popularity, 3), round(min(10.0, max(1.0, average)), 3), votes)

    def keywords(self, genres: tuple[int, ...]) -> tuple[int, ...]:
        draw = self.random.random
        chosen: dict[int, None] = {}
        for _ in range(int(draw() * 8)):
            stock = KEYWORD_IDS_OF_GENRE[genres[int(draw() ** 1.4 * len(genres))]]
            chosen[stock[int(draw() ** 1.3 * len(stock))]] = None
        return tuple(chosen)


def generate(
    films: int = DEFAULT_FILMS, series: int = DEFAULT_SERIES, *, seed: int = 1
) -> Catalogue:
    """Return a catalogue of ``films`` and ``series`` invented titles.

    The same arguments give the same catalogue on every machine. About 30 us a title.
    """
    if films < 0 or series < 0:
        message = f"the numbers of films and series cannot be negative: {films}, {series}"
        raise ValueError(message)
    with _without_collection():
        generator = _Generator(seed, films + series)
        titles = [
            *_titles(generator, MediaType.MOVIE, films),
            *_titles(generator, MediaType.TV, series),
        ]
        return Catalogue(titles, people=generator.people(), keywords=KEYWORDS, seed=seed)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Disable the cyclic garbage collector: nothing here is cyclic, and it would visit it all."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _ids(random: Random, count: int, spread: int) -> list[int]:
    """Return ascending ids with gaps between them, 550 among them."""
    if not count:
        return []
    ids = sorted(random.sample(range(2, spread * count + 1_200), count))
    if IN_BOTH_ID_SPACES not in ids:
        nearest = min(range(count), key=lambda index: abs(ids[index] - IN_BOTH_ID_SPACES))
        ids[nearest] = IN_BOTH_ID_SPACES
    return ids


def _mix(kind: str, random: Random) -> tuple[_Weighted[int], dict[int, _Weighted[int]]]:
    """Return which genres lead and, by genre, which go with it."""
    companions: dict[int, Weights] = DATA[kind]["companions"]
    return _Weighted(DATA[kind]["leading"], random), {
        genre: _Weighted(weights, random) for genre, weights in companions.items()
    }


def _titles(generator: _Generator, media_type: MediaType, count: int) -> Iterator[Title]:
    random = generator.random
    draw = random.random
    is_film = media_type is MediaType.MOVIE
    leading, companions = _mix("films" if is_film else "series", random)
    for title_id in _ids(random, count, 5 if is_film else 4):
        genres = generator.genres(leading, companions)
        if is_film and draw() < _MADE_FOR_TELEVISION:
            genres = (*genres[:3], _TV_MOVIE)
        language = generator.spoken(genres)
        title, original = generator.titles(language, genres)
        released = generator.released(_OLDEST_FILM if is_film else _OLDEST_SERIES)
        adult = is_film and draw() < _ADULT and not {_FAMILY, _ANIMATION} & set(genres)
        reception = generator.reception(genres, language, released, adult=adult)
        obscure = reception.vote_count < _OBSCURE
        directors, cast = generator.cast_pools[language].staff(
            _cast_size(random, genres, is_film=is_film),
            two_directors=draw() < (_DIRECTED_BY_TWO if is_film else _CREATED_BY_TWO),
        )
        seasons, episodes, last_aired = (
            (0, 0, None) if is_film else _run(generator, genres, released)
        )
        yield Title(
            media_type=media_type,
            id=title_id,
            title=title,
            original_title=original,
            overview=_overview(generator, genres, obscure=obscure),
            genres=genres,
            popularity=reception.popularity,
            vote_average=reception.vote_average,
            vote_count=reception.vote_count,
            released=released,
            language=language,
            countries=generator.countries(language),
            adult=adult,
            has_poster=draw() >= (0.06 if obscure else 0.002),
            runtime=(_film_minutes if is_film else _episode_minutes)(random, genres),
            cast=tuple(cast),
            directors=tuple(directors),
            keywords=generator.keywords(genres),
            seasons=seasons,
            episodes=episodes,
            last_aired=last_aired,
        )


def _cast_size(random: Random, genres: tuple[int, ...], *, is_film: bool) -> int:
    if not is_film:
        return 4 + int(random.random() * 7)
    return int(random.random() * 4) if genres[0] == _DOCUMENTARY else 3 + int(random.random() * 8)


def _overview(generator: _Generator, genres: tuple[int, ...], *, obscure: bool) -> str:
    if generator.random.random() < (0.07 if obscure else 0.003):
        return ""
    return generator.words.overview(genres)


def _film_minutes(random: Random, genres: tuple[int, ...]) -> int:
    if random.random() < _NO_RUNTIME:
        return 0
    mean = 104.0
    if genres[0] in {_ANIMATION, _FAMILY, _HORROR}:
        mean = 93.0
    elif genres[0] == _DOCUMENTARY:
        mean = 82.0
    return max(41, round(random.gauss(mean, 16.0)))


def _episode_minutes(random: Random, genres: tuple[int, ...]) -> int:
    if random.random() < _NO_EPISODE_RUNTIME:
        return 0
    lengths = (11, 22, 24, 24) if {_ANIMATION, _KIDS} & set(genres) else (22, 30, 45, 50, 60)
    return lengths[int(random.random() * len(lengths))]


def _run(
    generator: _Generator, genres: tuple[int, ...], released: date | None
) -> tuple[int, int, date | None]:
    """Return the number of seasons and of episodes and the date of the latest episode."""
    draw = generator.random.random
    possible = 1 if released is None else max(1, (AS_OF - released).days // 365 + 1)
    wanted = 1 + int(generator.random.expovariate(0.55))
    if _ALWAYS_ENDLESS.intersection(genres):
        wanted += int(draw() * 12)
    seasons = min(wanted, possible)
    a_season = 40 if _ALWAYS_ENDLESS.intersection(genres) else 6 + int(draw() * 3) * 4
    if released is None:
        return seasons, seasons * a_season, None
    last = released + timedelta(days=365 * (seasons - 1) + 7 * (a_season - 1))
    if released <= AS_OF < last:
        last = AS_OF
    return seasons, seasons * a_season, generator.day(last.toordinal())
