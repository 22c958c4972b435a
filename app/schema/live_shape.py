"""What all subscriptions of one document have in common, worked out once and kept with it.

Thousands of subscribers send the same document: what each keeps of its own is its context and,
where it matters, its variables.
"""

from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    SKIP,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import FieldDetails, collect_fields
from graphql.execution.values import VariableValues, get_argument_values

from app.errors import BadUserInput
from app.schema.answer import Answer
from app.schema.context import Context
from app.schema.errors import present
from app.schema.execution import CountingExecution
from app.schema.operation_name import name_of
from app.schema.prepared import Prepared
from app.schema.request import Language
from app.schema.selection import MOST_KEPT, selects, wanted_sections
from app.store.db import passes

MOST_CHARACTERS: Final = 200
"""Of the values that are kept with a document: an id and a number have fewer."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A subscription without its variables.

    field: of the schema, by its name there; key: its name in the answer. sections: of the plan that
    are selected below it. used: the variables that the answer depends on.
    """

    pattern: CountingExecution
    field: str
    key: str
    nodes: tuple[FieldNode, ...]
    sections: int
    used: frozenset[str]

    @property
    def operation(self) -> str:
        """The operation's name, for the access log."""
        return name_of(self.pattern.operation)

    def selects(self, *path: str) -> bool:
        """Whether the event is asked for the field at `path` below it."""
        return selects(self.nodes, self.pattern.fragments, *path)

    def needed(self, values: VariableValues) -> VariableValues:
        """The values to keep: where only the field's own arguments use any, those of the first
        subscriber do for all, because an event is executed without a look at its arguments."""
        return values if self.used else self.pattern.variable_values

    def of_answer(self, values: VariableValues) -> str:
        """The values that the answer depends on, as a key."""
        given = values.coerced  # one that is missing is not one that is null
        return repr([(name, given[name]) for name in sorted(self.used) if name in given])

    async def executed(self, event: object, context: Context, values: VariableValues) -> bytes:
        """The answer to one event as JSON. Raises what passes, such as a database that is away."""
        execution = _fresh(self.pattern, context, values, event)
        try:
            result = execution.execute_operation(False)
            if not isinstance(result, ExecutionResult):
                result = await result  # type: ignore[misc]  # nothing here is incremental
        finally:
            execution.let_go()
        assert isinstance(result, ExecutionResult)
        for error in result.errors or ():
            cause = error.original_error
            if cause is not None and passes(cause):
                raise cause
        errors = [present(error, context.language) for error in result.errors or ()]
        return Answer(errors=errors, data=result.data, executed=True).payload()

    def refusal(self, cause: Exception, language: Language | None) -> GraphQLError:
        """Why the subscription ends, as the client sees it."""
        error = GraphQLError("", nodes=list(self.nodes), path=[self.key], original_error=cause)
        return present(error, language)


def shape_of(
    definition: OperationDefinitionNode, prepared: Prepared, executor: CountingExecution
) -> tuple[Shape, dict[str, Any]]:
    """The subscription's shape and its field's arguments. Raises `BadUserInput`, `GraphQLError`."""
    fields = _root_fields(executor)
    kept, key = prepared.kept, ("live", id(definition), *map(id, _nodes(fields)))
    shape: Shape | None = kept.get(key)
    if shape is None:
        if len(kept) >= MOST_KEPT:  # `@include` on repeated fields makes ever new selections
            kept.clear()
        shape = _shape(fields, executor)
        if _is_short(shape.pattern.variable_values):  # they stay as long as the document does
            kept[key] = shape
    return shape, _arguments(fields[0], executor)


def _shape(fields: list[FieldDetails], executor: CountingExecution) -> Shape:
    nodes = _nodes(fields)
    wanted = wanted_sections(nodes, executor.fragments)
    first = nodes[0]
    used = _used(executor, nodes)
    return Shape(
        _fresh(executor, None, VariableValues({}, {}) if used else executor.variable_values, None),
        first.name.value,
        first.alias.value if first.alias else first.name.value,
        nodes,
        wanted.sections,
        used,
    )


def _is_short(values: VariableValues) -> bool:
    return sum(len(str(value)) for value in values.coerced.values()) <= MOST_CHARACTERS


def _root_fields(executor: CountingExecution) -> list[FieldDetails]:
    root = executor.schema.subscription_type
    assert root is not None
    found = collect_fields(
        executor.schema,
        executor.fragments,
        executor.variable_values,
        root,
        executor.operation,
        executor.hide_suggestions,
    ).grouped_field_set
    if len(found) != 1:
        raise BadUserInput("A subscription follows exactly one field.")
    fields: list[FieldDetails] = next(iter(found.values()))
    if fields[0].node.name.value not in root.fields:
        raise BadUserInput("A subscription follows exactly one field.")
    return fields


def _arguments(field: FieldDetails, executor: CountingExecution) -> dict[str, Any]:
    root = executor.schema.subscription_type
    assert root is not None
    return get_argument_values(
        root.fields[field.node.name.value],
        field.node,
        executor.variable_values,
        field.fragment_variable_values,
        executor.hide_suggestions,
    )


def _nodes(fields: list[FieldDetails]) -> tuple[FieldNode, ...]:
    return tuple(field.node for field in fields)


def _fresh(
    pattern: CountingExecution, context: Context | None, values: VariableValues, event: object
) -> CountingExecution:
    """A run of its own: graphql-core's copies share caches that grow with each event."""
    return CountingExecution(
        pattern.schema,
        pattern.fragment_definitions,
        pattern.fragments,
        event,
        context,
        pattern.operation,
        values,
        pattern.field_resolver,
        pattern.type_resolver,
        pattern.subscribe_field_resolver,
        hide_suggestions=pattern.hide_suggestions,
    )


class _Used(Visitor):
    """Gathers variables, but for those of some arguments and the definitions."""

    def __init__(self, but: frozenset[int]) -> None:
        super().__init__()
        self.but = but
        self.names: set[str] = set()

    def enter_argument(self, node: Any, *_: object) -> Any:
        return SKIP if id(node) in self.but else None

    def enter_variable_definition(self, *_: object) -> Any:
        return SKIP

    def enter_variable(self, node: Any, *_: object) -> None:
        self.names.add(node.name.value)


def _used(executor: CountingExecution, roots: tuple[FieldNode, ...]) -> frozenset[str]:
    visitor = _Used(frozenset(id(argument) for root in roots for argument in root.arguments or ()))
    visit(executor.operation, visitor)
    for fragment in executor.fragment_definitions.values():
        visit(fragment, visitor)
    return frozenset(visitor.names)
