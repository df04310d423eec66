"""The model cache: never a corrupt model, a new one soon, and no request waits for it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from recommender.adapters.model_cache import (
    FIRST_LOAD_TIMEOUT_SECONDS,
    REFRESH_INTERVAL_SECONDS,
    REFRESH_TIMEOUT_SECONDS,
    STALE_AFTER_SECONDS,
    ModelCache,
)
from recommender.domain.training_state import ModelManifest, StoredObject
from tests.fakes.recommender import FakeModel, FakeModelStore


class Corrupt(Exception):
    """These bytes are no model."""


def parse_model(content: bytes) -> FakeModel:
    if not content.startswith(b"model "):
        message = "these bytes are no model"
        raise Corrupt(message)
    return FakeModel(version=content.decode().removeprefix("model "))


@dataclass
class FakeRefresh:
    """A refresh that continues when the test calls `finish`."""

    work: Callable[[], None]
    waits: list[float | None]
    done: bool = False

    def finish(self) -> None:
        self.work()
        self.done = True

    def join(self, timeout: float | None = None) -> None:
        self.waits.append(timeout)

    def is_alive(self) -> bool:
        return not self.done


@dataclass
class FirstRefresh(FakeRefresh):
    """The first refresh: it ends as soon as it is waited for, unless S3 hangs."""

    hangs: bool = False

    def join(self, timeout: float | None = None) -> None:
        super().join(timeout)
        if not self.hangs:
            self.finish()


@dataclass
class Process:
    """A process that serves models of a bucket. `refreshes` are those after the first."""

    bucket: FakeModelStore = field(default_factory=FakeModelStore)
    time: float = 1000.0
    refreshes: list[FakeRefresh] = field(default_factory=list)
    waits: list[float | None] = field(default_factory=list)
    asked: int = 0
    hangs: bool = False
    first: FirstRefresh | None = None

    def __post_init__(self) -> None:
        self.served = ModelCache(
            self, parse_model, Corrupt, start=self._start, timer=lambda: self.time
        )

    def changed_since(self, etag: str | None) -> ModelManifest | None:
        self.asked += 1
        return self.bucket.changed_since(etag)

    def read(self, stored: StoredObject) -> bytes:
        return self.bucket.read(stored)

    def version(self, after: float = 0.0) -> str | None:
        self.time += after
        model = self.served.current()
        return None if model is None else model.version

    def _start(self, work: Callable[[], None]) -> FakeRefresh:
        if self.first is None:
            self.first = FirstRefresh(work, [], hangs=self.hangs)
            return self.first
        self.refreshes.append(FakeRefresh(work, self.waits))
        return self.refreshes[-1]


@pytest.fixture
def bucket() -> FakeModelStore:
    return FakeModelStore()


@pytest.fixture
def process(bucket: FakeModelStore) -> Process:
    return Process(bucket)


def publish(bucket: FakeModelStore, version: str, content: bytes | None = None) -> ModelManifest:
    stands = bucket.manifest
    return bucket.publish(
        ModelManifest(
            run=version,
            epoch="0",
            abandoned=frozenset(),
            counts=bucket.write("counts", version, b""),
            model=bucket.write("models", version, content or f"model {version}".encode()),
            previous=stands.model if stands else None,
            version=version,
            etag=stands.etag if stands else None,
        )
    )


def test_the_first_request_loads_the_current_model(
    bucket: FakeModelStore, process: Process
) -> None:
    publish(bucket, "1")

    assert process.version() == "1"
    assert process.refreshes == []


def test_starts_without_a_model_when_the_bucket_hangs(bucket: FakeModelStore) -> None:
    publish(bucket, "1")
    process = Process(bucket, hangs=True)

    assert process.version() is None
    assert process.first
    assert process.first.waits == [FIRST_LOAD_TIMEOUT_SECONDS]
    assert process.version(after=1.0) is None
    assert process.first.waits == [FIRST_LOAD_TIMEOUT_SECONDS, REFRESH_TIMEOUT_SECONDS]

    process.first.finish()
    assert process.version(after=1.0) == "1"


def test_has_no_model_until_one_is_published(bucket: FakeModelStore, process: Process) -> None:
    assert process.version() is None
    publish(bucket, "1")
    assert process.version(REFRESH_INTERVAL_SECONDS) is None
    process.refreshes[0].finish()

    assert process.version() == "1"


def test_does_not_check_between_two_refreshes(bucket: FakeModelStore, process: Process) -> None:
    publish(bucket, "1")
    for _ in range(100):
        process.version(after=(REFRESH_INTERVAL_SECONDS - 1) / 100)

    assert process.asked == 1
    assert process.refreshes == []


def test_loads_a_new_model_beside_the_requests(bucket: FakeModelStore, process: Process) -> None:
    publish(bucket, "1")
    process.version()
    publish(bucket, "2")

    assert process.version(after=REFRESH_INTERVAL_SECONDS) == "1"
    assert process.version() == "1"
    assert len(process.refreshes) == 1
    process.refreshes[0].finish()

    assert process.version() == "2"
    assert process.waits == []


def test_a_request_after_a_long_pause_waits_for_the_refresh(
    bucket: FakeModelStore, process: Process
) -> None:
    publish(bucket, "1")
    process.version()

    assert process.version(after=STALE_AFTER_SECONDS) == "1"

    assert process.waits == [REFRESH_TIMEOUT_SECONDS]


def test_refuses_a_corrupt_model_and_keeps_the_previous(
    bucket: FakeModelStore, process: Process
) -> None:
    publish(bucket, "1")
    process.version()
    publish(bucket, "2", b"rubbish")
    process.version(after=REFRESH_INTERVAL_SECONDS)
    process.refreshes[0].finish()

    assert process.version() == "1"


def test_refuses_a_model_that_has_changed(bucket: FakeModelStore, process: Process) -> None:
    publish(bucket, "1")
    process.version()
    pointer = publish(bucket, "2")
    assert pointer.model
    bucket.objects[pointer.model.key] = b"model 2 but half of i"
    process.version(after=REFRESH_INTERVAL_SECONDS)
    process.refreshes[0].finish()

    assert process.version() == "1"


def test_a_new_process_loads_the_model_before_a_corrupt_one(bucket: FakeModelStore) -> None:
    publish(bucket, "1")
    publish(bucket, "2", b"rubbish")

    assert Process(bucket).version() == "1"


def test_does_not_reload_a_corrupt_model(bucket: FakeModelStore, process: Process) -> None:
    publish(bucket, "1", b"rubbish")
    process.version()
    process.version(after=REFRESH_INTERVAL_SECONDS)
    process.refreshes[0].finish()
    publish(bucket, "2")
    process.version(after=REFRESH_INTERVAL_SECONDS)
    process.refreshes[1].finish()

    assert process.version() == "2"


class Down(FakeModelStore):
    """A bucket that does not respond while it is down."""

    down = True

    def changed_since(self, etag: str | None) -> ModelManifest | None:
        if self.down:
            raise OSError
        return super().changed_since(etag)


def test_keeps_the_model_when_the_bucket_fails() -> None:
    bucket = Down()
    process = Process(bucket)
    assert process.version() is None
    publish(bucket, "1")
    bucket.down = False
    process.version(after=REFRESH_INTERVAL_SECONDS)
    process.refreshes[0].finish()
    assert process.version() == "1"

    bucket.down = True
    process.version(after=REFRESH_INTERVAL_SECONDS)
    process.refreshes[1].finish()

    assert process.version() == "1"


def test_a_manifest_without_a_model_changes_nothing(
    bucket: FakeModelStore, process: Process
) -> None:
    pointer = publish(bucket, "1")
    process.version()
    bucket.publish(replace(pointer, run="2", model=None))
    process.version(after=REFRESH_INTERVAL_SECONDS)
    process.refreshes[0].finish()

    assert process.version() == "1"
