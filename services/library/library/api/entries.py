"""The routes of lists: the same for each, those of the original, and the move between two."""

from collections.abc import Sequence
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from library.api.bulk_schemas import MAX_BULK_CHARACTERS, BulkChange, bulk_result, validate_each
from library.api.cursors import decode_position, encode_position
from library.api.routes import MOVE, ListRoutes, OriginalRoutes
from library.api.schemas import (
    EntryRef,
    EntryRefPart,
    EntryRefQuery,
    EntryResponse,
    Json,
    NewEntry,
    PageQuery,
    RemovedResponse,
    TitlePath,
)
from library.domain.errors import WatchlistItemNotFound
from library.domain.titles import Entry, ListName
from library.use_cases.changes import single
from library.use_cases.move_to_favourites import MoveToFavourites
from library.use_cases.user_list import UserList
from matinee.errors import InvalidInput
from matinee.events.envelope import Trace
from matinee.http.api import HttpApi, json_response, no_content
from matinee.http.routes import pattern_of
from matinee.media import TitleKey
from matinee.principal import Identify
from matinee.title_input import merge_names
from matinee.validation import validate

_ADDED = {
    (ListName.FAVOURITES, True): "Added to your favourites",
    (ListName.FAVOURITES, False): "Already among your favourites",
    (ListName.WATCHLIST, True): "Added to your watchlist",
    (ListName.WATCHLIST, False): "Already on your watchlist",
}
_REMOVED = {
    (ListName.FAVOURITES, True): "Removed from your favourites",
    (ListName.FAVOURITES, False): "Not among your favourites",
    (ListName.WATCHLIST, True): "Removed from your watchlist",
    (ListName.WATCHLIST, False): "Not on your watchlist",
}


def register(api: HttpApi, routes: ListRoutes, entries: UserList, identify: Identify) -> None:
    """Register the routes of a list."""

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    def title() -> TitlePath:
        return validate(TitlePath, api.routes.current_event.raw_event["pathParameters"])

    @api.routes.get(routes.page.path)
    def page() -> Response[str]:
        user_id = caller()
        query = api.read_query(PageQuery)
        after = decode_position(user_id, entries.name, query.cursor)
        found = entries.list(user_id, query.limit, after, query.one_media_type)
        cursor = encode_position(user_id, entries.name, found.next)
        offers = entries.offers(user_id, [entry.title.key for entry in found.entries])
        items = [
            EntryResponse.of(entry, offers.get(entry.title.key)).to_json()
            for entry in found.entries
        ]
        return json_response({"items": items} | ({"nextCursor": cursor} if cursor else {}))

    @api.routes.put(pattern_of(routes.put))
    def put() -> Response[str]:
        user_id, named = caller(), title()
        given = named.naming(api.read_body(routes.part) if api.has_body else routes.part())
        entry = given.to_entry(entries.now())
        added = single(entries.add(user_id, [entry], api.trace, revise=api.has_body))
        if not added.new:
            return no_content()
        return json_response(EntryResponse.of(added.entry).to_json(), HTTPStatus.CREATED)

    @api.routes.delete(pattern_of(routes.delete))
    def delete() -> Response[str]:
        user_id = caller()
        single(entries.remove(user_id, [title().key], api.trace))
        return no_content()

    @api.routes.post(routes.bulk.path)
    def bulk() -> Response[str]:
        user_id = caller()
        change = api.read_body(BulkChange, max_characters=MAX_BULK_CHARACTERS)
        added = _add_each(routes.entry, entries, user_id, change, api.trace)
        removed = _remove_each(entries, user_id, change, api.trace)
        return json_response({"results": [*added, *removed]})


def register_original(
    api: HttpApi, routes: OriginalRoutes, entries: UserList, identify: Identify
) -> None:
    """Register the routes of a list that the original's clients use."""

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    @api.routes.post(routes.add.path)
    def add() -> Response[str]:
        user_id = caller()
        entry = api.read_body(NewEntry).to_entry(entries.now())
        added = single(entries.add(user_id, [entry], api.trace))
        message = _ADDED[entries.name, added.new]
        return json_response({"message": message, "item": EntryResponse.of(added.entry).to_json()})

    @api.routes.delete(routes.remove.path)
    def remove() -> Response[str]:
        user_id = caller()
        ref = read_entry_ref(api)
        keys = [ref.key] if ref.key else entries.find(user_id, [ref.media_id])[ref.media_id]
        key = the_one(keys)
        removed = key and single(entries.remove(user_id, [key], api.trace, ref.added_at))
        body = RemovedResponse(
            message=_REMOVED[entries.name, bool(removed)],
            removed=bool(removed),
            media_id=str(ref.media_id),
            media_type=key.media_type if key else None,
        )
        return json_response(body.model_dump(mode="json", by_alias=True, exclude_none=True))


def register_move(api: HttpApi, move: MoveToFavourites, identify: Identify) -> None:
    """Register the route that moves a title from the watchlist to the favourites."""

    @api.routes.post(MOVE.path)
    def move_to_favourites() -> Response[str]:
        user_id = identify(api.routes.current_event.raw_event).user_id
        ref = api.read_body(EntryRef)
        key = ref.key or the_one(move.find(user_id, ref.media_id))
        if key is None:
            raise WatchlistItemNotFound
        moved = move(user_id, key, api.trace)
        message = "Moved to your favourites" if moved.new else "Already among your favourites"
        return json_response({"message": message, "item": EntryResponse.of(moved.entry).to_json()})


def read_entry_ref(api: HttpApi) -> EntryRef:
    """Parse which title a request is about, from the query string and the body together.

    Raises InvalidInput, MalformedBody.
    """
    query = _given(api.read_query(EntryRefQuery))
    body = _given(api.read_body(EntryRefPart)) if api.has_body else {}
    named = merge_names(query, body)
    if "mediaId" not in named:
        raise InvalidInput.at("mediaId", "is needed, in the query string or in the body")
    return EntryRef.model_validate(named)


def the_one(keys: Sequence[TitleKey]) -> TitleKey | None:
    """Return the title that an id alone means; raise InvalidInput if it may be two."""
    if len(keys) > 1:
        raise InvalidInput.at("mediaType", "is needed: the film and the series are on the list")
    return keys[0] if keys else None


def _given(ref: BaseModel) -> Json:
    return ref.model_dump(by_alias=True, exclude_none=True)


def _add_each(
    model: type[NewEntry], entries: UserList, user_id: str, change: BulkChange, trace: Trace
) -> list[Json]:
    valid, invalid = validate_each(model, change.add)
    now, added = entries.now(), dict[int, Entry]()
    for index, given in valid.items():
        try:
            added[index] = given.to_entry(now)
        except InvalidInput as error:
            invalid[index] = error
    results = {index: bulk_result("add", index, error) for index, error in invalid.items()}
    outcomes = entries.add(user_id, list(added.values()), trace, revise=True)
    for (index, entry), outcome in zip(added.items(), outcomes, strict=True):
        results[index] = bulk_result("add", index, outcome, entry.title.key)
    return [results[index] for index in range(len(change.add))]


def _remove_each(entries: UserList, user_id: str, change: BulkChange, trace: Trace) -> list[Json]:
    valid, invalid = validate_each(EntryRef, change.remove)
    untyped = {ref.media_id for ref in valid.values() if ref.key is None}
    found = entries.find(user_id, untyped) if untyped else {}
    keys: dict[int, TitleKey] = {}
    results = {}
    for index, ref in valid.items():
        try:
            key = ref.key or the_one(found[ref.media_id])
        except InvalidInput as error:
            invalid[index] = error
            continue
        if key:
            keys[index] = key
        else:
            results[index] = bulk_result("remove", index, None)
    outcomes = entries.remove(user_id, list(keys.values()), trace)
    for (index, key), outcome in zip(keys.items(), outcomes, strict=True):
        results[index] = bulk_result("remove", index, outcome, key)
    results |= {index: bulk_result("remove", index, error) for index, error in invalid.items()}
    return [results[index] for index in range(len(change.remove))]
