"""The use cases of preferences. Two devices that save at once lose none of each other's answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from library.domain.errors import LibraryBusy, PreferencesChanged
from library.domain.preferences import Answers, Preferences
from library.domain.titles import in_ticks
from library.events.factory import Announcer
from library.ports import Overtaken, PreferenceRows
from matinee.clock import Clock, utc_now
from matinee.events.envelope import Trace
from matinee.observability import count

ROUNDS = 10
"""How often a change is made anew that another one has overtaken."""

type Accepts = Callable[[Preferences], bool]
"""Tells whether a change of these preferences is wanted: what the caller said in If-Match."""


def any_state(_: Preferences) -> bool:
    """Accept whatever is stored."""
    return True


@dataclass(frozen=True, slots=True)
class PreferenceService:
    """What users say of their taste."""

    rows: PreferenceRows
    announce: Announcer = field(default_factory=Announcer)
    now: Clock = utc_now

    def find(self, user_id: str) -> Preferences:
        """Return a user's preferences. Raises AccountDeleted, LibraryUnavailable."""
        return self.rows.find(user_id)

    def change(
        self, user_id: str, changes: Answers, trace: Trace, accepts: Accepts = any_state
    ) -> Preferences:
        """Give some answers anew; those that are not named stay as they are at that moment.

        Raises RangeReversed, PreferencesTooLong, PreferencesChanged, AccountDeleted, LibraryBusy,
        LibraryUnavailable.
        """
        return self._save(user_id, lambda now, at: now.changed_by(changes, at), trace, accepts)

    def reset(self, user_id: str, trace: Trace, accepts: Accepts = any_state) -> Preferences:
        """Take every answer back. Raises what `change` raises of it."""
        return self._save(user_id, lambda now, at: now.reset(at), trace, accepts)

    def _save(
        self,
        user_id: str,
        change: Callable[[Preferences, datetime], Preferences],
        trace: Trace,
        accepts: Accepts,
    ) -> Preferences:
        for _ in range(ROUNDS):
            present = self.rows.find(user_id)
            if not accepts(present):
                raise PreferencesChanged
            at = in_ticks(self.now())
            changed = change(present, at)
            if changed == present:
                return present
            event = self.announce.preferences_updated(user_id, changed, at, trace)
            try:
                self.rows.save(user_id, changed, event)
            except Overtaken:
                continue
            count("PreferencesUpdated")
            return changed
        raise LibraryBusy
