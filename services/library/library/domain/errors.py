"""What may go wrong with a user's lists and preferences.

A class's name is the error's code; clients branch on it, people read the title.
"""

from matinee.errors import (
    Forbidden,
    Invalid,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Unavailable,
)


class FavouriteNotFound(NotFound):
    """The title is not among the caller's favourites."""

    title = "This title is not among your favourites"


class WatchlistItemNotFound(NotFound):
    """The title is not on the caller's watchlist."""

    title = "This title is not on your watchlist"


class RangeReversed(InvalidInput):
    """A range's lower end would be above its upper end; `info["fields"]` names it."""

    title = "A range must not end before it begins"


class PreferencesTooLong(Invalid):
    """All answers together would be more than can be stored and told; nothing was changed."""

    title = "Your answers together are too long. Shorten some of them."


class PreferencesChanged(PreconditionFailed):
    """Another device has saved since this one last read; nothing was changed."""

    title = "Your preferences were changed elsewhere. Load them again."


class AccountDeleted(Forbidden):
    """The caller's account is gone; his token is still good for a while."""

    title = "This account has been deleted"


class LibraryBusy(Unavailable):
    """Too many changes of the same thing at the same moment; this one was not made."""

    title = "This was changed elsewhere at the same moment. Please try again."


class LibraryUnavailable(Unavailable):
    """The tables do not answer as they should."""

    title = "Your library cannot be reached right now. Please try again."
