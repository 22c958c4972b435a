"""Which fragments an operation uses."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    Node,
    OperationDefinitionNode,
    Visitor,
    visit,
)

Fragments = Mapping[str, FragmentDefinitionNode]


def fragments_of(document: DocumentNode) -> Fragments:
    """The fragments of a document by name."""
    return {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }


def reached(operation: OperationDefinitionNode, fragments: Fragments) -> Iterator[Node]:
    """The operation and the fragments it uses, each once. Raises KeyError for a missing one."""
    waiting: list[Node] = [operation]
    seen: set[str] = set()
    for node in waiting:  # grows while it is read
        yield node
        for name in _spreads_of(node):
            if name not in seen:
                seen.add(name)
                waiting.append(fragments[name])


def _spreads_of(node: Node) -> list[str]:
    """The names of the fragments that a definition spreads, as they come."""
    found: list[str] = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: Any, *_: Any) -> None:
            found.append(spread.name.value)

    visit(node, Spreads())
    return found
