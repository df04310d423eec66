"""The composition root: which adapter stands behind which port, made once for each process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from matinee.events.consumer import Consumer, DeadLetterQueue
from matinee.events.idempotency import IdempotencyGuard
from matinee.events.relay import Relay, RelaySettings, build_relay
from matinee.settings import EdgeSettings
from recommender.adapters.dynamodb.tastes import TasteRepository
from recommender.adapters.dynamodb.titles import TitleRepository
from recommender.adapters.dynamodb.training_log import TrainingLogRepository
from recommender.adapters.lambda_.catalog_client import CatalogClient
from recommender.adapters.model_cache import ModelCache
from recommender.adapters.model_file import CorruptModel, read_model
from recommender.adapters.s3.model_store import S3ModelStore
from recommender.events.consumed import ERASER_READS, PUBLISHED, TASTES_READS, TITLES_READS
from recommender.settings import (
    ApiSettings,
    EraserSettings,
    QueueSettings,
    TasteProjectorSettings,
    TitleProjectorSettings,
    TrainerSettings,
)
from recommender.use_cases.project_tastes import Eraser, TasteProjector, TitleProjector
from recommender.use_cases.recommend_titles import RecommendationService
from recommender.use_cases.train_model import MAX_READERS, TrainModel

if TYPE_CHECKING:
    from recommender.adapters.ease_trainer import EaseTrainingData

TABLE_CONFIG = Config(
    connect_timeout=0.5,
    read_timeout=1.0,
    retries={"total_max_attempts": 2, "mode": "standard"},
    tcp_keepalive=True,
)
"""A person waits: what does not answer soon is done without."""

MODEL_CONFIG = Config(
    connect_timeout=1.0, read_timeout=5.0, retries={"total_max_attempts": 2, "mode": "standard"}
)
CATALOG_CONFIG = Config(connect_timeout=0.5, read_timeout=2.5, retries={"total_max_attempts": 1})
"""It is asked after two tables have not answered, and all of it must fit into an invocation."""


@cache
def edge() -> EdgeSettings:
    """Return the settings that every function behind the API has."""
    return EdgeSettings.load()


@cache
def recommendations() -> RecommendationService:
    """Return the use cases of the API's function, the model already opened."""
    settings = ApiSettings.load()
    dynamodb = boto3.client("dynamodb", config=TABLE_CONFIG)
    models = ModelCache(
        S3ModelStore(settings.model_bucket, boto3.client("s3", config=MODEL_CONFIG)),
        read_model,
        CorruptModel,
    )
    models.current()
    return RecommendationService(
        tastes=TasteRepository(settings.tastes_table, "", dynamodb),
        models=models,
        projection=TitleRepository(settings.titles_table, dynamodb),
        catalogue=CatalogClient(
            settings.discover_function, boto3.client("lambda", config=CATALOG_CONFIG)
        ),
    )


@cache
def taste_projector() -> Consumer:
    """Return the projection of tastes behind its queue."""
    settings = TasteProjectorSettings.load()
    tastes = TasteRepository(
        settings.tastes_table, settings.training_table, boto3.client("dynamodb")
    )
    return Consumer(
        contracts=TASTES_READS,
        handle=TasteProjector(tastes).handle,
        guard=IdempotencyGuard(settings.idempotency_table, "taste-projector"),
        dead_letters=_dead_letters(settings),
    )


@cache
def title_projector() -> Consumer:
    """Return the projection of titles behind its queue."""
    settings = TitleProjectorSettings.load()
    titles = TitleRepository(settings.titles_table, boto3.client("dynamodb"))
    return Consumer(
        contracts=TITLES_READS,
        handle=TitleProjector(titles).handle,
        guard=IdempotencyGuard(settings.idempotency_table, "title-projector"),
        dead_letters=_dead_letters(settings),
    )


@cache
def eraser() -> Consumer:
    """Return the eraser behind its queue."""
    settings = EraserSettings.load()
    tastes = TasteRepository(
        settings.tastes_table, settings.training_table, boto3.client("dynamodb")
    )
    return Consumer(
        contracts=ERASER_READS,
        handle=Eraser(tastes).handle,
        guard=IdempotencyGuard(settings.idempotency_table, "eraser"),
        dead_letters=_dead_letters(settings),
    )


@cache
def trainer() -> TrainModel[EaseTrainingData]:
    """Return the trainer."""
    # Here, not above: it needs numpy, which no other function has.
    from recommender.adapters.ease_trainer import EaseTrainer  # noqa: PLC0415

    settings = TrainerSettings.load()
    dynamodb = boto3.client("dynamodb", config=Config(max_pool_connections=MAX_READERS))
    return TrainModel(
        log=TrainingLogRepository(settings.training_table, settings.outbox_table, dynamodb),
        tastes=TasteRepository(settings.tastes_table, settings.training_table, dynamodb),
        titles=TitleRepository(settings.titles_table, dynamodb),
        archive=S3ModelStore(settings.model_bucket, boto3.client("s3")),
        learner=EaseTrainer(),
    )


@cache
def relay() -> Relay:
    """Return the relay from the outbox to the bus."""
    return build_relay(PUBLISHED, RelaySettings.load())


def _dead_letters(settings: QueueSettings) -> DeadLetterQueue:
    return DeadLetterQueue(settings.dead_letter_url, boto3.client("sqs"))
