"""Find candidates for a room: what suits its people, or what the catalog knows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from matinee.observability import count, logger
from rooms.domain.deal import DeckWish
from rooms.domain.room import MAX_DEALT_AT_ONCE, Movie
from rooms.ports import CatalogClient, GroupDeckClient, GroupDeckUnavailable


@dataclass(frozen=True, slots=True)
class CandidateFinder:
    """Finds candidates. What suits a group has reasons; what the catalog knows has none."""

    catalog: CatalogClient
    recommender: GroupDeckClient

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
        found = self._of_group(wish, user_ids, correlation_id, exclude)
        found = found or self.catalog.discover(
            wish.media_type, wish.genre_ids, wish.filters, correlation_id, exclude
        )
        return list({movie.id: movie for movie in found if movie.id not in exclude}.values())

    def _of_group(
        self,
        wish: DeckWish,
        user_ids: Sequence[str],
        correlation_id: str,
        exclude: Collection[int],
    ) -> Sequence[Movie]:
        if not wish.can_suit_a_group:
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
