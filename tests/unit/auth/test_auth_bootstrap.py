"""What the functions are made of."""

from collections.abc import Iterator

import pytest

from auth import bootstrap
from auth.adapters.cognito.user_pool import CognitoUserPool
from auth.adapters.dynamodb.attempt_counters import DynamoAttempts
from auth.adapters.dynamodb.users import DynamoDepartures, DynamoUsers, Tables

ENVIRONMENT = {
    "STAGE": "prod",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "USER_POOL_ID": "eu-west-1_Matinee",
    "USER_POOL_CLIENT_ID": "2jd6lk0q4r8h3mv7c9pz1n5xat",
    "USER_POOL_CLIENT_SECRET": "hush",
    "USER_PROFILES_TABLE": "matinee-UserProfiles",
    "USERNAMES_TABLE": "matinee-Usernames",
    "OUTBOX_TABLE": "matinee-AuthOutbox",
    "ATTEMPTS_TABLE": "matinee-AuthAttempts",
    "PSEUDONYM_KEY": "matinee-PseudonymKey",
    "EVENT_BUS": "matinee-events",
    "DEAD_LETTER_URL": "https://sqs.example/dlq",
}
TABLES = Tables("matinee-UserProfiles", "matinee-Usernames", "matinee-AuthOutbox")
FUNCTIONS_LIVE_FOR = 10
"""Seconds; the functions' timeout in template.yaml."""
POOL_WAITS_FOR = 5
"""Seconds that Cognito gives a trigger."""
CACHED = (
    bootstrap.edge,
    bootstrap.accounts,
    bootstrap.sessions,
    bootstrap.passwords,
    bootstrap.naming,
    bootstrap.deletion,
    bootstrap.triggers,
    bootstrap.relay,
)

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for cached in CACHED:
        cached.cache_clear()
    yield
    for cached in CACHED:
        cached.cache_clear()


def longest(client: object) -> float:
    """The seconds that a call and its repetitions take, pauses not counted."""
    config = client.meta.config  # type: ignore[attr-defined]
    attempts: float = config.retries["total_max_attempts"]
    return attempts * float(config.connect_timeout + config.read_timeout)


def test_the_use_cases_work_on_what_the_environment_names() -> None:
    accounts = bootstrap.accounts()
    assert isinstance(accounts.user_pool, CognitoUserPool)
    assert isinstance(accounts.users, DynamoUsers)
    assert isinstance(accounts.guard.attempts, DynamoAttempts)
    assert accounts.user_pool.pool_id == "eu-west-1_Matinee"
    assert accounts.user_pool.client_id == "2jd6lk0q4r8h3mv7c9pz1n5xat"
    assert accounts.user_pool.client_secret == "hush"
    assert accounts.users.tables == TABLES
    assert accounts.guard.attempts.table == "matinee-AuthAttempts"
    assert bootstrap.accounts() is accounts


def test_all_use_cases_work_on_the_same_tables() -> None:
    naming, deletion, triggers = bootstrap.naming(), bootstrap.deletion(), bootstrap.triggers()
    assert isinstance(naming.users, DynamoUsers)
    assert isinstance(deletion.departures, DynamoDepartures)
    assert isinstance(triggers.users, DynamoUsers)
    for kept in (naming.users, deletion.departures, triggers.users):
        assert kept.tables == TABLES
    assert bootstrap.passwords().guard.pseudonyms == bootstrap.passwords().guard.pseudonyms
    assert bootstrap.sessions().user_pool
    assert bootstrap.relay().bus == "matinee-events"


def test_a_trigger_completes_users_of_the_pool_that_calls_it() -> None:
    membership = bootstrap.triggers().completion_in("eu-west-1_Other").membership
    assert isinstance(membership, CognitoUserPool)
    assert membership.pool_id == "eu-west-1_Other"


def test_a_call_that_hangs_ends_before_the_function_does() -> None:
    accounts = bootstrap.accounts()
    assert isinstance(accounts.user_pool, CognitoUserPool)
    assert isinstance(accounts.guard.attempts, DynamoAttempts)
    counting = longest(accounts.guard.attempts.client)
    assert counting + longest(accounts.user_pool.cognito) <= FUNCTIONS_LIVE_FOR - 2


def test_a_trigger_whose_calls_all_hang_once_ends_before_the_pool_asks_again() -> None:
    users = bootstrap.triggers().users
    assert isinstance(users, DynamoUsers)
    assert longest(users.client) <= POOL_WAITS_FOR / 2


def test_a_sign_up_is_never_repeated_by_itself_and_outlasts_a_slow_trigger() -> None:
    pool = bootstrap.accounts().user_pool
    assert isinstance(pool, CognitoUserPool)
    config = pool.cognito.meta.config
    assert config.retries["total_max_attempts"] == 1  # type: ignore[attr-defined]
    assert config.read_timeout > POOL_WAITS_FOR  # type: ignore[attr-defined]
