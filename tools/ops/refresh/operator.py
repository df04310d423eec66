"""A user who may refresh the catalogue, at the REST API."""

import secrets
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Self

import httpx

from tools.local.emulator import emulator_session
from tools.local.patience import patient_sync_client
from tools.ops.client import Stack

GROUP = "Operators"
"""Seconds for one answer: a function's first start on a busy laptop takes a few."""


class NotAccepted(Exception):
    """The API refuses a request; the message is its own. `body` is the problem."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.body = body
        super().__init__(str(body.get("detail") or body.get("message") or body))


@dataclass(frozen=True, slots=True)
class Operator:
    """A signed-in member of the operators' group. Use as a context manager."""

    rest_url: str
    token: str
    http: httpx.Client

    @classmethod
    def of(cls, stack: Stack) -> Self:
        """Make an account on a local stack, take it into the group and sign in."""
        http = patient_sync_client()
        email = f"operator-{secrets.token_hex(6)}@example.com"
        credentials = {"email": email, "password": f"Aa1{secrets.token_urlsafe(12)}"}
        http.post(f"{stack.rest_url}/auth/signup", json=credentials).raise_for_status()
        if code := stack.mailed_code(email):
            confirmation = {"email": email, "code": code}
            http.post(f"{stack.rest_url}/auth/signup", json=confirmation).raise_for_status()
        pool = emulator_session().client("cognito-idp", endpoint_url=stack.emulator_url)
        with closing(pool):
            pool.admin_add_user_to_group(
                UserPoolId=stack.user_pool_id, Username=email, GroupName=GROUP
            )
        answer = http.post(f"{stack.rest_url}/auth/signin", json=credentials)
        answer.raise_for_status()
        return cls(stack.rest_url, answer.json()["AccessToken"], http)

    def __enter__(self) -> Self:
        """Return the operator."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.http.close()

    def begin(self, scope: str, pages: int | None = None) -> str:
        """Begin a refresh and return its id. Raises NotAccepted."""
        wish = {"scope": scope} | ({"pages": pages} if pages else {})
        run_id: str = self._read(
            self.http.post(f"{self.rest_url}/media/refresh", json=wish, headers=self._headers)
        )["runId"]
        return run_id

    def look(self, run_id: str) -> dict[str, Any]:
        """Return the progress of a refresh. Raises NotAccepted."""
        return self._read(
            self.http.get(f"{self.rest_url}/media/refresh/{run_id}", headers=self._headers)
        )

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @staticmethod
    def _read(answer: httpx.Response) -> dict[str, Any]:
        body: dict[str, Any] = answer.json()
        if answer.is_error:
            raise NotAccepted(body)
        return body
