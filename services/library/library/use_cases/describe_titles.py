"""Complete titles by what the catalogue knows of them, from the library's own projection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from library.domain.errors import LibraryBusy, LibraryUnavailable
from library.domain.titles import CachedTitle, Entry
from library.ports import TitleFactsRepository, TitleFactsWriter
from matinee.observability import count, logger


@dataclass(frozen=True, slots=True)
class DescribeTitles:
    """Completes the titles of entries. What an entry has already stays as it is."""

    facts: TitleFactsRepository

    def to_store(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Return entries that are to be stored, those that are not whole with what is known."""
        return self._completed(entries, [not entry.title.is_whole for entry in entries])

    def to_show(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Return stored entries, those without a title with what is known by now."""
        return self._completed(entries, [entry.title.title is None for entry in entries])

    def _completed(self, entries: Sequence[Entry], lacking: Sequence[bool]) -> Sequence[Entry]:
        keys = [entry.title.key for entry, lacks in zip(entries, lacking, strict=True) if lacks]
        if not keys:
            return entries
        try:
            known = self.facts.get(list(dict.fromkeys(keys)))
        except (LibraryBusy, LibraryUnavailable):
            logger.warning("titles_not_described", extra={"titles": len(keys)})
            count("TitlesNotDescribed", len(keys))
            return entries
        return [
            replace(entry, title=entry.title.completed_by(known[entry.title.key]))
            if lacks and entry.title.key in known
            else entry
            for entry, lacks in zip(entries, lacking, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class ProjectTitles:
    """Stores titles that the catalogue has cached; a later snapshot stays."""

    facts: TitleFactsWriter

    def __call__(self, titles: Sequence[CachedTitle], provider_names: Mapping[int, str]) -> None:
        """Store titles, and the names of those that stream them."""
        self.facts.add_names(provider_names)
        stored = sum(map(self.facts.save, titles))
        logger.info("titles_projected", extra={"received": len(titles), "stored": stored})
        count("TitlesProjected", stored)
