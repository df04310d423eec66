"""What each function of the service reads from its environment."""

from pydantic import Field

from matinee.settings import Settings


class TableSettings(Settings):
    """The tables that the service owns."""

    rooms_table: str
    votes_table: str
    matches_table: str
    user_matches_table: str
    visits_table: str
    outbox_table: str


class ApiSettings(TableSettings):
    """What the API function needs besides."""

    discover_function: str


class QueueSettings(Settings):
    """What a queue's consumer needs."""

    idempotency_table: str
    dead_letter_url: str


class DetectorSettings(TableSettings, QueueSettings):
    """What the match detector needs."""


class EraserSettings(TableSettings, QueueSettings):
    """What the eraser needs."""

    queue_url: str = Field(description="Its own queue, for what one invocation cannot finish.")


class NotifierSettings(QueueSettings):
    """What the notifier needs."""

    graphql_url: str
    aws_region: str
