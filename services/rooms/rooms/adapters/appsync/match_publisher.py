"""The publisher of matches: the API's own mutation, to which users subscribe."""

from rooms.adapters.appsync.publisher import AppSyncPublisher
from rooms.domain.errors import AccountDeleted, InvitationNotFound

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


INVITATION_MUTATION = """
mutation PublishUserInvitation($input: PublishUserInvitationInput!) {
  publishUserInvitation(input: $input) {
    userId roomId crewId crewName code closesAt timestamp
  }
}
"""


GONE = (AccountDeleted.__name__,)
"""For a user whose account has been deleted meanwhile there is nothing to publish."""


class AppSyncMatchPublisher(AppSyncPublisher):
    """Publishes matches, decisions and invitations, each to one user. Raises Unavailable."""

    def publish(self, user_id: str, room_id: str, movie_id: int, correlation_id: str) -> None:
        """Publish a room's match on a film to one user."""
        given = {"userId": user_id, "roomId": room_id, "movieId": movie_id}
        self._call(MUTATION, given, correlation_id, GONE)

    def publish_decision(self, user_id: str, room_id: str, correlation_id: str) -> None:
        """Publish a room's decision to one user."""
        given = {"userId": user_id, "roomId": room_id}
        self._call(DECISION_MUTATION, given, correlation_id, GONE)

    def publish_invitation(self, user_id: str, room_id: str, correlation_id: str) -> None:
        """Publish an invitation to a room to one user, unless they are deleted."""
        given = {"userId": user_id, "roomId": room_id}
        self._call(INVITATION_MUTATION, given, correlation_id, (InvitationNotFound.__name__,))
