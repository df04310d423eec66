"""The environment of each function of rooms."""

from matinee.events.consumer import ConsumerSettings
from matinee.settings import EdgeSettings, Settings


class TableSettings(Settings):
    """The tables that rooms owns."""

    rooms_table: str
    votes_table: str
    matches_table: str
    user_matches_table: str
    visits_table: str
    outbox_table: str


class ApiSettings(TableSettings):
    """The environment of the API function."""

    crews_table: str
    feeds_table: str
    discover_function: str
    group_deck_function: str
    cards_function: str
    own_scores_function: str
    attempts_table: str
    names_function: str


class ExportSettings(Settings):
    """The environment of the export of a user's data."""

    rooms_table: str
    votes_table: str
    user_matches_table: str
    visits_table: str
    devices_table: str
    feeds_table: str
    crews_table: str


class DevicesSettings(EdgeSettings):
    """The environment of the REST function of devices."""

    devices_table: str
    visits_table: str
    vapid_public_key: str = ""
    push_to_private_addresses: bool = False


class GuestsSettings(EdgeSettings, TableSettings):
    """The environment of the REST function of guests."""

    attempts_table: str
    create_guest_function: str


class CloserSettings(Settings):
    """The environment of the function that closes expired rooms."""

    rooms_table: str
    outbox_table: str


class DetectorSettings(TableSettings, ConsumerSettings):
    """The environment of the match detector."""

    crews_table: str


class EraserSettings(TableSettings, ConsumerSettings):
    """The environment of the eraser."""

    devices_table: str
    feeds_table: str
    crews_table: str


class PublisherSettings(Settings):
    """The API that publishes to subscribers."""

    graphql_url: str
    aws_region: str


class NotifierSettings(PublisherSettings, ConsumerSettings):
    """The environment of the notifier."""


class PushSettings(ConsumerSettings):
    """The environment of the push sender."""

    devices_table: str
    crews_table: str
    vapid_public_key: str
    vapid_secret_arn: str
    push_contact: str
    push_to_private_addresses: bool = False


class FeedWriterSettings(PublisherSettings, ConsumerSettings):
    """The environment of the feed writer."""

    rooms_table: str
    votes_table: str
    visits_table: str
    feeds_table: str
