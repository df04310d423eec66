"""The environment of each function of the service."""

from matinee.events.consumer import ConsumerSettings
from matinee.settings import EdgeSettings, Settings


class TasteTableSettings(Settings):
    """The table of users' tastes."""

    tastes_table: str


class TitleTableSettings(Settings):
    """The table of titles."""

    titles_table: str


class TrainingTableSettings(Settings):
    """The table of the training log."""

    training_table: str


class ModelBucketSettings(Settings):
    """The bucket of the models."""

    model_bucket: str


class ApiSettings(EdgeSettings, TasteTableSettings, TitleTableSettings, ModelBucketSettings):
    """The API's function."""

    discover_function: str


class GroupDeckSettings(TasteTableSettings, TitleTableSettings, ModelBucketSettings):
    """The group deck's function."""


class OwnScoresSettings(TasteTableSettings, TitleTableSettings, ModelBucketSettings):
    """The own scores' function."""


class TasteConsumerSettings(ConsumerSettings, TasteTableSettings, TrainingTableSettings):
    """The taste projector and the eraser."""


class SwipeConsumerSettings(ConsumerSettings, TasteTableSettings):
    """The swipe projector."""


class TitleConsumerSettings(ConsumerSettings, TitleTableSettings):
    """The title projector."""


class PublisherSettings(TrainingTableSettings, ModelBucketSettings):
    """Whatever publishes models: the job that trains on Spark, and the trainer."""

    outbox_table: str


class TrainerSettings(PublisherSettings, TasteTableSettings, TitleTableSettings):
    """The trainer."""
