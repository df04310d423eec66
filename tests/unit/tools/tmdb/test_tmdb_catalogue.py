import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from tools.tmdb.catalogue import (
    AS_OF,
    Catalogue,
    CatalogueBuilder,
    MediaType,
    Title,
    TitleCollection,
    generate,
)
from tools.tmdb.genres import FILM_GENRES, SERIES_GENRES

ROOT = Path(__file__).resolve().parents[4]


def _share(titles: list[Title], count: int) -> float:
    return count / len(titles)


def _pair_counts(collection: TitleCollection, genres: dict[int, str]) -> list[int]:
    grown = collection.everything & ~collection.adult
    return [
        (collection.genres[one] & collection.genres[other] & grown).bit_count()
        for one, other in combinations(genres, 2)
    ]


def test_the_same_seed_gives_the_same_catalogue() -> None:
    one, other = generate(300, 100, seed=9), generate(300, 100, seed=9)

    assert one.movies.titles == other.movies.titles
    assert one.series.titles == other.series.titles
    assert one.people == other.people


def test_places_are_the_same_in_every_process() -> None:
    places = "from tools.tmdb.catalogue.languages import names_of; print(names_of('it').places)"

    told = {
        subprocess.check_output(
            [sys.executable, "-c", places], env={"PYTHONHASHSEED": seed}, cwd=ROOT
        )
        for seed in ("1", "2")
    }

    assert len(told) == 1


def test_another_seed_gives_another_catalogue() -> None:
    one, other = generate(50, 0, seed=1), generate(50, 0, seed=2)

    assert {t.title for t in one.movies.titles} != {t.title for t in other.movies.titles}


@pytest.mark.parametrize(("films", "series"), [(0, 0), (1, 0), (0, 1), (3, 2), (1_000, 17)])
def test_a_catalogue_has_as_many_titles_as_asked_for(films: int, series: int) -> None:
    catalogue = generate(films, series)

    assert (len(catalogue.movies), len(catalogue.series)) == (films, series)
    assert len(catalogue) == films + series


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        generate(-1, 0)


def test_the_default_is_5000_films_and_1500_series(generated: Catalogue) -> None:
    assert (len(generated.movies), len(generated.series)) == (5_000, 1_500)


def test_the_id_spaces_of_films_and_series_overlap(generated: Catalogue) -> None:
    films = {title.id for title in generated.movies.titles}
    series = {title.id for title in generated.series.titles}

    assert 550 in films & series
    assert len(films & series) > 100
    film, show = generated.movies.find(550), generated.series.find(550)
    assert film is not None
    assert show is not None
    assert (film.media_type, show.media_type) == (MediaType.MOVIE, MediaType.TV)


def test_ids_have_gaps_as_tmdbs_have(generated: Catalogue) -> None:
    assert max(title.id for title in generated.movies.titles) > 2 * len(generated.movies)


def test_titles_carry_one_to_four_genres_of_their_own_kind(generated: Catalogue) -> None:
    for collection, genres in ((generated.movies, FILM_GENRES), (generated.series, SERIES_GENRES)):
        for title in collection.titles:
            assert 1 <= len(title.genres) <= 4
            assert len(set(title.genres)) == len(title.genres)
            assert set(title.genres) <= set(genres)
        assert {g for title in collection.titles for g in title.genres} == set(genres)


def test_drama_leads_and_westerns_are_rare(generated: Catalogue) -> None:
    counts = Counter(genre for title in generated.movies.titles for genre in title.genres)

    assert counts.most_common(1)[0][0] == 18
    assert counts[37] < counts[28] / 8


@pytest.mark.parametrize("kind", ["films", "series"])
def test_genre_pairs_are_plentiful_scarce_and_nearly_empty(generated: Catalogue, kind: str) -> None:
    collection, genres = (
        (generated.movies, FILM_GENRES) if kind == "films" else (generated.series, SERIES_GENRES)
    )

    counts = _pair_counts(collection, genres)

    assert sum(count >= 60 for count in counts) >= 8
    assert sum(20 <= count < 50 for count in counts) >= 8
    assert sum(1 <= count <= 3 for count in counts) >= 8
    assert sum(count == 0 for count in counts) >= 3


def test_the_pairs_that_the_documentation_names_are_as_it_says(generated: Catalogue) -> None:
    def both(collection: TitleCollection, one: int, other: int) -> int:
        return (collection.genres[one] & collection.genres[other] & ~collection.adult).bit_count()

    assert both(generated.movies, 18, 53) >= 200
    assert 20 <= both(generated.movies, 12, 10749) <= 30
    assert both(generated.movies, 27, 37) == 2
    assert both(generated.series, 18, 80) > 100
    assert 20 <= both(generated.series, 18, 10766) <= 30
    assert both(generated.series, 16, 10768) == 2


def test_votes_have_a_long_tail(generated: Catalogue) -> None:
    votes = sorted(title.vote_count for title in generated.movies.titles)

    assert 0.5 < sum(v < 50 for v in votes) / len(votes) < 0.75
    assert sum(v == 0 for v in votes) > 100
    assert votes[-1] > 20_000
    assert votes[len(votes) // 2] < 60


def test_averages_are_between_one_and_ten_and_nought_without_votes(generated: Catalogue) -> None:
    for title in (*generated.movies.titles, *generated.series.titles):
        if title.vote_count:
            assert 1 <= title.vote_average <= 10
        else:
            assert title.vote_average == 0


def test_popularity_is_heavy_tailed_and_favours_votes_and_new(
    generated: Catalogue,
) -> None:
    titles = generated.movies.titles
    top, rest = titles[:250], titles[250:]

    assert titles[0].popularity > 20 * titles[len(titles) // 2].popularity
    assert sorted(t.vote_count for t in top)[125] > 10 * sorted(t.vote_count for t in rest)[2_375]
    new = date(AS_OF.year - 1, 1, 1)
    in_top = sum(t.released is not None and t.released >= new for t in top)
    in_rest = sum(t.released is not None and t.released >= new for t in rest)
    assert _share(top, in_top) > 3 * _share(rest, in_rest)


def test_most_speak_english_and_many_languages_and_scripts_are_there(
    generated: Catalogue,
) -> None:
    titles = generated.movies.titles
    languages = Counter(title.language for title in titles)

    assert 0.5 < languages["en"] / len(titles) < 0.65
    assert set(languages) >= {"es", "fr", "it", "de", "pt", "ja", "ko", "hi", "zh", "ru"}


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        ("ja", "\u3040", "\u9fff"),
        ("ko", "\uac00", "\ud7a3"),
        ("ru", "\u0400", "\u04ff"),
        ("hi", "\u0900", "\u097f"),
        ("zh", "\u4e00", "\u9fff"),
    ],
)
def test_original_titles_are_in_the_script_of_the_original_language(
    generated: Catalogue, language: str, first: str, last: str
) -> None:
    titles = [t for t in generated.movies.titles if t.language == language]

    assert titles
    assert all(any(first <= c <= last for c in t.original_title) for t in titles)
    assert any(t.title == t.original_title for t in titles), "some are not translated"
    assert any(t.title.isascii() for t in titles), "most are"


def test_some_titles_in_latin_script_carry_diacritics(generated: Catalogue) -> None:
    latin = [t.title for t in generated.movies.titles if t.language in {"fr", "es", "de", "pt"}]

    accented = [t for t in latin if not t.isascii() and max(t) < "\u0250"]
    assert len(accented) > 50


def test_titles_are_varied(generated: Catalogue) -> None:
    titles = [title.title for title in generated.movies.titles]

    assert len(set(titles)) > 0.97 * len(titles)
    assert all(title.strip() == title and title for title in titles)
    openings = Counter(title.split()[0] for title in titles)
    assert openings.most_common(1)[0][1] < 0.45 * len(titles)


def test_overviews_are_sentences_and_a_few_are_missing(generated: Catalogue) -> None:
    overviews = [title.overview for title in generated.movies.titles]
    told = [overview for overview in overviews if overview]

    assert 0.01 < 1 - len(told) / len(overviews) < 0.1
    assert all(overview[0].isupper() and overview.endswith(".") for overview in told)
    assert all("  " not in overview and "{" not in overview for overview in told)
    assert len(set(told)) > 0.9 * len(told)


def test_a_few_titles_have_no_poster_and_a_few_films_are_for_adults(generated: Catalogue) -> None:
    titles = generated.movies.titles

    assert 0.01 < sum(not t.has_poster for t in titles) / len(titles) < 0.08
    assert 10 < sum(t.adult for t in titles) < 120
    assert not any(t.adult and 10751 in t.genres for t in titles)


def test_most_dates_are_recent_and_a_few_ahead_or_unknown(
    generated: Catalogue,
) -> None:
    titles = generated.movies.titles
    dated = [title.released for title in titles if title.released is not None]

    assert 10 < len(titles) - len(dated) < 150
    assert 30 < sum(day > AS_OF for day in dated) < 250
    assert sum(day.year >= 2000 for day in dated) > 0.7 * len(dated)
    assert sum(day.year < 1980 for day in dated) > 100


def test_upcoming_films_have_no_votes(generated: Catalogue) -> None:
    upcoming = [t for t in generated.movies.titles if t.released and t.released > AS_OF]

    assert all(title.vote_count == 0 for title in upcoming)


def test_series_have_seasons_and_end_after_they_begin(generated: Catalogue) -> None:
    for title in generated.series.titles:
        assert title.seasons >= 1
        assert title.episodes >= title.seasons
        if title.released is not None:
            assert title.last_aired is not None
            assert title.last_aired >= min(title.released, AS_OF)


def test_every_person_and_keyword_of_a_title_has_a_name(generated: Catalogue) -> None:
    for title in (*generated.movies.titles, *generated.series.titles):
        assert all(key in generated.people for key in (*title.cast, *title.directors))
        assert all(key in generated.keywords for key in title.keywords)


def test_directors_work_with_the_same_actors_again(generated: Catalogue) -> None:
    together = Counter(
        (title.directors[0], actor) for title in generated.movies.titles for actor in title.cast
    )

    assert sum(times >= 3 for times in together.values()) > 100


def test_a_few_actors_are_in_very_much_and_most_in_little(generated: Catalogue) -> None:
    parts = Counter(actor for title in generated.movies.titles for actor in title.cast)
    busiest = [times for _, times in parts.most_common()]

    assert busiest[0] > 15
    assert busiest[len(busiest) // 2] <= 8


def test_day_and_week_trends_differ_and_leave_out_films_for_adults(generated: Catalogue) -> None:
    day, week = generated.trending("movie", "day"), generated.trending("movie", "week")

    assert day[:20] != week[:20]
    assert not any(isinstance(entry, Title) and entry.adult for entry in day)
    assert len(day) == sum(not title.adult for title in generated.movies.titles)


def test_an_id_twice_within_a_media_type_is_refused(builder: CatalogueBuilder) -> None:
    film = builder.film(id=550)

    with pytest.raises(ValueError, match="550"):
        builder.film(id=550)
    with pytest.raises(ValueError, match="550"):
        Catalogue([film, film])


def test_a_builder_numbers_titles_around_the_ids_that_were_given(
    builder: CatalogueBuilder,
) -> None:
    builder.film(id=2)

    ids = [title.id for title in builder.films(3, genres=(18,))]

    assert ids == [1, 3, 4]
    assert builder.show().id == 1


def test_a_builder_keeps_the_order_in_which_titles_were_added(builder: CatalogueBuilder) -> None:
    added = builder.films(30, genres=(18,))

    assert builder.build().movies.titles == added


def test_a_builder_knows_the_same_name_as_the_same_person(builder: CatalogueBuilder) -> None:
    first = builder.film(cast=("Ada", "Bo"), directors=("Cleo",))
    second = builder.film(cast=("Bo",), directors=("Ada",))

    assert second.cast == (builder.person_id("Bo"),)
    assert second.directors == (first.cast[0],)


def test_warming_builds_what_requests_would_have_built() -> None:
    catalogue = generate(200, 50)

    catalogue.warm()

    assert {"genres", "cast", "keywords", "folded_titles"} <= set(vars(catalogue.movies))
