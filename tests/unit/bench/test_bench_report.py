"""A benchmark's report: what is printed is what is written."""

import json
import platform
from pathlib import Path

import pytest

from bench import summary
from bench.distribution import Distribution, percentile
from bench.report import Report, machine


@pytest.mark.parametrize(
    ("share", "value"), [(50, 5.0), (95, 10.0), (100, 10.0), (10, 1.0), (0, 1.0)]
)
def test_a_percentile_is_the_smallest_sufficient_value(share: float, value: float) -> None:
    assert percentile([float(n) for n in range(10, 0, -1)], share) == value


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="of nothing"):
        percentile([], 50)


def test_a_distribution_has_four_figures() -> None:
    assert Distribution.of([1, 2, 3, 10]) == Distribution(mean=4, p50=2, p95=10, max=10)
    assert Distribution.of([1234.5]).cells() == ["1,234", "1,234", "1,234"]


def test_what_was_printed_is_what_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report("python -m bench example", "An example")
    report.table(["name", "figure"], [["a", 1], ["longer", 22]])
    report.verdict("few", met=True, measured="1")
    report.verdict("none", met=False, measured="1")
    report.record("rows", [1, 2])
    report.write(tmp_path / "results", "example")

    printed = capsys.readouterr().out
    written = (tmp_path / "results" / "example.md").read_text()
    assert written.strip() == printed.strip()
    assert "`python -m bench example`" in written
    assert "| name   | figure |\n| ------ | -----: |\n| a      |      1 |" in written
    assert "- **PASS** few: 1" in written
    assert "- **MISS** none: 1" in written
    assert report.missed == 1
    figures = json.loads((tmp_path / "results" / "example.json").read_text())
    assert figures["rows"] == [1, 2]
    assert [target["met"] for target in figures["targets"]] == [True, False]


def test_the_machine_is_described_in_general_words_without_its_name() -> None:
    assert "cores" in machine()
    assert platform.node() not in machine()


def test_a_result_is_compared_with_the_one_before_it(tmp_path: Path) -> None:
    for value in (8.0, 4.0):
        report = Report("python -m bench example", "An example")
        report.headline("what it costs", value, "units")
        report.write(tmp_path, "example")

    written = (tmp_path / "example.md").read_text()
    assert "| what it costs | units |      8 |   4 |  0.50 |" in written
    figures = json.loads((tmp_path / "example.json").read_text())
    assert [each["headlines"][0]["value"] for each in figures["earlier"]] == [8.0]


def test_the_page_shows_quiet_busy_and_earlier_figures(tmp_path: Path) -> None:
    for folder, values in ((tmp_path, (0.5, 0.8)), (tmp_path / summary.BUSY, (0.4,))):
        for value in values:
            report = Report("python -m bench example", "An example")
            report.headline("share", value, "of the limit", more=True)
            report.verdict("all of it", met=value > 1, measured=f"{value:.0%}")
            report.write(folder, "example")

    page = summary.page(tmp_path, {"example": "An example", "not run": "Nothing"})

    row = next(line for line in page.splitlines() if "share" in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:] == ["share", "of the limit", "more", "0.8", "1.60", "0.4", "0.5"]
    assert page.rstrip().endswith("- example: all of it: 80%")
    assert "Minutes that the last run of each took" not in page


def test_the_page_says_how_long_each_took(tmp_path: Path) -> None:
    report = Report("python -m bench example", "An example")
    report.write(tmp_path, "example")
    assert json.loads((tmp_path / "example.json").read_text())["took"] >= 0
    (tmp_path / "example.json").write_text('{"seconds": [1], "took": 150}')
    assert "each took: example 2." in summary.page(tmp_path, {"example": "An example"})
