"""What a room's candidates are limited to, beside their genres.

TMDB's lists say of a title its genres, date, rating and language, but neither its runtime nor its
certification nor its providers: who has lists alone can tell only a part.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

MAX_PROVIDERS = 20
"""That one room may be limited to."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Limits; None and () are none. Tuples are sorted, so that equal filters are equal queries.

    Years are of the first release, runtimes minutes (of an episode, for a series), `min_rating` 0
    to 10. `languages` are original ones (ISO 639-1) and replace those of all rooms. `certification`
    is the strictest in `certification_country`; `provider_ids` are TMDB's, of those that stream a
    title in `provider_country`, and one is enough.
    """

    excluded_genre_ids: tuple[int, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    min_runtime: int | None = None
    max_runtime: int | None = None
    min_rating: float | None = None
    languages: tuple[str, ...] = ()
    certification: str | None = None
    certification_country: str | None = None
    provider_ids: tuple[int, ...] = ()
    provider_country: str | None = None

    @property
    def need_details(self) -> bool:
        """Whether a list's row does not say if a title passes."""
        return any(
            limit is not None for limit in (self.min_runtime, self.max_runtime, self.certification)
        ) or bool(self.provider_ids)

    def admit(
        self, genre_ids: Collection[int], year: int | None, rating: float, language: str
    ) -> bool:
        """Return whether a title passes, as far as a list's row tells; no year passes no years."""
        return (
            not set(self.excluded_genre_ids).intersection(genre_ids)
            and (self.year_from is None or (year is not None and year >= self.year_from))
            and (self.year_to is None or (year is not None and year <= self.year_to))
            and (self.min_rating is None or rating >= self.min_rating)
            and (not self.languages or language in self.languages)
        )

    def relaxed(self) -> Mapping[str, "Filters"]:
        """Return these filters without one at a time, by the name of what is left out."""
        without = {
            name: replace(self, **{field: _NONE[field] for field in fields})
            for name, fields in _NAMES.items()
        }
        return {name: filters for name, filters in without.items() if filters != self}

    def as_values(self) -> dict[str, Any]:
        """Return what is limited, by its name."""
        return {name: value for name, value in asdict(self).items() if value != _NONE[name]}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Return the filters of which `as_values` returned this; a list is a tuple."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**fields)

    def __str__(self) -> str:
        """Write what is limited, in one way, for the keys of cached pages."""
        return "&".join(
            f"{name}={','.join(map(str, value)) if isinstance(value, tuple) else value}"
            for name, value in self.as_values().items()
        )


NO_FILTERS = Filters()

_NONE: Mapping[str, Any] = asdict(NO_FILTERS)
_NAMES: Mapping[str, tuple[str, ...]] = {
    "excludedGenreIds": ("excluded_genre_ids",),
    "years": ("year_from", "year_to"),
    "runtime": ("min_runtime", "max_runtime"),
    "minRating": ("min_rating",),
    "languages": ("languages",),
    "certification": ("certification", "certification_country"),
    "providers": ("provider_ids", "provider_country"),
}
"""What a room is told to relax, and the limits that are meant."""
