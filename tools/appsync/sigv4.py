"""Verifies Signature Version 4, by signing the request again with botocore's own signer."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPMessage
from typing import Protocol

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tools.appsync.errors import Unauthenticated

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "appsync"
FRESH_FOR = timedelta(minutes=5)

_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} +Credential=(?P<key>[^/,\s]+)/(?P<day>\d{{8}})/(?P<region>[^/,\s]+)"
    r"/(?P<service>[^/,\s]+)/(?P<end>[^/,\s]+), *SignedHeaders=(?P<headers>[^,\s]+)"
    r", *Signature=(?P<signature>[0-9a-f]{64})"
)
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)
_UNKNOWN = "The security token included in the request is invalid."


@dataclass(frozen=True, slots=True)
class Credential:
    """Keys and whose they are. `policy_sources` are the roles or users whose policies count."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None
    account_id: str
    user_arn: str
    user_id: str
    policy_sources: tuple[str, ...] = ()
    is_root: bool = False


class CredentialSource(Protocol):
    """Knows the secrets of access keys. Thread-safe."""

    def find(self, access_key_id: str) -> Credential | None:
        """Return what belongs to an access key, None when it is nobody's."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What was signed. Header names are in lower case; `path` is as it was sent, encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class SignatureVerifier:
    """Verifies requests to one region's AppSync."""

    def __init__(
        self,
        credentials: CredentialSource,
        region: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._credentials = credentials
        self._region = region
        self._clock = clock

    def verify(self, request: SignedRequest) -> Credential:
        """Return the credential that signed the request. Raises Unauthenticated."""
        found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", "").strip())
        if found is None:
            raise _refused("IncompleteSignatureException", "The signature is not complete.")
        self._check_scope(found)
        timestamp = self._check_time(request, found["day"])
        credential = self._credentials.find(found["key"])
        if credential is None:
            raise _refused("UnrecognizedClientException", _UNKNOWN)
        token = request.headers.get("x-amz-security-token", "")
        if not hmac.compare_digest(token.encode(), (credential.session_token or "").encode()):
            raise _refused("UnrecognizedClientException", _UNKNOWN)
        signed = found["headers"].split(";")
        if not _covers(signed, request.headers) or not _is_body_hash_true(request):
            raise _refused("InvalidSignatureException", _MISMATCH)
        expected = _signature(request, credential, self._region, signed, timestamp)
        if not hmac.compare_digest(expected, found["signature"]):
            raise _refused("InvalidSignatureException", _MISMATCH)
        return credential

    def _check_scope(self, found: re.Match[str]) -> None:
        wanted = (self._region, SERVICE, "aws4_request")
        if (found["region"], found["service"], found["end"]) != wanted:
            scope = "/".join(wanted)
            message = f"Credential should be scoped to a valid region and service: {scope}."
            raise _refused("InvalidSignatureException", message)

    def _check_time(self, request: SignedRequest, day: str) -> str:
        timestamp = request.headers.get("x-amz-date", "")
        try:
            signed_at = datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise _refused("IncompleteSignatureException", "X-Amz-Date is missing.") from None
        if not timestamp.startswith(day):
            raise _refused(
                "InvalidSignatureException", "Date in Credential scope is not X-Amz-Date."
            )
        now = self._clock()
        if abs(now - signed_at) > FRESH_FOR:
            word = "expired" if signed_at < now else "not yet current"
            message = f"Signature {word}: {timestamp} is not within 5 min. of the server's time."
            raise _refused("InvalidSignatureException", message)
        return timestamp


class _Resigner(SigV4Auth):
    """botocore's signer over exactly the headers that the client has signed."""

    def __init__(self, credential: Credential, region: str, signed: list[str]) -> None:
        keys = Credentials(credential.access_key_id, credential.secret_access_key)
        super().__init__(keys, SERVICE, region)
        self._signed = signed

    def headers_to_sign(self, request: AWSRequest) -> HTTPMessage:
        """Leave out what a proxy or the client's library has added after signing."""
        headers = HTTPMessage()
        for name in self._signed:
            headers[name] = request.headers[name]
        return headers


def _signature(
    request: SignedRequest, credential: Credential, region: str, signed: list[str], timestamp: str
) -> str:
    query = f"?{request.query}" if request.query else ""
    again = AWSRequest(
        request.method,
        f"http://{request.headers['host']}{request.path}{query}",
        headers={name: request.headers[name] for name in signed},
        data=request.body,
    )
    again.context["timestamp"] = timestamp
    signer = _Resigner(credential, region, signed)
    canonical = signer.canonical_request(again)
    return str(signer.signature(signer.string_to_sign(again, canonical), again))


def _covers(signed: list[str], headers: Mapping[str, str]) -> bool:
    """Return whether the signature covers everything that it must, and nothing that is absent."""
    if not {"host", "x-amz-date"} <= set(signed) or not set(signed) <= set(headers):
        return False
    return "x-amz-security-token" not in headers or "x-amz-security-token" in signed


def _is_body_hash_true(request: SignedRequest) -> bool:
    """Return whether X-Amz-Content-SHA256, which the signer takes as it is, is right."""
    given = request.headers.get("x-amz-content-sha256")
    return given is None or given == hashlib.sha256(request.body).hexdigest()


def _refused(error_type: str, message: str) -> Unauthenticated:
    return Unauthenticated(message, error_type, status=403)
