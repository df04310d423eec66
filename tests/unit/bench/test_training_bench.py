"""What the benchmark of training measures, and what is left when it is interrupted."""

from pathlib import Path
from statistics import median

import pytest

from bench import training
from bench.crowd import crowd
from bench.report import Report, Settings, earlier
from bench.training import SIZES, TRAINERS, chosen
from matinee.media import TitleKey
from tools.evaluate.synthetic import Cinema

CINEMA = Cinema(1_000, themes=20)


def test_a_crowd_has_the_lengths_and_leanings_of_single_users() -> None:
    many = list(crowd(CINEMA, 2_000))
    single = list(CINEMA.histories(2_000))

    assert median(map(len, many)) == pytest.approx(median(map(len, single)), rel=0.1)
    assert _share_of_best(many) == pytest.approx(_share_of_best(single), rel=0.05)
    assert all(len({(key.id - 1) % CINEMA.themes for key in one}) <= 3 for one in many)
    assert all(len(set(one)) == len(one) for one in many)


def _share_of_best(users: list[list[TitleKey]]) -> float:
    found = [key.id <= 100 for one in users for key in one]
    return sum(found) / len(found)


def test_a_crowd_is_the_same_for_the_same_seed() -> None:
    first = list(crowd(CINEMA, 30))

    assert list(crowd(CINEMA, 30)) == first
    assert list(crowd(CINEMA, 30, seed=2)) != first
    assert any(one != sorted(one) for one in first)


def test_a_size_and_a_trainer_can_be_chosen() -> None:
    assert chosen(["500", "spark"]) == [(500, "spark")]
    assert chosen(["spark"]) == [(size, "spark") for size in SIZES]
    assert chosen(["500"]) == [(500, trainer) for trainer in TRAINERS]
    assert len(chosen([])) == len(SIZES) * len(TRAINERS)
    with pytest.raises(ValueError, match="spork"):
        chosen(["spork"])


def test_an_interruption_leaves_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trainer(users: int, _: Path) -> training.Figures:
        if users == 3:
            raise KeyboardInterrupt
        return {"model": "m", "favourites": 30 * users, "train": 1.0, "memory": 9.0}

    monkeypatch.setattr(training, "TRAINERS", {"one": trainer, "other": trainer})
    monkeypatch.setattr(training, "_alone", lambda function, *given: function(*given))

    def measure(*only: str) -> None:
        training.run(Settings(only=only, results=tmp_path), Report("command", "title"))

    measure("1", "one")
    with pytest.raises(KeyboardInterrupt):
        measure("2", "3")

    stored = earlier(tmp_path, "training")["sizes"]
    assert [(one["users"], one["trainer"]) for one in stored] == [
        (1, "one"),
        (2, "one"),
        (2, "other"),
    ]
    assert (tmp_path / "training.md").read_text().count("\n| o") == 3
