"""What MkDocs asks for: the repository's pages, and what they link to, under their own paths."""

import posixpath
import re
import subprocess
from collections.abc import Iterable

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.contracts.paths import ROOT, make_importable

make_importable()

from tools.contracts.catalogue.page import page as catalogue_of_events  # noqa: E402
from tools.contracts.project import load_project  # noqa: E402

_LINK = re.compile(r"(\]\()([^)\s#:]+)([^)]*\))")
_TO_THE_REPOSITORYS_HOST = re.compile(r"^\[[^\]]+\]: (?:\.\./)+.*\n", re.MULTILINE)
_NOT_PAGES = ("tests/",)
_FILES = ("contracts/http/openapi.yaml", "contracts/graphql/schema.graphql")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every page, what the pages link to, and the catalogue of events."""
    tracked = _tracked()
    pages = {it for it in tracked if it.endswith(".md") and not it.startswith(_NOT_PAGES)}
    linked = {target for page in pages for target in _linked(page)} | set(_FILES)
    folders = {it for it in linked if (ROOT / it).is_dir() and f"{it}/README.md" not in pages}
    listed = {it for it in tracked if posixpath.dirname(it) in folders}
    for path in sorted(pages | listed | (linked & tracked)):
        files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    for folder in sorted(folders):
        content = _listing(folder, tracked)
        files.append(File.generated(config, f"{folder}/index.md", content=content))
    events = catalogue_of_events(load_project())
    files.append(File.generated(config, "events.html", content=events))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - what MkDocs passes
    """Lead links to folders to their pages, and leave out links to the repository's host."""
    folder = posixpath.dirname(page.file.src_uri)

    def to_page(found: re.Match[str]) -> str:
        target = posixpath.join(folder, found[2])
        for name in ("README.md", "index.md"):
            if files.get_file_from_path(posixpath.normpath(posixpath.join(target, name))):
                return f"{found[1]}{posixpath.join(found[2], name)}{found[3]}"
        return found[0]

    return _TO_THE_REPOSITORYS_HOST.sub("", _LINK.sub(to_page, markdown))


def _tracked() -> set[str]:
    """Return the paths of the repository's files, relative to its root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    return {path for path in listed.stdout.split("\0") if path}


def _linked(page: str) -> set[str]:
    """Return the paths that a page links to, relative to the root."""
    text = (ROOT / page).read_text(encoding="utf-8")
    folder = posixpath.dirname(page)
    return {posixpath.normpath(posixpath.join(folder, it[2])) for it in _LINK.finditer(text)}


def _listing(folder: str, tracked: Iterable[str]) -> str:
    """Return a page for a folder that has none: what is in it."""
    inside = {it[len(folder) + 1 :].split("/")[0] for it in tracked if it.startswith(f"{folder}/")}
    lines = [f"- [{name}]({name})" if "." in name else f"- {name}" for name in sorted(inside)]
    return "\n".join([f"# {folder}", "", *lines, ""])
