from pathlib import Path

import pytest

from tools.tmdb.__main__ import _parser, main


def test_the_defaults_are_the_documented_ones() -> None:
    wanted = _parser().parse_args([])

    assert (wanted.host, wanted.port) == ("127.0.0.1", 4568)
    assert (wanted.films, wanted.series, wanted.rate_limit) == (5_000, 1_500, 40)
    assert (wanted.catalogue, wanted.keys) == (None, None)


def test_every_option_is_read() -> None:
    arguments = (
        "--port 0 --films 100000 --series 0 --seed 7 --rate-limit 0 --catalogue a.jsonl "
        "--keys one,two --host 127.0.0.1"
    )

    wanted = _parser().parse_args(arguments.split())

    assert (wanted.port, wanted.films, wanted.series, wanted.seed) == (0, 100_000, 0, 7)
    assert (wanted.rate_limit, wanted.catalogue) == (0, Path("a.jsonl"))
    assert wanted.keys == {"one", "two"}


@pytest.mark.parametrize(
    "arguments",
    [
        "--host 0.0.0.0",
        "--host localhost",
        "--port 70000",
        "--films -1",
        "--films many",
        "--rate-limit -1",
        "--rate-limit inf",
        "--unknown",
    ],
)
def test_an_argument_that_makes_no_sense_is_refused_with_status_2(
    arguments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments.split())

    assert left.value.code == 2
    assert "usage: python -m tools.tmdb" in capsys.readouterr().err
