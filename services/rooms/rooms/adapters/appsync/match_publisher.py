"""The publisher of matches: the API's own mutation, to which users subscribe."""

from collections.abc import Callable, Mapping
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
    rule likes
  }
}
"""
"""Selects all fields: a subscriber receives only those that the mutation selects."""


DECISION_MUTATION = """
mutation PublishUserDecision($input: PublishUserDecisionInput!) {
  publishUserDecision(input: $input) {
    userId roomId decisionId movieId movieTitle posterPath mediaType by timestamp
  }
}
"""


@dataclass(frozen=True, slots=True)
class AppSyncMatchPublisher:
    """Publishes matches through one AppSync API, signed with the function's own role."""

    url: str
    region: str
    credentials: Callable[[], Credentials]
    http: httpx.Client

    def publish(self, user_id: str, room_id: str, movie_id: int, correlation_id: str) -> None:
        """Publish a room's match on a film to one user. Raises Unavailable.

        For a user whose account has been deleted meanwhile there is nothing to publish.
        """
        given = {"userId": user_id, "roomId": room_id, "movieId": movie_id}
        self._call(MUTATION, given, correlation_id)

    def publish_decision(self, user_id: str, room_id: str, correlation_id: str) -> None:
        """Publish a room's decision to one user, likewise."""
        self._call(DECISION_MUTATION, {"userId": user_id, "roomId": room_id}, correlation_id)

    def _call(self, mutation: str, given: Mapping[str, object], correlation_id: str) -> None:
        request = self._signed(mutation, given, correlation_id)
        try:
            response = self.http.send(request)
            response.raise_for_status()
            errors = response.json().get("errors")
        except (httpx.HTTPError, ValueError) as error:
            message = "The API did not accept the notification."
            raise Unavailable(message) from error
        if errors and all(error.get("errorType") == AccountDeleted.__name__ for error in errors):
            logger.info("user_deleted", extra={"room_id": given["roomId"]})
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
