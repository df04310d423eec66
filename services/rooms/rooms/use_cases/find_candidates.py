"""Find candidates for a room: what suits its people, or what the catalog knows."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from matinee.media import MediaType, TitleKey
from matinee.observability import count, logger
from rooms.domain.deal import DeckSource, DeckWish
from rooms.domain.errors import NoCandidates
from rooms.domain.room import MAX_DEALT_AT_ONCE, Movie
from rooms.ports import CatalogClient, GroupDeckClient, GroupDeckUnavailable

type _Answer = Sequence[Movie] | NoCandidates
type _Wish = tuple[MediaType, DeckWish]
type Concurrently = Callable[[Callable[[_Wish], _Answer], Sequence[_Wish]], Iterable[_Answer]]
"""Asks the catalog for each media type, and returns the answers in their order."""

type RefusedBy = Callable[[str], Sequence[TitleKey]]
"""Returns what a crew said no to, the latest first."""

MAX_EXCLUDED = 500
"""That the catalog and the recommender are told of. What else they return is left out here."""


def refused_by_nobody(_: str) -> Sequence[TitleKey]:
    """Return nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class CandidateFinder:
    """Finds candidates. What suits a group has reasons; what the catalog knows has none.

    What the room's crew said no to is none of them.
    """

    catalog: CatalogClient
    recommender: GroupDeckClient
    concurrently: Concurrently = map
    refused: RefusedBy = refused_by_nobody

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
        barred = self._barred(wish, exclude)
        found = self._of_group(wish, user_ids, correlation_id, barred)
        found = found or list(self._of_catalog(wish, correlation_id, _told(barred)))
        unique: dict[int, Movie] = {}
        for movie in found:
            if movie.id not in barred:
                unique.setdefault(movie.id, movie)  # One id, one candidate: film or series.
        if not unique:
            raise NoCandidates
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
        return self._of_group(wish, user_ids, correlation_id, self._barred(wish, exclude))

    def _barred(self, wish: DeckWish, exclude: Collection[int]) -> Collection[int]:
        """Return what must not be dealt, in order: what is excluded, and what the crew refused."""
        refused = self.refused(wish.crew_id) if wish.crew_id else ()
        ids = (title.id for title in refused if title.media_type in wish.media_types)
        return dict.fromkeys((*exclude, *ids))

    def _of_group(
        self,
        wish: DeckWish,
        user_ids: Sequence[str],
        correlation_id: str,
        barred: Collection[int],
    ) -> Sequence[Movie]:
        if wish.source is not DeckSource.GROUP:
            return ()
        try:
            dealt = self.recommender.deal(
                wish, user_ids, MAX_DEALT_AT_ONCE, correlation_id, _told(barred)
            )
            found = [movie for movie in dealt if movie.id not in barred]
        except GroupDeckUnavailable:
            found = []
        if not found:
            logger.warning("group_deck_replaced")
            count("GroupDecksReplaced")
        return found


def _told(barred: Collection[int]) -> Collection[int]:
    return list(islice(barred, MAX_EXCLUDED))


def _to_relax(wish: DeckWish, answers: Iterable[_Answer]) -> list[str]:
    """Return the criteria to relax: of any media type, or else what left all of them out."""
    if wish.by_media_type():
        refused = [answer for answer in answers if isinstance(answer, NoCandidates)]
        return list(dict.fromkeys(name for error in refused for name in error.relax))
    return ["certification"] if wish.filters.certification else ["genreIds"]
