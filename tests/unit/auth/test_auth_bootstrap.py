"""The composition root."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from auth import bootstrap
from auth.adapters.cognito.user_pool import CognitoUserPool
from auth.adapters.dynamodb.deletions import DynamoDeletionLog
from auth.adapters.dynamodb.items import Tables
from auth.adapters.dynamodb.usernames import DynamoUsernames
from auth.adapters.dynamodb.users import DynamoUsers
from auth.ports import RateLimiter
from matinee.dynamodb.attempt_counters import DynamoAttemptCounters
from matinee.rate_limiter import CountingRateLimiter
from tools.local.settings import CHECKOUT
from tools.local.template import load_template

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
FUNCTION_TIMEOUT_SECONDS = 10
"""The functions' timeout in their template."""
GATEWAY_TIMEOUT_SECONDS = 30
"""The time that an HTTP API gives a function."""
TRIGGER_TIMEOUT_SECONDS = 5
"""The time that Cognito gives a trigger."""
CACHED = (
    bootstrap.edge,
    bootstrap.sign_up,
    bootstrap.sign_in,
    bootstrap.refresh_session,
    bootstrap.sign_out,
    bootstrap.change_password,
    bootstrap.change_username,
    bootstrap.edit_profile,
    bootstrap.list_names,
    bootstrap.delete_account,
    bootstrap.auto_confirm,
    bootstrap.user_pool_triggers,
    bootstrap.relay,
    bootstrap._cognito,
    bootstrap._dynamodb,
    bootstrap._counter_client,
    bootstrap._hasher,
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


def counters(rate_limiter: RateLimiter) -> DynamoAttemptCounters:
    assert isinstance(rate_limiter, CountingRateLimiter)
    assert isinstance(rate_limiter.counters, DynamoAttemptCounters)
    return rate_limiter.counters


def longest(client: object) -> float:
    """The longest time that a call takes with its retries, in seconds, without pauses."""
    config = client.meta.config  # type: ignore[attr-defined]
    attempts: float = config.retries["total_max_attempts"]
    return attempts * float(config.connect_timeout + config.read_timeout)


def test_use_cases_use_the_pool_and_tables_of_the_environment() -> None:
    sign_in = bootstrap.sign_in()
    assert isinstance(sign_in.user_pool, CognitoUserPool)
    assert isinstance(sign_in.users, DynamoUsers)
    assert sign_in.user_pool.pool_id == "eu-west-1_Matinee"
    assert sign_in.user_pool.client_id == "2jd6lk0q4r8h3mv7c9pz1n5xat"
    assert sign_in.user_pool.client_secret == "hush"
    assert sign_in.users.tables == TABLES
    assert counters(sign_in.rate_limiter).table == "matinee-AuthAttempts"
    assert bootstrap.sign_in() is sign_in
    registering = bootstrap.sign_up().user_pool
    assert isinstance(registering, CognitoUserPool)
    assert replace(registering, registering=None) == sign_in.user_pool


def test_all_use_cases_use_the_same_tables() -> None:
    change_username, triggers = bootstrap.change_username(), bootstrap.user_pool_triggers()
    for repository in (
        bootstrap.sign_up().provisioning.users,
        bootstrap.sign_up().usernames,
        bootstrap.sign_in().usernames,
        change_username.users,
        change_username.usernames,
        bootstrap.delete_account().deletions,
        triggers.users,
    ):
        assert isinstance(repository, DynamoUsers | DynamoUsernames | DynamoDeletionLog)
        assert repository.tables == TABLES
    assert bootstrap.change_password() is bootstrap.change_password()
    assert bootstrap.refresh_session().user_pool == bootstrap.sign_out().user_pool
    assert bootstrap.relay().bus == "matinee-events"


def test_a_trigger_provisions_users_of_the_calling_pool() -> None:
    membership = bootstrap.user_pool_triggers().provisioning_in("eu-west-1_Other").membership
    assert isinstance(membership, CognitoUserPool)
    assert membership.pool_id == "eu-west-1_Other"


def test_a_hanging_call_ends_before_the_function_does() -> None:
    sign_in = bootstrap.sign_in()
    assert isinstance(sign_in.user_pool, CognitoUserPool)
    counting = longest(counters(sign_in.rate_limiter).client)
    assert counting + longest(sign_in.user_pool.cognito) <= FUNCTION_TIMEOUT_SECONDS - 2


def test_a_hanging_trigger_ends_before_the_pool_calls_again() -> None:
    users = bootstrap.user_pool_triggers().users
    assert isinstance(users, DynamoUsers)
    assert longest(users.client) <= TRIGGER_TIMEOUT_SECONDS / 2


def test_a_sign_up_outlasts_two_slow_triggers_and_any_other_call_one() -> None:
    pool = bootstrap.sign_up().user_pool
    assert isinstance(pool, CognitoUserPool)
    assert pool.registering
    for client, triggers in ((pool.registering, 2), (pool.cognito, 1)):
        config: Any = client.meta.config
        assert config.retries["total_max_attempts"] == 1
        assert config.read_timeout > triggers * TRIGGER_TIMEOUT_SECONDS


def test_a_function_ends_by_itself_when_a_response_is_lost() -> None:
    template = load_template(CHECKOUT / "services" / "auth" / "template.yaml")
    sign_up, change_password = bootstrap.sign_up(), bootstrap.change_password()
    pool = sign_up.user_pool
    assert isinstance(pool, CognitoUserPool)
    assert isinstance(sign_up.usernames, DynamoUsernames)
    counter = longest(counters(sign_up.rate_limiter).client)
    table = longest(sign_up.usernames.client) + 1
    call, registering = longest(pool.cognito), longest(pool.registering)
    # To begin the request, to send it, to find out what happened, and one more call that fails
    for function, lost in (
        ("SignupFunction", counter + registering + call + table),
        ("PasswordFunction", counter + call + call + call),
    ):
        timeout = template["Resources"][function]["Properties"]["Timeout"]
        assert lost <= timeout < GATEWAY_TIMEOUT_SECONDS
    assert change_password.recovery.requests
