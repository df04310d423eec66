"""The model that a process serves: opened once, and refreshed beside the requests.

A request never waits for S3 as long as requests keep coming: every half minute a thread of its own
checks whether the manifest was replaced (a 304 as a rule) and opens the model that it names.
Between two requests Lambda suspends threads too; so a request that finds the last refresh a minute
old waits a moment for it.
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from matinee.observability import count, logger
from recommender.domain.model import Model
from recommender.domain.training_state import CorruptObject, StoredObject
from recommender.ports import PublishedModels

REFRESH_INTERVAL_SECONDS = 30.0
STALE_AFTER_SECONDS = 60.0
"""After which a request waits for the refresh, for REFRESH_TIMEOUT_SECONDS at most."""

REFRESH_TIMEOUT_SECONDS = 0.25
FIRST_LOAD_TIMEOUT_SECONDS = 4.0
"""How long a process waits for its first model before it responds without: Lambda gives ten seconds
until it must have started, whatever S3 does."""


class Refresh(Protocol):
    """A refresh that is under way; a thread is one."""

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, at most so many seconds."""
        ...

    def is_alive(self) -> bool:
        """Return whether it has not ended."""
        ...


type Start = Callable[[Callable[[], None]], Refresh]


def start_thread(work: Callable[[], None]) -> Refresh:
    """Start a refresh beside the request."""
    thread = threading.Thread(target=work, name="model-refresh", daemon=True)
    thread.start()
    return thread


class ModelCache:
    """The newest intact model, as far as this process knows.

    The first load is waited for, within limits. A corrupt model is refused, and the one before it
    stays, also in a process that has never loaded that one: the manifest names it. `parse` raises
    `corrupt` for bytes that are no model.
    """

    def __init__(
        self,
        published: PublishedModels,
        parse: Callable[[bytes], Model],
        corrupt: type[Exception],
        *,
        start: Start = start_thread,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._published = published
        self._parse = parse
        self._corrupt = corrupt
        self._start = start
        self._timer = timer
        self._model: Model | None = None
        self._etag: str | None = None
        self._started: float | None = None
        self._ended: float | None = None
        self._refresh: Refresh | None = None

    def current(self) -> Model | None:
        """Return the newest intact model, None when there is none."""
        now = self._timer()
        if self._started is None:
            self._started = now
            self._refresh = self._start(self._load)
            self._refresh.join(FIRST_LOAD_TIMEOUT_SECONDS)
            return self._model
        is_running = self._refresh is not None and self._refresh.is_alive()
        if now - self._started >= REFRESH_INTERVAL_SECONDS and not is_running:
            self._started = now
            self._refresh = self._start(self._load)
        if self._refresh and (self._ended is None or now - self._ended >= STALE_AFTER_SECONDS):
            self._refresh.join(REFRESH_TIMEOUT_SECONDS)
        return self._model

    def _load(self) -> None:
        """Open the model that the manifest names; whatever fails, the present one stays."""
        self._started = self._timer()
        try:
            manifest = self._published.changed_since(self._etag)
            if manifest:
                model = self._first_intact(manifest.model, manifest.previous)
                self._model = self._model if model is None else model
                self._etag = manifest.etag
        except Exception:
            logger.exception("model_refresh_failed")
            count("ModelRefreshFailures")
        self._ended = self._timer()

    def _first_intact(self, *models: StoredObject | None) -> Model | None:
        for stored in filter(None, models):
            try:
                model = self._parse(self._published.read(stored))
            except (CorruptObject, self._corrupt) as error:
                logger.error("model_refused", extra={"key": stored.key, "reason": str(error)})  # noqa: TRY400 - the reason is all
                count("ModelsRefused")
                if self._model is not None:
                    return None
            else:
                logger.info("model_opened", extra={"version": model.version, "titles": len(model)})
                return model
        return None
