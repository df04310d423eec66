"""Project titles from the catalogue's events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matinee.observability import count, logger
from recommender.domain.titles import TitleSnapshot
from recommender.ports import TitleWriter


@dataclass(frozen=True, slots=True)
class ProjectTitles:
    """Stores titles that the catalogue has cached; a later snapshot stays."""

    titles: TitleWriter

    def __call__(self, titles: Sequence[TitleSnapshot], provider_names: Mapping[int, str]) -> None:
        """Store titles, and the names of those that stream them."""
        self.titles.add_provider_names(provider_names)
        stored = sum(self.titles.upsert(title) for title in titles)
        logger.info("titles_projected", extra={"received": len(titles), "stored": stored})
        count("TitlesProjected", stored)
