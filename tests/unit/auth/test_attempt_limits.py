"""The rate limiter: what is counted, under which key, and for how long."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from auth.adapters.dynamodb.hashed_keys import KeyHasher
from auth.domain.errors import (
    InvalidCredentials,
    InvalidResetCode,
    InvalidVerificationCode,
)
from auth.domain.rate_limits import RESET, SEND_CODE, SIGN_IN, VERIFY
from auth.ports import Caller
from auth.use_cases.sign_in import Login
from matinee.errors import TooManyAttempts, Unavailable
from matinee.rate_limiter import CountingRateLimiter
from matinee.rate_limits import RateLimit
from tests.fakes.attempts import FakeAttemptCounters
from tests.unit.auth.fakes import CALLER, NOON, TRACE, AuthApp

ANN = "ann@example.com"
NOBODY = "nobody@example.com"
PASSWORD = "Popcorn4two"
RULE = RateLimit("try", per_identifier=3, per_source=5, window=timedelta(minutes=15))


@pytest.fixture
def counters() -> FakeAttemptCounters:
    return FakeAttemptCounters()


@pytest.fixture
def rate_limiter(counters: FakeAttemptCounters) -> CountingRateLimiter:
    return CountingRateLimiter(
        counters, KeyHasher(lambda: "key"), lambda: NOON + timedelta(minutes=5)
    )


def refused_after(
    rate_limiter: CountingRateLimiter,
    addresses: Callable[[int], str],
    sources: Callable[[int], str],
) -> int:
    """The number of attempts that are let through."""
    for number in range(100):
        try:
            rate_limiter.check(RULE, addresses(number), sources(number))
        except TooManyAttempts:
            return number
    return 100


def test_limits_the_attempts_for_an_identifier(rate_limiter: CountingRateLimiter) -> None:
    assert (
        refused_after(rate_limiter, lambda _: ANN, lambda n: f"203.0.113.{n}")
        == RULE.per_identifier
    )


def test_limits_the_attempts_of_a_source(rate_limiter: CountingRateLimiter) -> None:
    assert refused_after(rate_limiter, lambda n: f"{n}@example.com", lambda _: "203.0.113.7") == 5


def test_an_ipv6_network_is_one_source(
    rate_limiter: CountingRateLimiter,
) -> None:
    assert refused_after(rate_limiter, str, lambda n: f"2001:db8:1:2::{n:x}") == RULE.per_source


def test_other_ipv6_networks_are_other_sources(rate_limiter: CountingRateLimiter) -> None:
    assert refused_after(rate_limiter, str, lambda n: f"2001:db8:1:{n:x}::1") == 100


def test_an_ipv4_mapped_address_is_the_same_source(
    rate_limiter: CountingRateLimiter,
) -> None:
    sources = ("203.0.113.7", "::ffff:203.0.113.7")
    assert refused_after(rate_limiter, str, lambda n: sources[n % 2]) == RULE.per_source


def test_a_refusal_states_the_time_until_the_window_ends(rate_limiter: CountingRateLimiter) -> None:
    for _ in range(RULE.per_identifier):
        rate_limiter.check(RULE, ANN, "203.0.113.7")
    with pytest.raises(TooManyAttempts) as refusal:
        rate_limiter.check(RULE, ANN, "203.0.113.7")
    assert refusal.value.retry_after == timedelta(minutes=10).total_seconds()


def test_a_new_window_starts_at_zero(counters: FakeAttemptCounters) -> None:
    now = NOON
    rate_limiter = CountingRateLimiter(counters, KeyHasher(lambda: "key"), lambda: now)
    for _ in range(RULE.per_identifier):
        rate_limiter.check(RULE, ANN, "203.0.113.7")
    now += RULE.window
    rate_limiter.check(RULE, ANN, "203.0.113.7")


def test_a_success_is_refunded_exactly_once(
    rate_limiter: CountingRateLimiter, counters: FakeAttemptCounters
) -> None:
    for _ in range(100):
        rate_limiter.check(RULE, ANN, "203.0.113.7")
        rate_limiter.refund(RULE, ANN, "203.0.113.7")
    assert set(counters.counts.values()) == {0}


def test_own_successes_do_not_buy_an_attacker_attempts(
    rate_limiter: CountingRateLimiter,
) -> None:
    for number in range(RULE.per_source):
        rate_limiter.check(RULE, "mallory@example.com", "203.0.113.7")
        rate_limiter.refund(RULE, "mallory@example.com", "203.0.113.7")
        rate_limiter.check(RULE, f"{number}@example.com", "203.0.113.7")
    with pytest.raises(TooManyAttempts):
        rate_limiter.check(RULE, "mallory@example.com", "203.0.113.7")


def test_limits_are_counted_separately(rate_limiter: CountingRateLimiter) -> None:
    other = RateLimit("other", per_identifier=3, per_source=5, window=timedelta(minutes=15))
    for _ in range(RULE.per_identifier):
        rate_limiter.check(RULE, ANN, "203.0.113.7")
    rate_limiter.check(other, ANN, "203.0.113.7")


def test_a_throttled_source_does_not_count_for_the_identifier(
    rate_limiter: CountingRateLimiter, counters: FakeAttemptCounters
) -> None:
    assert refused_after(rate_limiter, str, lambda _: "203.0.113.7") == RULE.per_source
    before = dict(counters.counts)
    with pytest.raises(TooManyAttempts):
        rate_limiter.check(RULE, ANN, "203.0.113.7")
    assert counters.counts == before


def test_stores_no_address(
    rate_limiter: CountingRateLimiter, counters: FakeAttemptCounters
) -> None:
    rate_limiter.check(RULE, ANN, "203.0.113.7")
    stored = " ".join(counters.counts)
    assert "ann" not in stored
    assert "203.0.113" not in stored


def test_a_hash_depends_on_key_and_kind() -> None:
    one, other = KeyHasher(lambda: "one"), KeyHasher(lambda: "other")
    assert one.hash("address", ANN) == one.hash("address", ANN)
    assert one.hash("address", ANN) != other.hash("address", ANN)
    assert one.hash("address", "x") != one.hash("source", "x")


def test_lets_everybody_through_while_counters_are_unavailable(
    rate_limiter: CountingRateLimiter, counters: FakeAttemptCounters
) -> None:
    counters.unavailable = True
    assert refused_after(rate_limiter, lambda _: ANN, lambda _: "203.0.113.7") == 100
    rate_limiter.refund(RULE, ANN, "203.0.113.7")


def test_lets_everybody_through_while_the_key_is_unavailable(
    counters: FakeAttemptCounters,
) -> None:
    def unreadable() -> str:
        raise Unavailable

    rate_limiter = CountingRateLimiter(counters, KeyHasher(unreadable))
    assert refused_after(rate_limiter, lambda _: ANN, lambda _: "203.0.113.7") == 100


# ── the use cases ─────────────────────────────────────────────────────────────────────────────────


def attempt(app: AuthApp, rule: RateLimit, email: str) -> None:
    match rule.name:
        case SIGN_IN.name:
            with pytest.raises(InvalidCredentials):
                app.sign_in.sign_in(Login(email=email), "Wrong1password", CALLER)
        case VERIFY.name:
            with pytest.raises(InvalidVerificationCode):
                app.sign_up.verify(email, "000000", CALLER)
        case RESET.name:
            with pytest.raises(InvalidResetCode):
                app.change_password.reset(email, "000000", "Popcorn4three", CALLER)
        case SEND_CODE.name:
            app.change_password.send_code(email, CALLER)


@pytest.mark.parametrize("rule", [SIGN_IN, VERIFY, RESET, SEND_CODE], ids=lambda rule: rule.name)
@pytest.mark.parametrize("email", [ANN, NOBODY])
def test_unknown_and_known_addresses_are_throttled_alike(rule: RateLimit, email: str) -> None:
    app = AuthApp(auto_confirm=True)
    app.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    for _ in range(rule.per_identifier):
        attempt(app, rule, email)
    with pytest.raises(TooManyAttempts):
        attempt(app, rule, email)


def test_verification_and_reset_codes_share_a_limit() -> None:
    app = AuthApp(auto_confirm=True)
    for number in range(SEND_CODE.per_identifier):
        (app.sign_up.resend_code if number % 2 else app.change_password.send_code)(ANN, CALLER)
    with pytest.raises(TooManyAttempts):
        app.sign_up.resend_code(ANN, CALLER)


def test_a_throttled_user_is_refused_with_the_right_password_too() -> None:
    app = AuthApp(auto_confirm=True)
    app.sign_up.register(ANN, PASSWORD, "ann", CALLER)
    for number in range(SIGN_IN.per_identifier):
        with pytest.raises(InvalidCredentials):
            app.sign_in.sign_in(
                Login(email=ANN), "Wrong1password", Caller(f"203.0.113.{number}", TRACE)
            )
    with pytest.raises(TooManyAttempts):
        app.sign_in.sign_in(Login(email=ANN), PASSWORD, CALLER)
    app.now += SIGN_IN.window
    app.sign_in.sign_in(Login(email=ANN), PASSWORD, CALLER)
