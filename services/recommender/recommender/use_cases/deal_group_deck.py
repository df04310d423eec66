"""Find the deck of a group, from what is known of everybody's taste."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from matinee.observability import count, logger
from matinee.text import is_latin
from recommender.domain.errors import AccountDeleted, GroupDeckUnavailable
from recommender.domain.group_deck import (
    DeckReason,
    DeckRequest,
    GroupLimits,
    group_deck,
    shared_watchlist,
)
from recommender.domain.model import Model
from recommender.domain.taste import Taste
from recommender.domain.title_index import TitleIndex
from recommender.domain.titles import TitleFacts, TitleStore, TitlesUnavailable
from recommender.ports import ModelProvider, TasteReader, TastesUnavailable

MAX_FACTS = 100
SPARE = 30
"""Titles chosen besides, in case that some have left the catalogue or cannot be shown."""

type Concurrently = Callable[[Callable[[str], Taste], Sequence[str]], Iterable[Taste]]
"""Applies a function to each of some users, and returns the results in their order."""


@dataclass(frozen=True, slots=True)
class DealGroupDeck:
    """Finds decks of groups. Without everybody's taste there is none: a limit might be missing."""

    tastes: TasteReader
    models: ModelProvider
    titles: TitleStore
    concurrently: Concurrently = map

    def __call__(
        self, user_ids: Sequence[str], request: DeckRequest
    ) -> Sequence[tuple[TitleFacts, DeckReason]]:
        """Return at most `limit` titles with their reasons; raise GroupDeckUnavailable."""
        try:
            tastes = list(self.concurrently(self._taste, user_ids))
            limits = GroupLimits.of(request, tastes)
            keys = shared_watchlist(tastes, request.media_types)[:MAX_FACTS]
            shared = self.titles.facts(keys)
            model = self.models.current() or self._index(request)
            listed = [shared[key] for key in keys if key in shared]
            size = MAX_FACTS if request.is_local else request.limit + SPARE
            chosen = group_deck(limits, tastes, listed, model=model, size=size)
            missing = [title.key for title in chosen if title.key not in shared]
            known = {**shared, **self.titles.facts(missing[:MAX_FACTS])}
        except (TastesUnavailable, TitlesUnavailable) as error:
            logger.exception("group_deck_unavailable")
            raise GroupDeckUnavailable from error
        count("GroupDecksDealt")
        shown = [
            (facts, title.reason)
            for title in chosen
            if (facts := known.get(title.key))
            and _is_presentable(facts)
            and request.admits_locally(facts)
        ]
        return shown[: request.limit]

    def _taste(self, user_id: str) -> Taste:
        """Return a user's taste; of a deleted user nothing is known any more."""
        try:
            return self.tastes.get(user_id)
        except AccountDeleted:
            return Taste()

    def _index(self, request: DeckRequest) -> Model:
        """Return the best titles of the media types, while no model is trained."""
        best = [self.titles.best(one, None, MAX_FACTS) for one in sorted(request.media_types)]
        return TitleIndex([facts for some in best for facts in some])


def _is_presentable(facts: TitleFacts) -> bool:
    return bool(facts.poster_path and facts.overview.strip()) and is_latin(facts.title)
