"""The deployable copy of the template, and when its fingerprint changes."""

import copy
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.local.packaging import Package, package, source_files, zip_sources
from tools.local.template import Template, TemplateError, parse_template

TEMPLATE = """
Resources:
  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: shared}}
  Vote: {Type: AWS::Serverless::Function, Properties: {CodeUri: rooms, Handler: rooms.vote}}
  Join: {Type: AWS::Serverless::Function, Properties: {CodeUri: rooms, Handler: rooms.join}}
  Schema: {Type: AWS::AppSync::GraphQLSchema, Properties: {DefinitionS3Location: schema.graphql}}
  Resolver: {Type: AWS::AppSync::Resolver, Properties: {CodeS3Location: rooms/vote.js}}
  Remote: {Type: AWS::Serverless::Function, Properties: {CodeUri: 's3://bucket/key'}}
  Table: {Type: AWS::DynamoDB::Table}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    files = {
        "shared/matinee/__init__.py": "",
        "shared/requirements.txt": "boto3",
        "rooms/rooms.py": "def vote(): ...",
        "rooms/words.json": "[]",
        "rooms/vote.js": "export function request() {}",
        "rooms/README.md": "# Rooms",
        "rooms/tests/test_rooms.py": "",
        "rooms/__pycache__/rooms.cpython-313.pyc": "",
        "rooms/.hidden/secret.py": "",
        "schema.graphql": "type Query { a: Int }",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def template() -> Template:
    return parse_template(TEMPLATE)


def packed(template: Template, checkout: Path, **parameters: str) -> Package:
    return package(template, checkout, "artifacts", parameters)


def names_in(body: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return archive.namelist()


def test_only_sources_are_packed(checkout: Path) -> None:
    names = [path.name for path in source_files(checkout / "rooms")]
    assert names == ["rooms.py", "words.json"]


def test_the_same_files_give_the_same_zip_whenever_it_is_made(checkout: Path) -> None:
    first = zip_sources(checkout / "rooms")
    (checkout / "rooms/rooms.py").touch()
    assert zip_sources(checkout / "rooms") == first


def test_functions_that_share_a_folder_share_a_zip(template: Template, checkout: Path) -> None:
    result = packed(template, checkout)
    resources = result.template["Resources"]
    assert resources["Vote"]["Properties"]["CodeUri"] == resources["Join"]["Properties"]["CodeUri"]
    assert len(result.artifacts) == 2


def test_a_layer_goes_where_lambda_looks_for_python(template: Template, checkout: Path) -> None:
    result = packed(template, checkout)
    location = result.template["Resources"]["Layer"]["Properties"]["ContentUri"]
    assert location["Bucket"] == "artifacts"
    assert names_in(result.artifacts[location["Key"]]) == ["python/matinee/__init__.py"]


def test_schema_and_resolver_code_are_put_into_the_template(
    template: Template, checkout: Path
) -> None:
    resources = packed(template, checkout).template["Resources"]
    assert resources["Schema"]["Properties"] == {"Definition": "type Query { a: Int }"}
    assert resources["Resolver"]["Properties"] == {"Code": "export function request() {}"}


def test_the_template_itself_and_what_lies_in_s3_stay_as_they_are(
    template: Template, checkout: Path
) -> None:
    before = copy.deepcopy(template)
    result = packed(template, checkout)
    assert template == before
    assert result.template["Resources"]["Remote"] == before["Resources"]["Remote"]


def test_the_globals_of_sam_may_name_the_sources(template: Template, checkout: Path) -> None:
    template["Globals"] = {"Function": {"CodeUri": "rooms"}}
    location = packed(template, checkout).template["Globals"]["Function"]["CodeUri"]
    assert location["Key"] in packed(template, checkout).artifacts


@pytest.mark.parametrize(
    ("name", "property_", "kind"),
    [
        ("Vote", "CodeUri", "folder"),
        ("Layer", "ContentUri", "folder"),
        ("Schema", "DefinitionS3Location", "file"),
        ("Resolver", "CodeS3Location", "file"),
    ],
)
def test_a_path_that_leads_nowhere_is_named(
    template: Template, checkout: Path, name: str, property_: str, kind: str
) -> None:
    template["Resources"][name]["Properties"][property_] = "gone"
    with pytest.raises(TemplateError, match=rf"{name}\.{property_}: there is no {kind} gone"):
        packed(template, checkout)


def _append(name: str, text: str) -> Callable[[Path], None]:
    def change(checkout: Path) -> None:
        path = checkout / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return change


@pytest.mark.parametrize(
    "name", ["rooms/rooms.py", "shared/matinee/__init__.py", "schema.graphql", "rooms/vote.js"]
)
def test_a_changed_source_changes_the_fingerprint(
    template: Template, checkout: Path, name: str
) -> None:
    before = packed(template, checkout).fingerprint
    _append(name, "\n")(checkout)
    assert packed(template, checkout).fingerprint != before


@pytest.mark.parametrize("name", ["rooms/README.md", "shared/requirements.txt"])
def test_a_changed_document_changes_nothing(template: Template, checkout: Path, name: str) -> None:
    before = packed(template, checkout)
    _append(name, "\n")(checkout)
    assert packed(template, checkout) == before


def test_a_changed_parameter_or_resource_changes_the_fingerprint(
    template: Template, checkout: Path
) -> None:
    before = packed(template, checkout, Stage="local").fingerprint
    assert packed(template, checkout, Stage="dev").fingerprint != before
    template["Resources"]["Vote"]["Properties"]["Timeout"] = 7
    assert packed(template, checkout, Stage="local").fingerprint != before


def test_a_resolver_changes_the_graphql_api_and_not_the_functions_beside_it(
    template: Template, checkout: Path
) -> None:
    before = packed(template, checkout)
    _append("rooms/vote.js", "\n")(checkout)
    after = packed(template, checkout)
    assert after.template["Resources"]["Vote"] == before.template["Resources"]["Vote"]
    assert after.graphql_fingerprint != before.graphql_fingerprint


def test_a_function_does_not_change_the_graphql_api(template: Template, checkout: Path) -> None:
    before = packed(template, checkout).graphql_fingerprint
    _append("rooms/rooms.py", "\n")(checkout)
    assert packed(template, checkout).graphql_fingerprint == before
