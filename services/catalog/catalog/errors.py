"""What the catalog service refuses, and why.

MatineeError
├── Invalid ── InvalidInput          (matinee) the room's taste cannot be understood
├── Unavailable ── TmdbUnavailable   no answer, or no usable one, in time
│                  └── TmdbKeyRefused     our credentials are missing or wrong: ours to repair
└── RateLimited ── TmdbRateLimited   TMDB's limit leaves no room before the deadline
"""

from matinee.errors import RateLimited, Unavailable


class TmdbUnavailable(Unavailable):
    """TMDB did not give a usable answer in time; trying again may help."""

    title = "Films and series cannot be looked up right now. Please try again."


class TmdbKeyRefused(TmdbUnavailable):
    """TMDB does not take our key, or there is none: only an operator can help.

    To a caller it is the same as any other absence of TMDB; the log says what to repair.
    """


class TmdbRateLimited(RateLimited):
    """More is asked of TMDB than it allows; `retry_after` (seconds) says when to come back."""

    title = "Many rooms are being opened right now. Please try again in a moment."
