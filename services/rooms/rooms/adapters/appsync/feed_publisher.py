"""The publisher of feeds: one call an entry, whoever is subscribed to it."""

from rooms.adapters.appsync.publisher import AppSyncPublisher
from rooms.domain.errors import FeedEntryNotFound

FEED_MUTATION = """
mutation PublishRoomFeed($input: PublishRoomFeedInput!) {
  publishRoomFeed(input: $input) {
    roomId seq at kind userId name avatar roomVersion progress { voted of } movieId mediaType title
    posterPath likes supporters of candidates by closesAt reason
  }
}
"""
"""Selects all fields: a subscriber receives only those that the mutation selects."""


class AppSyncFeedPublisher(AppSyncPublisher):
    """Publishes entries of feeds. Raises Unavailable."""

    def publish(self, room_id: str, seq: int, correlation_id: str) -> None:
        """Publish an entry to everybody who is subscribed to its room's feed, unless it expired."""
        given = {"roomId": room_id, "seq": seq}
        self._call(FEED_MUTATION, given, correlation_id, (FeedEntryNotFound.__name__,))
