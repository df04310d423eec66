"""Watches the sources, and says in what way a change matters."""

import queue
import threading
from collections.abc import Iterable
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

_WATCHED_FOLDERS = ("services", "contracts/graphql")
_RELEVANT_SUFFIXES = frozenset({".py", ".js", ".graphql", ".json", ".yaml", ".txt", ".pem"})
_DEBOUNCE_MILLISECONDS = 400
_STEP_MILLISECONDS = 100


class SourceWatcher:
    """Reports changed sources into a queue, from threads of its own."""

    def __init__(self, root: Path, template: Path, stacks: Iterable[Path] = ()) -> None:
        self.changes: queue.SimpleQueue[frozenset[Path]] = queue.SimpleQueue()
        self._root = root
        self._template = template
        self._stacks = tuple(stacks)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start watching: sources, the stacks' templates, and the root template."""
        folders = {self._root / name for name in _WATCHED_FOLDERS} | set(self._stacks)
        own = [
            folder
            for folder in sorted(folders)
            if folder.is_dir() and not folders.intersection(folder.parents)
        ]
        self._watch(own, recursive=True)
        self._watch([self._template.parent], recursive=False)

    def stop(self) -> None:
        """End the threads."""
        self._stop.set()
        for thread in self._threads:
            thread.join(2)

    def collect(self, timeout: float) -> frozenset[Path]:
        """Wait up to `timeout` seconds for changes; return all that came, or an empty set."""
        try:
            found = self.changes.get(timeout=timeout)
        except queue.Empty:
            return frozenset()
        while not self.changes.empty():
            found |= self.changes.get()
        return found

    def _watch(self, paths: list[Path], *, recursive: bool) -> None:
        if not paths:
            return

        def report() -> None:
            for changes in watch(
                *paths,
                watch_filter=_Sources(None if recursive else self._template),
                debounce=_DEBOUNCE_MILLISECONDS,
                step=_STEP_MILLISECONDS,
                stop_event=self._stop,
                recursive=recursive,
                raise_interrupt=False,
            ):
                self.changes.put(frozenset(Path(path) for _, path in changes))

        thread = threading.Thread(target=report, name="watch", daemon=True)
        thread.start()
        self._threads.append(thread)


class _Sources(DefaultFilter):
    """Accepts changes below the watched folders, or of the one file given."""

    def __init__(self, only: Path | None) -> None:
        super().__init__()
        self._only = only.resolve() if only else None

    def __call__(self, change: Change, path: str) -> bool:
        if not super().__call__(change, path):
            return False
        if self._only is not None:
            return Path(path).resolve() == self._only
        return is_source(Path(path))


def is_source(path: Path) -> bool:
    """Return whether a change of this file can change what is deployed."""
    return path.suffix in _RELEVANT_SUFFIXES and "__pycache__" not in path.parts


def syntax_errors(paths: Iterable[Path]) -> list[str]:
    """Compile the changed Python files; one line for each that is not valid Python."""
    errors = []
    for path in sorted(paths):
        if path.suffix != ".py" or not path.is_file():
            continue
        try:
            compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        except SyntaxError as error:
            errors.append(f"{path}:{error.lineno}: {error.msg}")
        except ValueError as error:  # a null byte
            errors.append(f"{path}: {error}")
    return errors


def name_files(paths: Iterable[Path], root: Path, most: int = 3) -> str:
    """Name changed files, relative to the checkout, and count the rest."""
    names = [
        str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
        for path in sorted(paths)
    ]
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
