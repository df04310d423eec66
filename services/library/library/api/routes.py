"""The routes of this service: what each takes, answers and refuses."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from http import HTTPMethod, HTTPStatus

from library.api.bulk_schemas import (
    BulkAnswer,
    BulkChange,
    Export,
    ExportQuery,
    Import,
    ImportAnswer,
)
from library.api.preference_schemas import (
    IfMatch,
    IfNoneMatch,
    PreferencesAnswer,
    PreferencesChange,
)
from library.api.responses import EntryAnswer, EntryPage, RemovedAnswer
from library.api.schemas import NewEntry, PageQuery, TitleName, TitleNameQuery
from library.domain.errors import (
    AccountDeleted,
    FavouriteNotFound,
    LibraryBusy,
    LibraryUnavailable,
    PreferencesChanged,
    PreferencesTooLong,
    RangeReversed,
    WatchlistItemNotFound,
)
from matinee.errors import InvalidInput, Unauthorized
from matinee.http.problem import MalformedBody
from matinee.http.routes import Route

_BODY = (MalformedBody, InvalidInput)
_READ = (Unauthorized, LibraryUnavailable)
_WRITE = (Unauthorized, AccountDeleted, LibraryBusy, LibraryUnavailable)
_ETAG = {"ETag": "The state of the preferences, for `If-Match` and `If-None-Match`."}


@dataclass(frozen=True, slots=True)
class ListRoutes:
    """The routes that every list has."""

    page: Route
    add: Route
    remove: Route
    bulk: Route

    def __iter__(self) -> Iterator[Route]:
        """Iterate over them."""
        return iter(getattr(self, field.name) for field in fields(self))


def _list_routes(
    name: str, called: str, missing: type[FavouriteNotFound | WatchlistItemNotFound]
) -> ListRoutes:
    path = f"/user/{called}"
    return ListRoutes(
        page=Route(
            method=HTTPMethod.GET,
            path=path,
            name=f"get{name}",
            summary=f"The caller's {called}, newest first",
            description="As of now. A page costs the same however long the list is. `cursor` is "
            "there when there is more: send it to go on.",
            query=PageQuery,
            responses=(EntryPage,),
            errors=(InvalidInput, *_READ),
            signed_in=True,
        ),
        add=Route(
            method=HTTPMethod.POST,
            path=path,
            name=f"addTo{name}",
            summary=f"Put a title on the caller's {called}",
            description="What is on the list already stays as it is, and since when; that is no "
            "error. A film and a series of the same id are two titles. `movieId` and `id` are "
            "taken for `mediaId`; of the other names with two spellings either is taken.",
            requests=(NewEntry,),
            responses=(EntryAnswer,),
            errors=(*_BODY, *_WRITE),
            signed_in=True,
        ),
        remove=Route(
            method=HTTPMethod.DELETE,
            path=path,
            name=f"removeFrom{name}",
            summary=f"Take a title off the caller's {called}",
            description="It is named in the query string or in a JSON body. A title that is not "
            "there is answered with 404, each time: nothing is changed.",
            query=TitleNameQuery,
            requests=(TitleName,),
            needs_body=False,
            responses=(RemovedAnswer,),
            errors=(*_BODY, missing, *_WRITE),
            signed_in=True,
        ),
        bulk=Route(
            method=HTTPMethod.POST,
            path=f"{path}/bulk",
            name=f"changeMany{name}",
            summary=f"Put many titles on the caller's {called}, take many off",
            description="Up to a hundred, additions before removals. Each has a result: one that "
            "is not valid, or is there already, keeps no other from being done.",
            requests=(BulkChange,),
            responses=(BulkAnswer,),
            errors=(*_BODY, Unauthorized, AccountDeleted, LibraryUnavailable),
            signed_in=True,
        ),
    )


FAVOURITES = _list_routes("Favourites", "favourites", FavouriteNotFound)
WATCHLIST = _list_routes("Watchlist", "watchlist", WatchlistItemNotFound)

MOVE = Route(
    method=HTTPMethod.POST,
    path="/user/watchlist/move-to-favourites",
    name="moveToFavourites",
    summary="Make a title of the watchlist a favourite",
    description="Both lists change in one step, or neither. What is a favourite already stays as "
    "it is. Asked again, it answers the favourite and changes nothing.",
    requests=(TitleName,),
    responses=(EntryAnswer,),
    errors=(*_BODY, WatchlistItemNotFound, *_WRITE),
    signed_in=True,
)

GET_PREFERENCES = Route(
    method=HTTPMethod.GET,
    path="/user/preferences",
    name="getPreferences",
    summary="What the caller has said of his taste",
    description="Every question has an answer: where none was given, a default.",
    headers=IfNoneMatch,
    responses=(PreferencesAnswer,),
    bodiless={HTTPStatus.NOT_MODIFIED: "They are as `If-None-Match` has them."},
    response_headers=_ETAG,
    errors=(AccountDeleted, *_READ),
    signed_in=True,
)

SAVE_PREFERENCES = Route(
    method=HTTPMethod.POST,
    path="/user/preferences",
    name="savePreferences",
    summary="Answer some questions",
    description="Those that are not named stay as they are; null takes an answer back. Two "
    "devices that answer different questions at once lose neither's answers. With `If-Match` the "
    "change is made only if nothing else has been changed since. Genres are taken by id or name "
    "and kept by id. All answers together have at most 64 KiB as JSON.",
    headers=IfMatch,
    requests=(PreferencesChange,),
    responses=(PreferencesAnswer,),
    response_headers=_ETAG,
    errors=(*_BODY, RangeReversed, PreferencesTooLong, PreferencesChanged, *_WRITE),
    signed_in=True,
)

RESET_PREFERENCES = Route(
    method=HTTPMethod.POST,
    path="/user/preferences/reset",
    name="resetPreferences",
    summary="Take every answer back",
    description="What remains are the defaults. A body is not read.",
    headers=IfMatch,
    responses=(PreferencesAnswer,),
    response_headers=_ETAG,
    errors=(PreferencesChanged, *_WRITE),
    signed_in=True,
)

EXPORT = Route(
    method=HTTPMethod.GET,
    path="/user/export",
    name="exportLibrary",
    summary="Everything that the library holds of the caller",
    description="In parts of up to 500 titles, preferences first. `cursor` is there when there is "
    "more: send it to go on. Each part can be imported as it is.",
    query=ExportQuery,
    responses=(Export,),
    errors=(InvalidInput, AccountDeleted, *_READ),
    signed_in=True,
)

IMPORT = Route(
    method=HTTPMethod.POST,
    path="/user/import",
    name="importLibrary",
    summary="Store what an export holds",
    description="Up to 1,000 titles and 3,000,000 characters. Titles keep since when they were on "
    "a list; those that are there already stay as they are, so the same import may be sent again. "
    "Preferences are changed as by a request of their own. A title that is not valid is told in "
    "`problems` and keeps no other from being stored.",
    requests=(Import,),
    responses=(ImportAnswer,),
    errors=(*_BODY, RangeReversed, PreferencesTooLong, *_WRITE),
    signed_in=True,
)

ROUTES = (
    GET_PREFERENCES,
    SAVE_PREFERENCES,
    RESET_PREFERENCES,
    *FAVOURITES,
    *WATCHLIST,
    MOVE,
    EXPORT,
    IMPORT,
)
