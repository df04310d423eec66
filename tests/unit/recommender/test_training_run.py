"""A training run: counted exactly, whatever it dies of; served only when it is whole."""

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

PLENTY = 900.0


@dataclass
class TrainingScenario:
    """A trainer over fakes."""

    now: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.tastes = FakeTastes(self.now, FakeIds(self.now))
        self.log = FakeLog(self.tastes)
        self.titles = FakeTitleStore.of(*(title(movie(number)) for number in range(1, 6)))
        self.store = FakeModelStore()

    def train(
        self, *, time_left: float = PLENTY, anew: bool = False, fuse: Fuse | None = None
    ) -> TrainingReport:
        self.now.advance(seconds=1)
        lit: Callable[[Any], Any] = lambda port: Interrupting(port, fuse) if fuse else port  # noqa: E731
        train = TrainModel(
            runs=lit(self.log),
            dirty_users=lit(self.log),
            outbox=lit(self.log),
            tastes=lit(self.tastes),
            titles=self.titles,
            store=lit(self.store),
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

    def told(self) -> list[str]:
        data = [event.data for event in self.log.outbox]
        return [event.model_version for event in data if isinstance(event, ModelTrained)]


@pytest.fixture
def school() -> TrainingScenario:
    school = TrainingScenario()
    school.like("ann", 1, 2, 3)
    school.like("bob", 2, 3)
    return school


def test_what_waits_to_be_counted_is_measured_in_favourites_not_in_users(
    school: TrainingScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_model, "USERS_AT_ONCE", 1)
    monkeypatch.setattr(train_model, "FAVOURITES_AT_ONCE", 4)
    for user in ("cid", "dan", "eve"):
        school.like(user, 1, 2, 3, 4, 5)
    portions: list[int] = []
    changed = FakeCounts.changed

    def seen(counts: FakeCounts, changes: Sequence[tuple[Keys, Keys]]) -> FakeCounts:
        portions.append(sum(len(before) + len(after) for before, after in changes))
        return changed(counts, changes)

    monkeypatch.setattr(FakeCounts, "changed", seen)
    school.train()

    assert sum(portions) == 5 + 3 * 5
    assert max(portions) < 4 + 5
    assert school.counts() == school.expected_counts()


def test_the_first_run_counts_everybody_and_lets_the_pointer_point(
    school: TrainingScenario,
) -> None:
    report = school.train()

    pointer = school.store.manifest
    assert report.outcome is TrainingOutcome.TRAINED
    assert pointer
    assert pointer == report.manifest
    assert (pointer.users, pointer.favourites, pointer.titles) == (2, 5, 5)
    assert pointer.model
    assert school.store.read(pointer.model)
    assert school.counts() == school.expected_counts()
    assert school.told() == [pointer.version]


def test_a_later_run_counts_what_changed_alone(school: TrainingScenario) -> None:
    school.train()
    school.like("bob", 4)
    school.unlike("ann", 1)
    school.like("cid", 5)

    report = school.train()

    assert report.changed_users == 3
    assert school.counts() == school.expected_counts()
    assert report.manifest
    assert (report.manifest.users, report.manifest.favourites) == (3, 6)


def test_a_run_to_which_nothing_changed_ends_at_once(school: TrainingScenario) -> None:
    first = school.train()

    report = school.train()

    assert report.outcome is TrainingOutcome.UNCHANGED
    assert school.store.manifest == first.manifest
    assert school.told() == [first.manifest.version if first.manifest else None]


def test_a_model_of_yesterday_is_made_anew_for_the_titles_sake(school: TrainingScenario) -> None:
    school.train()
    school.titles.known[movie(6)] = title(movie(6))
    school.now.advance(seconds=MAX_MODEL_AGE.total_seconds())

    report = school.train()

    assert report.outcome is TrainingOutcome.TRAINED
    assert report.manifest
    assert report.manifest.titles == 6
    assert school.counts() == school.expected_counts()


def test_the_model_before_is_named_beside_the_new_one(school: TrainingScenario) -> None:
    first = school.train().manifest
    school.like("bob", 4)

    second = school.train().manifest

    assert first
    assert second
    assert second.previous == first.model
    assert second.model != first.model


def test_who_is_erased_is_taken_out_of_the_counts_and_leaves_nothing(
    school: TrainingScenario,
) -> None:
    school.train()
    school.erase("ann")

    school.train()

    assert school.counts() == school.expected_counts()
    assert "ann" not in school.tastes.counts_of
    assert school.tastes.marks == {}


def test_who_is_erased_while_he_is_counted_is_taken_out_by_the_next_run(
    school: TrainingScenario,
) -> None:
    class ErasedMeanwhile(FakeTitleStore):
        def list_all(self) -> Any:  # noqa: ANN401
            school.erase("ann")
            yield from self.known.values()

    school.titles = ErasedMeanwhile(school.titles.known)
    school.train()
    assert "ann" in school.tastes.counts_of

    school.titles = FakeTitleStore(school.titles.known)
    school.train()

    assert school.counts() == school.expected_counts()
    assert "ann" not in school.tastes.counts_of


def test_without_titles_users_are_counted_and_no_model_is_made(school: TrainingScenario) -> None:
    school.titles.known.clear()

    report = school.train()

    assert report.outcome is TrainingOutcome.COUNTED
    assert report.manifest
    assert report.manifest.model is None
    assert school.told() == []


def test_two_runs_at_a_time_are_one(school: TrainingScenario) -> None:
    assert school.log.begin("another", school.now()) == []

    assert school.train().outcome is TrainingOutcome.BUSY
    assert school.store.manifest is None


def test_a_run_that_died_is_in_the_way_until_its_lease_is_over(school: TrainingScenario) -> None:
    school.log.begin("dead", school.now())
    school.now.advance(seconds=LEASE_TTL.total_seconds())

    assert school.train().outcome is TrainingOutcome.TRAINED


def test_a_run_whose_time_is_short_leaves_the_rest_to_the_next(school: TrainingScenario) -> None:
    school.train()
    school.like("cid", 1)

    report = school.train(time_left=RESERVED_SECONDS - 1)

    assert report.is_partial
    assert "cid" in school.tastes.marks
    assert school.train().changed_users == 1
    assert school.counts() == school.expected_counts()


def test_counts_that_are_broken_are_made_anew_of_the_stored_tastes(
    school: TrainingScenario,
) -> None:
    school.train()
    school.like("ann", 4)
    pointer = school.store.manifest
    assert pointer
    school.store.objects[pointer.counts.key] = b"half of it"

    school.train()

    assert school.counts() == school.expected_counts()
    assert school.store.manifest
    assert school.store.manifest.epoch > pointer.epoch


def test_counting_anew_forgets_what_was_counted(school: TrainingScenario) -> None:
    school.train()
    school.tastes.counts_of["ann"] = replace(
        school.tastes.counts_of["ann"], keys=frozenset({movie(5)})
    )

    report = school.train(anew=True)

    assert report.manifest
    assert (report.manifest.users, report.manifest.favourites) == (2, 5)
    assert school.counts() == school.expected_counts()


STEPS = st.sampled_from(["like", "unlike", "erase", "train", "anew"])


@example(steps=[("like", "a", 1, 0), ("train", "a", 1, 21), ("anew", "a", 1, 19)])
@given(
    steps=st.lists(
        st.tuples(STEPS, st.sampled_from("abcd"), st.integers(1, 5), st.integers(0, 60)),
        max_size=20,
    )
)
def test_wherever_runs_die_the_counts_are_those_of_the_favourites(
    steps: list[tuple[str, str, int, int]],
) -> None:
    school = TrainingScenario()

    for step, user, number, length in steps:
        if step == "like":
            school.like(user, number)
        elif step == "unlike":
            if (user, TasteList.FAVOURITES, movie(number)) in school.tastes.entries:
                school.unlike(user, number)
        elif step == "erase":
            school.erase(user)
        else:
            try:
                school.train(anew=step == "anew", fuse=Fuse(length))
            except Interrupted:
                school.now.advance(seconds=LEASE_TTL.total_seconds() + 1)

    school.now.advance(seconds=LEASE_TTL.total_seconds() + 1)
    school.train()
    school.now.advance(seconds=MAX_MODEL_AGE.total_seconds())
    report = school.train()

    assert report.outcome is TrainingOutcome.TRAINED
    assert school.counts() == school.expected_counts()
    assert school.tastes.marks == {}
    assert school.log.runs == set()
    assert school.store.manifest
    assert school.store.manifest.abandoned == frozenset()
    assert school.told()[-1] == school.store.manifest.version
    assert len(school.told()) == len(set(school.told()))


@pytest.mark.parametrize("length", range(60))
def test_a_run_that_dies_anywhere_is_made_good_by_the_next(
    length: int, school: TrainingScenario
) -> None:
    school.train()
    school.like("bob", 4)
    school.unlike("ann", 1)
    school.like("cid", 5)
    school.erase("bob")
    try:
        school.train(fuse=Fuse(length))
    except Interrupted:
        school.now.advance(seconds=LEASE_TTL.total_seconds())

    school.train()

    assert school.counts() == school.expected_counts()
    assert school.tastes.marks == {}
    assert school.store.manifest
    assert school.told()[-1] == school.store.manifest.version


def test_the_same_model_is_told_of_with_the_same_event(school: TrainingScenario) -> None:
    school.train()
    [first] = school.log.outbox
    school.log.told = None

    school.now.advance(seconds=timedelta(hours=1).total_seconds())
    school.train()

    assert school.log.outbox[-1].metadata.event_id == first.metadata.event_id
