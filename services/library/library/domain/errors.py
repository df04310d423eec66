"""The errors of lists and preferences.

A class's name is the error's code, which clients branch on; its title is the message for people.
"""

from matinee.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    Unavailable,
)


class WatchlistItemNotFound(NotFound):
    """The title is not on the caller's watchlist."""

    title = "This title is not on your watchlist"


class NoticeNotFound(NotFound):
    """The caller has no such notice; notices are kept for ninety days."""

    title = "There is no such notice"


class NothingImported(Invalid):
    """No title of an import could be taken; `info["problems"]` says why, title by title."""

    title = "Nothing was imported"


class ImportFileUnknown(Invalid):
    """The file has the form of no site that is known, or of several."""

    title = (
        "This file is not known here. Send an export of Letterboxd, IMDb, Trakt, Netflix, TMDB or "
        "this app, as it is"
    )


class ImportFileUnreadable(Invalid):
    """The file is damaged, encrypted, or not in UTF-8."""

    title = "This file cannot be read"


class ImportFileEmpty(Invalid):
    """The file is known, and it has no rows."""

    title = "This file has no titles"


class ImportListUnknown(Invalid):
    """The file does not say which list its titles belong to, nor does its name."""

    title = (
        "This file does not say what its titles are: send its name, as in watchlist.csv, or `list` "
        "(favourites, watchlist or seen)"
    )


class ImportTooLarge(Invalid):
    """The file, what is packed in it, or the number of its rows is above the maximum."""

    status = 413
    title = "This file is too large"


class ImportNotFound(NotFound):
    """The caller has no import of this id, or it has expired."""

    title = "There is no such import"


class ImportRowNotFound(NotFound):
    """The import has no row of this number."""

    title = "This import has no such row"


class ImportRowNotOpen(Conflict):
    """The row is not one that a person may complete: it is done, or still being processed."""

    title = "This row needs no title"


class PreferencesTooLong(Invalid):
    """All answers together would exceed the maximum size; nothing was changed."""

    title = "Your answers together are too long. Shorten some of them."


class PreferencesChanged(PreconditionFailed):
    """Another device has saved since this one last read; nothing was changed."""

    title = "Your preferences were changed elsewhere. Load them again."


class AccountDeleted(Forbidden):
    """The caller's account is deleted; their token remains valid for a while."""

    title = "This account has been deleted"


class ExportUnavailable(Unavailable):
    """Another service's part of an export cannot be had now; earlier parts stay valid."""

    title = "This part of your export cannot be reached right now. Please try again."


class LibraryBusy(Unavailable):
    """Too many concurrent changes of the same thing; this one was not made."""

    title = "This was changed elsewhere at the same moment. Please try again."


class LibraryUnavailable(Unavailable):
    """The tables cannot be read or written."""

    title = "Your library cannot be reached right now. Please try again."
