"""/discover: filters into a set of rows, and the order to show them in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_
from typing import Final

from tools.tmdb.catalogue.bitsets import Postings, RangeIndex
from tools.tmdb.catalogue.collection import SortKey, TitleCollection
from tools.tmdb.catalogue.titles import MediaType, Title
from tools.tmdb.certifications import at_most, certification
from tools.tmdb.errors import INVALID_PARAMETERS, TmdbError
from tools.tmdb.offers import offered
from tools.tmdb.parameters import PAGE_SIZE, Parameters

_FILM_ORDERS: Final = {
    "popularity": SortKey.POPULARITY,
    "vote_average": SortKey.VOTE_AVERAGE,
    "vote_count": SortKey.VOTE_COUNT,
    "primary_release_date": SortKey.RELEASED,
    "release_date": SortKey.RELEASED,
    "title": SortKey.TITLE,
    "original_title": SortKey.ORIGINAL_TITLE,
    "revenue": SortKey.REVENUE,
}
_SERIES_ORDERS: Final = {
    "popularity": SortKey.POPULARITY,
    "vote_average": SortKey.VOTE_AVERAGE,
    "vote_count": SortKey.VOTE_COUNT,
    "first_air_date": SortKey.RELEASED,
    "name": SortKey.TITLE,
    "original_name": SortKey.ORIGINAL_TITLE,
}
_DATE_NAMES: Final[dict[MediaType, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    MediaType.MOVIE: (("primary_release_date", "release_date"), ("primary_release_year", "year")),
    MediaType.TV: (("first_air_date",), ("first_air_date_year",)),
}
_TOP_RATED_VOTES: Final = 200
_DIRECTIONS: Final = {"asc": False, "desc": True}


@dataclass(frozen=True, slots=True)
class Selection:
    """A set of rows of one collection in an order, to be read page by page."""

    collection: TitleCollection
    rows: int
    sort: SortKey = SortKey.POPULARITY
    descending: bool = True

    def __len__(self) -> int:
        return self.rows.bit_count()

    def page(self, number: int) -> list[Title]:
        """Return the titles of page ``number`` (from 1): 20, fewer or none."""
        return self.collection.page(
            self.rows,
            sort=self.sort,
            descending=self.descending,
            offset=(number - 1) * PAGE_SIZE,
            count=PAGE_SIZE,
        )


def popular(collection: TitleCollection) -> Selection:
    """Return everything that is not for adults, most popular first."""
    return Selection(collection, collection.everything & ~collection.adult)


def top_rated(collection: TitleCollection) -> Selection:
    """Return what at least 200 people have voted on, best first."""
    voted = collection.by_vote_count.between(low=_TOP_RATED_VOTES)
    return Selection(collection, voted & ~collection.adult, sort=SortKey.VOTE_AVERAGE)


def similar(collection: TitleCollection, title: Title) -> Selection:
    """Return the titles that share a keyword, or all genres, with one, most popular first."""
    alike = collection.keywords.any_of(title.keywords)
    if title.genres:
        alike |= reduce(and_, (collection.genres[genre] for genre in title.genres))
    return Selection(collection, alike & _others(collection, title))


def recommended(collection: TitleCollection, title: Title) -> Selection:
    """Return the titles that share a genre or a person with one, best first.

    TMDB's come from what people watch; nobody watches anything here.
    """
    people = collection.cast.any_of(title.cast) | collection.crew.any_of(title.directors)
    near = people | collection.genres.any_of(title.genres)
    voted = collection.by_vote_count.between(low=_TOP_RATED_VOTES)
    rows = near & voted & _others(collection, title)
    return Selection(collection, rows, sort=SortKey.VOTE_AVERAGE)


def _others(collection: TitleCollection, title: Title) -> int:
    return collection.everything & ~collection.adult & ~collection.only(title)


def discover(
    collection: TitleCollection, media_type: MediaType, parameters: Parameters
) -> Selection:
    """Return what the filters of a /discover request leave, in the order that it asks for.

    TmdbError 5 or 23: a filter's value cannot be read, or there is no such order.
    """
    rows = collection.everything
    if not parameters.flag("include_adult"):
        rows &= ~collection.adult
    rows &= _by_id(collection, parameters)
    rows &= _by_code(collection.languages, parameters, "with_original_language")
    rows &= _by_code(collection.countries, parameters, "with_origin_country")
    rows &= _by_range(collection, parameters)
    rows &= _by_date(collection, media_type, parameters)
    rows &= _by_provider(collection, parameters)
    if media_type is MediaType.MOVIE:  # TMDB has no such filter for series.
        rows &= _by_certification(collection, parameters)
    sort, descending = _order(media_type, parameters.text("sort_by"))
    return Selection(collection, rows, sort, descending)


def year(number: int) -> tuple[date, date]:
    """Return a year's first and last day. TmdbError 5: no such year."""
    try:
        return date(number, 1, 1), date(number, 12, 31)
    except ValueError as wrong:
        raise TmdbError(INVALID_PARAMETERS) from wrong


def _by_id(collection: TitleCollection, parameters: Parameters) -> int:
    rows = collection.everything
    for group in parameters.id_alternatives("with_genres"):
        rows &= collection.genres.any_of(group)
    for group in parameters.id_alternatives("with_keywords"):
        rows &= collection.keywords.any_of(group)
    for group in parameters.id_alternatives("with_cast"):
        rows &= collection.cast.any_of(group)
    for group in parameters.id_alternatives("with_crew"):
        rows &= collection.crew.any_of(group)
    for group in parameters.id_alternatives("with_people"):
        rows &= collection.cast.any_of(group) | collection.crew.any_of(group)
    for group in parameters.id_alternatives("without_genres"):
        rows &= ~collection.genres.any_of(group)
    for group in parameters.id_alternatives("without_keywords"):
        rows &= ~collection.keywords.any_of(group)
    return rows


def _by_code(index: Postings[str], parameters: Parameters, name: str) -> int:
    wanted: Iterable[list[str]] = parameters.alternatives(name)
    rows = -1
    for group in wanted:
        rows &= index.any_of(group)
    return rows


def _by_range(collection: TitleCollection, parameters: Parameters) -> int:
    rows = collection.everything
    votes = (parameters.integer("vote_count.gte"), parameters.integer("vote_count.lte"))
    average = (parameters.number("vote_average.gte"), parameters.number("vote_average.lte"))
    minutes = (parameters.integer("with_runtime.gte"), parameters.integer("with_runtime.lte"))
    if any(end is not None for end in votes):
        rows &= collection.by_vote_count.between(*votes)
    if any(end is not None for end in average):
        rows &= collection.by_vote_average.between(*average)
    if any(end is not None for end in minutes):
        rows &= collection.by_runtime.between(*minutes)
    return rows


def _by_date(collection: TitleCollection, media_type: MediaType, parameters: Parameters) -> int:
    rows = collection.everything
    ranges, years = _DATE_NAMES[media_type]
    if media_type is MediaType.TV:
        rows &= _on_air(collection, parameters)
    for name in ranges:
        rows &= _dated(
            collection.by_released, parameters.day(f"{name}.gte"), parameters.day(f"{name}.lte")
        )
    for name in years:
        number = parameters.integer(name)
        if number is not None:
            rows &= collection.by_released.between(*year(number))
    return rows


def _on_air(collection: TitleCollection, parameters: Parameters) -> int:
    """Return the series that may have had an episode between air_date.gte and air_date.lte."""
    first, last = parameters.day("air_date.gte"), parameters.day("air_date.lte")
    return _dated(collection.by_last_aired, first, None) & _dated(
        collection.by_released, None, last
    )


def _dated(index: RangeIndex[date], first: date | None, last: date | None) -> int:
    return -1 if first is None and last is None else index.between(first, last)


def _by_provider(collection: TitleCollection, parameters: Parameters) -> int:
    """Return what is offered in watch_region, by one of some providers, in one of some ways."""
    region = parameters.text("watch_region")
    kinds = parameters.alternatives("with_watch_monetization_types")
    rows = -1
    if not region:
        return rows
    for group in parameters.id_alternatives("with_watch_providers") or [[]]:
        wanted, ways = frozenset(group), frozenset(kinds[0] if kinds else ())
        if not wanted and not ways:
            continue

        def is_offered(
            title: Title, wanted: frozenset[int] = wanted, ways: frozenset[str] = ways
        ) -> bool:
            offers = offered(title, region, collection.offers_of(title)).items()
            ids = {id_ for way, found in offers if not ways or way in ways for id_ in found}
            return bool(ids & wanted if wanted else ids)

        about = ("offered", region, *map(str, sorted(wanted)), *sorted(ways))
        rows &= collection.where(about, is_offered)
    return rows


def _by_certification(collection: TitleCollection, parameters: Parameters) -> int:
    """Return the films of a certification, or of one up to another, in certification_country."""
    country = parameters.text("certification_country")
    exact, highest = parameters.text("certification"), parameters.text("certification.lte")
    rows = -1
    if country and exact:
        wanted = frozenset(exact.split("|"))
        rows &= collection.where(
            ("certification", country, *sorted(wanted)),
            lambda title: certification(title, country) in wanted,
        )
    if country and highest:
        rows &= collection.where(
            ("certification up to", country, highest),
            lambda title: at_most(title, country, highest),
        )
    return rows


def _order(media_type: MediaType, text: str) -> tuple[SortKey, bool]:
    if not text:
        return SortKey.POPULARITY, True
    orders = _FILM_ORDERS if media_type is MediaType.MOVIE else _SERIES_ORDERS
    name, _, direction = text.rpartition(".")
    if name not in orders or direction not in _DIRECTIONS:
        raise TmdbError(INVALID_PARAMETERS)
    return orders[name], _DIRECTIONS[direction]
