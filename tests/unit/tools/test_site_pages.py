"""The site's pages: which there are, and where their links lead."""

import pytest
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from tools.contracts.paths import ROOT
from tools.site.pages import on_page_markdown


@pytest.fixture(scope="module")
def config() -> MkDocsConfig:
    return load_config(str(ROOT / "tools" / "site" / "mkdocs.yml"))


@pytest.fixture(scope="module")
def files(config: MkDocsConfig) -> Files:
    return config.plugins.on_files(Files([]), config=config)


def shown(markdown: str, path: str, files: Files, config: MkDocsConfig) -> str:
    """Return a page's text as the site has it."""
    file = files.get_file_from_path(path)
    assert file
    return on_page_markdown(markdown, Page(None, file, config), config, files)


def test_pages_what_they_link_to_and_the_catalogue_of_events_are_there(files: Files) -> None:
    there = set(files.src_uris)
    assert {"README.md", "docs/adr/README.md", "services/rooms/README.md", "LICENSE"} <= there
    assert {"events.html", "contracts/http/openapi.yaml"} <= there
    assert not any(path.startswith("tests/") and path.endswith(".md") for path in there)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[a](docs/adr/)", "[a](docs/adr/README.md)"),
        ("[a](docs/adr/README.md#x)", "[a](docs/adr/README.md#x)"),
        ("[a](contracts/events/rooms/)", "[a](contracts/events/rooms/index.md)"),
        ("[a](nowhere/)", "[a](nowhere/)"),
        ("[a](https://example.com/docs/)", "[a](https://example.com/docs/)"),
        ("[a](#heading)", "[a](#heading)"),
        ("x\n[1.0]: ../../releases/1.0\ny", "x\ny"),
    ],
)
def test_links_lead_to_pages(written: str, read: str, files: Files, config: MkDocsConfig) -> None:
    assert shown(written, "README.md", files, config) == read


def test_a_linked_folder_without_a_page_is_listed(files: Files) -> None:
    listing = files.get_file_from_path("contracts/events/rooms/index.md")
    assert listing
    assert "- VoteCast" in listing.content_string
