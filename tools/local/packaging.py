"""Turns a template and its sources into what the emulator's CloudFormation can deploy.

Only our own sources are packed: third-party packages come from the virtual environment that runs
the emulator, so that a deployment takes a second instead of a build.
"""

import copy
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.local.template import Template, TemplateError
from tools.local.versions import without_versions

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o644 << 16
_LEFT_OUT_FOLDERS = frozenset({"__pycache__", "tests", "node_modules"})
_LEFT_OUT_SUFFIXES = frozenset({".pyc", ".md", ".js", ".in"})
_LEFT_OUT_NAMES = frozenset({"requirements.txt"})

# Text that a resource would fetch from S3 on AWS: the emulator reads it inline only.
_INLINED = {
    "AWS::AppSync::GraphQLSchema": ("DefinitionS3Location", "Definition"),
    "AWS::AppSync::Resolver": ("CodeS3Location", "Code"),
    "AWS::AppSync::FunctionConfiguration": ("CodeS3Location", "Code"),
}
# Folders that become a zip: resource type -> (property, folder inside the zip, bucket, key).
_ZIPPED = {
    "AWS::Serverless::Function": ("CodeUri", "", "Bucket", "Key"),
    "AWS::Serverless::LayerVersion": ("ContentUri", "python/", "Bucket", "Key"),
    "AWS::Lambda::Function": ("Code", "", "S3Bucket", "S3Key"),
    "AWS::Lambda::LayerVersion": ("Content", "python/", "S3Bucket", "S3Key"),
}


@dataclass(frozen=True, slots=True)
class Package:
    """A deployable copy of the template and its zips, by object key.

    `fingerprint` changes when, and only when, the template, a source or a parameter does;
    `graphql_fingerprint` when the GraphQL API does: its schema, a resolver, its settings.
    """

    template: Template
    artifacts: Mapping[str, bytes]
    fingerprint: str
    graphql_fingerprint: str

    @property
    def body(self) -> bytes:
        """The template as JSON."""
        return json.dumps(self.template, sort_keys=True).encode()


def source_files(folder: Path) -> Iterator[Path]:
    """Yield what belongs into a function or layer, sorted: neither tests, docs nor caches."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in _LEFT_OUT_FOLDERS for part in parts)
        left_out = path.suffix in _LEFT_OUT_SUFFIXES or path.name in _LEFT_OUT_NAMES
        if path.is_file() and not hidden and not left_out:
            yield path


def zip_sources(folder: Path, prefix: str = "") -> bytes:
    """Zip a folder below `prefix`; the same files always give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in source_files(folder):
            name = prefix + path.relative_to(folder).as_posix()
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = _FILE_MODE
            archive.writestr(info, path.read_bytes())
    return buffer.getvalue()


def package(
    template: Template,
    root: Path,
    bucket: str,
    parameters: Mapping[str, str],
    folders: "ZippedFolders | None" = None,
) -> Package:
    """Pack the sources that `template` names, relative to `root`.

    The template itself is not changed. `folders` are those that other templates have packed.
    Raises TemplateError when a path does not exist.
    """
    deployable = copy.deepcopy(template)
    without_versions(deployable)
    zips = _Zips(bucket, {} if folders is None else folders)
    resources = {
        logical_id: (str(resource.get("Type")), resource.setdefault("Properties", {}))
        for logical_id, resource in deployable["Resources"].items()
    }
    function_defaults = (deployable.get("Globals") or {}).get("Function")
    if isinstance(function_defaults, dict):
        resources["Globals.Function"] = ("AWS::Serverless::Function", function_defaults)
    for logical_id, (kind, properties) in resources.items():
        if kind in _ZIPPED:
            _zip_property(logical_id, properties, _ZIPPED[kind], root, zips)
        elif kind in _INLINED:
            _inline_property(logical_id, properties, _INLINED[kind], root)
    graphql = {
        logical_id: resource
        for logical_id, resource in deployable["Resources"].items()
        if str(resource.get("Type")).startswith("AWS::AppSync::")
    }
    return Package(
        template=deployable,
        artifacts=zips.bodies,
        fingerprint=_digest([deployable, dict(parameters)]),
        graphql_fingerprint=_digest(graphql),
    )


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


type ZippedFolders = dict[tuple[Path, str], bytes]
"""Zips by folder and prefix: what several templates share, the layer above all, is packed once."""


class _Zips:
    """The zips of one template. `folders` are those that were made already, for this or another."""

    def __init__(self, bucket: str, folders: ZippedFolders) -> None:
        self.bucket = bucket
        self.bodies: dict[str, bytes] = {}
        self._folders = folders

    def key_of(self, folder: Path, prefix: str) -> str:
        """Return the object key of a folder's zip, which is named by its content."""
        place = (folder.resolve(), prefix)
        if place not in self._folders:
            self._folders[place] = zip_sources(folder, prefix)
        body = self._folders[place]
        key = f"{hashlib.sha256(body).hexdigest()}.zip"
        self.bodies[key] = body
        return key


def _zip_property(
    logical_id: str,
    properties: dict[str, Any],
    how: tuple[str, str, str, str],
    root: Path,
    zips: _Zips,
) -> None:
    name, prefix, bucket_name, key_name = how
    location = properties.get(name)
    if _is_local(location):
        folder = root / str(location)
        if not folder.is_dir():
            raise TemplateError(f"{logical_id}.{name}: there is no folder {location}")
        if name == "CodeUri" and (folder / "__init__.py").is_file():
            prefix = f"{folder.name}/"  # A package: `sam build` does it with ParentPackages.
        properties[name] = {bucket_name: zips.bucket, key_name: zips.key_of(folder, prefix)}


def _inline_property(
    logical_id: str, properties: dict[str, Any], how: tuple[str, str], root: Path
) -> None:
    name, inline = how
    location = properties.get(name)
    if _is_local(location):
        path = root / str(location)
        if not path.is_file():
            raise TemplateError(f"{logical_id}.{name}: there is no file {location}")
        del properties[name]
        properties[inline] = path.read_text(encoding="utf-8")


def _is_local(location: object) -> bool:
    return isinstance(location, str) and "://" not in location
