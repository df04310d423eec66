"""Training runs: exact counts wherever a run dies, and only complete models are published."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.adapters.dynamodb.training_log import LEASE_TTL
from recommender.domain.taste import ListEntry, TasteList
from recommender.domain.training_state import Keys
from recommender.events.factory import model_trained
from recommender.events.published import ModelTrained
from recommender.use_cases import train_model
from recommender.use_cases.train_model import (
    MAX_MODEL_AGE,
    RESERVED_SECONDS,
    TrainingOutcome,
    TrainingReport,
    TrainModel,
)
from tests.fakes.clock import FakeClock, FakeIds
from tests.fakes.recommender import (
    FakeCounts,
    FakeLog,
    FakeModelStore,
    FakeTastes,
    FakeTitleStore,
    FakeTrainer,
    Fuse,
    Interrupted,
    Interrupting,
    movie,
    title,
)

AMPLE_SECONDS = 900.0


@dataclass
class TrainingScenario:
    """The use case over fakes."""

    now: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.tastes = FakeTastes(self.now, FakeIds(self.now))
        self.log = FakeLog(self.tastes)
        self.titles = FakeTitleStore.of(*(title(movie(number)) for number in range(1, 6)))
        self.store = FakeModelStore()

    def train(
        self, *, time_left: float = AMPLE_SECONDS, anew: bool = False, fuse: Fuse | None = None
    ) -> TrainingReport:
        self.now.advance(seconds=1)
        wrap: Callable[[Any], Any] = lambda port: Interrupting(port, fuse) if fuse else port  # noqa: E731
        train = TrainModel(
            runs=wrap(self.log),
            dirty_users=wrap(self.log),
            outbox=wrap(self.log),
            tastes=wrap(self.tastes),
            titles=self.titles,
            store=wrap(self.store),
            trainer=FakeTrainer(),
            model_trained=model_trained,
            now=self.now,
            new_id=FakeIds(self.now),
        )
        return train(lambda: time_left, anew=anew)

    def like(self, user: str, *numbers: int) -> None:
        self.now.advance(seconds=1)
        for number in numbers:
            self.tastes.add_entry(user, TasteList.FAVOURITES, ListEntry(movie(number), self.now()))

    def unlike(self, user: str, number: int) -> None:
        entry = self.tastes.entries[user, TasteList.FAVOURITES, movie(number)]
        assert entry.added_at
        self.tastes.remove_entry(user, TasteList.FAVOURITES, entry.key, entry.added_at)

    def erase(self, user: str) -> None:
        self.tastes.block(user)
        self.tastes.erase(user)

    def counts(self) -> dict[str, int]:
        pointer = self.store.manifest
        assert pointer
        return dict(FakeTrainer().parse(self.store.read(pointer.counts)).pairs)

    def expected_counts(self) -> dict[str, int]:
        everybody: list[tuple[Keys, Keys]] = [
            (frozenset(), self.tastes.favourites(user)) for user in self.tastes.list_users()
        ]
        return dict(FakeCounts().changed(everybody).pairs)

    def published(self) -> list[str]:
        data = [event.data for event in self.log.outbox]
        return [event.model_version for event in data if isinstance(event, ModelTrained)]


@pytest.fixture
def scenario() -> TrainingScenario:
    scenario = TrainingScenario()
    scenario.like("ann", 1, 2, 3)
    scenario.like("bob", 2, 3)
    return scenario


def test_bounds_pending_changes_by_favourites(
    scenario: TrainingScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_model, "USERS_PER_BATCH", 1)
    monkeypatch.setattr(train_model, "MAX_PENDING_FAVOURITES", 4)
    for user in ("cid", "dan", "eve"):
        scenario.like(user, 1, 2, 3, 4, 5)
    portions: list[int] = []
    changed = FakeCounts.changed

    def seen(counts: FakeCounts, changes: Sequence[tuple[Keys, Keys]]) -> FakeCounts:
        portions.append(sum(len(before) + len(after) for before, after in changes))
        return changed(counts, changes)

    monkeypatch.setattr(FakeCounts, "changed", seen)
    scenario.train()

    assert sum(portions) == 5 + 3 * 5
    assert max(portions) < 4 + 5
    assert scenario.counts() == scenario.expected_counts()


def test_the_first_run_counts_everybody_and_publishes(
    scenario: TrainingScenario,
) -> None:
    report = scenario.train()

    pointer = scenario.store.manifest
    assert report.outcome is TrainingOutcome.TRAINED
    assert pointer
    assert pointer == report.manifest
    assert (pointer.users, pointer.favourites, pointer.titles) == (2, 5, 5)
    assert pointer.model
    assert scenario.store.read(pointer.model)
    assert scenario.counts() == scenario.expected_counts()
    assert scenario.published() == [pointer.version]


def test_a_later_run_counts_only_what_changed(scenario: TrainingScenario) -> None:
    scenario.train()
    scenario.like("bob", 4)
    scenario.unlike("ann", 1)
    scenario.like("cid", 5)

    report = scenario.train()

    assert report.changed_users == 3
    assert scenario.counts() == scenario.expected_counts()
    assert report.manifest
    assert (report.manifest.users, report.manifest.favourites) == (3, 6)


def test_a_run_without_changes_ends_at_once(scenario: TrainingScenario) -> None:
    first = scenario.train()

    report = scenario.train()

    assert report.outcome is TrainingOutcome.UNCHANGED
    assert scenario.store.manifest == first.manifest
    assert scenario.published() == [first.manifest.version if first.manifest else None]


def test_retrains_a_model_that_is_a_day_old(scenario: TrainingScenario) -> None:
    scenario.train()
    scenario.titles.known[movie(6)] = title(movie(6))
    scenario.now.advance(seconds=MAX_MODEL_AGE.total_seconds())

    report = scenario.train()

    assert report.outcome is TrainingOutcome.TRAINED
    assert report.manifest
    assert report.manifest.titles == 6
    assert scenario.counts() == scenario.expected_counts()


def test_the_manifest_names_the_previous_model(scenario: TrainingScenario) -> None:
    first = scenario.train().manifest
    scenario.like("bob", 4)

    second = scenario.train().manifest

    assert first
    assert second
    assert second.previous == first.model
    assert second.model != first.model


def test_subtracts_an_erased_user(
    scenario: TrainingScenario,
) -> None:
    scenario.train()
    scenario.erase("ann")

    scenario.train()

    assert scenario.counts() == scenario.expected_counts()
    assert "ann" not in scenario.tastes.counts_of
    assert scenario.tastes.marks == {}


def test_subtracts_a_user_erased_during_the_run(
    scenario: TrainingScenario,
) -> None:
    class ErasedMeanwhile(FakeTitleStore):
        def list_all(self) -> Any:  # noqa: ANN401
            scenario.erase("ann")
            yield from self.known.values()

    scenario.titles = ErasedMeanwhile(scenario.titles.known)
    scenario.train()
    assert "ann" in scenario.tastes.counts_of

    scenario.titles = FakeTitleStore(scenario.titles.known)
    scenario.train()

    assert scenario.counts() == scenario.expected_counts()
    assert "ann" not in scenario.tastes.counts_of


def test_counts_users_without_titles_and_trains_nothing(scenario: TrainingScenario) -> None:
    scenario.titles.known.clear()

    report = scenario.train()

    assert report.outcome is TrainingOutcome.COUNTED
    assert report.manifest
    assert report.manifest.model is None
    assert scenario.published() == []


def test_allows_one_run_at_a_time(scenario: TrainingScenario) -> None:
    assert scenario.log.begin("another", scenario.now()) == []

    assert scenario.train().outcome is TrainingOutcome.BUSY
    assert scenario.store.manifest is None


def test_a_dead_run_blocks_until_its_lease_expires(scenario: TrainingScenario) -> None:
    scenario.log.begin("dead", scenario.now())
    scenario.now.advance(seconds=LEASE_TTL.total_seconds())

    assert scenario.train().outcome is TrainingOutcome.TRAINED


def test_a_short_run_leaves_the_rest_to_the_next(scenario: TrainingScenario) -> None:
    scenario.train()
    scenario.like("cid", 1)

    report = scenario.train(time_left=RESERVED_SECONDS - 1)

    assert report.is_partial
    assert "cid" in scenario.tastes.marks
    assert scenario.train().changed_users == 1
    assert scenario.counts() == scenario.expected_counts()


def test_recounts_when_the_counts_are_corrupt(
    scenario: TrainingScenario,
) -> None:
    scenario.train()
    scenario.like("ann", 4)
    pointer = scenario.store.manifest
    assert pointer
    scenario.store.objects[pointer.counts.key] = b"half of it"

    scenario.train()

    assert scenario.counts() == scenario.expected_counts()
    assert scenario.store.manifest
    assert scenario.store.manifest.epoch > pointer.epoch


def test_counting_anew_discards_what_was_counted(scenario: TrainingScenario) -> None:
    scenario.train()
    scenario.tastes.counts_of["ann"] = replace(
        scenario.tastes.counts_of["ann"], keys=frozenset({movie(5)})
    )

    report = scenario.train(anew=True)

    assert report.manifest
    assert (report.manifest.users, report.manifest.favourites) == (2, 5)
    assert scenario.counts() == scenario.expected_counts()


def test_runs_that_die_one_after_another_once_they_are_published_stay_counted(
    scenario: TrainingScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm = scenario.log.confirm
    for user in ("cid", "dan"):
        scenario.like(user, 1)
        earlier = scenario.store.manifest.run if scenario.store.manifest else ""

        def die(runs: Sequence[str], earlier: str = earlier) -> None:
            if set(runs) - {earlier}:
                raise Interrupted
            confirm(runs)

        monkeypatch.setattr(scenario.log, "confirm", die)
        with pytest.raises(Interrupted):
            scenario.train()
        scenario.now.advance(seconds=LEASE_TTL.total_seconds() + 1)
        assert scenario.counts() == scenario.expected_counts()
    monkeypatch.undo()

    scenario.train()

    assert scenario.counts() == scenario.expected_counts()


STEPS = st.sampled_from(["like", "unlike", "erase", "train", "anew"])


@example(steps=[("like", "a", 1, 0), ("train", "a", 1, 21), ("anew", "a", 1, 19)])
@given(
    steps=st.lists(
        st.tuples(STEPS, st.sampled_from("abcd"), st.integers(1, 5), st.integers(0, 60)),
        max_size=20,
    )
)
def test_counts_equal_favourites_wherever_runs_die(
    steps: list[tuple[str, str, int, int]],
) -> None:
    scenario = TrainingScenario()

    for step, user, number, length in steps:
        if step == "like":
            scenario.like(user, number)
        elif step == "unlike":
            if (user, TasteList.FAVOURITES, movie(number)) in scenario.tastes.entries:
                scenario.unlike(user, number)
        elif step == "erase":
            scenario.erase(user)
        else:
            try:
                scenario.train(anew=step == "anew", fuse=Fuse(length))
            except Interrupted:
                scenario.now.advance(seconds=LEASE_TTL.total_seconds() + 1)

    scenario.now.advance(seconds=LEASE_TTL.total_seconds() + 1)
    scenario.train()
    scenario.now.advance(seconds=MAX_MODEL_AGE.total_seconds())
    report = scenario.train()

    assert report.outcome is TrainingOutcome.TRAINED
    assert scenario.counts() == scenario.expected_counts()
    assert scenario.tastes.marks == {}
    assert scenario.log.runs == set()
    assert scenario.store.manifest
    assert scenario.store.manifest.abandoned == frozenset()
    assert scenario.published()[-1] == scenario.store.manifest.version
    assert len(scenario.published()) == len(set(scenario.published()))


@pytest.mark.parametrize("length", range(60))
def test_the_next_run_repairs_a_run_that_died_anywhere(
    length: int, scenario: TrainingScenario
) -> None:
    scenario.train()
    scenario.like("bob", 4)
    scenario.unlike("ann", 1)
    scenario.like("cid", 5)
    scenario.erase("bob")
    try:
        scenario.train(fuse=Fuse(length))
    except Interrupted:
        scenario.now.advance(seconds=LEASE_TTL.total_seconds())

    scenario.train()

    assert scenario.counts() == scenario.expected_counts()
    assert scenario.tastes.marks == {}
    assert scenario.store.manifest
    assert scenario.published()[-1] == scenario.store.manifest.version


def test_the_same_model_has_the_same_event(scenario: TrainingScenario) -> None:
    scenario.train()
    [first] = scenario.log.outbox
    scenario.log.told = None

    scenario.now.advance(seconds=timedelta(hours=1).total_seconds())
    scenario.train()

    assert scenario.log.outbox[-1].metadata.event_id == first.metadata.event_id
