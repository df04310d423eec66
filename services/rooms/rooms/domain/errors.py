"""The errors of rooms, each with a sentence for the person who swipes."""

from collections.abc import Sequence

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
    """The room has closed."""

    title = "This room has closed. Open a new one to go on."


class RoomFull(Conflict):
    """The room has as many participants as it may have."""

    title = "This room is full."


class NotAParticipant(Forbidden):
    """The caller is not in the room."""

    title = "You are not in this room. Join it first."


class NotACandidate(Invalid):
    """The title is not one of the room's candidates."""

    title = "This title is not one of the room's candidates."


class NoCandidates(NotFound):
    """Nothing has these genres and passes these filters; `info["relax"]` names what to change."""

    title = "There is nothing to choose from with these genres and filters. Please relax some."

    @property
    def relax(self) -> Sequence[str]:
        """What to relax, if that is known."""
        found = self.info.get("relax", ())
        return [str(name) for name in found] if isinstance(found, list | tuple) else ()


class NoOwnPlatforms(Conflict):
    """The host's preferences have no region, or no platforms that are known."""

    title = "Please say your region and your streaming platforms in your preferences first."


class PlatformsUnavailable(Unavailable):
    """The host's platforms cannot be asked for at the moment."""

    title = "Your platforms cannot be looked up right now. Please try again."


class DeckExhausted(Conflict):
    """The room has as many candidates as a room may have."""

    title = "This room has had all the titles that it can have. Open a new one to go on."


class RemovedFromRoom(Forbidden):
    """The room's host has removed the caller."""

    title = "The host has removed you from this room. You cannot join it again."


class ParticipantNotFound(NotFound):
    """The user who should be removed is not in the room."""

    title = "There is no such participant in this room."


class HostCannotBeRemoved(Conflict):
    """The host wants to remove themselves."""

    title = "The host cannot be removed. Leave the room instead."


class NotTheHost(Forbidden):
    """The caller is not the room's host."""

    title = "Only the host of the room can do this."


class AlreadyDecided(Conflict):
    """The room has decided for another title."""

    title = "This room has already decided what to watch."


class DecisionNotFound(NotFound):
    """The room has not decided."""

    title = "This room has not decided yet."


class FeedEntryNotFound(NotFound):
    """The feed has no entry with this number, or not any more."""

    title = "There is no such entry."


class CrewNotFound(NotFound):
    """No crew has this id."""

    title = "There is no such crew."


class NotInCrew(Forbidden):
    """The caller is not in the crew."""

    title = "You are not in this crew."


class CrewTooSmall(Conflict):
    """The room has too few participants to make a crew of."""

    title = "A crew needs two people. Wait until somebody has joined the room."


class CrewTooLarge(Conflict):
    """The room has too many participants to make a crew of."""

    title = "A crew has twenty people at most."


class TooManyCrews(Conflict):
    """The caller is in as many crews as they may create."""

    title = "You are in twenty crews. Leave one of them first."


class CrewNameTaken(Conflict):
    """The caller has left the crew that they made of this room by this name."""

    title = "You have left a crew of this name. Choose another name."


class InvitationNotFound(NotFound):
    """The user has no invitation to this room."""

    title = "There is no such invitation."


class RoomBusy(Unavailable):
    """Too many changes at the same instant; nothing was changed."""

    title = "Many people are swiping at this moment. Please try again."


class CatalogUnavailable(Unavailable):
    """The catalog does not respond."""

    title = "Films cannot be looked up right now. Please try again."


class CatalogBusy(RateLimited):
    """The catalog has reached its rate limit; `retry_after` (seconds) says when to retry."""

    title = "Many rooms are being opened right now. Please try again in a moment."


class MatchNotFound(NotFound):
    """There is no such match for this user."""

    title = "There is no such match."


class GuestsUnavailable(Unavailable):
    """Auth does not make a guest right now."""

    title = "Guests cannot be let in right now. Please try again."


class AccountDeleted(Forbidden):
    """The user's account is deleted: the caller's with a token still valid, or a recipient's."""

    title = "This account has been deleted."


class TooManyDevices(Conflict):
    """The user has as many devices as they may have."""

    title = "You have ten devices here. Remove one of them first."


class PushNotAvailable(Conflict):
    """This product has no key to send notifications with."""

    title = "Notifications to devices are not available here."
