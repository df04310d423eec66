"""Models in S3: immutable objects, and a manifest that is replaced last.

    models/<version>    a model
    counts/<run>        the counts from which the next model is made
    current.json        the manifest: which of them are current

S3 writes an object whole or not at all. The manifest has each object's SHA-256 and length, and is
replaced only if nobody else has replaced it since it was read. So its readers find what was
written, or notice that it is missing or changed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import TypeAdapter

from recommender.domain.training_state import (
    CorruptObject,
    ManifestConflict,
    ModelManifest,
    StoredObject,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

CURRENT = "current.json"
KEPT_OBJECTS = 3
"""The latest objects of a kind that are kept besides the current ones, for a manual rollback."""

_MISSING = {"NoSuchKey", "404"}
_UNCHANGED = {"304", "NotModified"}
_REPLACED = {"PreconditionFailed", "412", "ConditionalRequestConflict", "409"}


class S3ModelStore:
    """The store over one bucket."""

    def __init__(self, bucket: str, client: S3Client) -> None:
        self._bucket = bucket
        self._client = client

    def current(self) -> ModelManifest | None:
        """Return the manifest, None before the first training; raise CorruptObject."""
        return self.changed_since(None)

    def changed_since(self, etag: str | None) -> ModelManifest | None:
        """Return the manifest, None when it is still the one with this ETag, or missing."""
        condition: Any = {"IfNoneMatch": etag} if etag else {}
        try:
            response = self._client.get_object(Bucket=self._bucket, Key=CURRENT, **condition)
            content = response["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING | _UNCHANGED:
                return None
            raise
        try:
            manifest = _json().validate_json(content)
        except ValueError as error:
            message = f"{CURRENT} is no manifest"
            raise CorruptObject(message) from error
        return replace(manifest, etag=response["ETag"])

    def read(self, stored: StoredObject) -> bytes:
        """Return an object; raise CorruptObject unless it is what the manifest says."""
        try:
            content = self._client.get_object(Bucket=self._bucket, Key=stored.key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MISSING:
                raise
            message = f"{stored.key} is missing"
            raise CorruptObject(message) from error
        if len(content) != stored.size or sha256(content).hexdigest() != stored.sha256:
            message = f"{stored.key} is not what was written"
            raise CorruptObject(message)
        return content

    def write(self, kind: str, name: str, content: bytes) -> StoredObject:
        """Write an object that no manifest names yet; S3 verifies what it receives."""
        stored = StoredObject(f"{kind}/{name}", sha256(content).hexdigest(), len(content))
        self._client.put_object(
            Bucket=self._bucket, Key=stored.key, Body=content, ChecksumAlgorithm="SHA256"
        )
        return stored

    def publish(self, manifest: ModelManifest) -> ModelManifest:
        """Replace the manifest; raise ManifestConflict unless `manifest.etag` is the current."""
        condition: Any = {"IfMatch": manifest.etag} if manifest.etag else {"IfNoneMatch": "*"}
        try:
            response = self._client.put_object(
                Bucket=self._bucket,
                Key=CURRENT,
                Body=_json().dump_json(manifest, exclude={"etag"}, exclude_none=True),
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
                **condition,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _REPLACED | _MISSING:
                raise ManifestConflict from error
            raise
        return replace(manifest, etag=response["ETag"])

    def prune(self, kept: ModelManifest) -> None:
        """Delete all but the latest objects of each kind, and the current ones."""
        current = {stored.key for stored in (kept.model, kept.previous, kept.counts) if stored}
        for kind in ("models/", "counts/"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=kind
            )
            names = sorted(item["Key"] for page in pages for item in page.get("Contents", ()))
            old: list[ObjectIdentifierTypeDef] = [
                {"Key": name} for name in names[:-KEPT_OBJECTS] if name not in current
            ]
            if old:
                self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": old[:1000], "Quiet": True}
                )


@cache
def _json() -> TypeAdapter[ModelManifest]:
    return TypeAdapter(ModelManifest)
