"""The store of models: objects are read as they were written, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from recommender.adapters.s3.model_store import CURRENT, KEPT_OBJECTS, S3ModelStore
from recommender.domain.training_state import CorruptObject, ManifestConflict, ModelManifest
from tests.integration.recommender.stores import BUCKET


@pytest.fixture
def models(dynamodb: DynamoDBClient) -> S3ModelStore:
    assert dynamodb
    return S3ModelStore(BUCKET, boto3.client("s3"))


def pointer(models: S3ModelStore, run: str = "run-1") -> ModelManifest:
    return ModelManifest(
        run=run,
        epoch="run-1",
        abandoned=frozenset({"run-0"}),
        counts=models.write("counts", run, b"counts"),
        model=models.write("models", run, b"model"),
        version=run,
        trained_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
        users=3,
        titles=2,
        favourites=7,
    )


def test_reads_what_was_written(models: S3ModelStore) -> None:
    assert models.current() is None

    published = models.publish(pointer(models))

    assert models.current() == published
    assert published.model
    assert models.read(published.model) == b"model"
    assert models.read(published.counts) == b"counts"


def test_returns_no_manifest_that_has_not_changed(models: S3ModelStore) -> None:
    first = models.publish(pointer(models))

    assert models.changed_since(first.etag) is None
    second = models.publish(replace(pointer(models, "run-2"), etag=first.etag))
    assert models.changed_since(first.etag) == second


def test_replaces_only_the_manifest_that_was_read(models: S3ModelStore) -> None:
    first = models.publish(pointer(models))
    with pytest.raises(ManifestConflict):
        models.publish(pointer(models, "run-2"))
    models.publish(replace(pointer(models, "run-2"), etag=first.etag))

    with pytest.raises(ManifestConflict):
        models.publish(replace(pointer(models, "run-3"), etag=first.etag))

    stands = models.current()
    assert stands
    assert stands.run == "run-2"


@pytest.mark.parametrize("content", [b"", b"mode", b"nodel", b"model and more"])
def test_rejects_an_object_that_has_changed(content: bytes, models: S3ModelStore) -> None:
    stored = models.write("models", "run-1", b"model")
    boto3.client("s3").put_object(Bucket=BUCKET, Key=stored.key, Body=content)

    with pytest.raises(CorruptObject):
        models.read(stored)


def test_rejects_a_missing_object(models: S3ModelStore) -> None:
    stored = models.write("models", "run-1", b"model")
    boto3.client("s3").delete_object(Bucket=BUCKET, Key=stored.key)

    with pytest.raises(CorruptObject):
        models.read(stored)


def test_rejects_an_invalid_manifest(models: S3ModelStore) -> None:
    boto3.client("s3").put_object(Bucket=BUCKET, Key=CURRENT, Body=b'{"run": "half')

    with pytest.raises(CorruptObject):
        models.current()


def test_prunes_old_objects_and_keeps_current_ones(models: S3ModelStore) -> None:
    oldest = pointer(models, "run-0")
    for number in range(1, 8):
        pointer(models, f"run-{number}")
    kept = replace(pointer(models, "run-8"), previous=oldest.model)

    models.prune(kept)

    names = [item["Key"] for item in boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert names == [
        *(f"counts/run-{number}" for number in range(9 - KEPT_OBJECTS, 9)),
        "models/run-0",
        *(f"models/run-{number}" for number in range(9 - KEPT_OBJECTS, 9)),
    ]


def test_raises_when_the_bucket_fails() -> None:
    with mock_aws():
        models = S3ModelStore("there-is-no-such-bucket", boto3.client("s3"))

        with pytest.raises(ClientError):
            models.current()
