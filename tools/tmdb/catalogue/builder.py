"""Catalogues made to measure, for tests that need exact numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypedDict, Unpack

from tools.tmdb.catalogue.store import Catalogue
from tools.tmdb.catalogue.themes import KEYWORD_IDS, KEYWORDS
from tools.tmdb.catalogue.titles import MediaType, Person, Title

_FIRST_KEYWORD_ID: Final = 900_001
_FIRST_PERSON_ID: Final = 1


class TitleDetails(TypedDict, total=False):
    """What may be said of a title; see ``Title`` for units."""

    id: int | None
    original_title: str | None
    overview: str | None
    popularity: float | None
    vote_average: float
    vote_count: int
    released: date | None
    language: str
    countries: Sequence[str]
    adult: bool
    has_poster: bool
    runtime: int
    cast: Sequence[str]
    directors: Sequence[str]
    keywords: Sequence[str]
    seasons: int | None
    episodes: int | None
    last_aired: date | None


@dataclass
class CatalogueBuilder:
    """Collects titles and makes a ``Catalogue`` of them.

    Whatever is left out is filled in plausibly and always alike: the next free id, a title that
    says which one it is, a poster, an overview, 100 votes of 6.5 on average, a popularity that
    falls from title to title (so a list comes in the order in which titles were added). People and
    keywords are given by name, and the same name is the same person or keyword everywhere.
    """

    seed: int = 1
    _titles: list[Title] = field(default_factory=list, init=False)
    _people: dict[str, Person] = field(default_factory=dict, init=False)
    _keywords: dict[str, int] = field(default_factory=lambda: dict(KEYWORD_IDS), init=False)
    _taken: set[tuple[MediaType, int]] = field(default_factory=set, init=False)
    _next_id: dict[MediaType, int] = field(default_factory=dict, init=False)

    def film(
        self,
        title: str | None = None,
        *,
        genres: Sequence[int] = (),
        **details: Unpack[TitleDetails],
    ) -> Title:
        """Add one film and return it; ``details`` are fields of ``add``."""
        return self.add(MediaType.MOVIE, title, genres=genres, **details)

    def films(
        self, count: int, *, genres: Sequence[int], **details: Unpack[TitleDetails]
    ) -> list[Title]:
        """Add ``count`` films with exactly these genres and return them."""
        return [self.film(genres=genres, **details) for _ in range(count)]

    def show(
        self,
        title: str | None = None,
        *,
        genres: Sequence[int] = (),
        **details: Unpack[TitleDetails],
    ) -> Title:
        """Add one series and return it; ``details`` are fields of ``add``."""
        return self.add(MediaType.TV, title, genres=genres, **details)

    def shows(
        self, count: int, *, genres: Sequence[int], **details: Unpack[TitleDetails]
    ) -> list[Title]:
        """Add ``count`` series with exactly these genres and return them."""
        return [self.show(genres=genres, **details) for _ in range(count)]

    def add(
        self,
        media_type: MediaType | str,
        title: str | None = None,
        *,
        id: int | None = None,  # noqa: A002 - TMDB's own name for it
        genres: Sequence[int] = (),
        original_title: str | None = None,
        overview: str | None = None,
        popularity: float | None = None,
        vote_average: float = 6.5,
        vote_count: int = 100,
        released: date | None = date(2020, 1, 1),
        language: str = "en",
        countries: Sequence[str] = ("US",),
        adult: bool = False,
        has_poster: bool = True,
        runtime: int = 100,
        cast: Sequence[str] = (),
        directors: Sequence[str] = (),
        keywords: Sequence[str] = (),
        seasons: int | None = None,
        episodes: int | None = None,
        last_aired: date | None = None,
    ) -> Title:
        """Add one title and return it. ValueError: the id is taken within its media type."""
        kind = MediaType(media_type)
        number = self._free_id(kind) if id is None else id
        if (kind, number) in self._taken:
            message = f"there is a {kind} with id {number} already"
            raise ValueError(message)
        self._taken.add((kind, number))
        name = title or f"{'Film' if kind is MediaType.MOVIE else 'Series'} {number}"
        is_series = kind is MediaType.TV
        made = Title(
            media_type=kind,
            id=number,
            title=name,
            original_title=original_title if original_title is not None else name,
            overview=f"The story of {name}." if overview is None else overview,
            genres=tuple(genres),
            popularity=1_000.0 / (len(self._titles) + 1) if popularity is None else popularity,
            vote_average=vote_average,
            vote_count=vote_count,
            released=released,
            language=language,
            countries=tuple(countries),
            adult=adult,
            has_poster=has_poster,
            runtime=runtime,
            cast=tuple(self._person(who, "Acting") for who in cast),
            directors=tuple(self._person(who, "Directing") for who in directors),
            keywords=tuple(self._keyword(word) for word in keywords),
            seasons=(1 if seasons is None else seasons) if is_series else 0,
            episodes=(8 if episodes is None else episodes) if is_series else 0,
            last_aired=(last_aired or released) if is_series else None,
        )
        self._titles.append(made)
        return made

    def person_id(self, name: str) -> int:
        """Return the id of somebody who has been named in a cast or as a director."""
        return self._people[name].id

    def keyword_id(self, word: str) -> int:
        """Return the id of a keyword that some title carries or every catalogue knows."""
        return self._keywords[word]

    def build(self) -> Catalogue:
        """Return the catalogue; the builder may go on and make another."""
        names = {key: word for word, key in self._keywords.items()}
        return Catalogue(
            self._titles,
            people=self._people.values(),
            keywords={**KEYWORDS, **names},
            seed=self.seed,
        )

    def _free_id(self, kind: MediaType) -> int:
        number = self._next_id.get(kind, 1)
        while (kind, number) in self._taken:
            number += 1
        self._next_id[kind] = number + 1
        return number

    def _person(self, name: str, department: str) -> int:
        known = self._people.get(name)
        if known is None:
            known = self._people[name] = Person(
                id=_FIRST_PERSON_ID + len(self._people), name=name, department=department
            )
        return known.id

    def _keyword(self, word: str) -> int:
        return self._keywords.setdefault(word, _FIRST_KEYWORD_ID + len(self._keywords))
