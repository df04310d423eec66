"""What each function of the service reads from its environment."""

from matinee.settings import EdgeSettings, Settings


class TastesSettings(Settings):
    """The table of users' tastes."""

    tastes_table: str


class TitlesSettings(Settings):
    """The table of titles."""

    titles_table: str


class TrainingSettings(Settings):
    """The table of what the next training has to look at."""

    training_table: str


class ModelSettings(Settings):
    """The bucket that holds the models."""

    model_bucket: str


class QueueSettings(Settings):
    """What a queue's consumer needs."""

    idempotency_table: str
    dead_letter_url: str


class ApiSettings(EdgeSettings, TastesSettings, TitlesSettings, ModelSettings):
    """What the API's function needs."""

    discover_function: str


class TasteProjectorSettings(TastesSettings, TrainingSettings, QueueSettings):
    """What the projection of tastes needs."""


class TitleProjectorSettings(TitlesSettings, QueueSettings):
    """What the projection of titles needs."""


class EraserSettings(TasteProjectorSettings):
    """What the eraser needs."""


class TrainerSettings(TastesSettings, TitlesSettings, TrainingSettings, ModelSettings):
    """What the trainer needs."""

    outbox_table: str
