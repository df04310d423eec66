"""Models in S3: objects that never change, and a pointer that moves last.

    models/<version>    a model
    counts/<run>        what the next model is made of
    current.json        which of them stand

S3 writes an object whole or not at all. The pointer names each object's SHA-256 and length, and
moves only if nobody has moved it since it was read. So who follows it finds what was written, or
notices that he does not.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from recommender.ports import CorruptObject, ManifestConflict, ModelManifest, StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

CURRENT = "current.json"
KEPT_OBJECTS = 3
"""So many objects of a kind stay besides those that stand: to go back to, by hand."""

_MISSING = {"NoSuchKey", "404"}
_UNCHANGED = {"304", "NotModified"}
_MOVED = {"PreconditionFailed", "412", "ConditionalRequestConflict", "409"}


class _Written(BaseModel):
    """The pointer as its object holds it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    run: str
    epoch: str
    abandoned: frozenset[str] = frozenset()
    counts: StoredObject
    model: StoredObject | None = None
    previous: StoredObject | None = None
    version: str | None = None
    trained_at: datetime | None = None
    users: int = 0
    titles: int = 0
    favourites: int = 0


class S3ModelStore:
    """The archive over one bucket."""

    def __init__(self, bucket: str, client: S3Client) -> None:
        self._bucket = bucket
        self._client = client

    def pointer(self) -> ModelManifest | None:
        """Return what stands, None at the very beginning; raise BrokenObject for another text."""
        return self.changed_since(None)

    def changed_since(self, etag: str | None) -> ModelManifest | None:
        """Return what stands, None when that is still the one with this ETag, or nothing yet."""
        known: Any = {"IfNoneMatch": etag} if etag else {}
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=CURRENT, **known)
            content = answer["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING | _UNCHANGED:
                return None
            raise
        try:
            written = _Written.model_validate_json(content)
        except ValueError as error:
            message = f"{CURRENT} is no pointer"
            raise CorruptObject(message) from error
        fields = {name: getattr(written, name) for name in _Written.model_fields}
        return ModelManifest(**fields, etag=answer["ETag"])

    def read(self, stored: StoredObject) -> bytes:
        """Return an object; raise BrokenObject unless it is what the pointer says."""
        try:
            content = self._client.get_object(Bucket=self._bucket, Key=stored.key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MISSING:
                raise
            message = f"{stored.key} is gone"
            raise CorruptObject(message) from error
        if len(content) != stored.size or sha256(content).hexdigest() != stored.sha256:
            message = f"{stored.key} is not what was written"
            raise CorruptObject(message)
        return content

    def write(self, kind: str, name: str, content: bytes) -> StoredObject:
        """Write an object that nothing points to yet; S3 checks what arrives."""
        stored = StoredObject(f"{kind}/{name}", sha256(content).hexdigest(), len(content))
        self._client.put_object(
            Bucket=self._bucket, Key=stored.key, Body=content, ChecksumAlgorithm="SHA256"
        )
        return stored

    def move(self, pointer: ModelManifest) -> ModelManifest:
        """Let the pointer point; raise ModelMoved unless it is the one with `pointer.etag`."""
        fields = {name: getattr(pointer, name) for name in _Written.model_fields}
        content = _Written(**fields).model_dump_json(exclude_none=True).encode()
        condition: Any = {"IfMatch": pointer.etag} if pointer.etag else {"IfNoneMatch": "*"}
        try:
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=CURRENT,
                Body=content,
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
                **condition,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _MOVED | _MISSING:
                raise ManifestConflict from error
            raise
        return ModelManifest(**fields, etag=answer["ETag"])

    def prune(self, kept: ModelManifest) -> None:
        """Delete all but the latest objects of each kind, and those that stand."""
        standing = {stored.key for stored in (kept.model, kept.previous, kept.counts) if stored}
        for kind in ("models/", "counts/"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=kind
            )
            names = sorted(item["Key"] for page in pages for item in page.get("Contents", ()))
            old: list[ObjectIdentifierTypeDef] = [
                {"Key": name} for name in names[:-KEPT_OBJECTS] if name not in standing
            ]
            if old:
                self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": old[:1000], "Quiet": True}
                )
