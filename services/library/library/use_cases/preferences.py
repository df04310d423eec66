"""Get and change a user's preferences. Devices that save concurrently lose no answer."""

from collections.abc import Callable
from dataclasses import dataclass

from library.domain.errors import LibraryBusy, PreferencesChanged
from library.domain.preferences import Answers, Preferences
from library.domain.titles import truncate_to_milliseconds
from library.ports import EventFactory, PreferencesRepository, VersionConflict
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count
from matinee.retry import Backoff, OptimisticRetry

RETRY = OptimisticRetry(VersionConflict, LibraryBusy, Backoff(attempts=10, initial=0))

type Precondition = Callable[[Preferences], bool]
"""Returns whether stored preferences are in the state that the caller named in If-Match."""


def any_state(_: Preferences) -> bool:
    """Return True: preferences may be changed whatever their state is."""
    return True


@dataclass(frozen=True, slots=True)
class PreferencesService:
    """The preferences of users."""

    repository: PreferencesRepository
    events: EventFactory
    now: Clock = utc_now
    retry: OptimisticRetry = RETRY

    def get(self, user_id: str) -> Preferences:
        """Return a user's preferences. Raises AccountDeleted, LibraryUnavailable."""
        return self.repository.get(user_id)

    def change(
        self,
        user_id: str,
        changes: Answers | None,
        trace: Trace,
        precondition: Precondition = any_state,
    ) -> Preferences:
        """Replace some answers, or delete all of them if `changes` is None.

        The other answers stay as they are at that moment. Raises RangeReversed,
        PreferencesTooLong, PreferencesChanged, AccountDeleted, LibraryBusy, LibraryUnavailable.
        """
        for _ in self.retry:
            stored = self.repository.get(user_id)
            if not precondition(stored):
                raise PreferencesChanged
            at = truncate_to_milliseconds(self.now())
            changed = stored.reset(at) if changes is None else stored.changed_by(changes, at)
            if changed == stored:
                break
            event = self.events.preferences_updated(user_id, changed, at, trace)
            try:
                self.repository.save(user_id, changed, event)
            except VersionConflict:
                continue
            count("PreferencesUpdated")
            break
        return changed
