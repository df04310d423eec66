"""The resolvers of the feed: the query, the subscription, and the mutation that publishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matinee.graphql import Call, Reply
from rooms.api.feed_schemas import (
    PublishRoomFeedInput,
    RoomFeedArguments,
    RoomFeedSubscription,
    feed_entry_type,
)
from rooms.api.use_cases import UseCases
from rooms.domain.feed import LEAVING, FeedEntry
from rooms.domain.room import DELETED_USER


def room_feed(use_cases: UseCases, call: Call) -> object:
    """List the entries after a number to a participant."""
    given = call.read(RoomFeedArguments)
    found = use_cases.feed.list(call.caller.user_id, given.room_id, given.after, given.limit)
    return _entry_types(use_cases, call, found)


def subscribe_to_room_feed(use_cases: UseCases, call: Call) -> object:
    """Admit a participant to a room's feed until they leave the room.

    When somebody is deleted, nobody is told who: then all of the room must subscribe anew.
    """
    user_id, room_id = call.caller.user_id, call.read(RoomFeedSubscription).room_id
    use_cases.feed.require_participant(user_id, room_id)
    filters = [
        {"fieldName": "roomId", "operator": "eq", "value": room_id},
        {"fieldName": "userId", "operator": "in", "value": [user_id, DELETED_USER]},
    ]
    return Reply(None, {"invalidationFilter": {"filterGroup": [{"filters": filters}]}})


def publish_room_feed(use_cases: UseCases, call: Call) -> object:
    """Return what a room's subscribers receive; end the subscriptions of whoever has left it."""
    call.require_service()
    given = call.read(PublishRoomFeedInput, call.arguments.get("input"))
    entry = use_cases.feed.get(given.room_id, given.seq)
    (shown,) = _entry_types(use_cases, call, [entry])
    if entry.kind not in LEAVING:
        return shown
    left = {"roomId": entry.room_id, "userId": entry.user_id}
    return Reply(shown, {"invalidate": {"subscriptionField": "roomFeed", "payload": left}})


def _entry_types(
    use_cases: UseCases, call: Call, entries: Sequence[FeedEntry]
) -> list[dict[str, Any]]:
    """Return entries with their people's names, which are asked for only if they are selected."""
    user_ids = {entry.user_id for entry in entries if entry.user_id} - {DELETED_USER}
    wanted = user_ids if call.selects("name") or call.selects("avatar") else set()
    people = use_cases.names.find(wanted, call.trace.correlation_id) if wanted else {}
    return [feed_entry_type(entry, people.get(entry.user_id or "")) for entry in entries]


FEED_RESOLVERS: Mapping[str, Callable[[UseCases, Call], object]] = {
    "Mutation.publishRoomFeed": publish_room_feed,
    "Query.roomFeed": room_feed,
    "Subscription.roomFeed": subscribe_to_room_feed,
}
