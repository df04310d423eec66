"""What one stack is made of, and what its processes may know of their surroundings."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools.local.emulator import emulator_environment
from tools.local.ports import Ports
from tools.local.settings import Folders, StackSettings, StateFolderError, child_environment

FOLDERS = Folders(Path("/somewhere/.local"))
SETTINGS = StackSettings(
    folders=FOLDERS,
    ports=Ports(1, 2, 3, 4),
    template=Path("/somewhere/template.yaml"),
)


def test_the_functions_are_told_where_the_local_parts_are() -> None:
    assert SETTINGS.parameters() == {
        "Stage": "local",
        "Emulator": "true",
        "AutoConfirm": "true",
        "TmdbBaseUrl": "http://127.0.0.1:3/3",
        "TmdbApiKey": "local",
        "GraphqlUrl": "http://127.0.0.1:2/graphql",
        "SubscriberAccounts": "222222222222",
    }


def test_codes_are_asked_for_when_accounts_are_verified() -> None:
    assert replace(SETTINGS, verify=True).parameters()["AutoConfirm"] == "false"


def test_added_origins_are_allowed_by_the_gateway_and_the_functions() -> None:
    settings = replace(SETTINGS, origins=("http://localhost:3000", "http://localhost:4200"))
    assert settings.parameters()["AllowedOrigins"] == "http://localhost:3000,http://localhost:4200"


def test_with_a_key_the_real_tmdb_is_used_and_no_stand_in_started() -> None:
    settings = replace(SETTINGS, tmdb_api_key="k")
    assert settings.parameters()["TmdbBaseUrl"] == "https://api.themoviedb.org/3"
    assert settings.parameters()["TmdbApiKey"] == "k"
    assert "TMDB stand-in" not in settings.wanted_ports()


def test_each_part_wants_its_port() -> None:
    assert SETTINGS.wanted_ports() == {
        "AWS emulator": 1,
        "GraphQL endpoint": 2,
        "GraphQL endpoint with TLS": 4,
        "TMDB stand-in": 3,
    }


def test_nothing_of_a_developers_own_aws_account_reaches_a_child() -> None:
    own = {
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL_DYNAMODB": "https://elsewhere",
        "TMDB_API_KEY": "secret",
        "PATH": "/bin",
    }
    environment = child_environment(FOLDERS, own)
    assert environment["AWS_ACCESS_KEY_ID"] == "test"
    assert environment["AWS_CONFIG_FILE"] == "/dev/null"
    assert environment["PATH"] == "/bin"
    left = {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_DYNAMODB", "TMDB_API_KEY"}
    assert not left & environment.keys()


def test_a_proxy_is_kept_for_the_world_but_not_for_this_machine() -> None:
    own = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "intranet"}
    environment = child_environment(FOLDERS, own)
    assert environment["HTTPS_PROXY"] == "http://proxy:3128"
    assert environment["NO_PROXY"] == "127.0.0.1,localhost,::1,intranet"
    assert environment["no_proxy"] == environment["NO_PROXY"]


def test_everything_that_the_emulator_writes_stays_in_the_stacks_folder() -> None:
    environment = emulator_environment(SETTINGS, child_environment(FOLDERS, {}))
    for name in ("TMPDIR", "STATE_DIR", "S3_DATA_DIR"):
        assert Path(environment[name]).is_relative_to(FOLDERS.home)
    assert environment["BIND_HOST"] == "127.0.0.1"
    assert environment["PERSIST_STATE"] == "1"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"


def test_the_folders_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "new" / ".local")
    folders.create()
    folders.create()
    assert folders.state.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in folders.home.iterdir()) == ["logs", "state", "tmp"]


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StateFolderError, match=r"file/\.local cannot be written(.|\n)*--state-dir"):
        Folders(tmp_path / "file" / ".local").create()
