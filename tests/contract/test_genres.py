"""TMDB's genres: one table for all services, and the stand-in's own to check it."""

from matinee.media import MOVIE_GENRES, TV_GENRES
from tools.tmdb import genres as stand_in


def test_services_and_stand_in_have_the_same_genres() -> None:
    assert dict(MOVIE_GENRES) == dict(stand_in.FILM_GENRES)
    assert dict(TV_GENRES) == dict(stand_in.SERIES_GENRES)
