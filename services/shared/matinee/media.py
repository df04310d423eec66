"""Titles as all services name them: media types, keys, TMDB's genres and the weighted rating.

Genre ids change so rarely (the last time was in 2017) that they are a table here, not a request to
TMDB. Films and series have different genres: 28 is Action for films and nothing for series.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class MediaType(StrEnum):
    """Film or series. TMDB counts their ids separately: film 550 and series 550 are two titles."""

    MOVIE = "movie"
    TV = "tv"

    @property
    def genres(self) -> Mapping[int, str]:
        """TMDB's genres of this media type, id to English name."""
        return MOVIE_GENRES if self is MediaType.MOVIE else TV_GENRES

    def own_genres(self, genre_ids: Iterable[int]) -> tuple[int, ...]:
        """Return genres of either media type as this one's: 28 is 10759 among series."""
        own = self.genres
        found = ((genre,) if genre in own else _COUNTERPARTS.get(genre, ()) for genre in genre_ids)
        return tuple(sorted({genre for some in found for genre in some if genre in own}))


MAX_MEDIA_ID = 2**31 - 1
"""The highest of TMDB's ids that is accepted: GraphQL's Int has no higher one."""


@dataclass(frozen=True, slots=True, order=True)
class TitleKey:
    """The key of a title: TMDB's id within its media type. As text `movie#550`."""

    media_type: MediaType
    id: int

    def __str__(self) -> str:
        return f"{self.media_type}#{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `movie#550`; raise ValueError for any other text."""
        media_type, _, number = text.partition("#")
        return cls(MediaType(media_type), int(number))


MOVIE_GENRES: Mapping[int, str] = {
    28: "Action",
    12: "Adventure",
    16: "Animation",
    35: "Comedy",
    80: "Crime",
    99: "Documentary",
    18: "Drama",
    10751: "Family",
    14: "Fantasy",
    36: "History",
    27: "Horror",
    10402: "Music",
    9648: "Mystery",
    10749: "Romance",
    878: "Science Fiction",
    10770: "TV Movie",
    53: "Thriller",
    10752: "War",
    37: "Western",
}

TV_GENRES: Mapping[int, str] = {
    10759: "Action & Adventure",
    16: "Animation",
    35: "Comedy",
    80: "Crime",
    99: "Documentary",
    18: "Drama",
    10751: "Family",
    10762: "Kids",
    9648: "Mystery",
    10763: "News",
    10764: "Reality",
    10765: "Sci-Fi & Fantasy",
    10766: "Soap",
    10767: "Talk",
    10768: "War & Politics",
    37: "Western",
}

GENRES: Mapping[int, str] = {**MOVIE_GENRES, **TV_GENRES}

_COUNTERPARTS: Mapping[int, tuple[int, ...]] = {
    28: (10759,),
    12: (10759,),
    14: (10765,),
    878: (10765,),
    36: (10768,),
    10752: (10768,),
    10759: (28, 12),
    10762: (10751,),
    10763: (99,),
    10765: (878, 14),
    10768: (10752, 36),
}
"""Genres that only one media type has, as the other one's. Horror has no counterpart in series."""

PRIOR_MEAN = 6.5
"""The rating of a title without votes, 0 to 10: about the mean of TMDB's."""

PRIOR_WEIGHT = 200
"""How many votes weigh as much as the prior."""


def weighted_rating(vote_average: float, vote_count: int) -> float:
    """Return the average, 0 to 10, drawn to PRIOR_MEAN the more the fewer votes there are.

    Source: the weighted rating of IMDb's Top 250, (v R + m C) / (v + m).
    """
    votes = max(vote_count, 0)
    return (votes * vote_average + PRIOR_WEIGHT * PRIOR_MEAN) / (votes + PRIOR_WEIGHT)
