"""The job that trains on Spark, as EMR Serverless submits it: its entry point, not a function.

spark_trainer.py EXPORTED_TASTES EXPORTED_TITLES
"""

import sys

from recommender.bootstrap import spark_session, train_from_export


def main() -> None:
    """Train and publish a model; the paths are those of an export's data."""
    tastes, titles = sys.argv[1:]
    with spark_session() as session:
        train_from_export(session, tastes, titles)()


if __name__ == "__main__":
    main()
