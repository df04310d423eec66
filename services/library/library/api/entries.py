"""The routes of lists: the same for favourites and watchlist, and the move between them."""

from aws_lambda_powertools.event_handler import Response

from library.api.bulk_schemas import MAX_BULK_CHARACTERS, BulkChange, bulk_result, validate_each
from library.api.cursors import decode_position, encode_position
from library.api.routes import MOVE, ListRoutes
from library.api.schemas import (
    EntryRef,
    EntryRefQuery,
    EntryResponse,
    Json,
    NewEntry,
    PageQuery,
)
from library.domain.titles import Entry, ListName
from library.use_cases.changes import single
from library.use_cases.move_to_favourites import MoveToFavourites
from library.use_cases.user_list import UserList
from matinee.errors import InvalidInput
from matinee.events.envelope import Trace
from matinee.http.api import HttpApi, json_response
from matinee.principal import Identify

_ADDED = {
    (ListName.FAVOURITES, True): "Added to your favourites",
    (ListName.FAVOURITES, False): "Already among your favourites",
    (ListName.WATCHLIST, True): "Added to your watchlist",
    (ListName.WATCHLIST, False): "Already on your watchlist",
}
_REMOVED = {
    ListName.FAVOURITES: "Removed from your favourites",
    ListName.WATCHLIST: "Removed from your watchlist",
}


def register(api: HttpApi, routes: ListRoutes, entries: UserList, identify: Identify) -> None:
    """Register the routes of a list."""

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    @api.routes.get(routes.page.path)
    def page() -> Response[str]:
        user_id = caller()
        query = api.read_query(PageQuery)
        after = decode_position(user_id, entries.name, query.cursor)
        found = entries.list(user_id, query.limit, after)
        cursor = encode_position(user_id, entries.name, found.next)
        items = [EntryResponse.of(entry).to_json() for entry in found.entries]
        return json_response({"items": items} | ({"nextCursor": cursor} if cursor else {}))

    @api.routes.post(routes.add.path)
    def add() -> Response[str]:
        user_id = caller()
        title = api.read_body(NewEntry).to_title()
        outcomes = entries.add(user_id, [Entry.at(title, entries.now())], api.trace)
        added = single(outcomes)
        message = _ADDED[entries.name, added.new]
        return json_response({"message": message, "item": EntryResponse.of(added.entry).to_json()})

    @api.routes.delete(routes.remove.path)
    def remove() -> Response[str]:
        user_id = caller()
        ref = read_entry_ref(api)
        single(entries.remove(user_id, [ref.key], api.trace, ref.added_at))
        return json_response(
            {
                "message": _REMOVED[entries.name],
                "mediaId": str(ref.media_id),
                "mediaType": ref.media_type.value,
            }
        )

    @api.routes.post(routes.bulk.path)
    def bulk() -> Response[str]:
        user_id = caller()
        change = api.read_body(BulkChange, max_characters=MAX_BULK_CHARACTERS)
        added = _add_each(entries, user_id, change, api.trace)
        removed = _remove_each(entries, user_id, change, api.trace)
        return json_response({"results": [*added, *removed]})


def register_move(api: HttpApi, move: MoveToFavourites, identify: Identify) -> None:
    """Register the route that moves a title from the watchlist to the favourites."""

    @api.routes.post(MOVE.path)
    def move_to_favourites() -> Response[str]:
        user_id = identify(api.routes.current_event.raw_event).user_id
        moved = move(user_id, api.read_body(EntryRef).key, api.trace)
        message = "Moved to your favourites" if moved.new else "Already among your favourites"
        return json_response({"message": message, "item": EntryResponse.of(moved.entry).to_json()})


def read_entry_ref(api: HttpApi) -> EntryRef:
    """Parse which title a request is about, from the query string or else from the body.

    Raises InvalidInput, MalformedBody.
    """
    query = api.read_query(EntryRefQuery)
    media_id = query.media_id or query.movie_id
    if media_id is None and not api.has_body:
        reason = "is needed, in the query string or in the body"
        raise InvalidInput(f"mediaId: {reason}", fields={"mediaId": reason})
    given = (
        {"mediaId": media_id}
        if media_id
        else api.read_body(EntryRef).model_dump(by_alias=True, exclude_unset=True)
    )
    from_query = query.model_dump(by_alias=True, include={"media_type", "added_at"})
    return EntryRef.model_validate({**from_query, **given})


def _add_each(entries: UserList, user_id: str, change: BulkChange, trace: Trace) -> list[Json]:
    valid, invalid = validate_each(NewEntry, change.add)
    results = {index: bulk_result("add", index, error) for index, error in invalid.items()}
    now = entries.now()
    added = [Entry.at(entry.to_title(), now) for entry in valid.values()]
    outcomes = entries.add(user_id, added, trace)
    for index, entry, outcome in zip(valid, added, outcomes, strict=True):
        results[index] = bulk_result("add", index, outcome, entry.title.key)
    return [results[index] for index in range(len(change.add))]


def _remove_each(entries: UserList, user_id: str, change: BulkChange, trace: Trace) -> list[Json]:
    valid, invalid = validate_each(EntryRef, change.remove)
    results = {index: bulk_result("remove", index, error) for index, error in invalid.items()}
    keys = [ref.key for ref in valid.values()]
    outcomes = entries.remove(user_id, keys, trace)
    for index, key, outcome in zip(valid, keys, outcomes, strict=True):
        results[index] = bulk_result("remove", index, outcome, key)
    return [results[index] for index in range(len(change.remove))]
