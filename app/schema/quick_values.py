"""Checks the arguments, values and directives of a document against the schema, each node once.

A part of the quick check (`quick_check.py`), which says what it is for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    ArgumentNode,
    DirectiveLocation,
    DirectiveNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    is_required_argument,
    is_required_input_field,
    is_specified_scalar_type,
)

from app.schema.input_guard import MAX_ERRORS, EnoughError, list_problem, text_problem
from app.schema.schema_facts import refuses_null

_ANYBODYS: Final = re.compile(r"\w*[0-9]{6,}\w*|\w{81,}")
"""Names that may be anybody's data, or are too long to be repeated."""


def may_be_told(message: str) -> bool:
    """Whether a message repeats nothing that may be anybody's data."""
    return _ANYBODYS.search(message) is None


@dataclass(frozen=True, slots=True)
class Usage:
    """A variable where a value of `type` is expected; None where any may stand.

    has_default: something else stands in for it. one_of: the only field of such an input object.
    """

    node: VariableNode
    type: Any
    has_default: bool
    one_of: str | None = None


class ValueCheck:
    """Finds errors in values; `usages` are the variables met since it was last set."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.errors: list[GraphQLError] = []
        self.usages: list[Usage] = []
        self._directives = {
            d.name: (d, frozenset(d.locations), [n for n, a in d.args.items() if _required(a)])
            for d in schema.directives
        }
        self._place: list[str | int] = []

    def report(self, message: str, node: Node, **extensions: Any) -> None:
        """Notes an error; raises EnoughError where no more are told."""
        message = _ANYBODYS.sub("…", message)
        self.refuse(GraphQLError(message, node, extensions=extensions))

    def refuse(self, error: GraphQLError) -> None:
        """Notes an error that is ready; raises EnoughError where no more are told."""
        self.errors.append(error)
        if len(self.errors) >= MAX_ERRORS:
            raise EnoughError

    def directives(self, nodes: Sequence[DirectiveNode], location: DirectiveLocation) -> None:
        """Checks the directives of one node."""
        seen: set[str] = set()
        for node in nodes:
            name = node.name.value
            known = self._directives.get(name)
            if known is None:
                self.report(f"Unknown directive '@{name}'.", node)
                continue
            definition, locations, required = known
            if location not in locations:
                self.report(f"Directive '@{name}' may not be used on {location.value}.", node)
            if name in seen and not definition.is_repeatable:
                self.report(
                    f"The directive '@{name}' can only be used once at this location.", node
                )
            seen.add(name)
            self.arguments(node, node.arguments or (), definition.args, required, f"@{name}")

    def arguments(
        self,
        node: Node,
        given: Sequence[ArgumentNode],
        known: Mapping[str, GraphQLArgument],
        required: Sequence[str],
        owner: str,
    ) -> None:
        """Checks the arguments of one field or directive."""
        seen: set[str] = set()
        for argument in given:
            name = argument.name.value
            definition = known.get(name)
            if definition is None:
                what = "directive" if owner.startswith("@") else "field"
                self.report(f"Unknown argument '{name}' on {what} '{owner}'.", argument)
                continue
            if name in seen:
                self.report(f"There can be only one argument named '{name}'.", argument)
            seen.add(name)
            self._named(argument, definition)
        for name in required:
            if name not in seen:
                type_ = known[name].type
                self.report(
                    f"Argument '{owner}({name}:)' of type '{type_}' is required,"
                    " but it was not provided.",
                    node,
                )

    def default(self, name: str, node: ValueNode, type_: Any) -> None:
        """Checks the default of a variable."""
        self._place.append(name)
        self.value(node, type_)
        self._place.pop()

    def value(
        self, node: ValueNode, type_: Any, *, has_default: bool = False, one_of: str | None = None
    ) -> None:
        """Checks one value where one of `type_` is expected."""
        if isinstance(node, VariableNode):
            self.usages.append(Usage(node, type_, has_default, one_of))
            return
        if isinstance(type_, GraphQLNonNull):
            if isinstance(node, NullValueNode):
                self.report(f"Expected value of non-null type '{type_}' not to be None.", node)
                return
            type_ = type_.of_type
        if isinstance(node, NullValueNode):
            return
        if isinstance(type_, GraphQLList):
            self._list(node, type_.of_type)
        elif isinstance(type_, GraphQLInputObjectType):
            self._object(node, type_)
        else:
            self._leaf(node, type_)

    def _named(self, node: Any, definition: GraphQLArgument | GraphQLInputField) -> None:
        """Checks the value of an argument or of an input object's field."""
        self._place.append(node.name.value)
        if isinstance(node.value, NullValueNode) and refuses_null(definition):
            self.report(f"'{node.name.value}' may be left out; it may not be null.", node)
        has_default = _default(definition)
        self.value(node.value, definition.type, has_default=has_default)
        self._place.pop()

    def _list(self, node: ValueNode, item_type: Any) -> None:
        if not isinstance(node, ListValueNode):
            self.value(node, item_type)
            return
        problem = list_problem(len(node.values))
        if problem:
            self._refuse(problem, node)
            return
        for index, item in enumerate(node.values):
            self._place.append(index)
            self.value(item, item_type)
            self._place.pop()

    def _object(self, node: ValueNode, type_: GraphQLInputObjectType) -> None:
        if not isinstance(node, ObjectValueNode):
            self.report(f"Expected value of type '{type_}' to be an object.", node)
            return
        seen: set[str] = set()
        for field in node.fields:
            name = field.name.value
            definition = type_.fields.get(name)
            if definition is None:
                self.report(
                    f"Expected value of type '{type_}' not to include unknown field '{name}'.",
                    field,
                )
                continue
            if name in seen:
                self.report(f"There can be only one input field named '{name}'.", field)
            seen.add(name)
            self._field(field, definition, type_)
        for name, definition in type_.fields.items():
            if name not in seen and is_required_input_field(definition):
                self.report(
                    f"Expected value of type '{type_}' to include required field '{name}'.", node
                )
        if type_.is_one_of and len(node.fields) != 1:
            self.report(f"Exactly one key must be specified for OneOf type '{type_}'.", node)

    def _field(
        self, node: Any, definition: GraphQLInputField, owner: GraphQLInputObjectType
    ) -> None:
        if not owner.is_one_of:
            self._named(node, definition)
            return
        if isinstance(node.value, NullValueNode):
            self.report(f"Field '{owner}.{node.name.value}' must be non-null.", node)
        self._place.append(node.name.value)
        has_default = _default(definition)
        self.value(node.value, definition.type, has_default=has_default, one_of=owner.name)
        self._place.pop()

    def _leaf(self, node: ValueNode, type_: Any) -> None:
        if isinstance(node, StringValueNode):
            problem = text_problem(node.value)
            if problem:
                self._refuse(problem, node)
                return
        self.usages.extend(Usage(v, None, False) for v in _variables(node))
        try:
            result = _coerced(node, type_)
        except GraphQLError as error:
            self.report(error.message, node, **(error.extensions or {}))
            return
        except Exception:  # whatever a scalar raises says that it takes no such value
            result = Undefined
        if result is Undefined:
            self.report(f"Expected value of type '{type_}'.", node)

    def _refuse(self, problem: str, node: Node) -> None:
        self.report(problem, node, code="BAD_USER_INPUT", path=list(self._place))


def _coerced(node: Any, type_: Any) -> Any:
    """The value of a leaf; Undefined where a list or an object stands for one that takes none."""
    if isinstance(node, ListValueNode | ObjectValueNode) and _takes_single_values(type_):
        return Undefined
    if isinstance(type_, GraphQLEnumType):
        return type_.coerce_input_literal(node, hide_suggestions=True)
    if type_.coerce_input_literal is not None:
        return type_.coerce_input_literal(node)
    return type_.parse_literal(node, None)


def _takes_single_values(type_: Any) -> bool:
    return isinstance(type_, GraphQLEnumType) or is_specified_scalar_type(type_)


def _variables(node: ValueNode) -> Iterator[VariableNode]:
    """The variables in a list or object that stands for a scalar."""
    inner: Sequence[Any] = ()
    if isinstance(node, ListValueNode):
        inner = node.values
    elif isinstance(node, ObjectValueNode):
        inner = [field.value for field in node.fields]
    for value in inner:
        if isinstance(value, VariableNode):
            yield value
        else:
            yield from _variables(value)


def _default(definition: GraphQLArgument | GraphQLInputField) -> bool:
    return definition.default is not None or definition.default_value is not Undefined


def _required(argument: GraphQLArgument) -> bool:
    return is_required_argument(argument)
