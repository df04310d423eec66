"""Both trainers make the same model of the same favourites, byte for byte."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from matinee.dynamodb.items import to_item
from matinee.media import TitleKey
from recommender.adapters.dynamodb.items import entry_name
from recommender.adapters.model_writer import train
from recommender.adapters.spark.trainer import SparkTrainer
from recommender.domain.taste import TasteList
from recommender.domain.training.cooccurrence import CooccurrenceCounts, FavouritesChange
from recommender.domain.training_state import MAX_COUNTED_FAVOURITES
from tests.fakes.films import MOVIE, NOW
from tools.evaluate.export import write_export, write_items
from tools.evaluate.spark import local_session
from tools.evaluate.synthetic import Cinema

CINEMA = Cinema(90, series=30, themes=6)
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Java that compiles little: what it would gain comes too late for so few favourites."""

BUCKETS, MAX_SOLVED = 2, 40
"""Of 120 titles: the others have their cosines."""


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session of this process alone, where `python3` is another Python than ours."""
    other = tmp_path_factory.mktemp("bin") / "python3"
    other.write_text("#!/bin/sh\nexit 1\n")
    other.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{other.parent}{os.pathsep}{os.environ['PATH']}")
        with local_session(1, java_options=SHORT_LIVED) as session:
            yield session


def test_both_trainers_give_the_same_model(spark: SparkSession, tmp_path: Path) -> None:
    users = [*CINEMA.histories(80, seed=3), _long_history()]
    assert {key.media_type for keys in users for key in keys} == {"movie", "tv"}
    _, titles = write_export(tmp_path, users, CINEMA.titles())
    write_items(tmp_path / "others", _items_that_are_no_favourites())
    paths = str(tmp_path / "{tastes,others}"), str(titles)

    found = SparkTrainer(spark, *paths, BUCKETS, MAX_SOLVED).train("v1", NOW)

    counts = CooccurrenceCounts().changed(FavouritesChange(after=one) for one in users)
    wanted = train(counts, CINEMA.titles(), version="v1", trained_at=NOW, max_solved=MAX_SOLVED)
    assert found.content == wanted
    assert (found.users, found.titles) == (81, 120)
    assert found.favourites == counts.favourites.sum()


def _long_history() -> list[TitleKey]:
    """Return more favourites than are counted; the oldest are known titles, and do not count."""
    unknown = [TitleKey(MOVIE, 10_000 + n) for n in range(MAX_COUNTED_FAVOURITES - 5)]
    return [CINEMA.key(n) for n in range(20)] + unknown


def _items_that_are_no_favourites() -> Iterator[dict[str, object]]:
    """Yield what a user has besides: removed, watched, stated, counted."""
    film = CINEMA.key(0)
    added = "2026-01-01T00:00:00.000000+00:00"
    items: dict[str, dict[str, object]] = {
        entry_name(TasteList.FAVOURITES, film): {"removedUpTo": added, "ttl": 1},
        entry_name(TasteList.WATCHLIST, film): {"addedAt": added},
        "preferences": {"version": 1, "preferences": {"genres": ["drama"]}},
        "counted": {"run": "r1"},
    }
    for entry, values in items.items():
        yield to_item({"userId": "one more", "entry": entry, **values})
