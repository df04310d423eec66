"""Train on Spark here: on two cores, with PySpark from its package and Java 17.

python -m tools.evaluate.spark                                  # of the running product
python -m tools.evaluate.spark --catalogue C --favourites F     # of an evaluation's files

Of the running product it exports the recommender's tables as DynamoDB would, and publishes the
model, which is served within a minute. Of files it trains with TrainerFunction's code, too, and
fails unless both make the same model.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
from pyspark.sql import SparkSession

from recommender.adapters.spark.trainer import SparkTrainer
from recommender.bootstrap import train_from_export
from tools.evaluate.export import write_export, write_items
from tools.evaluate.files import read_catalogue, read_favourites
from tools.evaluate.served import NOW, learn
from tools.ops.client import Stack

CORES = 2
BUCKETS = 8
VARIABLES = {
    "MODEL_BUCKET": "ModelBucketName",
    "TRAINING_TABLE": "RecommenderTrainingTableName",
    "OUTBOX_TABLE": "RecommenderOutboxTableName",
}
TABLES = {"tastes": "RecommenderTastesTableName", "titles": "RecommenderTitlesTableName"}


@contextmanager
def local_session(cores: int, memory: str = "2g", java_options: str = "") -> Iterator[SparkSession]:
    """Return a session within this process and its own Java; its workers import what we do."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    paths = os.pathsep.join(path for path in sys.path if path)
    session = (
        SparkSession.builder.master(f"local[{cores}]")
        .appName("matinee-trainer")
        .config("spark.driver.memory", memory)
        .config("spark.driver.extraJavaOptions", java_options)
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.executorEnv.PYTHONPATH", paths)
        .config("spark.sql.shuffle.partitions", 2 * cores)
        .config("spark.ui.enabled", value=False)
        .config("spark.ui.showConsoleProgress", value=False)
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    try:
        yield session
    finally:
        session.stop()


def main() -> int:
    """Run; returns the exit code."""
    options = argparse.ArgumentParser(prog="python -m tools.evaluate.spark", description=__doc__)
    options.add_argument("--catalogue", type=Path)
    options.add_argument("--favourites", type=Path)
    given = options.parse_args()
    if (given.catalogue is None) != (given.favourites is None):
        options.error("give both files, or none")
    with tempfile.TemporaryDirectory() as folder, local_session(CORES) as session:
        if given.catalogue is None:
            return _train_product(session, Path(folder))
        return _train_files(session, Path(folder), given.catalogue, given.favourites)


def _train_product(session: SparkSession, folder: Path) -> int:
    stack = Stack.load()
    os.environ |= {
        "STAGE": "local",
        "AWS_ENDPOINT_URL": stack.emulator_url,
        "AWS_DEFAULT_REGION": stack.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        **{name: stack.outputs[output] for name, output in VARIABLES.items()},
    }
    scan = boto3.client("dynamodb").get_paginator("scan")
    for name, output in TABLES.items():
        pages = scan.paginate(TableName=stack.outputs[output], ConsistentRead=True)
        write_items(folder / name, (item for page in pages for item in page["Items"]))
    published = train_from_export(session, *(str(folder / name) for name in TABLES))()
    print(f"published {published.version}: {published.titles} titles")
    return 0


def _train_files(session: SparkSession, folder: Path, catalogue: Path, favourites: Path) -> int:
    titles, histories = read_catalogue(catalogue), read_favourites(favourites)
    users = [[entry.key for entry in entries] for entries in histories.train.values()]
    tastes, facts = write_export(folder, users, titles.titles.values())
    began = time.perf_counter()
    found = SparkTrainer(session, str(tastes), str(facts), BUCKETS).train("evaluation", NOW)
    trained = time.perf_counter()
    is_same = found.content == learn(titles, [histories])
    ended = time.perf_counter()
    print(
        f"{found.users} users, {found.favourites} favourites, {found.titles} titles: "
        f"Spark {trained - began:.1f} s, one process {ended - trained:.1f} s; "
        f"the models are {'the same' if is_same else 'DIFFERENT'}"
    )
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
