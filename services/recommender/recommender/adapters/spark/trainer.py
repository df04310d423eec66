"""Training on Spark: everybody's favourites from an export, counted on many machines.

    export of tastes -> each user's latest favourites -> users of each title (driver)
    portions of users -> counts of their pairs, in buckets -> merged counts of each bucket
    pairs of solved titles -> the matrix (driver) -> EASE;   pairs with a rarer title -> its cosine

The weights are those of `recommender.domain.training.ease`, by the same functions: a machine counts
what `CooccurrenceCounts` counts, and the driver solves what one invocation solves. Titles have
their places in the order of keys, on which no weight depends.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from pyspark import RDD
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sql

from recommender.adapters.dynamodb.titles import parse_titles
from recommender.adapters.model_file import MEDIA_SHIFT, pack_key, unpack_key
from recommender.adapters.model_writer import write_model
from recommender.domain.training.cooccurrence import (
    MAX_PENDING_FAVOURITES,
    CooccurrenceCounts,
    Numbers,
    PairCounts,
    count_pairs,
    merged,
)
from recommender.domain.training.ease import (
    MAX_SOLVED_TITLES,
    MAX_SOURCES,
    Weights,
    cosine_weights,
    damped,
    ease_weights,
    joined,
    rank,
    split,
    strongest,
)
from recommender.domain.training_state import MAX_COUNTED_FAVOURITES, TrainedModel

_TASTES = """Item struct<userId: struct<S: string>, entry: struct<S: string>,
             addedAt: struct<S: string>>"""
_PRIME = 1_000_003


@dataclass(frozen=True, slots=True)
class SparkTrainer:
    """Trains from exports of the tastes' and the titles' tables, in DynamoDB's JSON.

    `buckets` is the number of parts into which pairs are divided: one has to fit into the memory
    of a task, sixteen bytes a pair.
    """

    spark: SparkSession
    tastes: str
    titles: str
    buckets: int = 200
    max_solved: int = MAX_SOLVED_TITLES

    def train(self, version: str, trained_at: datetime) -> TrainedModel:
        """Return a model of the exported titles, trained on the exported favourites."""
        histories = self._histories().persist()
        counts = _count_titles(histories)
        portions = self._portions(histories, counts).persist()
        weights = self._solve(portions, counts)
        titles = self.spark.sparkContext.textFile(self.titles).collect()
        facts = list(parse_titles(map(_item, titles), trained_at))
        content = write_model(counts, weights, facts, version=version, trained_at=trained_at)
        return TrainedModel(content, counts.users, int(counts.favourites.sum()), len(facts))

    def _histories(self) -> DataFrame:
        """Return each user's latest favourites: `keys`, as `pack_key` writes them."""
        entry = sql.split("Item.entry.S", "#")
        media = sql.when(entry[1] == "tv", 1 << MEDIA_SHIFT).otherwise(0)
        favourites = (
            self.spark.read.schema(_TASTES)
            .json(self.tastes)
            .where((entry[0] == "favourite") & sql.col("Item.addedAt.S").isNotNull())
            .select(
                sql.col("Item.userId.S").alias("user"),
                sql.struct(
                    sql.col("Item.addedAt.S").alias("added"),
                    (media + entry[2].cast("long")).alias("key"),
                ).alias("favourite"),
            )
        )
        latest = sql.slice(
            sql.sort_array(sql.collect_list("favourite"), asc=False), 1, MAX_COUNTED_FAVOURITES
        )
        return favourites.groupBy("user").agg(latest["key"].alias("keys")).select("keys")

    def _portions(
        self, histories: DataFrame, counts: CooccurrenceCounts
    ) -> RDD[tuple[int, PairCounts]]:
        """Return the counts of all pairs by their bucket."""
        buckets = self.buckets  # What runs elsewhere cannot take the session with it.
        keys = self.spark.sparkContext.broadcast(_packed(counts))
        lists = histories.rdd.map(lambda row: list(row["keys"]))
        counted = lists.mapPartitions(lambda some: _count_pairs(some, keys.value, buckets))
        return counted.reduceByKey(merged, buckets)

    def _solve(self, portions: RDD[tuple[int, PairCounts]], counts: CooccurrenceCounts) -> Weights:
        buckets = self.buckets
        solved, rare = rank(counts, self.max_solved)
        places = np.full(len(counts.titles), -1, np.int64)
        places[solved] = np.arange(len(solved))
        known = self.spark.sparkContext.broadcast((places, counts.favourites))
        matrix = np.zeros((len(solved), len(solved)))
        cells = portions.map(lambda one: _cells(one[1], known.value[0]))
        for low, high, together in cells.toLocalIterator(prefetchPartitions=True):
            matrix[low, high] = together
            matrix[high, low] = together
        weights = [ease_weights(matrix, counts, solved, MAX_SOURCES)]
        if len(rare):
            by_target = portions.flatMap(lambda one: _cosines(one[1], *known.value, buckets))
            weights += by_target.reduceByKey(_strongest_of, buckets).values().collect()
        return damped(weights, counts)


def _count_titles(histories: DataFrame) -> CooccurrenceCounts:
    """Return the users, and the users of each title; without pairs."""
    found = histories.select(sql.explode("keys").alias("key")).groupBy("key").count().collect()
    ordered = sorted((int(row[0]), int(row[1])) for row in found)
    return CooccurrenceCounts(
        users=histories.count(),
        titles=tuple(unpack_key(key) for key, _ in ordered),
        favourites=np.array([number for _, number in ordered], np.int64),
    )


def _item(line: str) -> dict[str, Any]:
    """Parse an item of an export; what is binary there is in base64, and not needed."""
    item: dict[str, Any] = json.loads(line)["Item"]
    return {name: value for name, value in item.items() if "B" not in value}


def _packed(counts: CooccurrenceCounts) -> Numbers:
    return np.array([pack_key(key) for key in counts.titles], np.int64)


def _count_pairs(
    histories: Iterable[Sequence[int]], keys: Numbers, buckets: int
) -> Iterator[tuple[int, PairCounts]]:
    """Count the pairs of some users, in portions that fit into memory."""
    pending, size = list[Numbers](), 0
    for history in histories:
        pending.append(np.searchsorted(keys, np.sort(np.array(history, np.int64))))
        size += len(history)
        if size >= MAX_PENDING_FAVOURITES:
            yield from _in_buckets(count_pairs(pending), buckets)
            pending, size = [], 0
    yield from _in_buckets(count_pairs(pending), buckets)


def _in_buckets(counts: PairCounts, buckets: int) -> Iterator[tuple[int, PairCounts]]:
    pairs, together = counts
    low, high = split(pairs)
    for bucket, rows in _divide((low * _PRIME + high) % buckets):
        yield bucket, (pairs[rows], together[rows])


def _divide(buckets: Numbers) -> Iterator[tuple[int, Numbers]]:
    """Yield the rows of each bucket, in their order."""
    order = np.argsort(buckets, kind="stable")
    numbers, starts = np.unique(buckets[order], return_index=True)
    ends = [*starts[1:].tolist(), len(order)]
    for number, start, end in zip(numbers.tolist(), starts.tolist(), ends, strict=True):
        yield number, order[start:end]


def _cells(portion: PairCounts, places: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return the cells of the matrix that a bucket has: rows, columns, users."""
    low, high = (places[one] for one in split(portion[0]))
    both = (low >= 0) & (high >= 0)
    return low[both], high[both], portion[1][both]


def _cosines(
    portion: PairCounts, places: Numbers, favourites: Numbers, buckets: int
) -> Iterator[tuple[int, Weights]]:
    """Yield the strongest weights of a bucket's pairs with a rarer title, by their target."""
    low, high = split(portion[0])
    rare = (places[low] < 0) | (places[high] < 0)
    found = cosine_weights(low[rare], high[rare], portion[1][rare], favourites)
    for bucket, rows in _divide(found.targets % buckets):
        part = Weights(found.sources[rows], found.targets[rows], found.strengths[rows])
        yield bucket, _strongest(part)


def _strongest_of(one: Weights, other: Weights) -> Weights:
    return _strongest(joined((one, other)))


def _strongest(weights: Weights) -> Weights:
    """Return each title's strongest sources: places are in the order of keys."""
    ranks = np.arange(1 + int(weights.sources.max(initial=0)))
    return strongest(weights, ranks, MAX_SOURCES)
