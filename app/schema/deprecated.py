"""How often deprecated parts of the schema are used, so that one knows when they can go.

Counted once for each operation that is run, whatever comes of it: fields, arguments, enum values
and input fields, in the document and in its variables. Labels come from the schema alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    type_from_ast,
    visit,
)

from app.schema.fragments import fragments_of, reached
from app.schema.metrics import DEPRECATED_FIELDS
from app.schema.prepared import Prepared


class Part(NamedTuple):
    """A deprecated part: `field` is `name`, or `name(argument:)`, of the type."""

    type: str
    field: str


class _Uses(NamedTuple):
    """What an operation's text uses, and the variables whose values have to be looked at."""

    parts: frozenset[Part]
    variables: tuple[tuple[str, Any], ...]


_NONE = _Uses(frozenset(), ())


class Deprecations:
    """The deprecated parts of one schema; without any, nothing is ever looked at."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self.parts = frozenset(_deprecated(schema))
        self._inputs = _inputs_with(self.parts, schema)

    def count(
        self,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
    ) -> None:
        """Counts what one operation uses; what its text uses is worked out once."""
        if not self.parts or prepared.document is None:
            return
        key = ("deprecated", id(operation))
        uses: _Uses | None = prepared.kept.get(key)
        if uses is None:
            uses = prepared.kept[key] = self._uses(prepared.document, operation)
        if uses == _NONE:
            return
        given = variables or {}
        found = set(uses.parts)
        for name, type_ in uses.variables:
            found.update(self._in_value(type_, given.get(name)))
        for part in found:
            DEPRECATED_FIELDS.labels(*part).inc()

    def used_by(self, document: DocumentNode, operation: OperationDefinitionNode) -> list[Part]:
        """What the text of an operation uses, sorted."""
        return sorted(self._uses(document, operation).parts)

    def _uses(self, document: DocumentNode, operation: OperationDefinitionNode) -> _Uses:
        info = TypeInfo(self._schema)
        reader = _Reader(info)
        for definition in reached(operation, fragments_of(document)):
            visit(definition, TypeInfoVisitor(info, reader))
        variables = {
            one.variable.name.value: type_from_ast(self._schema, one.type)
            for one in operation.variable_definitions or ()
        }
        looked_at = (one for one in variables.items() if _name(one[1]) in self._inputs)
        return _Uses(frozenset(reader.found & self.parts), tuple(looked_at))

    def _in_value(self, type_: Any, value: Any) -> Iterator[Part]:
        """What a variable's value uses; a value that does not fit its type is not run anyway."""
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        if isinstance(type_, GraphQLList):
            for item in value if isinstance(value, list) else [value]:
                yield from self._in_value(type_.of_type, item)
        elif isinstance(type_, GraphQLEnumType) and isinstance(value, str):
            yield from self.parts & {Part(type_.name, value)}
        elif isinstance(type_, GraphQLInputObjectType) and isinstance(value, dict):
            for name in value.keys() & type_.fields.keys():
                yield from self.parts & {Part(type_.name, name)}
                yield from self._in_value(type_.fields[name].type, value[name])


@cache
def deprecations_of(schema: GraphQLSchema) -> Deprecations:
    """Worked out once for each schema."""
    return Deprecations(schema)


class _Reader(Visitor):
    """Notes every field, argument, enum value and input field that is used."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.found: set[Part] = set()

    def enter_field(self, node: Any, *_: Any) -> None:
        parent = self._info.get_parent_type()
        if parent is not None:
            name = node.name.value
            self.found.add(Part(parent.name, name))
            arguments = (f"{name}({one.name.value}:)" for one in node.arguments or ())
            self.found.update(Part(parent.name, one) for one in arguments)

    def enter_object_field(self, node: Any, *_: Any) -> None:
        owner = self._info.get_parent_input_type()
        if owner is not None:
            self.found.add(Part(_name(owner), node.name.value))

    def enter_enum_value(self, node: Any, *_: Any) -> None:
        type_ = self._info.get_input_type()
        if type_ is not None:
            self.found.add(Part(_name(type_), node.value))


def _name(type_: Any) -> str:
    """The name of a type without its lists and non-nulls."""
    named: str = get_named_type(type_).name
    return named


def _deprecated(schema: GraphQLSchema) -> Iterator[Part]:
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                yield from _marked(type_.name, [(name, field)])
                arguments = ((f"{name}({key}:)", one) for key, one in field.args.items())
                yield from _marked(type_.name, arguments)
        elif isinstance(type_, GraphQLInputObjectType):
            yield from _marked(type_.name, type_.fields.items())
        elif isinstance(type_, GraphQLEnumType):
            yield from _marked(type_.name, type_.values.items())


def _marked(type_name: str, parts: Iterable[tuple[str, Any]]) -> Iterator[Part]:
    return (Part(type_name, name) for name, one in parts if one.deprecation_reason is not None)


def _inputs_with(parts: frozenset[Part], schema: GraphQLSchema) -> frozenset[str]:
    """Input types, enums among them, that hold a deprecated part at any depth."""
    found = {part.type for part in parts if "(" not in part.field}
    inputs = [t for t in schema.type_map.values() if isinstance(t, GraphQLInputObjectType)]
    grown = -1
    while grown != len(found):
        grown = len(found)
        found |= {
            one.name
            for one in inputs
            if any(_name(field.type) in found for field in one.fields.values())
        }
    return frozenset(found)
