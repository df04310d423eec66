"""The routes of the library: their requests, responses and errors."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPMethod, HTTPStatus

from library.api.bulk_schemas import (
    BulkChange,
    BulkResponse,
    Export,
    ExportQuery,
    Import,
    ImportResponse,
)
from library.api.import_schemas import (
    ChosenTitle,
    CompletedRow,
    ImportDetails,
    ImportId,
    ImportList,
    ImportReport,
    RowNumber,
    RowsQuery,
    UploadQuery,
)
from library.api.notice_schemas import NoticePage, NoticeQuery, ReadUntil
from library.api.preference_schemas import (
    IfMatch,
    IfNoneMatch,
    PreferencesResponse,
)
from library.api.schemas import (
    AddedResponse,
    EntryPage,
    EntryRef,
    EntryRefPart,
    EntryRefQuery,
    EntryResponse,
    NewEntry,
    NewEntryPart,
    NewSeenTitle,
    NewSeenTitlePart,
    PageQuery,
    RemovedResponse,
    TitlePath,
)
from library.domain.errors import (
    AccountDeleted,
    ExportUnavailable,
    ImportFileEmpty,
    ImportFileUnknown,
    ImportFileUnreadable,
    ImportListUnknown,
    ImportNotFound,
    ImportRowNotFound,
    ImportRowNotOpen,
    ImportTooLarge,
    LibraryBusy,
    LibraryUnavailable,
    NothingImported,
    NoticeNotFound,
    PreferencesChanged,
    PreferencesTooLong,
    WatchlistItemNotFound,
)
from matinee.errors import InvalidInput, Unauthorized
from matinee.http.problem import MalformedBody
from matinee.http.routes import Route
from matinee.questionnaire import RangeReversed
from matinee.questionnaire_input import PreferencesChange

_BODY = (MalformedBody, InvalidInput)
_READ = (Unauthorized, LibraryUnavailable)
_WRITE = (Unauthorized, AccountDeleted, LibraryBusy, LibraryUnavailable)
_ETAG = {"ETag": "The state of the preferences, for `If-Match` and `If-None-Match`."}


@dataclass(frozen=True, slots=True)
class ListRoutes:
    """The routes of every list. `entry` is a title in a body, `part` one that the path names."""

    page: Route
    put: Route
    delete: Route
    bulk: Route
    entry: type[NewEntry]
    part: type[NewEntry]

    def __iter__(self) -> Iterator[Route]:
        """Iterate over them."""
        return iter((self.page, self.put, self.delete, self.bulk))


@dataclass(frozen=True, slots=True)
class OriginalRoutes:
    """The routes of favourites and watchlist that the original's clients use."""

    add: Route
    remove: Route

    def __iter__(self) -> Iterator[Route]:
        """Iterate over them."""
        return iter((self.add, self.remove))


def _list_routes(
    name: str, path: str, called: str, entry: type[NewEntry], part: type[NewEntry]
) -> ListRoutes:
    return ListRoutes(
        entry=entry,
        part=part,
        page=Route(
            method=HTTPMethod.GET,
            path=path,
            name=f"get{name}",
            summary=f"List the caller's {called}, newest first",
            description="As of now. A page costs the same however long the list is. If there is "
            "more, the response has `nextCursor`: send it as `cursor` to continue.",
            query=PageQuery,
            responses=(EntryPage,),
            errors=(InvalidInput, AccountDeleted, *_READ),
            signed_in=True,
        ),
        put=Route(
            method=HTTPMethod.PUT,
            path=f"{path}/{{mediaType}}/{{mediaId}}",
            name=f"put{name}Title",
            summary=f"Put a title on the caller's {called}",
            description="The body is optional: what the app knows of the title; of a seen one when "
            "and how it was, which replaces what was said before. A title that is on the list "
            "already stays there, with its `addedAt`. A repeated request changes nothing.",
            parameters=TitlePath,
            requests=(part,),
            needs_body=False,
            status=HTTPStatus.CREATED,
            responses=(EntryResponse,),
            bodiless={HTTPStatus.NO_CONTENT: "It was on the list already."},
            errors=(*_BODY, *_WRITE),
            signed_in=True,
        ),
        delete=Route(
            method=HTTPMethod.DELETE,
            path=f"{path}/{{mediaType}}/{{mediaId}}",
            name=f"delete{name}Title",
            summary=f"Take a title from the caller's {called}",
            description="A title that is not on the list is no error: nothing changes.",
            parameters=TitlePath,
            status=HTTPStatus.NO_CONTENT,
            responses=(),
            bodiless={HTTPStatus.NO_CONTENT: "It is not on the list."},
            errors=_WRITE,
            signed_in=True,
        ),
        bulk=Route(
            method=HTTPMethod.POST,
            path=f"{path}/bulk",
            name=f"changeMany{name}",
            summary=f"Add many titles to the caller's {called}, remove many",
            description="Up to a hundred, additions before removals. Each has a result: one that "
            "is invalid, or on the list already, does not prevent the others.",
            requests=(BulkChange,),
            responses=(BulkResponse,),
            errors=(*_BODY, Unauthorized, AccountDeleted, LibraryUnavailable),
            signed_in=True,
        ),
    )


def _original_routes(name: str, called: str) -> OriginalRoutes:
    path = f"/user/{called}"
    return OriginalRoutes(
        add=Route(
            method=HTTPMethod.POST,
            path=path,
            successor=f"{path}/{{mediaType}}/{{mediaId}}",
            name=f"addTo{name}",
            summary=f"Add a title to the caller's {called}",
            description="A title that is on the list already stays as it is, with its `addedAt`; "
            "that is no error. A film and a series of the same id are two titles. `movieId` and "
            "`id` are accepted for `mediaId`; the other names have a second spelling, too.",
            requests=(NewEntry,),
            responses=(AddedResponse,),
            errors=(*_BODY, *_WRITE),
            signed_in=True,
        ),
        remove=Route(
            method=HTTPMethod.DELETE,
            path=path,
            successor=f"{path}/{{mediaType}}/{{mediaId}}",
            name=f"removeFrom{name}",
            summary=f"Remove a title from the caller's {called}",
            description="The query string and a JSON body identify it together. Without a media "
            "type it is the title of that id that is on the list, if it is only one. A title that "
            "is not on the list is no error: `removed` is false, and nothing changes.",
            query=EntryRefQuery,
            requests=(EntryRefPart,),
            needs_body=False,
            responses=(RemovedResponse,),
            errors=(*_BODY, *_WRITE),
            signed_in=True,
        ),
    )


_ENTRY = (NewEntry, NewEntryPart)
FAVOURITES = _list_routes("Favourites", "/user/favourites", "favourites", *_ENTRY)
FAVORITES = _list_routes("Favorites", "/user/favorites", "favourites", *_ENTRY)
WATCHLIST = _list_routes("Watchlist", "/user/watchlist", "watchlist", *_ENTRY)
SEEN = _list_routes("Seen", "/user/seen", "seen titles", NewSeenTitle, NewSeenTitlePart)
DISMISSED = _list_routes("Dismissed", "/user/dismissed", "dismissed titles", *_ENTRY)
ORIGINAL_FAVOURITES = _original_routes("Favourites", "favourites")
ORIGINAL_WATCHLIST = _original_routes("Watchlist", "watchlist")

MOVE = Route(
    method=HTTPMethod.POST,
    path="/user/watchlist/move-to-favourites",
    name="moveToFavourites",
    summary="Move a title from the watchlist to the favourites",
    description="Both lists change in one step, or neither. A title that is a favourite already "
    "stays as it is. A repeated request returns the favourite and changes nothing.",
    requests=(EntryRef,),
    responses=(AddedResponse,),
    errors=(*_BODY, WatchlistItemNotFound, *_WRITE),
    signed_in=True,
)

GET_PREFERENCES = Route(
    method=HTTPMethod.GET,
    path="/user/preferences",
    name="getPreferences",
    summary="Get the caller's preferences",
    description="Every question has an answer: the default where the user gave none.",
    headers=IfNoneMatch,
    responses=(PreferencesResponse,),
    bodiless={HTTPStatus.NOT_MODIFIED: "They are in the state that `If-None-Match` names."},
    response_headers=_ETAG,
    errors=(AccountDeleted, *_READ),
    signed_in=True,
)

SAVE_PREFERENCES = Route(
    method=HTTPMethod.POST,
    path="/user/preferences",
    name="savePreferences",
    successor="/user/preferences",
    summary="Answer some questions",
    description="The other answers stay as they are; null deletes an answer. Two devices that "
    "answer different questions at once lose neither answer. With `If-Match` the change is made "
    "only if nothing else has changed since. Genres are accepted by id or name and stored by id. "
    "All answers together have at most 64 KiB as JSON.",
    headers=IfMatch,
    requests=(PreferencesChange,),
    responses=(PreferencesResponse,),
    response_headers=_ETAG,
    errors=(*_BODY, RangeReversed, PreferencesTooLong, PreferencesChanged, *_WRITE),
    signed_in=True,
)

PATCH_PREFERENCES = replace(
    SAVE_PREFERENCES, method=HTTPMethod.PATCH, name="patchPreferences", successor=None
)

RESET_PREFERENCES = Route(
    method=HTTPMethod.POST,
    path="/user/preferences/reset",
    name="resetPreferences",
    summary="Delete every answer",
    description="What remains are the defaults. A body is ignored.",
    headers=IfMatch,
    responses=(PreferencesResponse,),
    response_headers=_ETAG,
    errors=(PreferencesChanged, *_WRITE),
    signed_in=True,
)

LIST_NOTICES = Route(
    method=HTTPMethod.GET,
    path="/user/notices",
    name="listNotices",
    summary="List what the caller was told, newest first",
    description="Which titles of the watchlist came to platforms of the caller's in their region, "
    "as their devices were told, too. Notices are kept for ninety days. If there are more, the "
    "response has `nextCursor`: send it as `cursor` to continue.",
    query=NoticeQuery,
    responses=(NoticePage,),
    errors=(InvalidInput, AccountDeleted, *_READ),
    signed_in=True,
)

READ_NOTICES = Route(
    method=HTTPMethod.PUT,
    path="/user/notices/read",
    name="readNotices",
    summary="Mark notices as read, up to one",
    description="It and all before it. What is read stays read: an earlier one changes nothing.",
    requests=(ReadUntil,),
    status=HTTPStatus.NO_CONTENT,
    responses=(),
    bodiless={HTTPStatus.NO_CONTENT: "They are read."},
    errors=(*_BODY, NoticeNotFound, *_WRITE),
    signed_in=True,
)

CSV = "text/csv"

EXPORT = Route(
    method=HTTPMethod.GET,
    path="/user/export",
    name="exportLibrary",
    summary="Export everything that is stored of the caller",
    description="In parts: preferences, imports and notices, the lists in up to 500 titles each, "
    "then the account, then rooms with the caller's votes, matches, and decisions. While there is "
    "more, the response has `nextCursor`: send it as `cursor` to continue, also after an error. "
    "Each part can be imported as it is: what is no list is ignored. With `letterboxd`, a file.",
    query=ExportQuery,
    responses=(Export,),
    response_file=CSV,
    errors=(InvalidInput, AccountDeleted, ExportUnavailable, *_READ),
    signed_in=True,
)

IMPORT = Route(
    method=HTTPMethod.POST,
    path="/user/import",
    name="importLibrary",
    summary="Import what was exported",
    description="Up to 1,000 titles and 3,000,000 characters. Titles keep their `addedAt`, a time "
    "or a day; those that are on a list already stay as they are: an import may be sent again. "
    "Preferences are changed as by a request of their own. An invalid title is reported in "
    "`problems` and does not prevent the others.",
    requests=(Import,),
    responses=(ImportResponse,),
    errors=(*_BODY, NothingImported, RangeReversed, PreferencesTooLong, *_WRITE),
    signed_in=True,
)

FILES = ("application/zip", "text/csv", "application/json")

IMPORT_FILE = Route(
    method=HTTPMethod.POST,
    path="/user/imports",
    name="importFile",
    summary="Import a file of another site",
    description="An export of Letterboxd, IMDb, Trakt, Netflix, TMDB or this app, as the site gives"
    " it: the body, or the first file of a form. Up to 4,000,000 bytes, 32,000,000 unpacked, and "
    "20,000 rows; texts in UTF-8. What is liked or rated 8 of 10 or higher becomes a favourite, "
    "what is to be seen goes to the watchlist, what has been seen or rated to the seen titles, "
    "with its rating and day. The rows are processed one by one after the response. The same file "
    "again is the same import, and changes nothing.",
    query=UploadQuery,
    files=FILES,
    responses=(ImportReport,),
    status=HTTPStatus.ACCEPTED,
    response_headers={"Location": "The path of the import."},
    errors=(
        InvalidInput,
        ImportFileUnknown,
        ImportFileUnreadable,
        ImportFileEmpty,
        ImportListUnknown,
        ImportTooLarge,
        *_WRITE,
    ),
    signed_in=True,
)

LIST_IMPORTS = Route(
    method=HTTPMethod.GET,
    path="/user/imports",
    name="listImports",
    summary="List the caller's imports, newest first",
    description="They are kept for ninety days.",
    responses=(ImportList,),
    errors=(AccountDeleted, *_READ),
    signed_in=True,
)

SHOW_IMPORT = Route(
    method=HTTPMethod.GET,
    path="/user/imports/{importId}",
    name="showImport",
    summary="Show the progress of an import, and its rows",
    description="Row by row: what was added, what was not, and why. If there are more rows, the "
    "response has `nextCursor`: send it as `cursor` to continue.",
    parameters=ImportId,
    query=RowsQuery,
    responses=(ImportDetails,),
    errors=(InvalidInput, ImportNotFound, AccountDeleted, *_READ),
    signed_in=True,
)

COMPLETE_IMPORT_ROW = Route(
    method=HTTPMethod.PUT,
    path="/user/imports/{importId}/rows/{number}",
    name="completeImportRow",
    summary="Say which title an unresolved row means",
    description="The title is added to the row's list, with the time that the file has. A repeated "
    "request changes nothing.",
    parameters=RowNumber,
    requests=(ChosenTitle,),
    responses=(CompletedRow,),
    errors=(*_BODY, ImportNotFound, ImportRowNotFound, ImportRowNotOpen, *_WRITE),
    signed_in=True,
)

ROUTES = (
    GET_PREFERENCES,
    SAVE_PREFERENCES,
    PATCH_PREFERENCES,
    RESET_PREFERENCES,
    *FAVOURITES,
    *FAVORITES,
    *ORIGINAL_FAVOURITES,
    *WATCHLIST,
    *ORIGINAL_WATCHLIST,
    *SEEN,
    *DISMISSED,
    MOVE,
    LIST_NOTICES,
    READ_NOTICES,
    EXPORT,
    IMPORT,
    IMPORT_FILE,
    LIST_IMPORTS,
    SHOW_IMPORT,
    COMPLETE_IMPORT_ROW,
)
