"""The composition root: which adapter stands behind which port, built once for each process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from matinee.settings import EdgeSettings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from matinee.events.consumer import Consumer
    from matinee.events.relay import Relay
    from recommender.adapters.dynamodb.tastes import TasteRepository
    from recommender.adapters.ease_trainer import EaseTrainingData
    from recommender.adapters.model_cache import ModelCache
    from recommender.settings import ModelBucketSettings, TasteConsumerSettings
    from recommender.use_cases.deal_group_deck import DealGroupDeck
    from recommender.use_cases.find_own_platforms import FindOwnPlatforms
    from recommender.use_cases.find_similar import FindSimilarTitles
    from recommender.use_cases.recommend_titles import RecommendTitles
    from recommender.use_cases.score_titles import ScoreTitles
    from recommender.use_cases.train_from_export import TrainFromExport
    from recommender.use_cases.train_model import TrainModel

TABLE_CONFIG = Config(
    connect_timeout=0.5,
    read_timeout=1.0,
    retries={"total_max_attempts": 2, "mode": "standard"},
    tcp_keepalive=True,
)
"""A person waits: a table that does not respond soon is done without."""

MAX_TASTE_READERS = 8
"""Tastes of a group that are read at the same time."""

MODEL_CONFIG = Config(
    connect_timeout=1.0, read_timeout=5.0, retries={"total_max_attempts": 2, "mode": "standard"}
)
CATALOG_CONFIG = Config(connect_timeout=0.5, read_timeout=2.5, retries={"total_max_attempts": 1})
"""It is called after two tables have not responded, and all of it must fit into an invocation."""


@cache
def edge() -> EdgeSettings:
    """Return the settings of every function behind the API."""
    return EdgeSettings.load()


@cache
def recommend_titles() -> RecommendTitles:
    """Return the use case, its model already loaded."""
    from recommender.adapters.dynamodb.tastes import TasteRepository
    from recommender.adapters.dynamodb.titles import TitleRepository
    from recommender.adapters.lambda_.catalog_client import CatalogClient
    from recommender.settings import ApiSettings
    from recommender.use_cases.recommend_titles import RecommendTitles

    settings = ApiSettings.load()
    dynamodb = boto3.client("dynamodb", config=TABLE_CONFIG)
    models = _models(settings)
    titles = TitleRepository(settings.titles_table, dynamodb)
    return RecommendTitles(
        tastes=TasteRepository(settings.tastes_table, "", dynamodb),
        models=models,
        projection=titles,
        catalogue=CatalogClient(
            settings.discover_function, boto3.client("lambda", config=CATALOG_CONFIG)
        ),
        provider_names=titles.provider_names,
    )


def find_similar() -> FindSimilarTitles:
    """Return the use case, over the same model and titles as `recommend_titles`."""
    from recommender.use_cases.find_similar import FindSimilarTitles

    recommend = recommend_titles()
    return FindSimilarTitles(
        recommend.tastes, recommend.models, recommend.projection, recommend.catalogue
    )


@cache
def deal_group_deck() -> DealGroupDeck:
    """Return the use case, its model already loaded; tastes are read side by side."""
    from recommender.adapters.dynamodb.tastes import TasteRepository
    from recommender.adapters.dynamodb.titles import TitleRepository
    from recommender.settings import GroupDeckSettings
    from recommender.use_cases.deal_group_deck import DealGroupDeck

    settings = GroupDeckSettings.load()
    dynamodb = boto3.client("dynamodb", config=TABLE_CONFIG)
    return DealGroupDeck(
        tastes=TasteRepository(settings.tastes_table, "", dynamodb),
        models=_models(settings),
        titles=TitleRepository(settings.titles_table, dynamodb),
        concurrently=ThreadPoolExecutor(MAX_TASTE_READERS).map,
    )


@cache
def score_titles() -> ScoreTitles:
    """Return the use case, its model already loaded."""
    from recommender.adapters.dynamodb.tastes import TasteRepository
    from recommender.settings import OwnScoresSettings
    from recommender.use_cases.score_titles import ScoreTitles

    settings = OwnScoresSettings.load()
    dynamodb = boto3.client("dynamodb", config=TABLE_CONFIG)
    return ScoreTitles(TasteRepository(settings.tastes_table, "", dynamodb), _models(settings))


@cache
def find_own_platforms() -> FindOwnPlatforms:
    """Return the use case."""
    from recommender.adapters.dynamodb.tastes import TasteRepository
    from recommender.adapters.dynamodb.titles import TitleRepository
    from recommender.settings import OwnScoresSettings
    from recommender.use_cases.find_own_platforms import FindOwnPlatforms

    settings = OwnScoresSettings.load()
    dynamodb = boto3.client("dynamodb", config=TABLE_CONFIG)
    titles = TitleRepository(settings.titles_table, dynamodb)
    return FindOwnPlatforms(
        TasteRepository(settings.tastes_table, "", dynamodb), titles.provider_names
    )


@cache
def taste_projector() -> Consumer:
    """Return the consumer of the library's events."""
    from matinee.events.consumer import build_consumer
    from recommender.events.consumed import CONSUMERS
    from recommender.events.handling import handle_library_event
    from recommender.settings import TasteConsumerSettings
    from recommender.use_cases.project_tastes import ProjectTastes

    settings = TasteConsumerSettings.load()
    project = ProjectTastes(_tastes(settings))
    return build_consumer(
        "taste-projector",
        CONSUMERS["TasteProjectorFunction"],
        partial(handle_library_event, project),
        settings,
    )


@cache
def swipe_projector() -> Consumer:
    """Return the consumer of the rooms' votes."""
    from matinee.events.consumer import build_consumer
    from recommender.adapters.dynamodb.tastes import TasteRepository
    from recommender.events.consumed import CONSUMERS
    from recommender.events.handling import handle_vote_cast
    from recommender.settings import SwipeConsumerSettings
    from recommender.use_cases.project_tastes import ProjectSwipes

    settings = SwipeConsumerSettings.load()
    swipes = TasteRepository(settings.tastes_table, "", boto3.client("dynamodb"))
    return build_consumer(
        "swipe-projector",
        CONSUMERS["SwipeProjectorFunction"],
        partial(handle_vote_cast, ProjectSwipes(swipes)),
        settings,
    )


@cache
def title_projector() -> Consumer:
    """Return the consumer of the catalogue's events."""
    from matinee.events.consumer import build_consumer
    from recommender.adapters.dynamodb.titles import TitleRepository
    from recommender.events.consumed import CONSUMERS
    from recommender.events.handling import handle_titles_cached
    from recommender.settings import TitleConsumerSettings
    from recommender.use_cases.project_titles import ProjectTitles

    settings = TitleConsumerSettings.load()
    project = ProjectTitles(TitleRepository(settings.titles_table, boto3.client("dynamodb")))
    return build_consumer(
        "title-projector",
        CONSUMERS["TitleProjectorFunction"],
        partial(handle_titles_cached, project),
        settings,
    )


@cache
def eraser() -> Consumer:
    """Return the consumer of deleted accounts."""
    from matinee.events.consumer import build_consumer
    from recommender.events.consumed import CONSUMERS
    from recommender.events.handling import handle_user_deleted
    from recommender.settings import TasteConsumerSettings
    from recommender.use_cases.erase_user import EraseUser

    settings = TasteConsumerSettings.load()
    erase = EraseUser(_tastes(settings))
    return build_consumer(
        "eraser", CONSUMERS["TasteEraserFunction"], partial(handle_user_deleted, erase), settings
    )


@cache
def trainer() -> TrainModel[EaseTrainingData]:
    """Return the use case of the trainer."""
    from recommender.adapters.dynamodb.favourite_counts import FavouriteCountsRepository
    from recommender.adapters.dynamodb.titles import TitleRepository
    from recommender.adapters.dynamodb.training_log import TrainingLogRepository

    # Here, not above: it needs numpy, which no other function has.
    from recommender.adapters.ease_trainer import EaseTrainer
    from recommender.adapters.s3.model_store import S3ModelStore
    from recommender.events.factory import model_trained
    from recommender.settings import TrainerSettings
    from recommender.use_cases.train_model import MAX_READERS, TrainModel

    settings = TrainerSettings.load()
    dynamodb = boto3.client("dynamodb", config=Config(max_pool_connections=MAX_READERS))
    log = TrainingLogRepository(settings.training_table, settings.outbox_table, dynamodb)
    return TrainModel(
        runs=log,
        dirty_users=log,
        outbox=log,
        tastes=FavouriteCountsRepository(settings.tastes_table, dynamodb),
        titles=TitleRepository(settings.titles_table, dynamodb),
        store=S3ModelStore(settings.model_bucket, boto3.client("s3")),
        trainer=EaseTrainer(),
        model_trained=model_trained,
    )


def spark_session() -> SparkSession:
    """Return the session of the job: how it runs is said where it is submitted."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - likewise

    return SparkSession.builder.appName("matinee-trainer").getOrCreate()


def train_from_export(session: SparkSession, tastes: str, titles: str) -> TrainFromExport:
    """Return the use case of the job that trains on Spark, from the paths of two exports."""
    from recommender.adapters.dynamodb.training_log import TrainingLogRepository
    from recommender.adapters.s3.model_store import S3ModelStore

    # Here, not above: no function has Spark.
    from recommender.adapters.spark.trainer import SparkTrainer
    from recommender.events.factory import model_trained
    from recommender.settings import PublisherSettings
    from recommender.use_cases.train_from_export import TrainFromExport

    settings = PublisherSettings.load()
    dynamodb = boto3.client("dynamodb")
    return TrainFromExport(
        outbox=TrainingLogRepository(settings.training_table, settings.outbox_table, dynamodb),
        store=S3ModelStore(settings.model_bucket, boto3.client("s3")),
        trainer=SparkTrainer(session, tastes, titles),
        model_trained=model_trained,
    )


@cache
def relay() -> Relay:
    """Return the relay from the outbox to the bus."""
    from matinee.events.relay import RelaySettings, build_relay
    from recommender.events.published import PUBLISHED

    return build_relay(PUBLISHED, RelaySettings.load())


def _models(settings: ModelBucketSettings) -> ModelCache:
    """Return the served model, loaded already."""
    from recommender.adapters.model_cache import ModelCache
    from recommender.adapters.model_file import CorruptModel, read_model
    from recommender.adapters.s3.model_store import S3ModelStore

    store = S3ModelStore(settings.model_bucket, boto3.client("s3", config=MODEL_CONFIG))
    models = ModelCache(store, read_model, CorruptModel)
    models.current()
    return models


def _tastes(settings: TasteConsumerSettings) -> TasteRepository:
    from recommender.adapters.dynamodb.tastes import TasteRepository

    return TasteRepository(settings.tastes_table, settings.training_table, boto3.client("dynamodb"))
