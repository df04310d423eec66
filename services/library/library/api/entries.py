"""The routes of one list: favourites and watchlist have the same ones, from here."""

from aws_lambda_powertools.event_handler import Response

from library.api.bulk_schemas import (
    BulkChange,
    addition_result,
    read_each,
    refusal_result,
    removal_result,
)
from library.api.cursors import open_position, seal_position
from library.api.routes import ListRoutes
from library.api.schemas import Json, Listed, NewEntry, PageQuery, TitleName, TitleNameQuery
from library.domain.titles import Entry, ListName
from library.use_cases.add_entries import ListService
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


LONGEST_BULK = 1_000_000
"""Characters: a hundred titles with all their words."""


def register(api: HttpApi, routes: ListRoutes, lists: ListService, identify: Identify) -> None:
    """Register the routes of a list."""

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    @api.routes.get(routes.page.path)
    def page() -> Response[str]:
        user_id = caller()
        asked = api.read_query(PageQuery)
        found = lists.page(user_id, asked.limit, open_position(user_id, lists.name, asked.cursor))
        cursor = seal_position(user_id, lists.name, found.next)
        items = [Listed.of(entry).shown() for entry in found.entries]
        return json_response({"items": items} | ({"cursor": cursor} if cursor else {}))

    @api.routes.post(routes.add.path)
    def add() -> Response[str]:
        user_id = caller()
        added = lists.add(user_id, api.read_body(NewEntry).as_title(), api.trace)
        message = _ADDED[lists.name, added.new]
        return json_response({"message": message, "item": Listed.of(added.entry).shown()})

    @api.routes.delete(routes.remove.path)
    def remove() -> Response[str]:
        user_id = caller()
        named = read_name(api)
        lists.remove(user_id, named.key, api.trace, named.added_at)
        return json_response(
            {
                "message": _REMOVED[lists.name],
                "mediaId": str(named.media_id),
                "mediaType": named.media_type.value,
            }
        )

    @api.routes.post(routes.bulk.path)
    def bulk() -> Response[str]:
        user_id = caller()
        asked = api.read_body(BulkChange, max_characters=LONGEST_BULK)
        added = _add_all(lists, user_id, asked, api.trace)
        return json_response({"results": [*added, *_remove_all(lists, user_id, asked, api.trace)]})


def _add_all(lists: ListService, user_id: str, asked: BulkChange, trace: Trace) -> list[Json]:
    good, bad = read_each(NewEntry, asked.add)
    results = {index: refusal_result("add", index, error) for index, error in bad.items()}
    now = lists.now()
    entries = {index: Entry.at(entry.as_title(), now) for index, entry in good.items()}
    outcomes = lists.add_all(user_id, list(entries.values()), trace)
    for (index, entry), outcome in zip(entries.items(), outcomes, strict=True):
        results[index] = addition_result(index, entry, outcome)
    return [results[index] for index in range(len(asked.add))]


def _remove_all(lists: ListService, user_id: str, asked: BulkChange, trace: Trace) -> list[Json]:
    good, bad = read_each(TitleName, asked.remove)
    results = {index: refusal_result("remove", index, error) for index, error in bad.items()}
    keys = {index: named.key for index, named in good.items()}
    outcomes = lists.remove_all(user_id, list(keys.values()), trace)
    for (index, key), outcome in zip(keys.items(), outcomes, strict=True):
        results[index] = removal_result(index, key, outcome)
    return [results[index] for index in range(len(asked.remove))]


def read_name(api: HttpApi) -> TitleName:
    """Read which title is meant, from the query string or else from the body.

    Raises InvalidInput, MalformedBody.
    """
    query = api.read_query(TitleNameQuery)
    media_id = query.media_id or query.movie_id
    if media_id is None and not api.has_body:
        reason = "is needed, in the query string or in the body"
        raise InvalidInput(f"mediaId: {reason}", fields={"mediaId": reason})
    given = (
        {"mediaId": media_id}
        if media_id
        else api.read_body(TitleName).model_dump(by_alias=True, exclude_unset=True)
    )
    from_query = query.model_dump(by_alias=True, include={"media_type", "added_at"})
    return TitleName.model_validate({**from_query, **given})
