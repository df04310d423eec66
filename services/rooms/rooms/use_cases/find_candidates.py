"""Find candidates for a room: what suits its people, or what the catalog knows."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from matinee.media import MediaType
from matinee.observability import count, logger
from rooms.domain.deal import DeckSource, DeckWish
from rooms.domain.errors import NoCandidates
from rooms.domain.room import MAX_DEALT_AT_ONCE, Movie
from rooms.ports import CatalogClient, GroupDeckClient, GroupDeckUnavailable

type _Answer = Sequence[Movie] | NoCandidates
type _Wish = tuple[MediaType, DeckWish]
type Concurrently = Callable[[Callable[[_Wish], _Answer], Sequence[_Wish]], Iterable[_Answer]]
"""Asks the catalog for each media type, and returns the answers in their order."""


@dataclass(frozen=True, slots=True)
class CandidateFinder:
    """Finds candidates. What suits a group has reasons; what the catalog knows has none."""

    catalog: CatalogClient
    recommender: GroupDeckClient
    concurrently: Concurrently = map

    def __call__(
        self,
        wish: DeckWish,
        user_ids: Sequence[str],
        correlation_id: str,
        exclude: Collection[int] = (),
    ) -> list[Movie]:
        """Return candidates, each once: of a group 25 at most, of the catalog fifty.

        A group for which nothing is found, or of which too little is known at the moment, gets the
        catalog's. Raises NoCandidates and the catalog's errors.
        """
        found = self.of_group(wish, user_ids, correlation_id, exclude)
        found = found or list(self._of_catalog(wish, correlation_id, exclude))
        unique: dict[int, Movie] = {}
        for movie in found:
            if movie.id not in exclude:
                unique.setdefault(movie.id, movie)  # One id, one candidate: film or series.
        return list(unique.values())

    def _of_catalog(
        self, wish: DeckWish, correlation_id: str, exclude: Collection[int]
    ) -> Iterable[Movie]:
        """Return what the catalog knows: films and series in turns, as far as there are both."""

        def discover(of_type: _Wish) -> _Answer:
            media_type, wanted = of_type
            try:
                return self.catalog.discover(
                    media_type, wanted.genre_ids, wanted.filters, correlation_id, exclude
                )
            except NoCandidates as error:
                return error

        answers = list(self.concurrently(discover, list(wish.by_media_type().items())))
        found = [answer for answer in answers if not isinstance(answer, NoCandidates)]
        if not found:
            raise NoCandidates(relax=_to_relax(wish, answers))
        turns = (movie for turn in zip_longest(*found) for movie in turn)
        return (movie for movie in turns if movie)

    def of_group(
        self,
        wish: DeckWish,
        user_ids: Sequence[str],
        correlation_id: str,
        exclude: Collection[int],
    ) -> Sequence[Movie]:
        """Return what suits a group, 25 at most; nothing if that is not known, or not wanted."""
        if wish.source is not DeckSource.GROUP:
            return ()
        try:
            found = self.recommender.deal(
                wish, user_ids, MAX_DEALT_AT_ONCE, correlation_id, exclude
            )
        except GroupDeckUnavailable:
            found = ()
        if not found:
            logger.warning("group_deck_replaced")
            count("GroupDecksReplaced")
        return found


def _to_relax(wish: DeckWish, answers: Iterable[_Answer]) -> list[str]:
    """Return the criteria to relax: of any media type, or else what left all of them out."""
    if wish.by_media_type():
        refused = [answer for answer in answers if isinstance(answer, NoCandidates)]
        return list(dict.fromkeys(name for error in refused for name in error.relax))
    return ["certification"] if wish.filters.certification else ["genreIds"]
