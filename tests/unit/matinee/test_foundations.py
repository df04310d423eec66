"""Clock, identifiers, settings, principals, errors and items: the ground that all stands on."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from matinee.clock import epoch_seconds, from_iso, iso, utc_now
from matinee.dynamodb.items import from_item, to_item
from matinee.dynamodb.transactions import cancellation_reasons, is_conflict
from matinee.errors import (
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    MatineeError,
    NotFound,
    RateLimited,
    Unauthorized,
    Unavailable,
)
from matinee.graphql import as_error
from matinee.ids import created_at, first_id_at, is_id, new_id
from matinee.principal import ACCESS_SCOPE, Principal, signed_in
from matinee.settings import Settings
from tests.fakes.clock import NOON

ACCESS = {"token_use": "access", "scope": ACCESS_SCOPE}
"""The claims that make a token an access token."""

LONG = "0199a7c1-5b1e-7c3a-9d2f-3e4f5a6b7c8d"
"""An identifier, written out: a test's name must be the same wherever it is collected."""

milliseconds = st.integers(0, 4 * 10**12).map(
    lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=n)
)


class TestClock:
    def test_now_is_aware_and_in_utc(self) -> None:
        assert utc_now().tzinfo is UTC

    def test_a_moment_is_written_with_milliseconds_and_z(self) -> None:
        east = datetime(2026, 1, 31, 14, 0, 0, 1500, tzinfo=timezone(timedelta(hours=2)))

        assert iso(east) == "2026-01-31T12:00:00.001Z"

    @given(milliseconds)
    def test_what_is_written_is_read_back(self, moment: datetime) -> None:
        assert from_iso(iso(moment)) == moment

    @given(milliseconds, milliseconds)
    def test_written_moments_sort_as_moments_do(self, one: datetime, other: datetime) -> None:
        assert (iso(one) < iso(other)) == (one < other)

    def test_a_ttl_is_in_whole_seconds(self) -> None:
        assert epoch_seconds(NOON + timedelta(milliseconds=999)) == 1769860800


class TestIdentifiers:
    def test_later_identifiers_sort_after_earlier_ones(self) -> None:
        ids = [new_id() for _ in range(1_000)]

        assert ids == sorted(set(ids))

    def test_an_identifier_is_a_uuid_of_version_seven(self) -> None:
        made = new_id()

        assert UUID(made).version == 7
        assert is_id(made)

    def test_no_identifier_is_below_the_lowest_of_the_moment_at_which_it_was_made(self) -> None:
        before = datetime.now(UTC)

        assert first_id_at(before) <= new_id()

    @given(milliseconds, milliseconds)
    def test_lowest_identifiers_sort_as_moments_do(self, one: datetime, other: datetime) -> None:
        assert (first_id_at(one) < first_id_at(other)) == (one < other)
        assert is_id(first_id_at(one))

    @pytest.mark.parametrize(
        "text", ["", "x", "code#ABC234", LONG.upper() + "A", f"{{{LONG}}}", f" {LONG}"]
    )
    def test_anything_else_is_none(self, text: str) -> None:
        assert not is_id(text)

    @given(st.text())
    def test_any_text_can_be_asked_about(self, text: str) -> None:
        assert is_id(text) in {True, False}


class KettleSettings(Settings):
    """What a kettle needs."""

    kettle_table: str
    cups: int = 2


class TestSettings:
    def test_a_field_is_the_variable_of_its_name(self) -> None:
        assert KettleSettings.load({"KETTLE_TABLE": "t", "CUPS": "3"}).cups == 3

    def test_other_variables_do_no_harm(self) -> None:
        assert KettleSettings.load({"KETTLE_TABLE": "t", "PATH": "/"}).kettle_table == "t"

    def test_a_missing_variable_is_named(self) -> None:
        with pytest.raises(ValidationError, match="kettle_table"):
            KettleSettings.load({})

    def test_a_malformed_variable_is_named(self) -> None:
        with pytest.raises(ValidationError, match="cups"):
            KettleSettings.load({"KETTLE_TABLE": "t", "CUPS": "many"})

    def test_settings_do_not_change(self) -> None:
        settings = KettleSettings.load({"KETTLE_TABLE": "t"})

        with pytest.raises(ValidationError):
            settings.cups = 5  # type: ignore[misc]


class TestPrincipal:
    def test_a_user_is_the_token_s_subject(self) -> None:
        claims = {"sub": "ann", **ACCESS}
        event = {"identity": {"claims": claims, "sub": "eve", "username": "eve"}}

        assert Principal.from_appsync(event).user_id == "ann"

    @pytest.mark.parametrize(
        "event",
        [
            {},
            {"identity": None},
            {"identity": {"sub": "ann"}},
            {"identity": {"claims": None}},
            {"identity": {"claims": {"sub": None, **ACCESS}}},
            {"identity": {"claims": {"sub": "", **ACCESS}}},
            {"identity": {"claims": {"sub": 7, **ACCESS}}},
            {"identity": {"userArn": "arn:aws:sts::1:assumed-role/r/s"}},
            {"arguments": {"userId": "ann"}},
        ],
        ids=str,
    )
    def test_without_a_subject_there_is_nobody(self, event: dict[str, Any]) -> None:
        with pytest.raises(Unauthorized):
            Principal.from_appsync(event)

    def test_an_http_request_names_its_user_in_the_authorizer_s_claims(self) -> None:
        claims = {"sub": "ann", "cognito:groups": "[Users Editors]", **ACCESS}
        event = {"requestContext": {"authorizer": {"jwt": {"claims": claims}}}}

        assert Principal.from_http(event) == Principal("ann", frozenset({"Users", "Editors"}))

    @pytest.mark.parametrize(
        "event",
        [{}, {"requestContext": {}}, {"requestContext": {"authorizer": {}}}],
        ids=str,
    )
    def test_an_http_request_without_a_token_names_nobody(self, event: dict[str, Any]) -> None:
        with pytest.raises(Unauthorized):
            Principal.from_http(event)

    @pytest.mark.parametrize(
        "other",
        [
            {"token_use": "id"},
            {"token_use": None},
            {"token_use": ["access"]},
            {"scope": None},
            {"scope": "openid email"},
            {"scope": f"{ACCESS_SCOPE}.more"},
        ],
        ids=str,
    )
    def test_only_an_access_token_says_who_is_there(self, other: dict[str, Any]) -> None:
        claims = {"sub": "ann", "cognito:groups": ["Users"]} | ACCESS | other

        for read, event in (
            (Principal.from_appsync, {"identity": {"claims": claims}}),
            (Principal.from_http, {"requestContext": {"authorizer": {"jwt": {"claims": claims}}}}),
        ):
            with pytest.raises(Unauthorized):
                read(event)

    def test_a_scope_among_others_is_enough(self) -> None:
        claims = {"sub": "ann", "token_use": "access", "scope": f"openid {ACCESS_SCOPE}"}

        assert Principal.from_claims(claims).user_id == "ann"

    @pytest.mark.parametrize("groups", [None, "", "[Editors]", "[users]", "UsersToBe"])
    def test_an_http_request_is_for_members_of_users(self, groups: str | None) -> None:
        claims = {"sub": "ann", "cognito:groups": groups, **ACCESS}

        with pytest.raises(Forbidden):
            signed_in({"requestContext": {"authorizer": {"jwt": {"claims": claims}}}})

    @pytest.mark.parametrize(
        ("claim", "groups"),
        [
            (["Users", "Editors"], {"Users", "Editors"}),
            ("[Users Editors]", {"Users", "Editors"}),
            ("[Users, Editors]", {"Users", "Editors"}),
            ("Users", {"Users"}),
            ("", set()),
            ([], set()),
            (None, set()),
        ],
        ids=["a list", "spaces", "commas", "bare", "empty text", "empty list", "none"],
    )
    def test_groups_are_read_as_each_gateway_writes_them(
        self, claim: object, groups: set[str]
    ) -> None:
        claims = {"sub": "ann", "cognito:groups": claim, **ACCESS}

        assert Principal.from_claims(claims).groups == groups


class TooManyCups(Conflict):
    """An error of a service."""

    title = "There are too many cups."


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (Invalid, 400),
            (Unauthorized, 401),
            (Forbidden, 403),
            (NotFound, 404),
            (Conflict, 409),
            (Gone, 410),
            (RateLimited, 429),
            (Unavailable, 503),
            (TooManyCups, 409),
            (MatineeError, 500),
        ],
    )
    def test_each_has_its_status_a_code_and_a_sentence(
        self, error: type[MatineeError], status: int
    ) -> None:
        raised = error()

        assert raised.status == status
        assert raised.code == error.__name__
        assert raised.message == str(raised) == error.title

    def test_graphql_gets_type_message_and_info(self) -> None:
        assert as_error(TooManyCups(cups=9)) == {
            "type": "TooManyCups",
            "message": "There are too many cups.",
            "info": {"cups": 9},
        }

    def test_an_error_without_info_has_none(self) -> None:
        assert as_error(TooManyCups("Nine!")) == {
            "type": "TooManyCups",
            "message": "Nine!",
            "info": None,
        }

    def test_who_asks_too_often_learns_when_to_come_back(self) -> None:
        assert as_error(RateLimited(retry_after=2.5))["info"] == {"retryAfter": 2.5}


class TestMoments:
    def test_an_identifier_tells_when_it_was_made(self) -> None:
        example = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"  # of RFC 9562, appendix A.6

        assert created_at(example) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)

    def test_ours_tell_too(self) -> None:
        assert created_at(new_id()) is not None

    @pytest.mark.parametrize("text", ["", "cause", "5f0c7a2b-3e4d-4c6b-8a8f-90692079c15f"])
    def test_another_text_tells_nothing(self, text: str) -> None:
        assert created_at(text) is None


plain = st.recursive(
    st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(-(10**9), 10**9).map(lambda x: round(x, 6))
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class TestItems:
    @given(st.dictionaries(st.text(min_size=1), plain, max_size=4))
    def test_plain_values_come_back_as_they_were(self, values: dict[str, Any]) -> None:
        assert from_item(to_item(values)) == values

    def test_sets_of_names_stay_sets(self) -> None:
        assert from_item(to_item({"likes": frozenset({"a", "b"})})) == {"likes": {"a", "b"}}

    @pytest.mark.parametrize("absent", [None, set(), frozenset()])
    def test_what_is_absent_is_not_written(self, absent: object) -> None:
        assert to_item({"x": absent, "y": 1}) == {"y": {"N": "1"}}

    def test_empty_lists_zero_and_false_are_written(self) -> None:
        assert to_item({"a": [], "b": 0, "c": False, "d": ""}) == {
            "a": {"L": []},
            "b": {"N": "0"},
            "c": {"BOOL": False},
            "d": {"S": ""},
        }

    def test_what_is_absent_inside_is_not_written_either(self) -> None:
        assert from_item(to_item({"a": {"b": None, "c": (1, {"d": None})}})) == {
            "a": {"c": [1, {}]}
        }

    @given(st.binary())
    def test_bytes_come_back_as_bytes(self, content: bytes) -> None:
        read = from_item(to_item({"packed": content, "within": {"parts": [content]}}))

        assert read == {"packed": content, "within": {"parts": [content]}}
        assert isinstance(read["packed"], bytes)
        assert isinstance(read["within"]["parts"][0], bytes)

    def test_whole_numbers_are_whole(self) -> None:
        read = from_item({"n": {"N": "3"}, "x": {"N": "3.5"}})

        assert read == {"n": 3, "x": 3.5}
        assert [type(value) for value in read.values()] == [int, float]
        assert not isinstance(read["n"], Decimal)


def client_error(code: str, *reasons: str) -> ClientError:
    response: Any = {"Error": {"Code": code}}
    if reasons:
        response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(response, "TransactWriteItems")


class TestRefusedWrites:
    @pytest.mark.parametrize(
        "error",
        [
            client_error("TransactionCanceledException", "None", "TransactionConflict"),
            client_error("TransactionCanceledException", "ThrottlingError", "None"),
            client_error("TransactionCanceledException", "ProvisionedThroughputExceeded"),
            client_error("TransactionInProgressException"),
            client_error("TransactionConflictException"),
            client_error("ThrottlingException"),
            client_error("ProvisionedThroughputExceededException"),
            client_error("RequestLimitExceeded"),
        ],
        ids=str,
    )
    def test_a_lost_race_deserves_another_look(self, error: ClientError) -> None:
        assert is_conflict(error)

    @pytest.mark.parametrize(
        "error",
        [
            client_error("TransactionCanceledException", "ConditionalCheckFailed", "None"),
            client_error("TransactionCanceledException", "ValidationError"),
            client_error("ValidationException"),
            client_error("AccessDeniedException"),
            client_error("ResourceNotFoundException"),
        ],
        ids=str,
    )
    def test_anything_else_does_not(self, error: ClientError) -> None:
        assert not is_conflict(error)

    def test_the_reasons_stand_in_the_order_of_the_actions(self) -> None:
        error = client_error("TransactionCanceledException", "None", "ConditionalCheckFailed")

        assert cancellation_reasons(error) == ("None", "ConditionalCheckFailed")

    def test_what_is_no_cancellation_has_no_reasons(self) -> None:
        assert cancellation_reasons(client_error("ValidationException", "x")) == ()
