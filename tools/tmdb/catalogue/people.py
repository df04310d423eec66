"""The invented people who make the catalogue, and who of them works with whom."""

from random import Random
from typing import Final

from tools.tmdb.catalogue.languages import names_of
from tools.tmdb.catalogue.titles import Person

_FEMALE, _MALE = 1, 2
_FIRST_ID: Final = 1_001
_DIRECTORS_SHARE: Final = 0.15
_REGULARS: Final = 9
_FROM_REGULARS: Final = 0.55
_LEAN_TO_FAMOUS: Final = 2.4
_MIN_PEOPLE: Final = 24
_INITIALS: Final = "ABCDEFGHJKLMNPRSTW"


class CastPool:
    """The people of one language: directors, each with regulars, and actors.

    Both lists run from the most to the least in demand, and casting leans to the front: a few
    people are in very much, most in one or two titles. A director casts about half of each title
    from the same few actors, so that collaborations recur.
    """

    def __init__(self, random: Random, people: list[Person], directing: int) -> None:
        self._random = random.random
        self.directors = people[:directing]
        self.actors = people[directing:]
        self._regulars = [
            [self._actor(1.6) for _ in range(_REGULARS)] for _ in range(len(self.directors))
        ]

    def staff(self, cast_size: int, *, two_directors: bool) -> tuple[list[int], list[int]]:
        """Return the person ids of the directors and, in billing order, of the cast."""
        first = int(self._random() ** 1.8 * len(self.directors))
        directors = [self.directors[first].id]
        if two_directors:
            directors.append(self.directors[(first + 1) % len(self.directors)].id)
        usual = self._regulars[first]
        draw = self._random
        cast = dict.fromkeys(
            usual[int(draw() * _REGULARS)]
            if draw() < _FROM_REGULARS
            else self._actor(_LEAN_TO_FAMOUS)
            for _ in range(cast_size)
        )
        return directors, list(cast)

    def _actor(self, lean: float) -> int:
        return self.actors[int(self._random() ** lean * len(self.actors))].id


def cast_pools(random: Random, sizes: dict[str, int]) -> dict[str, CastPool]:
    """Return a pool for each language; ``sizes`` says how many people work in it."""
    made: dict[str, CastPool] = {}
    next_id = _FIRST_ID
    for language, wanted in sizes.items():
        size = max(_MIN_PEOPLE, wanted)
        directing = max(4, int(size * _DIRECTORS_SHARE))
        people = _people(random, language, size, directing, next_id)
        made[language] = CastPool(random, people, directing)
        next_id += 3 * size + 1
    return made


def _people(  # noqa: PLR0917 - called once, above
    random: Random, language: str, size: int, directing: int, first_id: int
) -> list[Person]:
    names = names_of(language)
    givens = [(name, _FEMALE) for name in names.women] + [(name, _MALE) for name in names.men]
    pairs = [(given, family) for given in givens for family in names.families]
    random.shuffle(pairs)
    people = []
    for index in range(size):
        (given, gender), family = pairs[index % len(pairs)]
        again = index // len(pairs)
        middle = f" {_INITIALS[(again - 1) % len(_INITIALS)]}." if again else ""
        demand = (index if index < directing else index - directing) + 1
        people.append(
            Person(
                id=first_id + 3 * index + (index * 7 % 3),
                name=f"{given}{middle} {family}",
                gender=gender,
                department="Directing" if index < directing else "Acting",
                popularity=round(90.0 / demand**0.75 * (0.6 + random.random() * 0.8), 3),
            )
        )
    return people
