"""A cache in memory of what other services have returned."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Recent[K, V]:
    """Values by key, also that there is none, until their time is over."""

    ttl_seconds: float
    max_entries: int
    clock: Callable[[], float] = time.monotonic
    _entries: dict[K, tuple[float, V | None]] = field(default_factory=dict)

    def get(self, keys: Iterable[K]) -> dict[K, V | None]:
        """Return what is known of some keys."""
        now = self.clock()
        entries = ((key, self._entries.get(key)) for key in keys)
        return {key: entry[1] for key, entry in entries if entry and entry[0] > now}

    def put(self, keys: Collection[K], found: Mapping[K, V]) -> None:
        """Keep what was found by some keys."""
        if len(self._entries) + len(keys) > self.max_entries:
            self._entries.clear()
        expires = self.clock() + self.ttl_seconds
        self._entries.update({key: (expires, found.get(key)) for key in keys})
