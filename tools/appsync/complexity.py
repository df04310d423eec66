"""How large a query is once its fragments are spread: found in one pass, before it is validated.

Validation compares the fields of a selection with one another, and fragments that spread others
twice double with each level, so a document of a kilobyte can cost minutes.
"""

from dataclasses import astuple, dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

MAX_SELECTIONS = 400
MAX_ALIASES = 50
MAX_DIRECTIVES = 50


@dataclass(frozen=True, slots=True)
class Complexity:
    """The levels of fields, and how many selections, aliases and directives there are."""

    depth: int = 0
    selections: int = 0
    aliases: int = 0
    directives: int = 0

    def excess(self, max_depth: int) -> str | None:
        """Name the limit that is exceeded, if any; a `max_depth` of 0 is none."""
        if max_depth and self.depth > max_depth:
            return f"Query depth of {self.depth} exceeds the limit of {max_depth} for this API."
        for what, count, limit in (
            ("fields and fragments", self.selections, MAX_SELECTIONS),
            ("aliases", self.aliases, MAX_ALIASES),
            ("directives", self.directives, MAX_DIRECTIVES),
        ):
            if count > limit:
                return f"The query has {count} {what}, fragments spread; the limit is {limit}."
        return None


def complexity(document: DocumentNode) -> Complexity:
    """Measure the largest operation or fragment, in each respect.

    The document need not be valid: an unknown fragment, or one inside itself, counts as nothing.
    """
    fragments = {
        node.name.value: node.selection_set
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    known: dict[str, Complexity] = {}

    def spread(name: str) -> Complexity:
        if name not in known:
            known[name] = Complexity()
            known[name] = of(fragments.get(name))
        return known[name]

    def of(selection_set: SelectionSetNode | None) -> Complexity:
        depth = selections = aliases = directives = 0
        for node in selection_set.selections if selection_set else ():
            is_field = isinstance(node, FieldNode)
            inner = (
                spread(node.name.value)
                if isinstance(node, FragmentSpreadNode)
                else of(getattr(node, "selection_set", None))
            )
            depth = max(depth, inner.depth + is_field)
            selections += inner.selections + 1
            aliases += inner.aliases + (isinstance(node, FieldNode) and node.alias is not None)
            directives += inner.directives + len(node.directives)
        return Complexity(depth, selections, aliases, directives)

    measured = [
        of(node.selection_set)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    return (
        Complexity(*map(max, zip(*map(astuple, measured), strict=True)))
        if measured
        else Complexity()
    )
