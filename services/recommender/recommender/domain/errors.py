"""The errors of this service that a client may see."""

from matinee.errors import Forbidden, NotFound, Unavailable


class TitleNotFound(NotFound):
    """The title to which others should be similar does not exist."""

    title = "There is no such title."


class SimilarUnavailable(Unavailable):
    """The titles cannot be read, so it is not known which are similar, or whether it exists."""

    title = "Similar titles cannot be found right now. Please try again."


class AccountDeleted(Forbidden):
    """The caller's account is deleted; their token remains valid for a while."""

    title = "This account has been deleted."


class GroupDeckUnavailable(Unavailable):
    """Somebody's taste, or the titles, cannot be read: a deck might break a limit."""

    title = "A deck of your own cannot be found right now. Please try again."
