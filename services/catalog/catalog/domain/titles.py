"""Titles: what TMDB says about them, how long it is kept, and which may be a room's candidates.

TMDB's terms allow at most six months: a title is kept for 180 days after its details were fetched.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from matinee.media import MediaType, TitleKey
from matinee.text import is_latin

MIN_VOTES = 50
LANGUAGES = ("en", "es", "fr", "it", "de", "pt")
"""Original languages of a room's candidates, as ISO 639-1 codes."""

TRANSLATED_LANGUAGES = frozenset({
    "ar", "da", "de", "es", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "uk",
    "zh",
})  # fmt: skip
"""The languages besides English in which titles and overviews are kept."""

CACHE_TTL = timedelta(days=180)
"""The longest that anything from TMDB is stored and shown."""

DETAILS_MAX_AGE = timedelta(days=6)
"""Below a week, so that a weekly refresh finds stale what the previous one fetched."""


@dataclass(frozen=True, slots=True)
class Title:
    """A film or series as TMDB's lists show it. `vote_average` is 0 to 10.

    `popularity` is TMDB's own daily measure, without an upper bound.
    """

    id: int
    media_type: MediaType
    title: str
    overview: str
    poster_path: str | None
    release_date: str | None
    vote_average: float
    vote_count: int
    genre_ids: tuple[int, ...]
    original_language: str
    adult: bool
    backdrop_path: str | None = None
    popularity: float = 0.0

    @property
    def key(self) -> TitleKey:
        """The title's key: film 550 and series 550 are two titles."""
        return TitleKey(self.media_type, self.id)

    def is_presentable(self, languages: Container[str] = LANGUAGES) -> bool:
        """Return whether the title passes every filter of quality, language and script."""
        return (
            bool(self.poster_path)
            and bool(self.overview.strip())
            and bool(self.title.strip())
            and self.vote_count >= MIN_VOTES
            and self.original_language in languages
            and not self.adult
            and is_latin(self.title)
        )


@dataclass(frozen=True, slots=True)
class Trailer:
    """A video on a site: `key` is its id there. `site` is YouTube or Vimeo."""

    site: str
    key: str


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a title can be streamed. `id` is TMDB's; the data are JustWatch's."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Translation:
    """A title and an overview in another language than English; what is not translated is ""."""

    title: str
    overview: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What TMDB's details contain beyond its lists.

    `runtime` is in minutes, for a series that of an episode; `keywords` are at most twenty names,
    `cast` the first five in billing order, `directors` the directors of a film or the creators of a
    series. `providers` are those that stream it, by country (ISO 3166-1), None if unknown;
    `translations` are by language (ISO 639-1), `certifications` are what the board of a country
    says for whom it is.
    """

    runtime: int | None = None
    keywords: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    trailer: Trailer | None = None
    providers: Mapping[str, tuple[Provider, ...]] | None = None
    translations: Mapping[str, Translation] = field(default_factory=dict)
    certifications: Mapping[str, str] = field(default_factory=dict)

    def providers_in(self, country: str) -> tuple[Provider, ...]:
        """Return those that stream it in a country; none if unknown."""
        return (self.providers or {}).get(country, ())


@dataclass(frozen=True, slots=True)
class Details:
    """A title's current details at TMDB."""

    title: Title
    facts: Facts


@dataclass(frozen=True, slots=True)
class Enrichment:
    """The result of a request for the details of some titles.

    `gone` are those that TMDB no longer has. Those in neither failed: because of `fault`, or,
    without one, because their details cannot be parsed, which a repetition seldom changes.
    """

    found: Mapping[TitleKey, Details]
    gone: frozenset[TitleKey] = frozenset()
    fault: Exception | None = None


@dataclass(frozen=True, slots=True)
class CachedTitle:
    """A title in the cache. `cached_at` is when its details were fetched."""

    title: Title
    facts: Facts
    cached_at: datetime

    @classmethod
    def fetched(cls, details: Details, now: datetime) -> Self:
        """Create from details that have just been fetched; the time is kept in milliseconds."""
        moment = now.replace(microsecond=now.microsecond // 1000 * 1000)
        return cls(details.title, details.facts, moment)

    def replacing(self, before: Self) -> Self:
        """Return it as it replaces an older version: unknown providers stay as they were."""
        if self.facts.providers is not None:
            return self
        return replace(self, facts=replace(self.facts, providers=before.facts.providers))

    @property
    def key(self) -> TitleKey:
        """The title's key."""
        return self.title.key

    @property
    def expires_at(self) -> datetime:
        """When it must be deleted, and is no longer shown."""
        return self.cached_at + CACHE_TTL

    def is_fresh(self, now: datetime) -> bool:
        """Return whether its details need not be fetched again yet."""
        return now < self.cached_at + DETAILS_MAX_AGE

    def in_language(self, language: str) -> Title:
        """Return the title in a language; English stands for what is not translated."""
        if not (found := self.facts.translations.get(language)):
            return self.title
        return replace(
            self.title,
            title=found.title or self.title.title,
            overview=found.overview or self.title.overview,
        )
