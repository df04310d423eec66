"""Mutants: small changes of the product by which an invariant no longer holds.

The simulation finds each within the number of histories that stands beside it: that is what shows
that its checks can fail. A mutant is a text in a file and what stands there instead; whoever edits
that line finds the mutant that speaks of it by its test.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of a file, and within how many histories it is found."""

    name: str
    file: str
    before: str
    after: str
    within: int
    is_cheap: bool = False

    @property
    def path(self) -> Path:
        """The file."""
        return ROOT / "services" / self.file

    @property
    def module(self) -> str:
        """The name under which the file is imported."""
        return ".".join(Path(self.file).with_suffix("").parts[1:])

    def source(self) -> str:
        """Return the file's text with the change; raise ValueError if it has nothing to change."""
        text = self.path.read_text(encoding="utf-8")
        if text.count(self.before) != 1:
            message = f"{self.name}: {self.file} has this {text.count(self.before)} times"
            raise ValueError(message)
        return text.replace(self.before, self.after)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "a vote does not look at the room",
        "rooms/rooms/adapters/dynamodb/votes.py",
        "            same_room,\n",
        "",
        300,
    ),
    Mutant(
        "a vote does not look at the tally",
        "rooms/rooms/adapters/dynamodb/votes.py",
        '            condition="version = :read",\n',
        '            condition="attribute_exists(roomId)",\n',
        60,
        is_cheap=True,
    ),
)


def by_name(name: str) -> Mutant:
    """Return a mutant; raise LookupError."""
    for mutant in MUTANTS:
        if mutant.name == name:
            return mutant
    raise LookupError(name)


class Mutation(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from its mutant's source."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._source = mutant.source()

    def install(self) -> None:
        """Have the module imported so."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the base class has it
        target: ModuleType | None = None,  # noqa: ARG002 - as above
    ) -> ModuleSpec | None:
        """Return the module's spec for its name alone."""
        if fullname != self._mutant.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self._mutant.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the mutant's source."""
        exec(compile(self._source, self._mutant.path, "exec"), vars(module))  # noqa: S102 - our own
