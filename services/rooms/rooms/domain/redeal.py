"""A redeal: other candidates in place of those that nobody has seen yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from rooms.domain.room import MAX_DECK, Movie
from rooms.domain.tally import Tally

MAX_REMOVED = 60
"""In one transaction, beside 25 new titles; what is left is removed by the next one."""


@dataclass(frozen=True, slots=True)
class Redeal:
    """What changes: `after` are all candidates in their order.

    `positions` has those that are dealt; `removed` are no candidates any more. Unless it `is_done`,
    more must be removed, and then titles be dealt.
    """

    before: Sequence[Movie]
    after: Sequence[Movie]
    positions: Mapping[int, int]
    removed: Sequence[int] = ()
    is_done: bool = True

    @classmethod
    def none(cls, before: Sequence[Movie]) -> Self:
        """Return that all stays as it is."""
        return cls(before, before, {})

    @classmethod
    def of(
        cls, before: Sequence[Movie], tallies: Collection[Tally], dealt: Sequence[Movie]
    ) -> Self:
        """Return the redeal that puts other titles in the places of those that nobody has seen.

        Whatever anybody may have seen stays where it is.
        """
        places = {tally.movie_id: tally.position for tally in tallies}
        seen = {tally.movie_id for tally in tallies if tally.is_seen}
        new = [movie for movie in dealt if movie.id not in seen][: MAX_DECK - len(seen)]
        going = {movie.id for movie in before} - seen - {movie.id for movie in new}
        if len(going) > MAX_REMOVED:
            removed = sorted(going)[:MAX_REMOVED]
            left = [movie for movie in before if movie.id not in removed]
            return cls(before, left, {}, removed, is_done=False)
        free = sorted(place for number, place in places.items() if number not in seen)
        last = max(places.values(), default=-1)
        free += range(last + 1, last + 1 + len(new))
        positions = dict(zip((movie.id for movie in new), free, strict=False))
        kept = [movie for movie in before if movie.id in seen]
        place_of = places | positions
        after = sorted([*kept, *new], key=lambda movie: place_of[movie.id])
        return cls(before, after, positions, sorted(going))
