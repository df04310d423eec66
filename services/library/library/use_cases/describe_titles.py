"""Complete titles by what the catalogue knows of them, from the library's own projection."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from library.domain.errors import LibraryBusy, LibraryUnavailable
from library.domain.titles import Entry, Title
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
class CachedTitle:
    """A title as the catalogue has cached it."""

    title: Title
    cached_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ProjectTitles:
    """Stores titles that the catalogue has cached; a later snapshot stays."""

    facts: TitleFactsWriter

    def __call__(self, titles: Sequence[CachedTitle]) -> None:
        """Store titles."""
        stored = sum(self.facts.save(it.title, it.cached_at, it.expires_at) for it in titles)
        logger.info("titles_projected", extra={"received": len(titles), "stored": stored})
        count("TitlesProjected", stored)
