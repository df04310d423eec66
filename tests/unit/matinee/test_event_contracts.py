"""Contracts and envelopes: what is written is what can be read, and nothing else."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.events.contract import Contract, ContractViolation, Registry
from matinee.events.envelope import Trace, create_envelope, detail
from tests.fakes.clock import NOON
from tests.fakes.events import KITCHEN, CakeServed, TeaServed, tea

texts = st.text(max_size=40)


@given(guest=texts, cups=st.integers(1, 99), note=st.none() | texts)
def test_what_is_written_is_read_back_the_same(guest: str, cups: int, note: str | None) -> None:
    envelope = create_envelope(
        TeaServed(guest=guest, cups=cups, note=note),
        event_id="e",
        occurred_at=NOON,
        trace=Trace("thread", "cause"),
        idempotency_key="k",
    )

    assert KITCHEN.read(json.loads(detail(envelope))) == envelope


def test_the_metadata_say_what_the_design_asks_for() -> None:
    written = json.loads(detail(tea(1)))

    assert written["metadata"] == {
        "event_id": "event-001",
        "event_type": "TeaServed",
        "schema_version": "1.0",
        "source": "matinee.kitchen",
        "occurred_at": "2026-01-31T12:00:00.000Z",
        "correlation_id": "thread-1",
        "idempotency_key": "tea:1",
    }


def test_what_is_absent_is_left_out() -> None:
    written = json.loads(detail(tea(1)))

    assert "causation_id" not in written["metadata"]
    assert written["data"] == {"guest": "ann", "cups": 1}


def test_a_time_in_any_zone_is_written_in_utc() -> None:
    east = datetime(2026, 1, 31, 14, tzinfo=timezone(timedelta(hours=2)))
    envelope = create_envelope(
        CakeServed(guest="ann"),
        event_id="e",
        occurred_at=east,
        trace=Trace("t"),
        idempotency_key="k",
    )

    assert envelope.metadata.occurred_at == NOON
    assert envelope.metadata.occurred_at.tzinfo is UTC


def test_a_reaction_continues_the_thread_and_names_its_cause() -> None:
    assert Trace.caused_by(tea(1)) == Trace("thread-1", "event-001")


def test_what_a_private_command_leads_to_names_no_id_that_others_cannot_know() -> None:
    assert Trace.child(tea(1)) == Trace("thread-1", None)


class TestThreads:
    @pytest.mark.parametrize("given_id", ["a", "phone-42", "A.b_c:d-9", "x" * 128])
    def test_a_client_may_name_its_thread(self, given_id: str) -> None:
        assert Trace.from_headers({"x-correlation-id": given_id}) == Trace(given_id)

    @given(st.text())
    def test_whatever_it_is_named_it_fits_into_a_header_and_a_log(self, given_id: str) -> None:
        used = Trace.from_headers({"x-correlation-id": given_id}).correlation_id

        assert used.isascii()
        assert 1 <= len(used) <= 128
        assert not set(used) & set(" \t\r\n\"'{}$<>\\")

    @pytest.mark.parametrize("headers", [None, {}, {"x-correlation-id": ""}])
    def test_without_a_name_it_gets_a_new_one(self, headers: dict[str, str] | None) -> None:
        first, second = Trace.from_headers(headers), Trace.from_headers(headers)

        assert first.correlation_id != second.correlation_id


class TestReading:
    def test_a_reader_ignores_what_it_does_not_know(self) -> None:
        written = json.loads(detail(tea(1)))
        written["data"]["sugar"] = 2
        written["metadata"]["tenant"] = "x"
        written["extra"] = {}

        assert KITCHEN.read(written) == tea(1)

    @pytest.mark.parametrize(
        "broken",
        [
            None,
            "text",
            7,
            [],
            {},
            {"metadata": None},
            {"metadata": []},
            {"metadata": {"event_type": None}},
            {"metadata": {"event_type": {}}},
            {"metadata": {"event_type": "TeaServed"}},
        ],
        ids=str,
    )
    def test_what_is_no_event_violates_the_contract(self, broken: object) -> None:
        with pytest.raises(ContractViolation):
            KITCHEN.read(broken)

    @pytest.mark.parametrize(
        "field",
        [
            "event_id",
            "event_type",
            "schema_version",
            "source",
            "occurred_at",
            "correlation_id",
            "idempotency_key",
        ],
    )
    def test_no_metadata_may_be_missing(self, field: str) -> None:
        written = json.loads(detail(tea(1)))
        del written["metadata"][field]

        with pytest.raises(ContractViolation):
            KITCHEN.read(written)

    @pytest.mark.parametrize("occurred_at", ["2026-01-31T12:00:00", "noon", "", None])
    def test_a_time_without_a_zone_is_no_time(self, occurred_at: object) -> None:
        written = json.loads(detail(tea(1)))
        written["metadata"]["occurred_at"] = occurred_at

        with pytest.raises(ContractViolation):
            KITCHEN.read(written)

    def test_a_violation_says_where_and_why_and_not_what(self) -> None:
        written = json.loads(detail(tea(1)))
        written["data"] = {"guest": 5, "cups": "ann@example.com"}

        with pytest.raises(ContractViolation) as violation:
            KITCHEN.read(written)

        assert "data.guest" in str(violation.value)
        assert "data.cups" in str(violation.value)
        assert "ann@example.com" not in str(violation.value)

    def test_nobody_publishes_in_another_service_s_name(self) -> None:
        written = json.loads(detail(tea(1)))
        written["metadata"]["source"] = "matinee.garden"

        with pytest.raises(ContractViolation, match=r"matinee\.kitchen alone"):
            KITCHEN.read(written)


class TestNames:
    def test_an_event_s_type_is_its_model_s_name(self) -> None:
        assert TeaServed.event_type == "TeaServed"

    def test_a_breaking_change_is_a_new_type(self) -> None:
        class TeaServedV2(Contract):
            """Tea, otherwise."""

            event_type: ClassVar[str] = "TeaServed.v2"
            source: ClassVar[str] = "matinee.kitchen"

        registry = Registry([TeaServed, TeaServedV2])

        assert [contract.event_type for contract in registry] == ["TeaServed", "TeaServed.v2"]

    def test_a_registry_lists_its_contracts_by_name(self) -> None:
        assert list(KITCHEN) == [CakeServed, TeaServed]
