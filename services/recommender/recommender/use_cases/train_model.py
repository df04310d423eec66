"""A training run: what changed is counted, the model is made of the counts, the pointer moves.

What one user's favourites add to the counts is taken out again when they change, so it must be
known what was counted of him (`Counted`). That is stored beside his taste, and the counts in S3:
two places, no common transaction. So each entry names its run and keeps what held before it, and
the pointer tells which runs led to the counts that stand. A run that dies anywhere has changed
nothing: the next one takes the older part of what it left, and the marks are all still there.

    lease   announce what an earlier run did not   count the marked users   model   objects
    pointer   marks away   announce   old objects away   lease back
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
from recommender.events.factory import model_trained
from recommender.ports import (
    Change,
    CorruptObject,
    CountedFavourites,
    Counts,
    FavouriteCounts,
    Keys,
    ModelManifest,
    ModelStore,
    ModelTrainer,
    TitleSource,
    TrainingLog,
)

MAX_MODEL_AGE = timedelta(days=1)
"""A model this old is made anew though no favourite changed: titles did."""

RESERVED_SECONDS = 300.0
"""Seconds of an invocation in which nobody is counted any more: the model takes them."""

MAX_READERS = 16
USERS_PER_BATCH = 512
MAX_PENDING_FAVOURITES = 1_000_000
"""Favourites, before and after, that wait to be put into the counts: bounds what a run holds."""


class TrainingOutcome(StrEnum):
    """What a run came to."""

    TRAINED = "trained"
    COUNTED = "counted"
    UNCHANGED = "unchanged"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a run came to, and of what."""

    outcome: TrainingOutcome
    changed_users: int = 0
    pointer: ModelManifest | None = None
    left_for_the_next: bool = False


@dataclass(slots=True)
class _Count[C: Counts]:
    """The counts on their way from one pointer to the next."""

    run: str
    base: ModelManifest | None
    epoch: str
    counts: C
    users: int = 0
    favourites: int = 0
    pending: list[tuple[Keys, Keys]] = field(default_factory=list)
    waiting: int = 0
    seen: list[Change] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    changed: int = 0
    finished: bool = True

    @property
    def is_anew(self) -> bool:
        """Whether everybody is counted from the beginning."""
        return self.epoch == self.run

    def fold(self) -> None:
        """Put what has changed into the counts: many users at once, for the counts are large."""
        self.counts = self.counts.changed(self.pending)
        self.pending.clear()
        self.waiting = 0

    def held(self, counted: CountedFavourites | None) -> tuple[Keys, str]:
        """Return what the counts that stand hold of a user, and of which run."""
        if self.base is None or counted is None:
            return frozenset(), ""
        if self.base.includes(counted.run):
            return counted.keys, counted.run
        if counted.run_before and self.base.includes(counted.run_before):
            return counted.keys_before, counted.run_before
        return frozenset(), ""


@dataclass(frozen=True, slots=True)
class TrainModel[C: Counts]:
    """Makes models. One at a time."""

    log: TrainingLog
    tastes: FavouriteCounts
    titles: TitleSource
    archive: ModelStore
    learner: ModelTrainer[C]
    now: Clock = utc_now
    new_id: NewId = new_id

    def run(self, time_left: Callable[[], float], *, anew: bool = False) -> TrainingReport:
        """Train if there is something to learn; `anew` counts everybody again.

        `time_left` answers in seconds. Raises what the stores raise: nothing has changed then.
        """
        run = self.new_id()
        unsettled = self.log.begin(run, self.now())
        if unsettled is None:
            return TrainingReport(TrainingOutcome.BUSY)
        try:
            return self._train(run, unsettled, time_left, anew=anew)
        finally:
            self.log.end(run)

    def _train(
        self, run: str, unsettled: Sequence[str], time_left: Callable[[], float], *, anew: bool
    ) -> TrainingReport:
        base = self.archive.pointer()
        if base:
            self._announce(base)
        work = self._begin(run, base, unsettled, anew=anew)
        self._count_changes(work, time_left)
        if not self._is_worth_it(work):
            self._clear(work, unsettled if work.finished else ())
            return TrainingReport(
                TrainingOutcome.UNCHANGED, pointer=base, left_for_the_next=not work.finished
            )
        published = self.archive.move(self._written(work))
        self._clear(work, unsettled)
        self._announce(published)
        self.archive.prune(published)
        trained = base is None or published.version != base.version
        outcome = (
            TrainingOutcome.TRAINED if trained and published.version else TrainingOutcome.COUNTED
        )
        count("ModelsTrained", outcome is TrainingOutcome.TRAINED)
        return TrainingReport(outcome, work.changed, published, left_for_the_next=not work.finished)

    def _begin(
        self, run: str, base: ModelManifest | None, unsettled: Sequence[str], *, anew: bool
    ) -> _Count[C]:
        """Return the counts that stand, or none, with everybody marked to be counted again."""
        if base:
            abandoned = base.abandoned | {other for other in unsettled if other != base.run}
            base = replace(base, abandoned=frozenset(abandoned))
        if base and not anew:
            try:
                counts = self.learner.counts(self.archive.read(base.counts))
            except CorruptObject:
                logger.exception("counts_broken")
                count("CountsBroken")
            else:
                return _Count(run, base, base.epoch, counts, base.users, base.favourites)
        marked = self.log.mark_all(self.tastes.users())
        logger.info("counting_anew", extra={"users": marked})
        return _Count(run, base, run, self.learner.nothing())

    def _count_changes(self, work: _Count[C], time_left: Callable[[], float]) -> None:
        with ThreadPoolExecutor(MAX_READERS) as pool:
            for changes in batched(self.log.changes(), USERS_PER_BATCH, strict=False):
                if time_left() < RESERVED_SECONDS:
                    work.finished = False
                    break
                users = [change.user_id for change in changes]
                live = pool.map(self.tastes.favourites, users)
                known = pool.map(self.tastes.counted, users)
                read = list(zip(users, live, known, strict=True))
                list(pool.map(lambda of: self.tastes.count(*of), self._counted(work, read)))
                work.seen += changes
                if work.waiting >= MAX_PENDING_FAVOURITES:
                    work.fold()
        work.fold()

    def _counted(
        self, work: _Count[C], read: Sequence[tuple[str, Keys, CountedFavourites | None]]
    ) -> Iterator[tuple[str, CountedFavourites]]:
        """Count some users; walk through what is to be stored of them before the counts stand."""
        for user_id, after, known in read:
            held, run_held = work.held(known)
            before = frozenset() if work.is_anew else held
            if known and not after:
                work.gone.append(user_id)
            if before == after:
                if known and held and known.run != run_held:  # left by a run that died
                    yield user_id, CountedFavourites(held, run_held)
                continue
            work.pending.append((before, after))
            work.waiting += len(before) + len(after)
            work.users += bool(after) - bool(before)
            work.favourites += len(after) - len(before)
            work.changed += 1
            yield user_id, CountedFavourites(after, work.run, held, run_held)

    def _clear(self, work: _Count[C], unsettled: Sequence[str]) -> None:
        """Take away what led here: what is left of it after a crash is done again, to no effect."""
        self.log.settle((work.run, *unsettled))
        for user_id in work.gone:
            self.tastes.forget(user_id)
        self.log.done(work.seen)

    def _is_worth_it(self, work: _Count[C]) -> bool:
        base = work.base
        if base is None or work.changed or work.is_anew or base.trained_at is None:
            return True
        return self.now() - base.trained_at >= MAX_MODEL_AGE

    def _written(self, work: _Count[C]) -> ModelManifest:
        """Write the objects; answer the pointer that is to point to them."""
        base = work.base
        old = base.abandoned if base and not work.finished else frozenset()
        pointer = ModelManifest(
            run=work.run,
            epoch=work.epoch,
            abandoned=old,
            counts=self.archive.write("counts", work.run, work.counts.to_bytes()),
            model=base.model if base else None,
            previous=base.previous if base else None,
            version=base.version if base else None,
            trained_at=base.trained_at if base else None,
            users=work.users,
            titles=base.titles if base else 0,
            favourites=work.favourites,
            etag=base.etag if base else None,
        )
        if not work.finished and self._is_young(base):
            return pointer
        titles = list(self.titles.all())
        if not titles:
            return pointer
        trained_at = self.now()
        version = f"{trained_at:%Y%m%dT%H%M%SZ}-{work.run[-6:]}"
        content = self.learner.model(work.counts, titles, version, trained_at)
        return replace(
            pointer,
            model=self.archive.write("models", version, content),
            previous=pointer.model,
            version=version,
            trained_at=trained_at,
            titles=len(titles),
        )

    def _is_young(self, base: ModelManifest | None) -> bool:
        """Return whether a model stands that is good enough until everybody has been counted."""
        if base is None or base.trained_at is None:
            return False
        return self.now() - base.trained_at < MAX_MODEL_AGE

    def _announce(self, pointer: ModelManifest) -> None:
        if pointer.version and pointer.version != self.log.announced():
            self.log.announce(pointer.version, model_trained(pointer))
