"""Checks that fields which share a place in the answer can share it, in nearly linear time.

The specification compares fields in pairs. Here the fields of one place are compared with the
first of them: all must have the same shape, and those that can belong to the same object must be
the same field with the same arguments; below them the same holds of their selections together.
What was compared once is not compared again. A part of the quick check (`quick_check.py`).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from app.schema.lexical import too_much
from app.schema.quick_fragments import Fragments, Operations
from app.schema.quick_values import ValueCheck
from app.schema.schema_facts import FieldFacts, SchemaFacts, TypeFacts

MAX_COMPARISONS: Final = 12_000
"""Fields looked at for one document, each once for every selection it is merged into."""

MAX_PAIRS: Final = 10_000
"""Pairs of fields that share a place, where unlike ones do: graphql-core then compares each."""

Scope = tuple[TypeFacts, SelectionSetNode]
"""A selection and the type it is of."""


class Placed(NamedTuple):
    """A field and the type it is asked of."""

    node: FieldNode
    facts: FieldFacts
    parent: TypeFacts


def check_merging(
    facts: SchemaFacts, values: ValueCheck, fragments: Fragments, operations: Operations
) -> bool:
    """Reports fields that cannot share their place; whether unlike fields do share one."""
    merging = _Merging(facts, values, fragments)
    for operation, _ in operations:
        root = facts.roots[operation.operation.value]
        assert root is not None  # an operation without a root type was refused
        merging.compare([(root, operation.selection_set)], same=True)
    if merging.unlike and merging.pairs > MAX_PAIRS:
        values.refuse(too_much("pairs of fields to merge", MAX_PAIRS))
    return merging.unlike


class _Merging:
    def __init__(self, facts: SchemaFacts, values: ValueCheck, fragments: Fragments) -> None:
        self.unlike = False
        self.pairs = 0
        self._facts = facts
        self._values = values
        self._fragments = fragments
        self._seen: set[tuple[bool, frozenset[int]]] = set()
        self._left = MAX_COMPARISONS

    def compare(self, scopes: Sequence[Scope], *, same: bool) -> None:
        """Compares the fields of selections that are merged; same: beyond their shapes, too."""
        bodies = self._bodies(scopes)
        key = (same, frozenset(map(id, (node for _, node in bodies))))
        if key in self._seen or self._left < 0:
            return
        self._seen.add(key)
        places: dict[str, list[Placed]] = {}
        for parent, body in bodies:
            self._place(parent, body, places)
        if self._left < 0:
            self._values.refuse(too_much("fields to merge", MAX_COMPARISONS))
            return
        for name, fields in places.items():
            if len(fields) > 1:
                self._together(name, fields, same=same)
            elif fields[0].node.selection_set is not None:
                self.compare(_below(fields), same=same)

    def _bodies(self, scopes: Sequence[Scope]) -> list[Scope]:
        """The selections with fields of their own, through fragments; each once."""
        found: dict[int, Scope] = {}
        waiting = list(scopes)
        seen: set[int] = set()
        while waiting:
            scope = waiting.pop()
            if id(scope[1]) in seen:
                continue
            seen.add(id(scope[1]))
            for node in scope[1].selections:
                if isinstance(node, FieldNode):
                    found[id(scope[1])] = scope
                else:
                    waiting.append(self._spread(scope[0], node))
        return list(found.values())

    def _spread(self, parent: TypeFacts, node: Any) -> Scope:
        if isinstance(node, FragmentSpreadNode):
            node = self._fragments.nodes[node.name.value]
        assert isinstance(node, InlineFragmentNode) or hasattr(node, "type_condition")
        condition = node.type_condition
        kind = parent if condition is None else self._facts.types[condition.name.value]
        return kind, node.selection_set

    def _place(
        self, parent: TypeFacts, body: SelectionSetNode, places: dict[str, list[Placed]]
    ) -> None:
        self._left -= len(body.selections)
        known = parent.fields
        for node in body.selections:
            if isinstance(node, FieldNode):
                placed = Placed(node, known[node.name.value], parent)
                name = (node.alias or node.name).value
                if name in places:
                    places[name].append(placed)
                else:
                    places[name] = [placed]

    def _together(self, name: str, fields: list[Placed], *, same: bool) -> None:
        first = fields[0]
        self.pairs += len(fields) * (len(fields) - 1) // 2
        for other in fields:
            if other.facts.shape != first.facts.shape:
                self._conflict(name, other, "they return conflicting types")
                return
        parts = list(_by_object(fields)) if same else []
        for part in parts:
            self._alike(name, part)
        if len(parts) != 1:
            self.unlike = True
            self.compare(_below(fields), same=False)
        for part in parts:
            self.compare(_below(part), same=True)

    def _alike(self, name: str, fields: Sequence[Placed]) -> None:
        """Reports fields of one object that are not the same field with the same arguments."""
        first = fields[0]
        wanted = _arguments(first.node)
        field_name = first.node.name.value
        for other in fields:
            if other.node.name.value != field_name:
                self._conflict(name, other, "they are different fields")
                return
            if (other.node.arguments or wanted) and _arguments(other.node) != wanted:
                self._conflict(name, other, "they have differing arguments")
                return

    def _conflict(self, name: str, field: Placed, reason: str) -> None:
        self._values.report(
            f"Fields '{name}' conflict because {reason}. Use different aliases on the fields"
            " to fetch both if this was intentional.",
            field.node,
        )


def _below(fields: Iterable[Placed]) -> list[Scope]:
    return [
        (placed.facts.below, placed.node.selection_set)
        for placed in fields
        if placed.facts.below is not None and placed.node.selection_set is not None
    ]


def _by_object(fields: Sequence[Placed]) -> Iterable[Sequence[Placed]]:
    """The fields that can belong to one object together.

    Those of an interface or a union can belong to any object, so they stand with each of them.
    """
    everywhere = [placed for placed in fields if not placed.parent.is_object]
    objects: dict[str, list[Placed]] = {}
    for placed in fields:
        if placed.parent.is_object:
            objects.setdefault(placed.parent.name, [*everywhere]).append(placed)
    return objects.values() or [everywhere]


def _arguments(node: FieldNode) -> Any:
    if not node.arguments:
        return None
    return {argument.name.value: _written(argument.value) for argument in node.arguments}


def _written(value: ValueNode) -> Any:
    """A value so that equal ones are equal, whatever the order of an object's fields."""
    if isinstance(value, VariableNode):
        return ("$", value.name.value)
    if isinstance(value, ListValueNode):
        return [_written(item) for item in value.values]
    if isinstance(value, ObjectValueNode):
        return {field.name.value: _written(field.value) for field in value.fields}
    return (value.kind, getattr(value, "value", None), getattr(value, "block", None))
