"""The rules of addresses, usernames and passwords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.domain.email import normalize_email
from auth.domain.password import password_weaknesses
from auth.domain.username import normalize_username


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ann@example.com", "ann@example.com"),
        ("Ann.Lee+Rooms@Example.COM", "ann.lee+rooms@example.com"),
        ("  ann@example.com\n", "ann@example.com"),
        ("o'hara@mail.example.co.uk", "o'hara@mail.example.co.uk"),
        ("a@b.cd", "a@b.cd"),
        ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
        ("1_2-3@4.example", "1_2-3@4.example"),
    ],
)
def test_normalizes_an_address(written: str, kept: str) -> None:
    assert normalize_email(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ann",
        "ann@",
        "@example.com",
        "ann@example",
        "ann@@example.com",
        "ann@example..com",
        ".ann@example.com",
        "ann.@example.com",
        "an..n@example.com",
        "ann lee@example.com",
        "ann@exam ple.com",
        "ann@-example.com",
        "ann@example-.com",
        "ann@example.com.",
        "ann@example.com,bob@example.com",
        "Ann <ann@example.com>",
        '"ann"@example.com',
        "ann@[192.0.2.1]",
        "änn@example.com",
        "ann@exämple.com",
        "ann@example.com\u200b",
        "ann\u212a@example.com",
        "ann@example.com\x00",
        "ann\n@example.com",
        "ann@example.com\nbcc: bob@example.com",
        f"{'a' * 65}@example.com",
        f"ann@{'a' * 64}.example",
        f"ann@{'a.' * 125}example",
    ],
)
def test_refuses_what_is_not_an_address(written: str) -> None:
    with pytest.raises(ValueError, match="must be an email address"):
        normalize_email(written)


@given(st.emails())
def test_normalizing_an_address_is_idempotent(written: str) -> None:
    try:
        kept = normalize_email(written)
    except ValueError:
        return
    assert normalize_email(kept) == kept
    assert kept == kept.lower() == kept.strip()
    assert kept.isascii()


@given(st.text(max_size=300))
def test_every_text_is_an_address_or_refused(written: str) -> None:
    try:
        kept = normalize_email(written)
    except ValueError:
        return
    assert kept.count("@") == 1


def test_refuses_a_hostile_address_quickly() -> None:
    with pytest.raises(ValueError, match="must be"):
        normalize_email("a." * 100_000 + "@")
    with pytest.raises(ValueError, match="must be"):
        normalize_email("a@" + "a-" * 120 + "!")


@pytest.mark.parametrize(
    ("written", "kept"),
    [("ann", "ann"), ("Ann.Lee_7", "Ann.Lee_7"), (" ann ", "ann"), ("Amélie", "Amélie")],
)
def test_keeps_the_case_of_a_username(written: str, kept: str) -> None:
    assert normalize_username(written) == kept


def test_normalizes_the_unicode_form_of_a_username() -> None:
    assert normalize_username("Ame\u0301lie") == "Am\u00e9lie"
    assert normalize_username("\uff41\uff4e\uff4e") == "ann"


@pytest.mark.parametrize(
    "written", ["", "an", "a" * 21, "ann lee", "ann!", "ann@lee", "a\nb", "👻👻👻"]
)
def test_refuses_what_is_not_a_username(written: str) -> None:
    with pytest.raises(ValueError, match="3 to 20"):
        normalize_username(written)


@pytest.mark.parametrize("password", ["Popcorn4", "A" * 254 + "b1", "pass WORD 1", "Ünïcödé1Aa"])
def test_a_strong_password_has_no_weakness(password: str) -> None:
    assert password_weaknesses(password) == []


@pytest.mark.parametrize(
    ("password", "weaknesses"),
    [
        ("Pop4", ["at least 8 characters"]),
        ("popcorn4two", ["an upper-case letter"]),
        ("POPCORN4TWO", ["a lower-case letter"]),
        ("PopcornForTwo", ["a digit"]),
        ("éÉ34567890", ["an upper-case letter", "a lower-case letter"]),
        ("Popcorn٤two", ["a digit"]),
        (" Popcorn4two", ["no space at its beginning or end"]),
        ("Popcorn4two" * 24, ["at most 256 characters"]),
    ],
)
def test_names_each_weakness_of_a_password(password: str, weaknesses: list[str]) -> None:
    assert password_weaknesses(password) == weaknesses
