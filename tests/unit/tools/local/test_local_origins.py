"""Web origins that `make run ORIGINS=...` adds, for good."""

from pathlib import Path

import pytest

from tools.local.origins import allowed_origins, keep_origins

TEMPLATE = """\
Parameters:
  AllowedOrigins: {Type: String, Default: 'https://movierec.net,http://localhost:3000'}
Resources: {}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


def test_without_an_addition_the_template_decides(template: Path, tmp_path: Path) -> None:
    keep_origins(tmp_path / "origins", "")

    assert allowed_origins(template, tmp_path / "origins") == ()
    assert not (tmp_path / "origins").exists()


def test_an_added_origin_is_allowed_at_every_later_start(template: Path, tmp_path: Path) -> None:
    file = tmp_path / "origins"
    keep_origins(file, "http://localhost:4200/, http://192.168.1.7:8081")
    keep_origins(file, "")
    keep_origins(file, "http://localhost:4200,http://localhost:3000")

    assert allowed_origins(template, file) == (
        "https://movierec.net",
        "http://localhost:3000",
        "http://localhost:4200",
        "http://192.168.1.7:8081",
    )


@pytest.mark.parametrize("added", ["*", "localhost:4200", "http://localhost:4200/app", "http://*"])
def test_what_is_no_origin_is_refused_and_not_kept(added: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        keep_origins(tmp_path / "origins", f"http://localhost:1,{added}")

    assert not (tmp_path / "origins").exists()
