"""The model's file: read as written, and refused when corrupt."""

import struct
import sys
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.media import TitleKey
from recommender.adapters import model_file
from recommender.adapters.model_file import CorruptModel, StoredModel, read_model
from recommender.adapters.model_writer import train
from recommender.domain.bitmap import BitmapView, bitmap_of
from recommender.domain.quality import popularity_prior
from recommender.domain.title_vector import Facet
from recommender.domain.training.cooccurrence import CooccurrenceCounts, FavouritesChange
from tests.fakes.films import MOVIE, NOW, TV, cinema, film, series


def _content() -> bytes:
    users = [
        FavouritesChange(after=[title.key for title in cinema()[n : n + 9]])
        for n in range(0, 90, 3)
    ]
    return train(CooccurrenceCounts().changed(users), cinema(), version="v7", trained_at=NOW)


CONTENT = _content()
MODEL = read_model(CONTENT)


def test_the_model_has_its_version_and_counts() -> None:
    assert (MODEL.version, MODEL.trained_at, len(MODEL)) == ("v7", NOW, len(cinema()))
    assert (MODEL.users, MODEL.favourites) == (30, 270)


def test_reads_traits_as_written() -> None:
    for title in cinema():
        number = MODEL.number(title.key)
        assert number is not None
        assert MODEL.key(number) == title.key
        wanted, found = title.traits(), MODEL.vector(number).traits
        for name in (
            "key",
            "genres",
            "keywords",
            "directors",
            "cast",
            "language",
            "year",
            "maturity",
        ):
            assert getattr(found, name) == getattr(wanted, name)
        assert (found.runtime, found.vote_count) == (wanted.runtime, wanted.vote_count)
        assert isclose(found.vote_average, wanted.vote_average, rel_tol=1e-6)
        assert isclose(found.popularity, wanted.popularity, rel_tol=1e-6, abs_tol=1e-6)


def test_an_unknown_title_has_no_number() -> None:
    assert MODEL.number(TitleKey(MOVIE, 99_999)) is None
    assert MODEL.number(TitleKey(TV, 899)) is None


def test_numbers_titles_by_their_popularity_prior() -> None:
    grades = [MODEL.vector(number).traits.popularity_prior for number in range(len(MODEL))]

    assert grades == sorted(grades, reverse=True)


@pytest.mark.parametrize(
    ("facet", "value"),
    [
        (Facet.MEDIA, "tv"),
        (Facet.GENRE, 27),
        (Facet.LANGUAGE, "ko"),
        (Facet.YEAR, 1999),
        (Facet.RATING, 14),
        (Facet.KEYWORD, "heist"),
        (Facet.PERSON, "director 9"),
        (Facet.PERSON, "nobody"),
        (Facet.GENRE, 1),
    ],
)
def test_bitmaps_have_the_titles_with_the_property(facet: Facet, value: int | str) -> None:
    def has(number: int) -> bool:
        one = MODEL.vector(number).traits
        return {
            Facet.MEDIA: one.key.media_type.value == value,
            Facet.GENRE: value in one.genres,
            Facet.LANGUAGE: one.language == value,
            Facet.YEAR: one.year == value,
            Facet.RATING: int(2 * round(one.vote_average, 1)) == value,
            Facet.KEYWORD: value in one.keywords,
            Facet.PERSON: value in one.directors | one.cast,
        }[facet]

    found = list(BitmapView(MODEL.titles_with(facet, value)))

    assert found == [number for number in range(len(MODEL)) if has(number)]


def test_neighbours_ascend_and_share_users() -> None:
    first = MODEL.number(cinema()[4].key)
    assert first is not None
    neighbours = MODEL.neighbours(first)

    assert list(neighbours) == sorted(neighbours)
    assert all(strength > 0 for strength in neighbours.values())
    loudest = max(neighbours, key=neighbours.__getitem__)
    assert MODEL.key(loudest) in {cinema()[n].key for n in range(13)}


def test_a_title_without_favourites_has_no_neighbours() -> None:
    number = MODEL.number(cinema()[700].key)
    assert number is not None

    assert not MODEL.neighbours(number)


def test_idf_grows_with_rarity() -> None:
    rare = film(1, keywords=("common", "rare"), directors=("Ann",))
    others = [film(n, keywords=("common",)) for n in range(2, 12)]
    model = read_model(train(CooccurrenceCounts(), (rare, *others), version="v", trained_at=NOW))

    common, rarer = (model.idf(Facet.KEYWORD, word) for word in ("common", "rare"))
    assert model.idf(Facet.KEYWORD, "unheard of") >= rarer > common > 0


def test_the_same_input_gives_the_same_bytes_in_any_order() -> None:
    users = [
        FavouritesChange(after=[title.key for title in cinema()[n : n + 9]])
        for n in range(0, 90, 3)
    ]

    again = train(CooccurrenceCounts().changed(users), cinema()[::-1], version="v7", trained_at=NOW)

    assert again == CONTENT


@pytest.mark.parametrize("length", [0, 7, 40, 100, len(CONTENT) // 2, len(CONTENT) - 1])
def test_rejects_a_truncated_model(length: int) -> None:
    with pytest.raises(CorruptModel):
        read_model(CONTENT[:length])


@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_rejects_a_model_with_any_byte_changed(place: int, flip: int) -> None:
    broken = bytearray(CONTENT)
    broken[place] ^= flip

    with pytest.raises(CorruptModel):
        read_model(bytes(broken))


def test_rejects_a_model_of_another_format() -> None:
    with pytest.raises(CorruptModel):
        read_model(b"MTNMDL99" + CONTENT[8:])


def test_accepts_a_model_without_titles_or_favourites() -> None:
    empty = read_model(train(CooccurrenceCounts(), (), version="v", trained_at=NOW))

    assert len(empty) == 0
    assert empty.number(TitleKey(MOVIE, 1)) is None
    assert empty.titles_with(Facet.GENRE, 18) == 0


def test_ignores_favourites_of_titles_without_facts() -> None:
    known, gone = film(1), series(2)
    users = [FavouritesChange(after=[known.key, gone.key])] * 3

    model = read_model(
        train(CooccurrenceCounts().changed(users), [known], version="v", trained_at=NOW)
    )

    assert len(model) == 1
    assert model.vector(0).traits.favourites == 3
    assert not model.neighbours(0)


def test_memory_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "MAX_CACHED_VECTORS", 10)
    monkeypatch.setattr(model_file, "MAX_CACHED_BITMAPS", 3)
    model, whole = read_model(CONTENT), read_model(CONTENT)
    longest = max(len(whole.neighbours(number)) for number in range(100))
    monkeypatch.setattr(model_file, "MAX_CACHED_NEIGHBOURS", 2 * longest)

    for number in range(100):
        assert model.neighbours(number) == whole.neighbours(number)
        assert model.vector(number).traits.key == model.key(number)
        model.titles_with(Facet.YEAR, 1930 + number)

    assert _kept(model) <= (10, 3)
    assert sum(map(len, model._neighbours.values())) <= 2 * longest


def _kept(model: StoredModel) -> tuple[int, int]:
    return len(model._vectors), len(model._bitmap_cache)


def test_reads_little_endian_on_any_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    swapped = struct.pack("<3I", 1, 2, 70_000)
    monkeypatch.setattr(sys, "byteorder", "big")

    section = model_file._section(memoryview(swapped), 0, 12, "I")

    assert section.tobytes() == struct.pack(">3I", 1, 2, 70_000)


@given(st.sets(st.integers(0, 2000)))
def test_a_bitmap_has_the_given_numbers(numbers: set[int]) -> None:
    members = BitmapView(bitmap_of(numbers, 2001))

    assert list(members) == sorted(numbers)
    assert all((number in members) == (number in numbers) for number in range(0, 3000, 7))


def test_the_prior_grows_with_favourites_votes_and_rating() -> None:
    plain = film(1)

    assert (
        popularity_prior(plain, 9, 10)
        > popularity_prior(plain, 1, 10)
        > popularity_prior(plain, 0, 10)
    )
    assert popularity_prior(film(1, vote_count=9000), 0, 0) > popularity_prior(plain, 0, 0)
    assert popularity_prior(film(1, vote_average=9.0), 0, 0) > popularity_prior(plain, 0, 0)
