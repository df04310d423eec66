"""Titles as TMDB writes them: the row of a list, the page of details, credits and keywords."""

import re
from collections.abc import Iterable
from datetime import timedelta
from hashlib import blake2b
from random import Random
from typing import Any, Final

from tools.tmdb.catalogue.collection import SortKey, revenue
from tools.tmdb.catalogue.store import Catalogue
from tools.tmdb.catalogue.themes import THEMES
from tools.tmdb.catalogue.titles import MediaType, Person, Title
from tools.tmdb.catalogue.wording import TextGenerator
from tools.tmdb.genres import FILM_GENRES, SERIES_GENRES
from tools.tmdb.regions import COUNTRIES, LANGUAGES

type Json = dict[str, Any]

_LETTER: Final = {MediaType.MOVIE: "m", MediaType.TV: "s"}
_GENRE_NAMES: Final = {**FILM_GENRES, **SERIES_GENRES}
_IMDB_DIGIT: Final = {MediaType.MOVIE: "1", MediaType.TV: "2"}
_IMDB_ID: Final = re.compile(r"tt([12])(\d{7})", re.ASCII)
_MAX_IMDB_NUMBER: Final = 9_999_999
_KNOWN_FOR: Final = 3
_DIED_AFTER: Final = timedelta(days=500)


def poster_path(title: Title) -> str | None:
    """Return "/m550.svg" for film 550, "/s550.svg" for series 550, None without a poster."""
    return f"/{_LETTER[title.media_type]}{title.id}.svg" if title.has_poster else None


def backdrop_path(title: Title) -> str | None:
    """Return "/m550-wide.svg" for film 550; a title without a poster has no backdrop either."""
    return f"/{_LETTER[title.media_type]}{title.id}-wide.svg" if title.has_poster else None


def list_row(title: Title, *, with_media_type: bool = False) -> Json:
    """Return the row that lists, /discover and /search carry; trending rows name their type."""
    row: Json = {
        "adult": title.adult,
        "backdrop_path": backdrop_path(title),
        "genre_ids": list(title.genres),
        "id": title.id,
        "original_language": title.language,
        "overview": title.overview,
        "popularity": title.popularity,
        "poster_path": poster_path(title),
        "softcore": False,
        "vote_average": title.vote_average,
        "vote_count": title.vote_count,
    }
    if with_media_type:
        row["media_type"] = title.media_type.value
    return row | _names(title)


def person_row(person: Person) -> Json:
    """Return the row of somebody in /trending/all."""
    return {
        "adult": False,
        "id": person.id,
        "name": person.name,
        "original_name": person.name,
        "media_type": "person",
        "popularity": person.popularity,
        "gender": person.gender,
        "known_for_department": person.department,
        "profile_path": None,
    }


def known_for(catalogue: Catalogue, person: Person) -> list[Json]:
    """Return the most popular titles that somebody has a part in, as a search for them has them."""
    found = [
        title
        for collection in (catalogue.movies, catalogue.series)
        for title in collection.page(
            (collection.cast[person.id] | collection.crew[person.id]) & ~collection.adult,
            sort=SortKey.POPULARITY,
            descending=True,
            offset=0,
            count=_KNOWN_FOR,
        )
    ]
    best = sorted(found, key=lambda title: -title.popularity)[:_KNOWN_FOR]
    return [list_row(title, with_media_type=True) for title in best]


def imdb_id(title: Title) -> str | None:
    """Return "tt10000550" for film 550, "tt20000550" for series 550; None beyond seven digits."""
    if title.id > _MAX_IMDB_NUMBER:
        return None
    return f"tt{_IMDB_DIGIT[title.media_type]}{title.id:07}"


def by_imdb_id(catalogue: Catalogue, text: str) -> Title | None:
    """Return the title whose `imdb_id` a text is."""
    found = _IMDB_ID.fullmatch(text)
    kinds = {digit: media_type for media_type, digit in _IMDB_DIGIT.items()}
    return catalogue.titles_of(kinds[found[1]]).find(int(found[2])) if found else None


def found_by_id(title: Title | None) -> Json:
    """Return what /find says: lists for every kind, of which at most one has a row."""
    found: Json = {
        "movie_results": [],
        "person_results": [],
        "tv_results": [],
        "tv_episode_results": [],
        "tv_season_results": [],
    }
    if title:
        found[f"{title.media_type}_results"].append(list_row(title, with_media_type=True))
    return found


def external_ids(title: Title) -> Json:
    """Return the ids elsewhere: IMDb's alone; TMDB writes those that it does not know as null."""
    places = ["imdb_id", "wikidata_id", "facebook_id", "instagram_id", "twitter_id"]
    if title.media_type is MediaType.TV:
        places[1:1] = ["freebase_mid", "freebase_id", "tvdb_id", "tvrage_id"]
    return dict.fromkeys(places) | {"imdb_id": imdb_id(title)}


def details(catalogue: Catalogue, title: Title) -> Json:
    """Return what /movie/{id} or /tv/{id} says, without anything appended."""
    page = list_row(title)
    del page["genre_ids"]
    page |= {
        "genres": [{"id": g, "name": _GENRE_NAMES.get(g, "Unknown")} for g in title.genres],
        "homepage": "",
        "origin_country": list(title.countries),
        "production_companies": [],
        "production_countries": [
            {"iso_3166_1": code, "name": COUNTRIES.get(code, code)} for code in title.countries
        ],
        "spoken_languages": [_language(title.language)],
        "tagline": _tagline(title),
    }
    if title.media_type is MediaType.MOVIE:
        return page | _film_details(catalogue, title)
    return page | _series_details(catalogue, title)


def credits_of(catalogue: Catalogue, title: Title) -> Json:
    """Return the cast, in billing order, and the crew."""
    directing = "Director" if title.media_type is MediaType.MOVIE else "Creator"
    directors = [_person(catalogue, key) for key in title.directors]
    crew = [_crew_member(title, person, "Directing", directing) for person in directors]
    crew += [_crew_member(title, person, "Writing", "Writer") for person in directors[:1]]
    invent = TextGenerator(Random(f"{title.media_type}/{title.id}"))  # noqa: S311 - names of characters
    cast = [
        {
            **_credited(_person(catalogue, key)),
            "character": invent.person(),
            "credit_id": _credit_id(title, key, "cast"),
            "order": order,
        }
        for order, key in enumerate(title.cast)
    ]
    return {"cast": cast, "crew": crew}


def keywords_of(catalogue: Catalogue, title: Title) -> Json:
    """Return the keywords; TMDB calls the list differently for films and for series."""
    name = "keywords" if title.media_type is MediaType.MOVIE else "results"
    return {name: [{"id": k, "name": catalogue.keywords.get(k, str(k))} for k in title.keywords]}


def director_names(catalogue: Catalogue, title: Title) -> list[str]:
    """Return who directed a film or created a series."""
    return [_person(catalogue, key).name for key in title.directors]


def genre_list(media_type: MediaType) -> Json:
    """Return the vocabulary of films or of series."""
    names = FILM_GENRES if media_type is MediaType.MOVIE else SERIES_GENRES
    return {"genres": [{"id": key, "name": name} for key, name in names.items()]}


def _names(title: Title) -> Json:
    day = title.released.isoformat() if title.released else ""
    if title.media_type is MediaType.MOVIE:
        return {
            "original_title": title.original_title,
            "release_date": day,
            "title": title.title,
            "video": False,
        }
    return {
        "first_air_date": day,
        "name": title.title,
        "origin_country": list(title.countries),
        "original_name": title.original_title,
    }


def _film_details(catalogue: Catalogue, title: Title) -> Json:
    takings = revenue(title)
    if title.released is None:
        status = "Rumored"
    else:
        status = "Released" if title.released <= catalogue.as_of else "Post Production"
    return {
        "belongs_to_collection": None,
        "budget": takings // 3,
        "imdb_id": imdb_id(title),
        "revenue": takings,
        "runtime": title.runtime,
        "status": status,
    }


def _series_details(catalogue: Catalogue, title: Title) -> Json:
    last = title.last_aired
    goes_on = last is None or catalogue.as_of - last < _DIED_AFTER
    return {
        "created_by": [
            {
                "id": person.id,
                "credit_id": _credit_id(title, person.id, "Creator"),
                "name": person.name,
                "original_name": person.name,
                "gender": person.gender,
                "profile_path": None,
            }
            for person in (_person(catalogue, key) for key in title.directors)
        ],
        "episode_run_time": [title.runtime] if title.runtime else [],
        "in_production": goes_on,
        "languages": [title.language],
        "last_air_date": last.isoformat() if last else None,
        "last_episode_to_air": None,
        "networks": [],
        "next_episode_to_air": None,
        "number_of_episodes": title.episodes,
        "number_of_seasons": title.seasons,
        "seasons": list(_seasons(title)),
        "status": "Returning Series" if goes_on else "Ended",
        "type": "Scripted",
    }


def _seasons(title: Title) -> Iterable[Json]:
    for number in range(1, title.seasons + 1):
        start = title.released + timedelta(days=365 * (number - 1)) if title.released else None
        each, more = divmod(title.episodes, title.seasons)
        yield {
            "air_date": start.isoformat() if start else None,
            "episode_count": each + (1 if number <= more else 0),
            "id": title.id * 100 + number,
            "name": f"Season {number}",
            "overview": "",
            "poster_path": poster_path(title),
            "season_number": number,
            "vote_average": round(title.vote_average, 1),
        }


def _language(code: str) -> Json:
    english, own = LANGUAGES.get(code, (code, code))
    return {"english_name": english, "iso_639_1": code, "name": own}


def _tagline(title: Title) -> str:
    theme = THEMES.get(title.genres[0]) if title.genres else None
    if theme is None or not title.overview:
        return ""
    return theme.taglines[title.id * 31 % len(theme.taglines)]


def _person(catalogue: Catalogue, key: int) -> Person:
    return catalogue.people.get(key) or Person(id=key, name=f"Person {key}")


def _credited(person: Person) -> Json:
    return {
        "adult": False,
        "gender": person.gender,
        "id": person.id,
        "known_for_department": person.department,
        "name": person.name,
        "original_name": person.name,
        "popularity": person.popularity,
        "profile_path": None,
    }


def _crew_member(title: Title, person: Person, department: str, job: str) -> Json:
    return {
        **_credited(person),
        "credit_id": _credit_id(title, person.id, job),
        "department": department,
        "job": job,
    }


def _credit_id(title: Title, person_id: int, job: str) -> str:
    name = f"{title.media_type}/{title.id}/{person_id}/{job}"
    return blake2b(name.encode(), digest_size=12).hexdigest()
