"""What is changed in the emulator from within."""

import importlib
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tools.local.patches.runtime import (
    asking_at,
    at_most,
    queueing,
    wake_after,
    with_event_sources,
    without_stream_positions,
)
from tools.local.patches.wrap import wrap

PATIENCE_SECONDS = 10


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("ministack.services.lambda_svc", "load_persisted_state"),
        ("ministack.services.lambda_svc", "_execute_function_warm"),
        ("ministack.services.lambda_svc", "_sqs_esm_concurrency"),
        ("ministack.services.lambda_svc", "_inflight_total"),
        ("ministack.services.dynamodb", "_emit_stream_event"),
        ("ministack.services.dynamodb", "_evaluate_condition"),
        ("ministack.services.dynamodb", "_tokenize"),
        ("ministack.services.dynamodb", "_ExprEval"),
        ("ministack.core.iam_evaluator", "parse_policy_document"),
        ("ministack.core.persistence", "json"),
        ("ministack.core.lambda_runtime", "Worker"),
        ("ministack.core.lambda_runtime", "subprocess"),
        ("ministack.core.lambda_runtime", "zipfile"),
        ("ministack.core.concurrency", "esm_wake"),
        ("ministack.core.iam_actions", "request_tag_context"),
        ("ministack.services.apigateway", "_resolve_jwks_url"),
    ],
)
def test_the_pinned_emulator_still_has_what_is_changed(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        (
            "http://localhost:4566/eu-west-1_pool/.well-known/jwks.json",
            "http://127.0.0.1:51234/eu-west-1_pool/.well-known/jwks.json",
        ),
        ("https://issuer.example/keys", "https://issuer.example/keys"),
        (None, None),
    ],
)
async def test_an_authorizer_asks_for_a_pools_keys_where_the_emulator_listens(
    url: str | None, asked: str | None
) -> None:
    async def resolve(_: object) -> str | None:
        return url

    assert await asking_at(resolve, "127.0.0.1:51234")({}) == asked


def test_a_table_write_wakes_the_stream_readers_after_it_is_done() -> None:
    happened: list[str] = []

    def write(item: str, *, table: str) -> str:
        happened.append(f"{item} to {table}")
        return "written"

    woken = wake_after(write, lambda: happened.append("woken"))
    assert woken("item", table="votes") == "written"
    assert happened == ["item to votes", "woken"]


def test_read_positions_do_not_outlive_the_streams_that_they_count() -> None:
    restored: list[object] = []
    restore = without_stream_positions(restored.append)
    state = {"functions": 1, "dynamodb_stream_positions": {"esm": 7}}
    restore(state)
    assert restored == [{"functions": 1}]
    assert "dynamodb_stream_positions" in state


def test_a_gap_that_the_emulator_moved_is_told_not_fatal(caplog: pytest.LogCaptureFixture) -> None:
    assert not wrap(os, "no_such_function", lambda function: function)
    assert "no_such_function is gone" in caplog.text


def test_calls_beyond_a_few_wait_for_their_turn() -> None:
    running = 0
    most = 0
    counting = threading.Lock()
    both = threading.Barrier(2)

    def call(_function: object, event: int) -> int:
        nonlocal running, most
        with counting:
            running += 1
            most = max(most, running)
        both.wait(PATIENCE_SECONDS)  # nobody leaves alone: two do run at once
        with counting:
            running -= 1
        return event

    queued = queueing(call, 2)
    with ThreadPoolExecutor(6) as callers:
        function = {"config": {"FunctionName": "vote"}}
        assert list(callers.map(lambda event: queued(function, event), range(6))) == [*range(6)]
    assert most == 2


def test_functions_do_not_wait_for_one_another() -> None:
    def call(function: dict[str, str], inner: bool) -> str:  # noqa: FBT001 - an event
        return queued({"FunctionName": "inner"}, False) if inner else function["FunctionName"]

    queued = queueing(call, 1)
    with ThreadPoolExecutor(1) as callers:
        outcome = callers.submit(queued, {"FunctionName": "outer"}, True)
        assert outcome.result(PATIENCE_SECONDS) == "inner"


def test_a_call_that_fails_gives_its_turn_back() -> None:
    def call(_function: object) -> None:
        raise RuntimeError

    queued = queueing(call, 1)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            queued({"FunctionName": "vote"})


@pytest.mark.parametrize(("limit", "batches"), [(5, 2), (1, 1)])
def test_a_queue_is_read_with_a_few_batches_at_a_time(limit: int, batches: int) -> None:
    assert at_most(lambda _mapping: limit, 2)({}) == batches


@pytest.mark.parametrize(
    ("action", "sources", "keys"),
    [
        ("events:PutEvents", ["matinee.rooms"], {"events:source": "matinee.rooms"}),
        ("events:PutEvents", ["matinee.rooms"] * 2, {"events:source": "matinee.rooms"}),
        ("events:PutEvents", ["matinee.rooms", "matinee.auth"], {}),
        ("events:PutRule", ["matinee.rooms"], {}),
    ],
)
def test_a_policy_may_ask_for_the_one_source_of_all_entries(
    action: str, sources: list[str], keys: dict[str, str]
) -> None:
    context = with_event_sources(lambda *_: {"aws:TagKeys": ["team"]})
    body = json.dumps({"Entries": [{"Source": source} for source in sources]}).encode()
    assert context("events", action, body, {}) == {"aws:TagKeys": ["team"]} | keys


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"{}", b'{"Entries": [7]}'])
def test_malformed_entries_name_no_source(body: bytes) -> None:
    assert with_event_sources(lambda *_: {})("events", "events:PutEvents", body, {}) == {}
