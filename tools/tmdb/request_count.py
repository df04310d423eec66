"""What has been asked of the stand-in, and how fast."""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import urlencode

_MAX_KEYS: Final = 50_000
_OTHERS: Final = "(others)"
_NOT_COUNTED: Final = "api_key"
_WINDOW_SECONDS: Final = 1.0


class RequestCount:
    """Counts requests; ``snapshot`` is what GET /__stats answers.

    Keys are left out of the exact requests: nothing secret is kept. After 50,000 different paths
    or requests the further ones are counted together as "(others)".
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget everything so far."""
        self._paths: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._exact: Counter[str] = Counter()
        self._received = _Window(self._clock)
        self._accepted = _Window(self._clock)

    def received(self, method: str, path: str, query: Iterable[tuple[str, str]]) -> None:
        """Count a request for the API, before anything has been decided about it."""
        self.seen(path)
        kept = sorted((name, value) for name, value in query if name != _NOT_COUNTED)
        exact = f"{method} {path}?{urlencode(kept, safe=',|:')}" if kept else f"{method} {path}"
        self._add(self._exact, exact)
        self._received.add()

    def seen(self, path: str) -> None:
        """Count a request for an image."""
        self._add(self._paths, path)

    def accepted(self) -> None:
        """Count a request that the rate limit let through."""
        self._accepted.add()

    def answered(self, status: int | None) -> None:
        """Count an answer; None stands for a request that never got one."""
        self._statuses[str(status) if status is not None else "none"] += 1

    @property
    def in_this_second(self) -> int:
        """How many requests came within the last second."""
        return self._received.current()

    def snapshot(self) -> dict[str, Any]:
        """Return everything counted since the start or the last reset."""
        return {
            "requests": self._received.total,
            "by_path": dict(self._paths.most_common()),
            "by_status": dict(sorted(self._statuses.items())),
            "exact": dict(self._exact.most_common()),
            "max_in_one_second": self._received.most,
            "max_accepted_in_one_second": self._accepted.most,
        }

    @staticmethod
    def _add(counter: Counter[str], key: str) -> None:
        counter[key if key in counter or len(counter) < _MAX_KEYS else _OTHERS] += 1


class _Window:
    """The most events within any one second, counted as they come."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: deque[float] = deque()
        self.total = 0
        self.most = 0

    def add(self) -> None:
        self._times.append(self._clock())
        self.total += 1
        self.most = max(self.most, self.current())

    def current(self) -> int:
        oldest = self._clock() - _WINDOW_SECONDS
        while self._times and self._times[0] <= oldest:
            self._times.popleft()
        return len(self._times)
