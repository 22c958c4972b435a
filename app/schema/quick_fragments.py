"""What a document expands to: each fragment measured once, however often it is spread.

A part of the quick check (`quick_check.py`), which says what it is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from app.schema.lexical import too_much
from app.schema.quick_values import Usage, ValueCheck
from app.schema.schema_facts import TypeFacts

MAX_DEPTH: Final = 50
"""Selections inside each other, through fragments."""

MAX_FIELDS: Final = 50_000
"""Fields of one operation with every fragment written out where it is spread."""

MAX_ROOT_FIELDS: Final = 50
"""Fields of the root type in one query."""

MAX_MUTATIONS: Final = 25
"""Fields of the root type in one mutation."""

MAX_OPERATIONS: Final = 20
"""Operations of one document."""

MAX_INTROSPECTION: Final = 2
"""Lists of fields, interfaces, possible types or input fields inside each other below `__schema`
and `__type`, as in graphql-core."""

_LISTS: Final = frozenset({"fields", "interfaces", "possibleTypes", "inputFields"})
_CONDITIONAL: Final = frozenset({"skip", "include"})


@dataclass(frozen=True, slots=True)
class Spread:
    """A fragment spread by its name, so many selections deep in its definition."""

    name: str
    node: FragmentSpreadNode
    depth: int


@dataclass(slots=True)
class Body:
    """What stands in one operation or fragment itself, without what it spreads."""

    usages: list[Usage]
    type: TypeFacts | None = None
    fields: int = 0
    depth: int = 0
    spreads: list[Spread] = field(default_factory=list)
    introspections: list[FieldNode] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Size:
    """What a definition expands to."""

    fields: int
    depth: int


Operations = Sequence[tuple[OperationDefinitionNode, Body]]


class Fragments:
    """The fragments of a document by name."""

    def __init__(self, values: ValueCheck) -> None:
        self.nodes: dict[str, FragmentDefinitionNode] = {}
        self.bodies: dict[str, Body] = {}
        self.order: list[str] = []
        self._values = values
        self._sizes: dict[str, Size] = {}
        self._lists: dict[str, int] = {}
        self._roots: dict[str, int] = {}

    def check(self, operations: Operations) -> None:
        """Reports cycles, fragments nobody uses, and what expands to too much."""
        self._arrange()
        if self._values.errors:
            return
        used: set[str] = set()
        for _, body in operations:
            used |= self.reached(body)
        for name, node in self.nodes.items():
            if name not in used:
                self._values.report(f"Fragment '{name}' is never used.", node)
        if len(operations) > MAX_OPERATIONS:
            self._refuse("operations", MAX_OPERATIONS)
        for name in self.order:
            self._sizes[name] = self._size(self.bodies[name])
        for operation, body in operations:
            self._measure(operation, body)
        for body in (*self.bodies.values(), *(body for _, body in operations)):
            self._introspection(body)

    def reached(self, body: Body) -> set[str]:
        """The names of the fragments that a definition spreads, through fragments too."""
        found: set[str] = set()
        waiting = [spread.name for spread in body.spreads]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [spread.name for spread in self.bodies[name].spreads]
        return found

    def _arrange(self) -> None:
        """Puts each fragment behind those it spreads; reports it where there is no such order."""
        done: set[str] = set()
        path: dict[str, Any] = {}
        for first in self.nodes:
            path = {} if first in done else {first: iter(self.bodies[first].spreads)}
            while path:
                name = next(reversed(path))
                spread = next(path[name], None)
                if spread is None:
                    del path[name]
                    done.add(name)
                    self.order.append(name)
                elif spread.name in path:
                    self._cycle(spread)
                elif spread.name not in done:
                    path[spread.name] = iter(self.bodies[spread.name].spreads)

    def _cycle(self, spread: Spread) -> None:
        self._values.report(f"Cannot spread fragment '{spread.name}' within itself.", spread.node)

    def _size(self, body: Body) -> Size:
        fields, depth = body.fields, body.depth
        for spread in body.spreads:
            below = self._sizes[spread.name]
            fields += below.fields
            depth = max(depth, spread.depth + below.depth)
        return Size(min(fields, MAX_FIELDS + 1), depth)

    def _measure(self, operation: OperationDefinitionNode, body: Body) -> None:
        size = self._size(body)
        if size.fields > MAX_FIELDS:
            self._refuse("fields, with its fragments written out", MAX_FIELDS)
        if size.depth > MAX_DEPTH:
            self._refuse("selections inside each other", MAX_DEPTH)
        is_mutation = operation.operation is OperationType.MUTATION
        most = MAX_MUTATIONS if is_mutation else MAX_ROOT_FIELDS
        if self._root_fields(operation.selection_set) > most:
            self._refuse("mutations" if is_mutation else "root fields", most)
        if operation.operation is OperationType.SUBSCRIPTION:
            self._subscription(operation)

    def _root_fields(self, selections: SelectionSetNode) -> int:
        count = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                count += 1
            elif isinstance(node, InlineFragmentNode):
                count += self._root_fields(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name not in self._roots:
                    self._roots[name] = self._root_fields(self.nodes[name].selection_set)
                count += self._roots[name]
        return min(count, MAX_ROOT_FIELDS + 1)

    def _subscription(self, operation: OperationDefinitionNode) -> None:
        waiting = [operation.selection_set, *self._spread_at_top(operation.selection_set)]
        names: set[str] = set()
        while waiting:
            for node in waiting.pop().selections:
                if any(d.name.value in _CONDITIONAL for d in node.directives or ()):
                    problem = "must not use `@skip` or `@include` in the top level selection."
                    self._values.report(f"A subscription {problem}", node)
                if isinstance(node, FieldNode):
                    names.add((node.alias or node.name).value)
                    if node.name.value.startswith("__"):
                        problem = "must not select an introspection top level field."
                        self._values.report(f"A subscription {problem}", node)
                elif isinstance(node, InlineFragmentNode):
                    waiting.append(node.selection_set)
        if len(names) != 1:
            self._values.report("A subscription must select one top level field.", operation)

    def _spread_at_top(self, selections: SelectionSetNode) -> list[SelectionSetNode]:
        """The selections of the fragments that say which fields stand at the top, each once."""
        found: dict[str, SelectionSetNode] = {}
        waiting = [selections]
        while waiting:
            for node in waiting.pop().selections:
                if isinstance(node, InlineFragmentNode):
                    waiting.append(node.selection_set)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in found:
                    below = self.nodes[node.name.value].selection_set
                    found[node.name.value] = below
                    waiting.append(below)
        return list(found.values())

    def _introspection(self, body: Body) -> None:
        for node in body.introspections:
            assert node.selection_set is not None
            if self._lists_below(node.selection_set) > MAX_INTROSPECTION:
                self._values.report("Maximum introspection depth exceeded", node)

    def _lists_below(self, selections: SelectionSetNode) -> int:
        most = 0
        for node in selections.selections:
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name not in self._lists:
                    self._lists[name] = self._lists_below(self.nodes[name].selection_set)
                most = max(most, self._lists[name])
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                own = isinstance(node, FieldNode) and node.name.value in _LISTS
                most = max(most, own + self._lists_below(node.selection_set))
        return most

    def _refuse(self, what: str, most: int) -> None:
        self._values.refuse(too_much(what, most))
