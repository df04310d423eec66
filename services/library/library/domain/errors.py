"""The errors of lists and preferences.

A class's name is the error's code, which clients branch on; its title is the message for people.
"""

from matinee.errors import (
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    Unavailable,
)


class WatchlistItemNotFound(NotFound):
    """The title is not on the caller's watchlist."""

    title = "This title is not on your watchlist"


class NothingImported(Invalid):
    """No title of an import could be taken; `info["problems"]` says why, title by title."""

    title = "Nothing was imported"


class PreferencesTooLong(Invalid):
    """All answers together would exceed the maximum size; nothing was changed."""

    title = "Your answers together are too long. Shorten some of them."


class PreferencesChanged(PreconditionFailed):
    """Another device has saved since this one last read; nothing was changed."""

    title = "Your preferences were changed elsewhere. Load them again."


class AccountDeleted(Forbidden):
    """The caller's account is deleted; their token remains valid for a while."""

    title = "This account has been deleted"


class LibraryBusy(Unavailable):
    """Too many concurrent changes of the same thing; this one was not made."""

    title = "This was changed elsewhere at the same moment. Please try again."


class LibraryUnavailable(Unavailable):
    """The tables cannot be read or written."""

    title = "Your library cannot be reached right now. Please try again."
