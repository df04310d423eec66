"""Resolve the titles that rows of other sites' files mean, as few requests to TMDB as possible.

Nobody waits for it: it takes what everybody else leaves of TMDB's rate. Titles that the catalogue
has are not requested, and TMDB's responses are cached for all: thousands of people import the same
films.

    a key          the stored title, else its details
    an IMDb id     /find
    a name         /search with the year, then without it, then the same among series
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from catalog.domain.deadline import Deadline
from catalog.domain.errors import TmdbRefused
from catalog.domain.resolution import (
    Matches,
    Outcome,
    Resolution,
    TitleRef,
    choose_match,
)
from catalog.domain.serialization import deserialize_matches, serialize_matches
from catalog.ports import (
    ByImdbId,
    ByKey,
    ByName,
    Lookup,
    ResponseCache,
    TitleFinder,
    TitleRepository,
)
from catalog.use_cases.browse_media import normalize_search
from matinee.errors import MatineeError, RateLimited
from matinee.observability import count

MATCHES_TTL = timedelta(days=7)
"""How long TMDB's response counts. A person can correct what has become wrong."""


@dataclass(frozen=True, slots=True)
class Resolutions:
    """The outcomes, in the order of the references. `retry_after` (seconds): if TMDB said so."""

    outcomes: Sequence[Resolution]
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class ResolveTitles:
    """Resolves references. `source` names the TMDB whose responses are cached."""

    stored: TitleRepository
    finder: TitleFinder
    cache: ResponseCache
    source: str

    async def resolve(self, refs: Sequence[TitleRef], deadline: Deadline) -> Resolutions:
        """Return the outcome of each of up to 100 references.

        What TMDB cannot be asked before the deadline is `unavailable`; the others keep their
        outcomes. Raises CatalogBusy, CatalogUnavailable.
        """
        outcomes = self._from_stored(refs)
        steps = {index: _steps(ref) for index, ref in enumerate(refs) if index not in outcomes}
        pauses: list[float] = []
        while steps:
            asked = {index: lookup for index, left in steps.items() if (lookup := next(left, None))}
            results = await self._look_up(set(asked.values()), deadline)
            for index, lookup in asked.items():
                result, before = results[lookup], outcomes.get(index)
                if isinstance(result, RateLimited):
                    pauses.append(result.retry_after)
                outcomes[index] = _outcome(refs[index], lookup, result, before)
            steps = {
                index: steps[index]
                for index in asked
                if outcomes[index].outcome is Outcome.NOT_FOUND
            }
        return Resolutions(
            [outcomes.get(index, Resolution(Outcome.NOT_FOUND)) for index in range(len(refs))],
            max(pauses, default=None),
        )

    def _from_stored(self, refs: Sequence[TitleRef]) -> dict[int, Resolution]:
        keys = {ref.key for ref in refs if ref.key}
        found = self.stored.get_many(keys)
        count("TitlesResolvedFromCatalogue", len(found))
        return {
            index: Resolution(Outcome.FOUND, found[ref.key].title)
            for index, ref in enumerate(refs)
            if ref.key and ref.key in found
        }

    async def _look_up(
        self, lookups: set[Lookup], deadline: Deadline
    ) -> Mapping[Lookup, Matches | MatineeError]:
        """Return what TMDB finds, from the cache if it is there; different lookups at once."""
        wanted = sorted(lookups, key=str)
        cached = await asyncio.gather(*(self.cache.get(self._key(lookup)) for lookup in wanted))
        found: dict[Lookup, Matches | MatineeError] = {}
        for lookup, response in zip(wanted, cached, strict=True):
            matches = deserialize_matches(response.body) if response else None
            if matches is not None:
                found[lookup] = matches
        count("LookupsServedFromCache", len(found))
        missing = [lookup for lookup in wanted if lookup not in found]
        if not missing:
            return found
        results = await self.finder.find(missing, deadline)
        found |= dict(zip(missing, results, strict=True))
        await asyncio.gather(
            *(
                self.cache.put(self._key(lookup), 1, serialize_matches(result), MATCHES_TTL)
                for lookup, result in zip(missing, results, strict=True)
                if isinstance(result, Matches)
            )
        )
        return found

    def _key(self, lookup: Lookup) -> str:
        return f"{self.source}#resolve#{lookup}"


def _steps(ref: TitleRef) -> Iterator[Lookup]:
    """Yield what TMDB is asked, one after the other, until it finds the title."""
    if ref.key:
        yield ByKey(ref.key)
    if ref.imdb_id:
        yield ByImdbId(ref.imdb_id)
    if ref.name:
        name = normalize_search(ref.name)
        for media_type in ref.media_types:
            if ref.year:
                yield ByName(media_type, name, ref.year)
            yield ByName(media_type, name)


def _outcome(
    ref: TitleRef, lookup: Lookup, result: Matches | MatineeError, before: Resolution | None
) -> Resolution:
    if isinstance(result, TmdbRefused):  # as it refuses an id that nothing can have
        return Resolution(Outcome.NOT_FOUND)
    if isinstance(result, MatineeError):
        return Resolution(Outcome.UNAVAILABLE)
    if isinstance(lookup, ByName):
        chosen = choose_match(ref, result.found)
        is_less = chosen.outcome is Outcome.NOT_FOUND and before and before.suggestions
        return before if before and is_less else chosen
    titles = [match.title for match in result.found if not match.title.adult]
    titles.sort(key=lambda title: title.media_type is not ref.media_type)
    if titles:
        return Resolution(Outcome.FOUND, titles[0])
    return Resolution(Outcome.NO_TITLE if result.is_other else Outcome.NOT_FOUND)
