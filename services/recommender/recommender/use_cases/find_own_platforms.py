"""Find the providers that a user means by the platforms of their preferences."""

from collections.abc import Sequence
from dataclasses import dataclass

from matinee.observability import logger
from matinee.streaming import Platforms
from recommender.domain.errors import AccountDeleted, GroupDeckUnavailable
from recommender.domain.recommend import ReadNames
from recommender.domain.titles import TitlesUnavailable
from recommender.ports import TasteReader, TastesUnavailable


@dataclass(frozen=True, slots=True)
class FindOwnPlatforms:
    """Finds them by the names of all providers that stream anything we know."""

    tastes: TasteReader
    provider_names: ReadNames

    def __call__(self, user_id: str) -> tuple[str, Sequence[int]] | None:
        """Return a user's region and the ids of providers, the first platform's first.

        None without a region. Raises GroupDeckUnavailable.
        """
        try:
            stated = self.tastes.get(user_id).preferences
            if stated.region is None:
                return None
            return stated.region, Platforms(stated.platforms).providers(self.provider_names())
        except AccountDeleted:
            return None
        except (TastesUnavailable, TitlesUnavailable) as error:
            logger.exception("own_platforms_unavailable")
            raise GroupDeckUnavailable from error
