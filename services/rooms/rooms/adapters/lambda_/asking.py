"""One request to another service's function, without whose response the room goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_snake

from matinee.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Success[D: BaseModel](BaseModel):
    """The good response of a function."""

    model_config = ConfigDict(defer_build=True)

    data: D


def ask[D: BaseModel](
    client: LambdaClient,
    function_name: str,
    request: Mapping[str, Any],
    response: type[Success[D]],
    *,
    otherwise: str,
) -> D | None:
    """Return a function's data; without them count `otherwise`, and return None."""
    try:
        answer = client.invoke(FunctionName=function_name, Payload=json.dumps(request).encode())
        return response.model_validate_json(answer["Payload"].read()).data
    except (BotoCoreError, ClientError, ValidationError):
        logger.exception(to_snake(otherwise))
        count(otherwise)
        return None
