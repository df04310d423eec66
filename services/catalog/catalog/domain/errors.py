"""What the catalog service refuses, and why.

MatineeError
├── Invalid ── InvalidInput          (matinee) the room's taste cannot be understood
├── Unavailable ── TmdbUnavailable   no answer, or no usable one, in time
│                  ├── TmdbUnreadable     an answer in time that nobody can read
│                  ├── TmdbKeyRefused     our credentials are missing or wrong: ours to repair
│                  └── TmdbRefused        our request is wrong: no repetition can mend it
├── Unavailable ── CatalogUnavailable  our own tables do not answer
├── Unavailable ── CacheContended    others keep storing the same titles
├── Unavailable ── QueueUnavailable  SQS does not take the messages of a refresh
├── Conflict ── RefreshRunning       a refresh is under way already
├── NotFound ── TitleNotFound        TMDB has no such film or series
├── NotFound ── RefreshNotFound      no refresh has this id, or it is long over
└── RateLimited ── TmdbRateLimited   TMDB's limit leaves no room before the deadline
"""

from matinee.errors import Conflict, NotFound, RateLimited, Unavailable


class TmdbUnavailable(Unavailable):
    """TMDB did not give a usable answer in time; trying again may help."""

    title = "Films and series cannot be looked up right now. Please try again."


class TmdbUnreadable(TmdbUnavailable):
    """TMDB answers in time, with something that cannot be read: it is not down.

    To a caller it is the same as any other absence of TMDB.
    """

    @property
    def code(self) -> str:
        """The name that clients branch on."""
        return TmdbUnavailable.__name__


class TmdbKeyRefused(TmdbUnavailable):
    """TMDB does not take our key, or there is none: only an operator can help.

    To a caller it is the same as any other absence of TMDB; the log says what to repair.
    """


class TmdbRefused(TmdbUnavailable):
    """TMDB understands us and says no, or does not know what we ask for."""


class TmdbRateLimited(RateLimited):
    """More is asked of TMDB than it allows; `retry_after` (seconds) says when to come back."""

    title = "Many people are asking right now. Please try again in a moment."


class CatalogUnavailable(Unavailable):
    """A table of ours refuses or does not answer in time; trying again may help."""

    title = "Films and series cannot be looked up right now. Please try again."


class CacheContended(Unavailable):
    """Somebody else keeps storing the same titles; trying again will help."""

    title = "The catalogue is being written to. Please try again in a moment."


class QueueUnavailable(Unavailable):
    """The work queue does not take messages; trying again may help."""

    title = "The refresh could not be begun. Please try again in a moment."


class RefreshRunning(Conflict):
    """A refresh is under way; `info["runId"]` is its id."""

    title = "A refresh is running already"


class TitleNotFound(NotFound):
    """TMDB has no film or series of this id, or none that is shown to everybody."""

    title = "There is no such film or series."


class RefreshNotFound(NotFound):
    """No refresh has this id, or it is so long over that it has been forgotten."""

    title = "There is no such refresh"
