import json
from datetime import date
from pathlib import Path

import pytest

from tools.tmdb.catalogue import CatalogueFileError, load


def _written(path: Path, *lines: object) -> Path:
    file = path / "titles.jsonl"
    file.write_text(
        "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines),
        encoding="utf-8",
    )
    return file


def test_a_line_in_tmdbs_own_words_becomes_a_film(tmp_path: Path) -> None:
    file = _written(
        tmp_path,
        {
            "media_type": "movie",
            "id": 550,
            "title": "Élodie",
            "original_title": "Élodie et les autres",
            "genre_ids": [18, 16],
            "release_date": "1999-10-15",
            "vote_average": 8.4,
            "vote_count": 26_280,
            "popularity": 61.4,
            "original_language": "fr",
            "adult": False,
            "video": False,
            "poster_path": "/some.jpg",
            "backdrop_path": None,
            "overview": "",
            "keywords": ["night"],
            "cast": ["Ada"],
        },
    )

    film = load(file).movies.find(550)

    assert film is not None
    assert (film.title, film.original_title) == ("Élodie", "Élodie et les autres")
    assert film.genres == (18, 16)
    assert film.released == date(1999, 10, 15)
    assert (film.vote_average, film.vote_count, film.popularity) == (8.4, 26_280, 61.4)
    assert (film.language, film.overview, film.has_poster) == ("fr", "", True)
    assert len(film.keywords) == len(film.cast) == 1


def test_a_series_is_named_and_aired(tmp_path: Path) -> None:
    file = _written(
        tmp_path,
        {
            "media_type": "tv",
            "id": 550,
            "name": "The Marsh",
            "first_air_date": "2020-02-03",
            "origin_country": ["GB"],
            "number_of_seasons": 3,
        },
    )

    series = load(file).series.find(550)

    assert series is not None
    assert (series.title, series.released) == ("The Marsh", date(2020, 2, 3))
    assert (series.countries, series.seasons) == (("GB",), 3)


def test_a_line_needs_its_type_only_and_empty_lines_are_skipped(
    tmp_path: Path,
) -> None:
    file = _written(tmp_path, {"media_type": "movie"}, "", "  ", {"media_type": "movie"})

    assert [title.id for title in load(file).movies.titles] == [1, 2]


def test_no_poster_and_no_date_can_be_said(tmp_path: Path) -> None:
    file = _written(
        tmp_path,
        {"media_type": "movie", "poster_path": None, "release_date": ""},
        {"media_type": "movie", "has_poster": False, "release_date": None},
    )

    for film in load(file).movies.titles:
        assert (film.has_poster, film.released) == (False, None)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "line 2"),
        ('{"media_type": "film"}', "media_type"),
        ('{"media_type": "movie", "genres_ids": [18]}', "genres_ids"),
        ('{"media_type": "movie", "release_date": "soon"}', "release_date"),
        ('{"media_type": "movie", "vote_average": 11}', "vote_average"),
        ('{"media_type": "movie", "id": 7}', "id 7"),
        ("{}", "media_type"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_its_fault(
    tmp_path: Path, line: str, said: str
) -> None:
    file = _written(tmp_path, {"media_type": "movie", "id": 7}, line)

    with pytest.raises(CatalogueFileError, match="line 2") as refusal:
        load(file)

    assert said in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueFileError, match=r"nothing\.jsonl"):
        load(tmp_path / "nothing.jsonl")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "latin.jsonl"
    file.write_bytes('{"media_type": "movie", "title": "Élodie"}'.encode("latin-1"))

    with pytest.raises(CatalogueFileError, match="cannot be read"):
        load(file)
