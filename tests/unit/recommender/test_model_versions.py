"""Models outlive the code that wrote them: each version reads those of the one before, and back.

While a release is under way functions of both versions read the same object. `before-maturity` was
written by the last version whose models had no section of that name.
"""

import json
from pathlib import Path
from typing import Any

from matinee.media import MediaType
from recommender.adapters.model_file import HEAD_OFFSET, MAGIC, StoredModel, read_model
from recommender.adapters.model_writer import train
from recommender.domain.title_vector import Facet
from recommender.domain.titles import TitleFacts
from recommender.domain.training.cooccurrence import CooccurrenceCounts, FavouritesChange
from tests.fakes.films import NOW, film, series

BEFORE = (
    Path(__file__).resolve().parents[2] / "data" / "models" / "before-maturity.model"
).read_bytes()
TITLES: list[TitleFacts] = [
    film(
        1,
        keywords=("heist", "los angeles"),
        cast=("Al Pacino",),
        directors=("Michael Mann",),
        genre_ids=(28, 80),
    ),
    film(2, keywords=("heist",), directors=("Michael Mann",), genre_ids=(80,), vote_count=900),
    film(3, keywords=("paris",), original_language="fr", genre_ids=(35, 10749)),
    film(
        4,
        vote_count=0,
        vote_average=0.0,
        release_date=None,
        runtime=None,
        original_language=None,
        genre_ids=(),
    ),
    series(1, keywords=("period drama",), cast=("Claire Foy",)),
    series(2, keywords=("time travel",), original_language="de", genre_ids=(18, 9648)),
]
LIKED = ((0, 1), (0, 1, 2), (2, 4), (4, 5), (0, 1, 5))
LEARNT = ("neighbours.", "popularity_prior")
"""Sections whose values are the algorithm's, which may change; the others state facts."""


def written_now() -> bytes:
    users = [FavouritesChange(after=[TITLES[n].key for n in liked]) for liked in LIKED]
    counts = CooccurrenceCounts().changed(users)
    return train(counts, TITLES, version="before", trained_at=NOW)


def head_of(content: bytes) -> dict[str, Any]:
    length = int.from_bytes(content[HEAD_OFFSET : HEAD_OFFSET + 8], "little")
    head: dict[str, Any] = json.loads(content[HEAD_OFFSET + 8 : HEAD_OFFSET + 8 + length])
    return head


def facts_of(model: StoredModel) -> dict[object, object]:
    return {
        model.key(number): (
            traits.genres,
            traits.keywords,
            traits.directors,
            traits.cast,
            traits.language,
            traits.year,
            traits.runtime,
            traits.vote_count,
            traits.favourites,
        )
        for number in range(len(model))
        for traits in (model.vector(number).traits,)
    }


def test_reads_a_model_of_the_version_before() -> None:
    model = read_model(BEFORE)

    assert facts_of(model) == facts_of(read_model(written_now()))
    assert (model.version, model.users, model.favourites) == ("before", 5, 12)
    assert model.trained_at == NOW
    heat, thief = (model.number(TITLES[n].key) for n in (0, 1))
    assert heat is not None
    assert thief in model.neighbours(heat)
    assert model.titles_with(Facet.MEDIA, MediaType.TV.value).bit_count() == 2
    assert model.idf(Facet.KEYWORD, "heist") > 0


def test_what_the_version_before_did_not_say_is_not_known() -> None:
    model = read_model(BEFORE)
    assert {model.vector(number).traits.maturity for number in range(len(model))} == {None}


def test_a_model_of_now_has_all_that_the_version_before_reads() -> None:
    content = written_now()
    before, now = head_of(BEFORE), head_of(content)

    assert content.startswith(MAGIC)
    assert BEFORE.startswith(MAGIC)
    for name in before.keys() - {"sections"}:
        assert now[name] == before[name], name
    for name, (begin, length, code) in before["sections"].items():
        begins, lasts, is_of = now["sections"][name]
        assert is_of == code, name
        if not name.startswith(LEARNT):
            assert content[begins : begins + lasts] == BEFORE[begin : begin + length], name
