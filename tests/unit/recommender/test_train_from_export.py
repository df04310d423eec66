"""Training from an export: what is published beside the counts of the hourly trainer."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from recommender.domain.taste import ListEntry, TasteList
from recommender.domain.training_state import ManifestConflict, ModelManifest, TrainedModel
from recommender.events.factory import model_trained
from recommender.events.published import ModelTrained
from recommender.use_cases.train_from_export import TrainFromExport
from recommender.use_cases.train_model import TrainingOutcome, TrainModel
from tests.fakes.clock import FakeClock, FakeIds
from tests.fakes.recommender import (
    FakeLog,
    FakeModelStore,
    FakeTastes,
    FakeTitleStore,
    FakeTrainer,
    movie,
    title,
)


@dataclass
class Exported:
    """A trainer whose model is known, and that may be overtaken while it trains."""

    store: FakeModelStore
    overtaken: bool = False

    def train(self, version: str, trained_at: datetime) -> TrainedModel:  # noqa: ARG002 - fixed
        if self.overtaken and self.store.manifest:
            self.store.publish(replace(self.store.manifest, version="another"))
        return TrainedModel(f"of {version}".encode(), users=3, favourites=7, titles=5)


@dataclass
class Scenario:
    """Both trainers over the same fakes."""

    now: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.new_id = FakeIds(self.now)
        self.tastes = FakeTastes(self.now, self.new_id)
        self.log = FakeLog(self.tastes)
        self.store = FakeModelStore()
        self.exported = Exported(self.store)

    def from_export(self) -> ModelManifest:
        self.now.advance(seconds=1)
        return TrainFromExport(
            self.log, self.store, self.exported, model_trained, self.now, self.new_id
        )()

    def hourly(self) -> TrainModel:  # type: ignore[type-arg] # of the fake's data
        self.now.advance(seconds=1)
        titles = FakeTitleStore.of(*(title(movie(n)) for n in range(1, 6)))
        return TrainModel(
            self.log,
            self.log,
            self.log,
            self.tastes,
            titles,
            self.store,
            FakeTrainer(),
            model_trained,
            self.now,
            self.new_id,
        )

    def like(self, user: str, *numbers: int) -> None:
        for number in numbers:
            self.tastes.add_entry(user, TasteList.FAVOURITES, ListEntry(movie(number), self.now()))


def test_publishes_the_model_and_its_event_once() -> None:
    scenario = Scenario()

    published = scenario.from_export()

    assert published.model is not None
    assert scenario.store.read(published.model) == f"of {published.version}".encode()
    assert scenario.store.current() == published
    (event,) = scenario.log.outbox
    assert isinstance(event.data, ModelTrained)
    assert event.data.model_version == published.version
    assert (event.data.users, event.data.favourites, event.data.titles) == (3, 7, 5)


def test_the_hourly_trainer_goes_on_with_its_counts() -> None:
    scenario = Scenario()
    scenario.like("Ann", 1, 2)
    first = scenario.hourly()(lambda: 900.0).manifest
    assert first is not None

    published = scenario.from_export()
    scenario.like("Bob", 2, 3)
    report = scenario.hourly()(lambda: 900.0)

    assert published.previous == first.model
    assert (published.counts, published.users) == (first.counts, first.users)
    assert report.outcome is TrainingOutcome.TRAINED
    assert report.manifest is not None
    assert (report.manifest.users, report.manifest.favourites) == (2, 4)
    assert report.manifest.previous == published.model


def test_without_counts_the_hourly_trainer_counts_everybody() -> None:
    scenario = Scenario()
    scenario.like("Ann", 1, 2)
    scenario.tastes.marks.clear()

    scenario.from_export()
    report = scenario.hourly()(lambda: 900.0)

    assert report.changed_users == 1
    assert report.manifest is not None
    assert (report.manifest.users, report.manifest.favourites) == (1, 2)


def test_replaces_no_model_that_was_published_meanwhile() -> None:
    scenario = Scenario()
    scenario.from_export()
    scenario.exported.overtaken = True

    with pytest.raises(ManifestConflict):
        scenario.from_export()

    assert scenario.store.manifest is not None
    assert scenario.store.manifest.version == "another"
    assert len(scenario.log.outbox) == 1
