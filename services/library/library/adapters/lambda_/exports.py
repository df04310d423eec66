"""What auth and rooms store of a user, through their published functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from library.domain.errors import AccountDeleted, ExportUnavailable
from matinee.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_DELETED = frozenset({"AccountGone", "AccountDeleted"})


@dataclass(frozen=True, slots=True)
class ExportFunction:
    """A function of another service that exports a user's data."""

    name: str
    client: LambdaClient

    def invoke(self, request: Mapping[str, object]) -> Mapping[str, Any]:
        """Return its data. Raises AccountDeleted, ExportUnavailable."""
        try:
            response = self.client.invoke(
                FunctionName=self.name, Payload=json.dumps(request).encode()
            )
            answer: Any = json.loads(response["Payload"].read())
            if not response.get("FunctionError") and "data" in answer:
                data: Mapping[str, Any] = answer["data"]
                return data
            code = (answer.get("error") or {}).get("type")
        except (BotoCoreError, ClientError, ValueError) as error:
            logger.exception("export_unreachable")
            raise ExportUnavailable from error
        if code in _DELETED:
            raise AccountDeleted
        logger.error("export_refused", extra={"code": code})
        raise ExportUnavailable


@dataclass(frozen=True, slots=True)
class AccountExport:
    """Auth's ExportAccountFunction: one part."""

    function: ExportFunction

    def __call__(self, user_id: str, after: str | None) -> tuple[Mapping[str, Any], str | None]:  # noqa: ARG002 - the port's
        """Return the account."""
        return {"account": self.function.invoke({"userId": user_id})}, None


@dataclass(frozen=True, slots=True)
class RoomsExport:
    """Rooms' RoomsExportFunction."""

    function: ExportFunction

    def __call__(self, user_id: str, after: str | None) -> tuple[Mapping[str, Any], str | None]:
        """Return a part of the rooms with votes, of the matches, or of the decisions.

        What else rooms has of the user, which is little, comes with the first part.
        """
        data = self.function.invoke({"userId": user_id} | ({"cursor": after} if after else {}))
        return {name: part for name, part in data.items() if name != "next"}, data["next"]
