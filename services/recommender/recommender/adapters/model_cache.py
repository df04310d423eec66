"""The model that a process serves: opened once, and looked after beside the requests.

A request never waits for S3 as long as requests keep coming: every half minute a thread of its own
asks whether the pointer has moved (a 304 as a rule) and opens what it points to. Between two
requests Lambda stops the clock for threads too; so a request that finds the last look a minute old
gives the look a moment to end.
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from matinee.observability import count, logger
from recommender.domain.model import Model
from recommender.ports import CorruptObject, PublishedModels, StoredObject

REFRESH_INTERVAL_SECONDS = 30.0
"""Seconds after which the pointer is looked at again."""

STALE_AFTER_SECONDS = 60.0
"""Seconds after which a request waits for the look."""

REFRESH_TIMEOUT_SECONDS = 0.25
"""Seconds that it waits."""

FIRST_LOAD_TIMEOUT_SECONDS = 4.0
"""Seconds that a process waits for its first model before it answers without: Lambda gives ten
until it must have started, whatever S3 does."""


class Look(Protocol):
    """A look at the pointer that is under way; a thread is one."""

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, at most so many seconds."""
        ...

    def is_alive(self) -> bool:
        """Return whether it has not ended."""
        ...


type Start = Callable[[Callable[[], None]], Look]


def in_a_thread(work: Callable[[], None]) -> Look:
    """Start a look beside the request."""
    thread = threading.Thread(target=work, name="model-refresh", daemon=True)
    thread.start()
    return thread


class ModelCache:
    """The newest sound model, as far as this process knows.

    The first look is waited for, within limits.
    A model that is broken is refused, and the one before it stays, also in a process that has never
    seen that one: the pointer names it. `open_model` raises `unsound` for bytes that are no model.
    """

    def __init__(
        self,
        published: PublishedModels,
        open_model: Callable[[bytes], Model],
        unsound: type[Exception],
        *,
        start: Start = in_a_thread,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._published = published
        self._open = open_model
        self._unsound = unsound
        self._start = start
        self._timer = timer
        self._model: Model | None = None
        self._etag: str | None = None
        self._begun: float | None = None
        self._ended: float | None = None
        self._look: Look | None = None

    def current(self) -> Model | None:
        """Return the newest sound model, None when there is none."""
        now = self._timer()
        if self._begun is None:
            self._begun = now
            self._look = self._start(self._refresh)
            self._look.join(FIRST_LOAD_TIMEOUT_SECONDS)
            return self._model
        if now - self._begun >= REFRESH_INTERVAL_SECONDS and not (
            self._look and self._look.is_alive()
        ):
            self._begun = now
            self._look = self._start(self._refresh)
        if self._look and (self._ended is None or now - self._ended >= STALE_AFTER_SECONDS):
            self._look.join(REFRESH_TIMEOUT_SECONDS)
        return self._model

    def _refresh(self) -> None:
        """Look at the pointer and follow it; whatever goes wrong, the model stays as it is."""
        self._begun = self._timer()
        try:
            pointer = self._published.changed_since(self._etag)
            if pointer:
                sound = self._first_sound(pointer.model, pointer.previous)
                self._model = self._model if sound is None else sound
                self._etag = pointer.etag
        except Exception:
            logger.exception("model_not_looked_after")
            count("ModelNotLookedAfter")
        self._ended = self._timer()

    def _first_sound(self, *models: StoredObject | None) -> Model | None:
        for stored in filter(None, models):
            try:
                model = self._open(self._published.read(stored))
            except (CorruptObject, self._unsound) as error:
                logger.error("model_refused", extra={"key": stored.key, "reason": str(error)})  # noqa: TRY400 - the reason is all
                count("ModelsRefused")
                if self._model is not None:
                    return None
            else:
                logger.info("model_opened", extra={"version": model.version, "titles": len(model)})
                return model
        return None
