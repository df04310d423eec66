"""What may go wrong in a room, each with a sentence for the person who swipes."""

from matinee.errors import (
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    RateLimited,
    Unavailable,
)


class RoomNotFound(NotFound):
    """No room has this id or code."""

    title = "There is no such room. Please check the code."


class RoomExpired(Gone):
    """The room's day is over."""

    title = "This room has closed. Open a new one to go on."


class RoomFull(Conflict):
    """Every seat is taken."""

    title = "This room is full."


class NotAParticipant(Forbidden):
    """The caller is not in the room."""

    title = "You are not in this room. Join it first."


class NotACandidate(Invalid):
    """The film is not one of the room's candidates."""

    title = "This title is not one of the room's candidates."


class NoCandidates(NotFound):
    """The catalogue has nothing to swipe through for these genres."""

    title = "There is nothing to choose from with these genres. Please pick others."


class RoomBusy(Unavailable):
    """Too many changes at the same instant; nothing was changed."""

    title = "Many people are swiping at this moment. Please try again."


class CatalogUnavailable(Unavailable):
    """The catalogue does not answer."""

    title = "Films cannot be looked up right now. Please try again."


class CatalogBusy(RateLimited):
    """The catalogue asks as much as it may; `retry_after` (seconds) says when to come back."""

    title = "Many rooms are being opened right now. Please try again in a moment."


class MatchNotFound(NotFound):
    """There is no such match for this user."""

    title = "There is no such match."


class AccountDeleted(Forbidden):
    """The user's account is gone: he calls with a token that is still valid, or is to be told."""

    title = "This account has been deleted."
