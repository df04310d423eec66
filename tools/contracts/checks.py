"""Everything that must agree, in the order in which a person would repair it."""

from collections.abc import Callable, Iterator, Sequence

from tools.contracts import (
    asyncapi,
    compatibility,
    examples,
    function_schemas,
    openapi,
    readers,
    registry,
    release,
    rest_gate,
    rules,
    samples,
    table,
    versions,
)
from tools.contracts.catalogue import entries
from tools.contracts.project import Fault, Project

type Check = Callable[[Project], Iterator[Fault]]

CONTRACTS: Sequence[Check] = (
    versions.misnumbered,
    versions.misattributed,
    versions.misplaced,
    entries.misdescribed,
    examples.invalid_schemas,
    release.tampered,
    release.drifted,
    release.abandoned,
    compatibility.incompatible,
    examples.untrue,
)
"""What the schemas must pass; a release waits for these."""

SURROUNDINGS: Sequence[Check] = (
    table.outdated,
    asyncapi.outdated,
    registry.outdated,
    openapi.outdated,
    rest_gate.broken,
    function_schemas.outdated,
    rules.unknown_events,
    readers.disagreements,
    samples.unfit,
    samples.uncovered,
)
"""What is built on the schemas."""


def faults(project: Project, checks: Sequence[Check] = (*CONTRACTS, *SURROUNDINGS)) -> list[Fault]:
    """Return everything that does not agree."""
    return [fault for check in checks for fault in check(project)]
