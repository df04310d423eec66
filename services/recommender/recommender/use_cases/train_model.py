"""Train a model: count what changed, make a model of the counts, publish its manifest.

What one user's favourites add to the counts is subtracted when they change, so it must be known
what was counted of them (`CountedFavourites`). That is stored beside their taste, and the counts in
S3: two places, no common transaction. So each entry names its run and keeps what was counted
before, and the manifest names the runs that the current counts include. A run that dies has changed
nothing: the next one uses the older part of what it left, and all marks are still there.

    lease   publish the event that an earlier run did not   count the marked users   model
    objects   manifest   delete marks   publish the event   prune objects   release the lease
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from itertools import batched

from matinee.clock import Clock, utc_now
from matinee.ids import NewId, new_id
from matinee.observability import count, logger
from recommender.domain.training_state import (
    CorruptObject,
    CountedFavourites,
    DirtyUser,
    Keys,
    ModelManifest,
    model_version,
)
from recommender.ports import (
    DirtyUsers,
    FavouriteCounts,
    ModelEvents,
    ModelOutbox,
    ModelStore,
    ModelTrainer,
    TitleSource,
    TrainingData,
    TrainingRuns,
)

MAX_MODEL_AGE = timedelta(days=1)
"""After which a model is trained although no favourite has changed: titles have."""

RESERVED_SECONDS = 300.0
"""The end of an invocation, in which no more users are counted: training takes it."""

MAX_READERS = 16
USERS_PER_BATCH = 512
MAX_PENDING_FAVOURITES = 1_000_000
"""Favourites, before and after, that wait to be counted: bounds a run's memory."""


class TrainingOutcome(StrEnum):
    """The outcome of a run."""

    TRAINED = "trained"
    COUNTED = "counted"
    UNCHANGED = "unchanged"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """The outcome of a run. `is_partial`: more users have changed than there was time for."""

    outcome: TrainingOutcome
    changed_users: int = 0
    manifest: ModelManifest | None = None
    is_partial: bool = False


@dataclass(slots=True)
class _Counting[D: TrainingData]:
    """The counts between one manifest and the next."""

    run: str
    base: ModelManifest | None
    epoch: str
    counts: D
    users: int = 0
    favourites: int = 0
    pending: list[tuple[Keys, Keys]] = field(default_factory=list)
    pending_favourites: int = 0
    seen: list[DirtyUser] = field(default_factory=list)
    without_favourites: list[str] = field(default_factory=list)
    changed: int = 0
    is_complete: bool = True

    @property
    def is_from_scratch(self) -> bool:
        """Whether everybody is counted again."""
        return self.epoch == self.run

    def add(self, before: Keys, after: Keys) -> None:
        """Add the change of one user's favourites to those that wait to be counted."""
        self.pending.append((before, after))
        self.pending_favourites += len(before) + len(after)
        self.users += bool(after) - bool(before)
        self.favourites += len(after) - len(before)
        self.changed += 1

    def flush(self) -> None:
        """Count what waits: many users at once, for the counts are large."""
        self.counts = self.counts.changed(self.pending)
        self.pending.clear()
        self.pending_favourites = 0

    def included(self, counted: CountedFavourites | None) -> tuple[Keys, str]:
        """Return the favourites of a user that the current counts include, and from which run."""
        if self.base is None or counted is None:
            return frozenset(), ""
        if self.base.includes(counted.run):
            return counted.keys, counted.run
        if counted.run_before and self.base.includes(counted.run_before):
            return counted.keys_before, counted.run_before
        return frozenset(), ""


@dataclass(frozen=True, slots=True)
class TrainModel[D: TrainingData]:
    """Trains a model, one run at a time."""

    runs: TrainingRuns
    dirty_users: DirtyUsers
    outbox: ModelOutbox
    tastes: FavouriteCounts
    titles: TitleSource
    store: ModelStore
    trainer: ModelTrainer[D]
    model_trained: ModelEvents
    now: Clock = utc_now
    new_id: NewId = new_id

    def __call__(self, time_left: Callable[[], float], *, anew: bool = False) -> TrainingReport:
        """Train if anything has changed; `anew` counts everybody again.

        `time_left` is in seconds. Raises what the stores raise: nothing has changed then.
        """
        run = self.new_id()
        unconfirmed = self.runs.begin(run, self.now())
        if unconfirmed is None:
            return TrainingReport(TrainingOutcome.BUSY)
        try:
            return self._train(run, unconfirmed, time_left, anew=anew)
        finally:
            self.runs.end(run)

    def _train(
        self, run: str, unconfirmed: Sequence[str], time_left: Callable[[], float], *, anew: bool
    ) -> TrainingReport:
        base = self.store.current()
        if base:
            self._publish_event(base)
            # It counts: the manifest that follows does not name it, and would take it for dead.
            self.runs.confirm([run for run in unconfirmed if run == base.run])
        counting = self._begin(run, base, unconfirmed, anew=anew)
        self._count_changes(counting, time_left)
        is_partial = not counting.is_complete
        if not self._is_needed(counting):
            self._clear(counting, unconfirmed if counting.is_complete else ())
            outcome = TrainingOutcome.UNCHANGED
            return TrainingReport(outcome, manifest=base, is_partial=is_partial)
        published = self.store.publish(self._write_objects(counting))
        self._clear(counting, unconfirmed)
        self._publish_event(published)
        self.store.prune(published)
        is_new = base is None or published.version != base.version
        is_trained = is_new and published.version is not None
        outcome = TrainingOutcome.TRAINED if is_trained else TrainingOutcome.COUNTED
        count("ModelsTrained", is_trained)
        return TrainingReport(outcome, counting.changed, published, is_partial)

    def _begin(
        self, run: str, base: ModelManifest | None, unconfirmed: Sequence[str], *, anew: bool
    ) -> _Counting[D]:
        """Return the current counts, or none with everybody marked to be counted again."""
        if base:
            abandoned = base.abandoned.union(other for other in unconfirmed if other != base.run)
            base = replace(base, abandoned=abandoned)
        if base and not anew:
            try:
                counts = self.trainer.parse(self.store.read(base.counts))
            except CorruptObject:
                logger.exception("counts_corrupt")
                count("CountsCorrupt")
            else:
                return _Counting(run, base, base.epoch, counts, base.users, base.favourites)
        marked = self.dirty_users.mark_all_dirty(self.tastes.list_users())
        logger.info("counting_from_scratch", extra={"users": marked})
        return _Counting(run, base, run, self.trainer.empty())

    def _count_changes(self, counting: _Counting[D], time_left: Callable[[], float]) -> None:
        with ThreadPoolExecutor(MAX_READERS) as pool:
            for dirty in batched(self.dirty_users.list_dirty(), USERS_PER_BATCH, strict=False):
                if time_left() < RESERVED_SECONDS:
                    counting.is_complete = False
                    break
                users = [one.user_id for one in dirty]
                present = pool.map(self.tastes.favourites, users)
                known = pool.map(self.tastes.get_counted, users)
                read = list(zip(users, present, known, strict=True))
                list(pool.map(lambda one: self.tastes.put_counted(*one), _count(counting, read)))
                counting.seen += dirty
                if counting.pending_favourites >= MAX_PENDING_FAVOURITES:
                    counting.flush()
        counting.flush()

    def _clear(self, counting: _Counting[D], unconfirmed: Sequence[str]) -> None:
        """Delete what led here: what a crash leaves of it is counted again, without effect."""
        self.runs.confirm((counting.run, *unconfirmed))
        for user_id in counting.without_favourites:
            self.tastes.delete_counted(user_id)
        self.dirty_users.clear(counting.seen)

    def _is_needed(self, counting: _Counting[D]) -> bool:
        return (
            bool(counting.changed) or counting.is_from_scratch or not self._is_young(counting.base)
        )

    def _write_objects(self, counting: _Counting[D]) -> ModelManifest:
        """Write counts and model; return the manifest that is to name them."""
        base = counting.base
        manifest = ModelManifest(
            run=counting.run,
            epoch=counting.epoch,
            abandoned=base.abandoned if base and not counting.is_complete else frozenset(),
            counts=self.store.write("counts", counting.run, counting.counts.to_bytes()),
            model=base.model if base else None,
            previous=base.previous if base else None,
            version=base.version if base else None,
            trained_at=base.trained_at if base else None,
            users=counting.users,
            titles=base.titles if base else 0,
            favourites=counting.favourites,
            etag=base.etag if base else None,
        )
        if not counting.is_complete and self._is_young(base):
            return manifest
        titles = list(self.titles.list_all())
        if not titles:
            return manifest
        trained_at = self.now()
        version = model_version(counting.run, trained_at)
        content = self.trainer.train(counting.counts, titles, version, trained_at)
        return replace(
            manifest,
            model=self.store.write("models", version, content),
            previous=manifest.model,
            version=version,
            trained_at=trained_at,
            titles=len(titles),
        )

    def _is_young(self, base: ModelManifest | None) -> bool:
        """Return whether there is a model that is younger than MAX_MODEL_AGE."""
        if base is None or base.trained_at is None:
            return False
        return self.now() - base.trained_at < MAX_MODEL_AGE

    def _publish_event(self, manifest: ModelManifest) -> None:
        if manifest.version and manifest.version != self.outbox.published_version():
            self.outbox.publish_once(manifest.version, self.model_trained(manifest))


def _count[D: TrainingData](
    counting: _Counting[D], read: Sequence[tuple[str, Keys, CountedFavourites | None]]
) -> Iterator[tuple[str, CountedFavourites]]:
    """Count some users; yield what is to be stored of them before the counts are published."""
    for user_id, after, known in read:
        included, included_run = counting.included(known)
        before = frozenset() if counting.is_from_scratch else included
        if known and not after:
            counting.without_favourites.append(user_id)
        if before == after:
            if known and included and known.run != included_run:  # left by a run that died
                yield user_id, CountedFavourites(included, included_run)
            continue
        counting.add(before, after)
        yield user_id, CountedFavourites(after, counting.run, included, included_run)
