"""Score titles for one user, by what is known of their taste."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matinee.media import TitleKey
from matinee.observability import logger
from recommender.domain.errors import AccountDeleted, GroupDeckUnavailable
from recommender.domain.group_deck import own_scores
from recommender.ports import ModelProvider, TasteReader, TastesUnavailable


@dataclass(frozen=True, slots=True)
class ScoreTitles:
    """Scores titles. Without a taste or a model there are no scores."""

    tastes: TasteReader
    models: ModelProvider

    def __call__(self, user_id: str, keys: Sequence[TitleKey]) -> Mapping[TitleKey, float]:
        """Return the scores of those titles that are known; raise GroupDeckUnavailable."""
        model = self.models.current()
        if model is None:
            return {}
        try:
            return own_scores(self.tastes.get(user_id), keys, model)
        except AccountDeleted:
            return {}
        except TastesUnavailable as error:
            logger.exception("own_scores_unavailable")
            raise GroupDeckUnavailable from error
