"""Finds what is wrong with a document in one pass over its nodes, so that a refusal is cheap.

graphql-core's validation takes 25 to 110 us for each field and some of its rules more than linear
time; here a field takes about one. Every rule of the specification is looked at, with the
permission table and the limits on what a document may expand to; each fragment is measured once,
however often it is spread. What passes is validated by graphql-core all the same, once, because an
accepted document is kept: so nothing wrong is accepted, and what is refused here is refused fast.

Errors name fields, types and variables as they stand in the document, never a value.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DirectiveLocation,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from app.schema.input_guard import EnoughError
from app.schema.quick_fragments import Body, Fragments, Spread
from app.schema.quick_merge import check_merging
from app.schema.quick_values import ValueCheck
from app.schema.quick_variables import check_variables
from app.schema.schema_facts import FieldFacts, SchemaFacts, TypeFacts

_AT: Final = {
    "query": DirectiveLocation.QUERY,
    "mutation": DirectiveLocation.MUTATION,
    "subscription": DirectiveLocation.SUBSCRIPTION,
}


@dataclass(slots=True)
class Report:
    """errors: why the document is refused. merges: fields of unlike parents share an answer's
    place, so that graphql-core should look at the merging too."""

    errors: list[GraphQLError] = field(default_factory=list)
    merges: bool = False


def check(facts: SchemaFacts, document: DocumentNode, *, introspection: bool) -> Report:
    """What is wrong with a document for the role of `facts`: at most `MAX_ERRORS` errors."""
    checked = _Check(facts, introspection)
    try:
        checked.document(document)
        if not checked.values.errors:
            return Report(checked.values.errors, merges=checked.merging())
    except EnoughError:
        pass
    return Report(checked.values.errors)


class _Check:
    def __init__(self, facts: SchemaFacts, introspection: bool) -> None:
        self.facts = facts
        self.introspection = introspection
        self.values = ValueCheck(facts.schema)
        self.operations: list[tuple[OperationDefinitionNode, Body]] = []
        self.fragments = Fragments(self.values)

    def document(self, document: DocumentNode) -> None:
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        fragments = [d for d in document.definitions if isinstance(d, FragmentDefinitionNode)]
        self.names(operations)
        for fragment in fragments:
            name = fragment.name.value
            if name in self.fragments.nodes:
                self.report(f"There can be only one fragment named '{name}'.", fragment.name)
            self.fragments.nodes.setdefault(name, fragment)
        for operation in operations:
            self.operations.append((operation, self.operation(operation)))
        for fragment in fragments:
            self.fragments.bodies.setdefault(fragment.name.value, self.fragment(fragment))
        if self.values.errors:
            return
        self.fragments.check(self.operations)
        if not self.values.errors:
            check_variables(self.facts.schema, self.values, self.fragments, self.operations)

    def merging(self) -> bool:
        return check_merging(self.facts, self.values, self.fragments, self.operations)

    def report(self, message: str, node: Any, **extensions: Any) -> None:
        self.values.report(message, node, **extensions)

    def names(self, operations: list[OperationDefinitionNode]) -> None:
        seen: set[str] = set()
        for operation in operations:
            if operation.name is None:
                if len(operations) > 1:
                    self.report(
                        "This anonymous operation must be the only defined operation.", operation
                    )
            elif operation.name.value in seen:
                self.report(
                    f"There can be only one operation named '{operation.name.value}'.", operation
                )
            else:
                seen.add(operation.name.value)

    def operation(self, node: OperationDefinitionNode) -> Body:
        kind = node.operation.value
        self.values.usages = []
        body = Body(self.values.usages)
        self.values.directives(node.directives or (), _AT[kind])
        for variable in node.variable_definitions or ():
            where = DirectiveLocation.VARIABLE_DEFINITION
            self.values.directives(variable.directives or (), where)
        root = self.facts.roots[kind]
        if root is None:
            self.report(f"The {kind} operation is not supported by the schema.", node)
        else:
            self.selections(node.selection_set, root, body, 1)
        return body

    def fragment(self, node: FragmentDefinitionNode) -> Body:
        self.values.usages = []
        body = Body(self.values.usages)
        self.values.directives(node.directives or (), DirectiveLocation.FRAGMENT_DEFINITION)
        condition = self.type_named(node.type_condition, f"Fragment '{node.name.value}'")
        body.type = condition
        if condition is not None:
            self.selections(node.selection_set, condition, body, 1)
        return body

    def type_named(self, node: Any, who: str) -> TypeFacts | None:
        """The type a fragment is on; None, and an error, if it has no selections."""
        name = node.name.value
        found = self.facts.types.get(name)
        if found is None and name in self.facts.schema.type_map:
            self.report(f"{who} cannot condition on non composite type '{name}'.", node)
        elif found is None:
            self.report(f"Unknown type '{name}'.", node)
        return found

    def selections(self, node: SelectionSetNode, parent: TypeFacts, body: Body, depth: int) -> None:
        """Checks a selection of `parent`; depth: selections around it, in its definition."""
        if depth > body.depth:
            body.depth = depth
        known = parent.fields
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                facts = known.get(selection.name.value)
                if facts is None:
                    self.unknown(selection, parent)
                else:
                    body.fields += 1
                    if not facts.plain or _has_more(selection):
                        self.field(selection, facts, parent, body, depth)
            elif isinstance(selection, FragmentSpreadNode):
                self.spread(selection, parent, body, depth)
            elif isinstance(selection, InlineFragmentNode):
                self.inline(selection, parent, body, depth)

    def field(
        self, node: FieldNode, facts: FieldFacts, parent: TypeFacts, body: Body, depth: int
    ) -> None:
        if facts.refused:
            self.forbidden(node, parent)
        if node.arguments or facts.required:
            self.values.arguments(
                node,
                node.arguments or (),
                facts.arguments,
                facts.required,
                f"{parent.name}.{node.name.value}",
            )
        if node.directives:
            self.values.directives(node.directives, DirectiveLocation.FIELD)
        below = node.selection_set
        if facts.below is None or below is None:
            if facts.below or below:
                self.leaf(node, facts)
            return
        if facts.introspects:
            self.introspected(node, parent, body)
        self.selections(below, facts.below, body, depth + 1)

    def unknown(self, node: FieldNode, parent: TypeFacts) -> None:
        self.report(f"Cannot query field '{node.name.value}' on type '{parent.name}'.", node)

    def forbidden(self, node: FieldNode, parent: TypeFacts) -> None:
        code = "UNAUTHENTICATED" if self.facts.role == "anonymous" else "FORBIDDEN"
        self.report(f"You may not use {parent.name}.{node.name.value}.", node, code=code)

    def leaf(self, node: FieldNode, facts: FieldFacts) -> None:
        name = node.name.value
        if facts.below is None:
            message = f"since type '{facts.type}' has no subfields."
            self.report(f"Field '{name}' must not have a selection {message}", node)
        else:
            message = f"of type '{facts.type}' must have a selection of subfields."
            self.report(f"Field '{name}' {message}", node)

    def introspected(self, node: FieldNode, parent: TypeFacts, body: Body) -> None:
        if parent.name.startswith("__"):
            return
        body.introspections.append(node)
        if not self.introspection:
            self.report(
                "GraphQL introspection has been disabled, but the requested query"
                f" contained the field '{node.name.value}'.",
                node,
            )

    def spread(self, node: FragmentSpreadNode, parent: TypeFacts, body: Body, depth: int) -> None:
        if node.directives:
            self.values.directives(node.directives, DirectiveLocation.FRAGMENT_SPREAD)
        name = node.name.value
        fragment = self.fragments.nodes.get(name)
        if fragment is None:
            self.report(f"Unknown fragment '{name}'.", node)
            return
        body.spreads.append(Spread(name, node, depth))
        condition = self.facts.types.get(fragment.type_condition.name.value)
        if condition and parent.possible.isdisjoint(condition.possible):
            self.report(
                f"Fragment '{name}' cannot be spread here as objects of type '{parent.name}'"
                f" can never be of type '{condition.name}'.",
                node,
            )

    def inline(self, node: InlineFragmentNode, parent: TypeFacts, body: Body, depth: int) -> None:
        if node.directives:
            self.values.directives(node.directives, DirectiveLocation.INLINE_FRAGMENT)
        condition: TypeFacts | None = parent
        if node.type_condition is not None:
            condition = self.type_named(node.type_condition, "Fragment")
            if condition and parent.possible.isdisjoint(condition.possible):
                self.report(
                    f"Fragment cannot be spread here as objects of type '{parent.name}'"
                    f" can never be of type '{condition.name}'.",
                    node,
                )
        if condition is not None:
            self.selections(node.selection_set, condition, body, depth + 1)


def _has_more(node: FieldNode) -> bool:
    """Whether anything stands behind the field's name."""
    return bool(node.selection_set or node.arguments or node.directives)
