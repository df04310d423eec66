"""Publishing to subscribers: a mutation of the API's own, signed with the function's role."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from matinee.errors import Unavailable
from matinee.events.envelope import CORRELATION_HEADER
from matinee.observability import logger


@dataclass(frozen=True, slots=True)
class AppSyncPublisher:
    """Calls mutations of one AppSync API."""

    url: str
    region: str
    credentials: Callable[[], Credentials]
    http: httpx.Client

    def _call(
        self,
        mutation: str,
        given: Mapping[str, object],
        correlation_id: str,
        nothing_to_publish: Collection[str],
    ) -> None:
        """Call a mutation; raise Unavailable.

        Errors of the types `nothing_to_publish` mean that what it speaks of is gone.
        """
        request = self._signed(mutation, given, correlation_id)
        try:
            response = self.http.send(request)
            response.raise_for_status()
            errors = response.json().get("errors")
        except (httpx.HTTPError, ValueError) as error:
            message = "The API did not accept the notification."
            raise Unavailable(message) from error
        if errors and all(error.get("errorType") in nothing_to_publish for error in errors):
            logger.info("nothing_to_publish", extra={"room_id": given["roomId"]})
        elif errors:
            logger.error("publish_refused", extra={"types": [e.get("errorType") for e in errors]})
            message = "The API refused the notification."
            raise Unavailable(message)

    def _signed(
        self, mutation: str, given: Mapping[str, object], correlation_id: str
    ) -> httpx.Request:
        """Return the request, signed with Signature Version 4 as @aws_iam requires."""
        request = self.http.build_request(
            "POST",
            self.url,
            json={"query": mutation, "variables": {"input": given}},
            headers={CORRELATION_HEADER: correlation_id},
        )
        signed = AWSRequest("POST", self.url, data=request.content)
        signed.headers["Content-Type"] = request.headers["Content-Type"]
        SigV4Auth(self.credentials(), "appsync", self.region).add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        return request
