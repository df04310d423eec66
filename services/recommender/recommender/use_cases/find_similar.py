"""Find titles that are similar to a title."""

from contextlib import suppress
from dataclasses import dataclass

from matinee.media import TitleKey
from matinee.observability import count
from recommender.domain.errors import SimilarUnavailable, TitleNotFound
from recommender.domain.recommendation import Recommendations
from recommender.domain.requests import EntityRef
from recommender.domain.similar import find_similar
from recommender.domain.titles import TitleStore, TitlesUnavailable
from recommender.ports import ModelProvider, TasteReader, TastesUnavailable


@dataclass(frozen=True, slots=True)
class FindSimilarTitles:
    """Finds similar titles of the same media type."""

    tastes: TasteReader
    models: ModelProvider
    projection: TitleStore
    catalogue: TitleStore

    def __call__(
        self, user_id: str, key: TitleKey, limit: int, exclude: tuple[EntityRef, ...] = ()
    ) -> Recommendations:
        """Return titles similar to one, without those that the user has seen or dismissed.

        Raises AccountDeleted, TitleNotFound, and SimilarUnavailable while that cannot be known.
        """
        media_types = frozenset({key.media_type})
        excluded = {other for title in exclude for other in title.keys(media_types)}
        with suppress(TastesUnavailable):
            taste = self.tastes.get(user_id)
            excluded |= {entry.key for entry in (*taste.seen, *taste.dismissed)}
        try:
            found = find_similar(
                key,
                limit=limit,
                exclude=frozenset(excluded),
                model=self.models.current(),
                projection=self.projection,
                catalogue=self.catalogue,
            )
        except TitlesUnavailable as error:
            raise SimilarUnavailable from error
        if found is None:
            raise TitleNotFound
        count("SimilarRequested")
        return found
