"""Deploys the app for people to AWS: its stack, its files, and where the product is.

Files whose names have a digest of their content may be kept for ever; the others are asked for
anew. They come last, index.html at the very end: whoever loads the app meanwhile gets one release
or the other. What earlier releases loaded stays a week, for pages that are still open.
"""

import json
import mimetypes
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tools.local.page.app import origin
from tools.local.settings import CHECKOUT
from tools.ops.cleaning import empty_bucket
from tools.ops.events.environment import Environment, stack_outputs
from tools.templates import WEB_TEMPLATE

TEMPLATE = CHECKOUT / WEB_TEMPLATE
BUILT = CHECKOUT / ".aws-sam" / "web"
"""Where `make web-deploy` builds the app for the root of a domain."""

CONFIG = "config.json"
INDEX = "index.html"
_ASSETS = "assets/"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_ANEW = "no-cache"
_PAGES_STAY_OPEN = timedelta(days=7)
_TMDB_PICTURES = "https://image.tmdb.org/t/p"
_TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript"}


class NotBuilt(Exception):
    """The app's files are not there; the message says what makes them."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The app's config.json, in its own spelling: web/src/config.ts has what the fields mean."""

    restUrl: str  # noqa: N815
    graphqlUrl: str  # noqa: N815
    region: str
    picturesUrl: str = _TMDB_PICTURES  # noqa: N815


def configuration(environment: Environment) -> Configuration:
    """Return where an environment is."""
    outputs = environment.outputs
    region = str(environment.session.region_name)
    return Configuration(outputs["HttpApiUrl"], outputs["GraphqlUrl"], region)


def parameters(environment: Environment) -> dict[str, str]:
    """Return the parameters of the app's stack that the environment's outputs fill."""
    outputs = environment.outputs
    return {
        "RestOrigin": origin(outputs["HttpApiUrl"]),
        "GraphqlOrigin": origin(outputs["GraphqlUrl"]),
        "RealtimeOrigin": origin(outputs["RealtimeUrl"]),
    }


def stack_of(name: str) -> str:
    """Return the name of the stack of an environment's app."""
    return f"{name}-web"


def upload(s3: Any, bucket: str, built: Path, where: Configuration) -> list[str]:  # noqa: ANN401
    """Put the built app into its bucket, and delete what no open page can need; return the keys.

    Raises NotBuilt.
    """
    if not (built / INDEX).is_file():
        raise NotBuilt(f"{built} has no {INDEX}: make web-deploy builds it")
    keys = [path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()]
    keys = sorted({*keys, CONFIG}, key=lambda key: (key == INDEX, not key.startswith(_ASSETS), key))
    for key in keys:
        own = json.dumps(asdict(where)).encode()
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=own if key == CONFIG else (built / key).read_bytes(),
            ContentType=_content_type(key),
            CacheControl=_FOR_EVER if key.startswith(_ASSETS) else _ASK_ANEW,
        )
    for key in _outdated(s3, bucket, keys):
        s3.delete_object(Bucket=bucket, Key=key)
    return keys


def remove(environment: Environment) -> bool:
    """Delete the stack of an environment's app, with its files; return whether it was there."""
    cloudformation = environment.client("cloudformation")
    name = stack_of(environment.name)
    outputs = stack_outputs(cloudformation, name)
    if outputs is None:
        return False
    if bucket := outputs.get("WebBucketName"):
        empty_bucket(environment.client("s3"), bucket)
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name)
    return True


def permits(environment: Environment, url: str) -> bool:
    """Return whether the REST interface answers pages of that address."""
    cloudformation = environment.client("cloudformation")
    permitted = {
        origin.strip()
        for stack in environment.stacks
        for parameter in cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get(
            "Parameters", ()
        )
        if parameter["ParameterKey"] == "AllowedOrigins"
        for origin in parameter["ParameterValue"].split(",")
    }
    return origin(url) in permitted


def _content_type(key: str) -> str:
    kind = _TYPES.get(Path(key).suffix) or mimetypes.guess_type(key)[0]
    return kind or "application/octet-stream"


def _outdated(s3: Any, bucket: str, keys: list[str]) -> Iterator[str]:  # noqa: ANN401
    """Yield what is in the bucket, in no release of today, and older than any open page."""
    before = datetime.now(UTC) - _PAGES_STAY_OPEN
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", ()):
            if item["Key"] not in keys and item["LastModified"] < before:
                yield item["Key"]
