"""Against brute force: what is counted, under which name, and when it is over."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from auth.adapters.dynamodb.hashed_keys import Pseudonyms
from auth.adapters.dynamodb.rate_limiter import RESET, SEND_CODE, SIGN_IN, VERIFY, Guard, Rule
from auth.domain.errors import (
    InvalidCredentials,
    InvalidResetCode,
    InvalidVerificationCode,
    TooManyAttempts,
)
from auth.use_cases.sign_up import Caller, Login
from matinee.errors import Unavailable
from tests.unit.auth.fakes import CALLER, NOON, TRACE, FakeAttempts, World

ANN = "ann@example.com"
NOBODY = "nobody@example.com"
PASSWORD = "Popcorn4two"
RULE = Rule("try", per_address=3, per_source=5, window=timedelta(minutes=15))


@pytest.fixture
def attempts() -> FakeAttempts:
    return FakeAttempts()


@pytest.fixture
def guard(attempts: FakeAttempts) -> Guard:
    return Guard(attempts, Pseudonyms(lambda: "key"), lambda: NOON + timedelta(minutes=5))


def refused_after(
    guard: Guard, addresses: Callable[[int], str], sources: Callable[[int], str]
) -> int:
    """How many attempts are admitted."""
    for number in range(100):
        try:
            guard.admit(RULE, addresses(number), sources(number))
        except TooManyAttempts:
            return number
    return 100


def test_an_address_is_tried_so_often_from_wherever(guard: Guard) -> None:
    assert refused_after(guard, lambda _: ANN, lambda n: f"203.0.113.{n}") == RULE.per_address


def test_a_caller_tries_so_often_whatever_the_address(guard: Guard) -> None:
    assert refused_after(guard, lambda n: f"{n}@example.com", lambda _: "203.0.113.7") == 5


def test_a_household_is_one_caller_whichever_of_its_addresses_it_takes(guard: Guard) -> None:
    assert refused_after(guard, str, lambda n: f"2001:db8:1:2::{n:x}") == RULE.per_source


def test_other_households_are_other_callers(guard: Guard) -> None:
    assert refused_after(guard, str, lambda n: f"2001:db8:1:{n:x}::1") == 100


def test_an_ipv4_address_is_the_same_caller_written_as_an_ipv6_one(guard: Guard) -> None:
    sources = ("203.0.113.7", "::ffff:203.0.113.7")
    assert refused_after(guard, str, lambda n: sources[n % 2]) == RULE.per_source


def test_the_refusal_says_when_the_window_ends(guard: Guard) -> None:
    for _ in range(RULE.per_address):
        guard.admit(RULE, ANN, "203.0.113.7")
    with pytest.raises(TooManyAttempts) as refusal:
        guard.admit(RULE, ANN, "203.0.113.7")
    assert refusal.value.retry_after == timedelta(minutes=10).total_seconds()


def test_a_new_window_begins_anew(attempts: FakeAttempts) -> None:
    now = NOON
    guard = Guard(attempts, Pseudonyms(lambda: "key"), lambda: now)
    for _ in range(RULE.per_address):
        guard.admit(RULE, ANN, "203.0.113.7")
    now += RULE.window
    guard.admit(RULE, ANN, "203.0.113.7")


def test_what_succeeds_is_given_back_and_no_more(guard: Guard, attempts: FakeAttempts) -> None:
    for _ in range(100):
        guard.admit(RULE, ANN, "203.0.113.7")
        guard.forgive(RULE, ANN, "203.0.113.7")
    assert set(attempts.taken.values()) == {0}


def test_an_attackers_own_successes_do_not_buy_him_attempts(guard: Guard) -> None:
    for number in range(RULE.per_source):
        guard.admit(RULE, "mallory@example.com", "203.0.113.7")
        guard.forgive(RULE, "mallory@example.com", "203.0.113.7")
        guard.admit(RULE, f"{number}@example.com", "203.0.113.7")
    with pytest.raises(TooManyAttempts):
        guard.admit(RULE, "mallory@example.com", "203.0.113.7")


def test_rules_are_counted_apart(guard: Guard) -> None:
    other = Rule("other", per_address=3, per_source=5, window=timedelta(minutes=15))
    for _ in range(RULE.per_address):
        guard.admit(RULE, ANN, "203.0.113.7")
    guard.admit(other, ANN, "203.0.113.7")


def test_a_throttled_caller_does_not_use_up_an_addresss_attempts(
    guard: Guard, attempts: FakeAttempts
) -> None:
    assert refused_after(guard, str, lambda _: "203.0.113.7") == RULE.per_source
    before = dict(attempts.taken)
    with pytest.raises(TooManyAttempts):
        guard.admit(RULE, ANN, "203.0.113.7")
    assert attempts.taken == before


def test_no_address_is_stored(guard: Guard, attempts: FakeAttempts) -> None:
    guard.admit(RULE, ANN, "203.0.113.7")
    stored = " ".join(attempts.taken)
    assert "ann" not in stored
    assert "203.0.113" not in stored


def test_a_pseudonym_depends_on_the_key_and_on_the_kind() -> None:
    one, other = Pseudonyms(lambda: "one"), Pseudonyms(lambda: "other")
    assert one.of("address", ANN) == one.of("address", ANN)
    assert one.of("address", ANN) != other.of("address", ANN)
    assert one.of("address", "x") != one.of("source", "x")


def test_while_attempts_cannot_be_counted_everybody_is_let_through(
    guard: Guard, attempts: FakeAttempts
) -> None:
    attempts.broken = True
    assert refused_after(guard, lambda _: ANN, lambda _: "203.0.113.7") == 100
    guard.forgive(RULE, ANN, "203.0.113.7")


def test_while_the_key_cannot_be_read_everybody_is_let_through(attempts: FakeAttempts) -> None:
    def unreadable() -> str:
        raise Unavailable

    guard = Guard(attempts, Pseudonyms(unreadable))
    assert refused_after(guard, lambda _: ANN, lambda _: "203.0.113.7") == 100


# ── the use cases ─────────────────────────────────────────────────────────────────────────────────


def attempt(world: World, rule: Rule, email: str) -> None:
    match rule.name:
        case SIGN_IN.name:
            with pytest.raises(InvalidCredentials):
                world.accounts.sign_in(Login(email=email), "Wrong1password", CALLER)
        case VERIFY.name:
            with pytest.raises(InvalidVerificationCode):
                world.accounts.verify(email, "000000", CALLER)
        case RESET.name:
            with pytest.raises(InvalidResetCode):
                world.passwords.reset(email, "000000", "Popcorn4three", CALLER)
        case SEND_CODE.name:
            world.passwords.forgot(email, CALLER)


@pytest.mark.parametrize("rule", [SIGN_IN, VERIFY, RESET, SEND_CODE], ids=lambda rule: rule.name)
@pytest.mark.parametrize("email", [ANN, NOBODY])
def test_an_unknown_address_is_throttled_as_a_known_one_is(rule: Rule, email: str) -> None:
    world = World(auto_confirm=True)
    world.accounts.register(ANN, PASSWORD, "ann", CALLER)
    for _ in range(rule.per_address):
        attempt(world, rule, email)
    with pytest.raises(TooManyAttempts):
        attempt(world, rule, email)


def test_codes_for_new_accounts_and_for_new_passwords_are_counted_together() -> None:
    world = World(auto_confirm=True)
    for number in range(SEND_CODE.per_address):
        (world.accounts.send_code if number % 2 else world.passwords.forgot)(ANN, CALLER)
    with pytest.raises(TooManyAttempts):
        world.accounts.send_code(ANN, CALLER)


def test_a_throttled_user_is_not_let_in_with_the_right_password_either() -> None:
    world = World(auto_confirm=True)
    world.accounts.register(ANN, PASSWORD, "ann", CALLER)
    for number in range(SIGN_IN.per_address):
        with pytest.raises(InvalidCredentials):
            world.accounts.sign_in(
                Login(email=ANN), "Wrong1password", Caller(f"203.0.113.{number}", TRACE)
            )
    with pytest.raises(TooManyAttempts):
        world.accounts.sign_in(Login(email=ANN), PASSWORD, CALLER)
    world.now += SIGN_IN.window
    world.accounts.sign_in(Login(email=ANN), PASSWORD, CALLER)
