"""TMDB's genres, which each service knows for itself: its domain imports nothing of another."""

from catalog.domain import genres as catalog
from matinee import media
from recommender.domain import genres as recommender


def test_the_catalogue_and_the_recommender_know_the_same_genres() -> None:
    assert dict(recommender.FILM_GENRES) == dict(catalog.FILM_GENRES)
    assert dict(recommender.TV_GENRES) == dict(catalog.TV_GENRES)


def test_a_genre_that_a_user_may_name_is_one_that_titles_have() -> None:
    assert dict(media.GENRES) == {**catalog.FILM_GENRES, **catalog.TV_GENRES}
