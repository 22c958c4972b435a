"""Checks the variables of each operation, through the fragments it spreads.

A part of the quick check (`quick_check.py`), which says what it is for.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from graphql import (
    GraphQLNonNull,
    GraphQLSchema,
    NullValueNode,
    OperationDefinitionNode,
    VariableDefinitionNode,
    is_input_type,
    is_type_sub_type_of,
    type_from_ast,
)

from app.schema.lexical import too_much
from app.schema.quick_fragments import Body, Fragments, Operations
from app.schema.quick_values import Usage, ValueCheck

MAX_NAME: Final = 80
"""Characters of a variable's name, which each error of its value repeats."""

MAX_USAGES: Final = 5_000
"""Places where variables are used, counted for each operation that reaches them."""

Declared = Mapping[str, tuple[VariableDefinitionNode, Any]]
"""Variables by name: how they are declared, and their type (None if there is none)."""


def check_variables(
    schema: GraphQLSchema, values: ValueCheck, fragments: Fragments, operations: Operations
) -> None:
    """Reports what is wrong with the variables of the operations."""
    left = MAX_USAGES
    for operation, body in operations:
        declared = _declared(schema, values, operation)
        usages = _usages(fragments, body)
        left -= len(usages)
        if left < 0:
            values.refuse(too_much("uses of variables", MAX_USAGES))
            return
        _check_usages(schema, values, declared, usages)
        used = {usage.node.name.value for usage in usages}
        for name, (node, _) in declared.items():
            if name not in used:
                values.report(f"Variable '${name}' is never used.", node)


def _declared(
    schema: GraphQLSchema, values: ValueCheck, operation: OperationDefinitionNode
) -> Declared:
    declared: dict[str, tuple[VariableDefinitionNode, Any]] = {}
    for node in operation.variable_definitions or ():
        name = node.variable.name.value
        if len(name) > MAX_NAME:
            values.report(f"A variable's name has {MAX_NAME} characters at most.", node)
        if name in declared:
            values.report(f"There can be only one variable named '${name}'.", node)
        declared[name] = node, _type_of(schema, values, node)
    return declared


def _type_of(schema: GraphQLSchema, values: ValueCheck, node: VariableDefinitionNode) -> Any:
    name = node.variable.name.value
    type_ = type_from_ast(schema, node.type)
    if type_ is None:
        values.report("Unknown type of a variable.", node.type)
    elif not is_input_type(type_):
        values.report(f"Variable '${name}' cannot be non-input type '{type_}'.", node.type)
    elif node.default_value is not None:
        values.default(name, node.default_value, type_)
    return type_


def _usages(fragments: Fragments, body: Body) -> list[Usage]:
    usages = list(body.usages)
    for name in fragments.reached(body):
        usages += fragments.bodies[name].usages
    return usages


def _check_usages(
    schema: GraphQLSchema, values: ValueCheck, declared: Declared, usages: Iterable[Usage]
) -> None:
    allowed: dict[tuple[str, int, bool, str | None], str | None] = {}
    for usage in usages:
        name = usage.node.name.value
        key = (name, id(usage.type), usage.has_default, usage.one_of)
        if key not in allowed:
            allowed[key] = _problem(schema, declared, usage)
        problem = allowed[key]
        if problem is not None:
            values.report(problem, usage.node)


def _problem(schema: GraphQLSchema, declared: Declared, usage: Usage) -> str | None:
    """Why a variable may not stand where it does, None if it may."""
    name = usage.node.name.value
    if name not in declared:
        return f"Variable '${name}' is not defined."
    node, given = declared[name]
    wanted = usage.type
    if given is None or wanted is None:
        return None
    if usage.one_of is not None and not isinstance(given, GraphQLNonNull):
        return (
            f"Variable '${name}' is of type '{given}' but must be non-nullable"
            f" to be used for OneOf Input Object '{usage.one_of}'."
        )
    if isinstance(wanted, GraphQLNonNull) and not isinstance(given, GraphQLNonNull):
        default = node.default_value
        has_value = default is not None and not isinstance(default, NullValueNode)
        if has_value or usage.has_default:
            wanted = wanted.of_type
    if is_type_sub_type_of(schema, given, wanted):
        return None
    return f"Variable '${name}' of type '{given}' used in position expecting type '{usage.type}'."
