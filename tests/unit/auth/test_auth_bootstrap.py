"""What the functions are made of."""

from collections.abc import Iterator

import pytest

from auth import bootstrap
from auth.cognito import CognitoUserPool
from auth.repository import DynamoProfiles

ENVIRONMENT = {
    "STAGE": "prod",
    "USER_POOL_ID": "eu-west-1_Matinee",
    "USER_POOL_CLIENT_ID": "2jd6lk0q4r8h3mv7c9pz1n5xat",
    "USER_POOL_CLIENT_SECRET": "hush",
    "USER_PROFILES_TABLE": "matinee-UserProfiles",
}
FUNCTIONS_LIVE_FOR = 10
"""Seconds; the functions' timeout in template.yaml."""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    bootstrap.settings.cache_clear()
    bootstrap.accounts.cache_clear()
    yield
    bootstrap.settings.cache_clear()
    bootstrap.accounts.cache_clear()


@pytest.mark.usefixtures("environment")
def test_the_use_cases_work_on_what_the_environment_names() -> None:
    accounts = bootstrap.accounts()
    assert isinstance(accounts.user_pool, CognitoUserPool)
    assert isinstance(accounts.profiles, DynamoProfiles)
    assert accounts.user_pool.pool_id == "eu-west-1_Matinee"
    assert accounts.user_pool.client_id == "2jd6lk0q4r8h3mv7c9pz1n5xat"
    assert accounts.user_pool.client_secret == "hush"
    assert accounts.profiles.table == "matinee-UserProfiles"
    assert accounts.auto_confirm is False
    assert bootstrap.accounts() is accounts


@pytest.mark.usefixtures("environment")
def test_a_call_that_hangs_ends_before_the_function_does() -> None:
    pool = bootstrap.accounts().user_pool
    assert isinstance(pool, CognitoUserPool)
    config = pool.cognito.meta.config
    attempts = config.retries["total_max_attempts"]  # type: ignore[attr-defined]
    longest = attempts * (config.connect_timeout + config.read_timeout)  # type: ignore[attr-defined]
    assert longest <= FUNCTIONS_LIVE_FOR - 2
