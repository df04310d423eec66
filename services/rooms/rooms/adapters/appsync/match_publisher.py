"""The way to a user's phones: the API's own mutation, which every subscription listens to."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from matinee.errors import Unavailable
from matinee.events.envelope import CORRELATION_HEADER
from matinee.observability import logger
from rooms.domain.errors import AccountDeleted

MUTATION = """
mutation PublishUserMatch($input: PublishUserMatchInput!) {
  publishUserMatch(input: $input) {
    userId roomId matchId movieId movieTitle posterPath mediaType matchedUsers timestamp
  }
}
"""
"""Selects everything: a subscriber receives only what the mutation has selected."""


@dataclass(frozen=True, slots=True)
class AppSyncPhones:
    """Publishes to one AppSync API, signed with the function's own role."""

    url: str
    region: str
    credentials: Callable[[], Credentials]
    http: httpx.Client

    def tell(self, user_id: str, room_id: str, movie_id: int, correlation_id: str) -> None:
        """Publish a room's match on a film to one user. Raises Unavailable.

        Whose account was deleted meanwhile is told nothing, and that is all there is to do.
        """
        request = self._signed(
            {"userId": user_id, "roomId": room_id, "movieId": movie_id}, correlation_id
        )
        try:
            response = self.http.send(request)
            response.raise_for_status()
            errors = response.json().get("errors")
        except (httpx.HTTPError, ValueError) as error:
            message = "The API did not take the notification."
            raise Unavailable(message) from error
        if errors and all(error.get("errorType") == AccountDeleted.__name__ for error in errors):
            logger.info("user_erased", extra={"room_id": room_id, "movie_id": movie_id})
        elif errors:
            logger.error("publish_refused", extra={"types": [e.get("errorType") for e in errors]})
            message = "The API refused the notification."
            raise Unavailable(message)

    def _signed(self, variables: dict[str, object], correlation_id: str) -> httpx.Request:
        """Sign the request with Signature Version 4, as @aws_iam asks for it."""
        request = self.http.build_request(
            "POST",
            self.url,
            json={"query": MUTATION, "variables": {"input": variables}},
            headers={CORRELATION_HEADER: correlation_id},
        )
        signed = AWSRequest("POST", self.url, data=request.content)
        signed.headers["Content-Type"] = request.headers["Content-Type"]
        SigV4Auth(self.credentials(), "appsync", self.region).add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        return request
