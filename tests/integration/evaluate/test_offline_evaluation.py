"""The evaluation serves what a request would be served, from files of the published format."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from matinee.media import MediaType, TitleKey
from recommender.domain.taste import ListEntry
from tools.evaluate import __main__ as evaluate
from tools.evaluate import sittings, synthetic, tune
from tools.evaluate.files import Histories, read_catalogue, read_favourites
from tools.evaluate.measures import Measurement, gain, measure
from tools.evaluate.protocols import NEXT_SITTING, inner_splits, next_sitting, time_cut
from tools.evaluate.served import Served, serve
from tools.evaluate.sittings import simulate
from tools.evaluate.synthetic import Cinema, write

CINEMA = Cinema(400, themes=8)
USERS = 150


def keys(entries: Iterable[ListEntry]) -> list[TitleKey]:
    return [entry.key for entry in entries]


def measured(found: Measurement | None) -> Measurement:
    assert found is not None
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write(tmp_path_factory.mktemp("invented"), CINEMA, USERS)


@pytest.fixture(scope="module")
def few_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write(tmp_path_factory.mktemp("few"), Cinema(120, themes=8), users=24)


def run(
    monkeypatch: pytest.MonkeyPatch,
    main: Callable[[], int],
    files: tuple[Path, Path],
    *options: str | Path,
) -> None:
    catalogue, favourites = files
    command = ("", "--catalogue", catalogue, "--favourites", favourites, *options)
    monkeypatch.setattr(sys, "argv", [*map(str, command)])
    assert main() == 0


def lists(path: Path) -> dict[int, list[int]]:
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {row["userId"]: row["items"] for row in rows}


def test_every_user_gets_twenty_titles_new_to_them(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue, favourites = files
    out = tmp_path / "recs.jsonl"

    run(monkeypatch, evaluate.main, files, "--out", out)

    found, known = lists(out), read_favourites(favourites)
    assert found.keys() == known.train.keys()
    titles = {key.id for key in read_catalogue(catalogue).titles}
    for user, items in found.items():
        assert len(set(items)) == len(items) == 20
        assert not set(items) & {entry.key.id for entry in known.train[user]}
        assert set(items) <= titles


def test_what_can_be_learnt_is_learnt(files: tuple[Path, Path]) -> None:
    catalogue, histories = read_catalogue(files[0]), read_favourites(files[1])
    best = [title.key.id for title in catalogue.best(MediaType.MOVIE, None, 60)]

    served = serve(catalogue, [histories])

    learnt, unlearnt = (
        measured(measure(one, histories)).gain for one in (served, Served(catalogue, None))
    )
    popular = [
        gain([one for one in best if one not in own][:20], keys(histories.test[user]))
        for user, entries in histories.train.items()
        if (own := {entry.key.id for entry in entries}) is not None
    ]
    assert learnt > 1.5 * sum(popular) / len(popular)
    assert learnt > unlearnt


def test_further_favourites_may_train_but_are_served_to_nobody(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue, favourites = files
    header, *rows = favourites.read_text(encoding="utf-8").splitlines()
    parts = [tmp_path / "mine.csv", tmp_path / "others.csv.gz"]
    mine = [row for row in rows if int(row.split(",")[0]) <= 50]
    others = [row for row in rows if int(row.split(",")[0]) > 50]
    parts[0].write_text("\n".join((header, *mine)) + "\n", encoding="utf-8")
    parts[1].write_bytes(gzip.compress(("\n".join((header, *others)) + "\n").encode()))
    out, alone = tmp_path / "recs.jsonl", tmp_path / "alone.jsonl"
    common = (catalogue, parts[0])

    run(monkeypatch, evaluate.main, common, "--extra-train", parts[1], "--out", out)
    run(monkeypatch, evaluate.main, common, "--out", alone)

    assert set(lists(out)) == set(lists(alone)) == set(range(1, 51))
    assert lists(out) != lists(alone)


def test_users_can_be_served_as_if_little_were_known_of_them(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue, favourites = files
    whole, one, none = (tmp_path / name for name in ("whole", "one", "none"))

    run(monkeypatch, evaluate.main, files, "--out", whole)
    run(monkeypatch, evaluate.main, files, "--latest", "1", "--out", one)
    run(monkeypatch, evaluate.main, files, "--no-model", "--out", none)

    assert lists(whole) != lists(one) != lists(none)
    known = read_favourites(favourites)
    for user, items in lists(one).items():
        assert len(items) == 20
        assert not set(items) & {entry.key.id for entry in known.train[user]}


def test_lists_can_keep_places_for_what_is_new_as_they_do_in_service(
    files: tuple[Path, Path],
) -> None:
    catalogue, whole = read_catalogue(files[0]), read_favourites(files[1])
    histories = Histories(dict(list(whole.train.items())[:10]))
    liked = {entry.key for one in histories.train.values() for entry in one}

    new = catalogue.with_new(20, [histories])
    served = serve(new, [histories])
    answers = [served.answer(favourites, 20) for favourites in histories.train.values()]

    released = [title.release_date for title in new.fresh]
    assert len(released) == 20
    assert released == sorted(released, key=str, reverse=True)
    assert not {title.key for title in new.fresh} & liked
    for answer in answers:
        assert sum(item.new for item in answer.items) == 2
    assert not catalogue.with_new(0, [histories]).fresh


def test_titles_outside_the_evaluation_take_no_part(tmp_path: Path) -> None:
    rows = [{"id": 1, "title": "A", "ml": True}, {"id": 2, "title": "B", "ml": False}]
    path = tmp_path / "catalogue.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))

    assert list(read_catalogue(path).titles) == [TitleKey(MediaType.MOVIE, 1)]


def test_tuning_never_sees_the_test_events(files: tuple[Path, Path]) -> None:
    histories = read_favourites(files[1])

    for split in inner_splits(histories):
        for user, entries in split.train.items():
            known, held = set(keys(entries)), set(keys(split.test.get(user, ())))
            assert not (known | held) & set(keys(histories.test.get(user, ())))
            assert not known & held


def test_tuning_says_what_each_value_gives(
    few_files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(monkeypatch, tune.main, few_files, "--try", "neighbours=0,40")

    lines = capsys.readouterr().out.splitlines()
    tuned, without = (float(line[24:].split()[0]) for line in lines[1:])
    assert tuned > without


def test_leaving_out_parts_says_what_each_is_worth(
    few_files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(monkeypatch, tune.main, few_files, "--ablate")

    _, tuned, *without = capsys.readouterr().out.splitlines()
    assert [line[:24].strip() for line in without] == [f"without {name}" for name in tune.PARTS]
    assert all(line[24:] != tuned[24:] for line in without)


def favourites_at(*days: float) -> list[ListEntry]:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        ListEntry(TitleKey(MediaType.MOVIE, n), begin + timedelta(days=day))
        for n, day in enumerate(days, start=1)
    ]


def test_the_next_sitting_begins_at_least_a_day_later() -> None:
    same = favourites_at(1, 1.1, 1.2)
    later = favourites_at(1, 2 - 1e-6, 2)
    back = favourites_at(1, 2, 9)
    train = {1: same[:2], 2: later[:1], 3: back[:1]}

    split = next_sitting(Histories(train, {1: same[2:], 2: later[1:], 3: back[1:]}))

    assert split == Histories(train, {3: back[1:]})
    assert timedelta(days=1) == NEXT_SITTING


def test_a_cut_in_time_tells_nothing_of_what_comes_later() -> None:
    early, both, late = favourites_at(1, 2, 3), favourites_at(1, 4, 11, 12), favourites_at(10, 11)
    whole = Histories({1: early, 2: both[:3], 3: late}, {2: both[3:]})

    split = time_cut(whole)

    assert split.train == {1: early, 2: both[:2], 3: late[:1]}
    assert {user: later for user, later in split.test.items() if later} == {
        2: both[2:],
        3: late[1:],
    }


def test_measures_of_both_protocols_are_printed_by_what_is_known(
    few_files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(monkeypatch, evaluate.main, few_files, "--measure")

    lines = capsys.readouterr().out.splitlines()
    blocks = [line.split("NDCG")[0].strip() for line in lines if "NDCG@20" in line]
    assert blocks == ["held out", "next sitting", "time cut"]
    first = lines[1 : lines.index(next(one for one in lines[1:] if "NDCG@20" in one))]
    found = {line[:24].strip(): line[24:].split() for line in first}
    gain_of_one, gain_of_all = (float(found[name][0]) for name in ("latest 1 known", "all known"))
    low, high = map(float, found["all known"][1].split("-"))
    assert low < gain_of_all < high
    assert gain_of_one < gain_of_all
    users = [int(cells[-1]) for name, cells in found.items() if name.startswith("history")]
    assert sum(users) == int(found["all known"][-1])


def test_a_gain_is_one_for_the_ideal_list_and_zero_for_a_miss() -> None:
    truth = [TitleKey(MediaType.MOVIE, n) for n in (1, 2)]

    assert gain([1, 2, 3], truth) == pytest.approx(1.0)
    assert gain([3, 4], truth) == 0
    assert 0 < gain([3, 1], truth) < gain([1, 3], truth) < 1


def test_invented_files_are_the_same_for_the_same_seed(tmp_path: Path) -> None:
    again = [write(tmp_path / name, CINEMA, USERS, seed=4)[1].read_bytes() for name in ("a", "b")]

    assert again[0] == again[1]


def test_inventing_and_evaluating_work_from_a_command_line(tmp_path: Path) -> None:
    root = Path(synthetic.__file__).parents[2]
    command = [sys.executable, "-m", "tools.evaluate.synthetic", "--into", tmp_path]
    subprocess.run([*map(str, command), "--titles", "60", "--users", "20"], check=True, cwd=root)
    command = [sys.executable, "-m", "tools.evaluate", "--catalogue", tmp_path / "catalogue.jsonl"]
    more = ["--favourites", tmp_path / "favourites.csv", "--out", tmp_path / "recs.jsonl"]

    subprocess.run([*map(str, (*command, *more))], check=True, cwd=root, env={})

    assert len(lists(tmp_path / "recs.jsonl")) == 20


def test_a_sitting_tells_nothing_of_what_is_to_be_found(files: tuple[Path, Path]) -> None:
    catalogue, histories = read_catalogue(files[0]), read_favourites(files[1])
    last, before = inner_splits(histories)
    served = serve(catalogue, [before])

    simulated = simulate(served, histories, known=3)

    assert len(simulated) > USERS / 2
    for user, one in simulated.items():
        tested = set(keys(histories.test.get(user, ())))
        assert list(one.known) == list(before.train[user][-3:])
        assert set(one.later) <= set(keys(last.test[user]))
        assert not set(one.later) & (one.votes.keys() | tested)
        assert not one.votes.keys() & set(keys(before.train[user]))
        assert 0 < sum(one.votes.values()) < len(one.votes)
    assert simulated == simulate(served, histories, known=3)


def test_votes_change_the_lists_by_their_weights(
    few_files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(monkeypatch, sittings.main, few_files, "--yes", "0,0.5", "--no", "0,-0.5")

    heads, untaught, *taught = capsys.readouterr().out.splitlines()
    assert heads.split()[:6] == ["yes", "no", "1", "3", "10", "all"]
    assert untaught.split()[:2] == ["0.00", "0.00"]
    assert len(taught) == 3
    assert len({line[13:] for line in (untaught, *taught)}) == 4
