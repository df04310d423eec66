"""Train a model from an export of all favourites, beyond what one invocation can count.

The manifest keeps the counts of `TrainModel`, which go on as they were if it trains again. If there
are none, it names counts that do not exist: `TrainModel` then counts from scratch.
"""

from dataclasses import dataclass, replace

from matinee.clock import Clock, utc_now
from matinee.ids import NewId, new_id
from recommender.domain.training_state import ModelManifest, StoredObject, model_version
from recommender.ports import ExportTrainer, ModelEvents, ModelOutbox, ModelStore

NO_COUNTS = StoredObject("counts/none", "", 0)


@dataclass(frozen=True, slots=True)
class TrainFromExport:
    """Trains and publishes a model."""

    outbox: ModelOutbox
    store: ModelStore
    trainer: ExportTrainer
    model_trained: ModelEvents
    now: Clock = utc_now
    new_id: NewId = new_id

    def __call__(self) -> ModelManifest:
        """Return what is published; raise ManifestConflict if another run has published since."""
        run, trained_at = self.new_id(), self.now()
        base = self.store.current()
        version = model_version(run, trained_at)
        trained = self.trainer.train(version, trained_at)
        known = base or ModelManifest(run=run, epoch=run, abandoned=frozenset(), counts=NO_COUNTS)
        published = self.store.publish(
            replace(
                known,
                model=self.store.write("models", version, trained.content),
                previous=known.model,
                version=version,
                trained_at=trained_at,
                titles=trained.titles,
            )
        )
        told = replace(published, users=trained.users, favourites=trained.favourites)
        self.outbox.publish_once(version, self.model_trained(told))
        self.store.prune(published)
        return published
