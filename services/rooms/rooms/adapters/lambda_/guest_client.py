"""Auth's CreateGuest function, through its published interface."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from matinee.observability import logger
from rooms.domain.errors import GuestsUnavailable
from rooms.domain.guest import Guest

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_CAMEL = ConfigDict(alias_generator=to_camel, defer_build=True)


class _Guest(BaseModel):
    """A guest, as contracts/functions/auth/CreateGuest describes them."""

    model_config = _CAMEL

    user_id: str
    access_token: str
    id_token: str
    refresh_token: str
    expires_in: int


class _Response(BaseModel):
    model_config = _CAMEL

    data: _Guest


@dataclass(frozen=True, slots=True)
class LambdaGuestAccounts:
    """Auth, by synchronous invocations of one Lambda function."""

    function_name: str
    client: LambdaClient

    def create(self, name: str, correlation_id: str) -> Guest:
        """Create a guest; raise GuestsUnavailable. What is logged has no part of the response."""
        request = {"name": name, "correlationId": correlation_id}
        try:
            response = self.client.invoke(
                FunctionName=self.function_name, Payload=json.dumps(request).encode()
            )
            guest = _Response.model_validate_json(response["Payload"].read()).data
        except (BotoCoreError, ClientError, ValidationError) as error:
            logger.error("guest_not_created", extra={"error": type(error).__name__})
            raise GuestsUnavailable from None
        return Guest(**dict(guest))
