"""The errors of the catalog service.

MatineeError
├── Invalid ── InvalidInput          (matinee) the input breaks a rule
├── Unavailable ── TmdbUnavailable   TMDB gives no usable response in time
│                  ├── TmdbUnreadable     it responds in time, but not in a form that we can parse
│                  ├── TmdbKeyRefused     our credentials are missing or wrong: ours to repair
│                  └── TmdbRefused        our request is wrong: repeating it cannot help
├── Unavailable ── CatalogUnavailable  our own tables do not respond
├── Unavailable ── CatalogBusy       other writers keep changing the same items
├── Unavailable ── QueueUnavailable  SQS does not accept the messages of a refresh
├── Conflict ── RefreshRunning       a refresh is running already
├── NotFound ── TitleNotFound        TMDB has no such film or series
├── NotFound ── RefreshNotFound      no refresh has this id, or its record has expired
└── RateLimited ── TmdbRateLimited   the shared rate has no slot before the deadline
"""

from matinee.errors import Conflict, NotFound, RateLimited, Unavailable


class TmdbUnavailable(Unavailable):
    """TMDB did not give a usable response in time; trying again may help."""

    title = "Films and series cannot be looked up right now. Please try again."


class TmdbUnreadable(TmdbUnavailable):
    """TMDB responds in time, in a form that cannot be parsed: it is not down.

    To a caller it is the same as TmdbUnavailable.
    """

    @property
    def code(self) -> str:
        """The code of TmdbUnavailable."""
        return TmdbUnavailable.__name__


class TmdbKeyRefused(TmdbUnavailable):
    """TMDB does not accept our key, or there is none: only an operator can help.

    To a caller it is the same as TmdbUnavailable; the log says what to repair.
    """


class TmdbRefused(TmdbUnavailable):
    """TMDB refuses our request, or does not know what it asks for."""


class TmdbRateLimited(RateLimited):
    """More is requested of TMDB than it allows; `retry_after` (seconds) says when to come back."""

    title = "Many people are asking right now. Please try again in a moment."


class CatalogUnavailable(Unavailable):
    """One of our tables refuses a request or does not respond in time; trying again may help."""

    title = "Films and series cannot be looked up right now. Please try again."


class CatalogBusy(Unavailable):
    """Another writer keeps changing the same items; trying again will help."""

    title = "The catalogue is being updated. Please try again in a moment."


class QueueUnavailable(Unavailable):
    """The work queue does not accept messages; trying again may help."""

    title = "The refresh could not be started. Please try again in a moment."


class RefreshRunning(Conflict):
    """A refresh is running; `info["runId"]` is its id."""

    title = "A refresh is running already"


class TitleNotFound(NotFound):
    """TMDB has no film or series of this id, or none that everybody may see."""

    title = "There is no such film or series."


class RefreshNotFound(NotFound):
    """No refresh has this id, or its record has expired."""

    title = "There is no such refresh"
