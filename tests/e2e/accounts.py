"""A person without an account, who uses the REST interface as an app would."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from tools.ops.client import Stack

SECRETS_SENT: set[str] = set()
"""Every password, code, address and token of these tests: no log line may hold one of them."""

PATIENCE = 60.0
"""Seconds. A function's first start on a busy laptop takes a few."""

ATTEMPTS = 5
"""At a request that the product answers with 503 and asks to repeat."""

PASSWORD = "Popcorn4two"
_SECRET_FIELDS = ("email", "password", "AccessToken", "IdToken", "RefreshToken")


def invented_email(name: str) -> str:
    return f"{name}-{secrets.token_hex(6)}@example.com"


@dataclass
class Visitor:
    """One person and their app."""

    stack: Stack
    email: str = field(default_factory=lambda: invented_email("visitor"))
    password: str = field(default_factory=lambda: f"Aa1{secrets.token_urlsafe(12)}")
    tokens: dict[str, str] = field(default_factory=dict)
    correlation_id: str = field(default_factory=lambda: f"visit-{secrets.token_hex(6)}")

    def call(
        self, method: str, path: str, body: object = None, *, token: str | None = None
    ) -> httpx.Response:
        """Send one request; what is secret in it or in its response is remembered."""
        headers = {"X-Correlation-Id": self.correlation_id}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
            SECRETS_SENT.add(token)
        answer = httpx.request(
            method, f"{self.stack.rest_url}{path}", json=body, headers=headers, timeout=PATIENCE
        )
        for said in (body, answer.json()):
            if isinstance(said, dict):
                SECRETS_SENT.update(
                    value for name, value in said.items() if name in _SECRET_FIELDS and value
                )
        return answer

    def post(self, path: str, **body: object) -> httpx.Response:
        return self.call("POST", path, body)

    def sign_up(self, username: str | None = None) -> httpx.Response:
        """Sign up, and again while the pool is too slow to answer."""
        wish = {"username": username} if username else {}
        for _ in range(ATTEMPTS - 1):
            answer = self.post("/auth/signup", email=self.email, password=self.password, **wish)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer
            time.sleep(1)
        return self.post("/auth/signup", email=self.email, password=self.password, **wish)

    def sign_in(self, **login: str) -> httpx.Response:
        who = login or {"email": self.email}
        answer = self.post("/auth/signin", password=self.password, **who)
        if answer.status_code == httpx.codes.OK:
            self.tokens = answer.json()
        return answer

    def signed_in(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send a request with the access token of the last sign-in."""
        return self.call(method, path, body, token=self.tokens["AccessToken"])

    def is_free(self, username: str) -> bool:
        answer = self.call("GET", f"/auth/usernames/{username}").raise_for_status()
        free: bool = answer.json()["available"]
        return free


def items(client: Any, table: str) -> list[dict[str, Any]]:  # noqa: ANN401 - one of many types
    found: list[dict[str, Any]] = client.scan(TableName=table, ConsistentRead=True)["Items"]
    return found
