"""What the checks of a document ask the schema, looked up once for each role."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from strawberry.types.base import StrawberryMaybe, StrawberryOptional

from app.domain.viewer import Role
from app.policy.permissions import permissions

_COMPOSITE: Final = (GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType)


@dataclass(slots=True, eq=False)
class FieldFacts:
    """One output field, as one role sees it.

    below: the type of its selection, None for a leaf. shape: its type with every composite type
    written alike: two fields of one answer may share a place only if their shapes are equal.
    introspects: the field answers with the schema itself. plain: its name alone asks for it.
    """

    type: str
    shape: str
    below: "TypeFacts | None"
    arguments: Mapping[str, GraphQLArgument]
    required: tuple[str, ...]
    refused: bool
    introspects: bool
    plain: bool


@dataclass(slots=True, eq=False)
class TypeFacts:
    """A type with a selection. possible: names of the object types its values can have."""

    name: str
    is_object: bool
    possible: frozenset[str]
    fields: dict[str, FieldFacts] = field(default_factory=dict)


class SchemaFacts:
    """The composite types of the schema by name, as one role sees them; None: whatever the role."""

    def __init__(self, schema: GraphQLSchema, role: Role | None) -> None:
        self.schema = schema
        self.role = role
        self.types: dict[str, TypeFacts] = {}
        for name, type_ in schema.type_map.items():
            if isinstance(type_, _COMPOSITE):
                is_object = isinstance(type_, GraphQLObjectType)
                possible = [type_] if is_object else schema.get_possible_types(type_)  # type: ignore[arg-type]
                self.types[name] = TypeFacts(name, is_object, frozenset(t.name for t in possible))
        for name, facts in self.types.items():
            self._describe(schema.type_map[name], facts)
        roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
        self.roots = {
            kind: self.types[root.name] if root else None
            for kind, root in zip(("query", "mutation", "subscription"), roots, strict=True)
        }

    def _describe(self, type_: GraphQLNamedType, facts: TypeFacts) -> None:
        fields: dict[str, GraphQLField] = {"__typename": TypeNameMetaFieldDef}
        if type_ is self.schema.query_type:
            fields |= {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            fields |= type_.fields
        for name, definition in fields.items():
            facts.fields[name] = self._field(type_.name, name, definition)

    def _field(self, parent: str, name: str, definition: GraphQLField) -> FieldFacts:
        named = get_named_type(definition.type)
        written = str(definition.type)
        required = tuple(a for a, arg in definition.args.items() if is_required_argument(arg))
        below = self.types.get(named.name)
        own = name.startswith("__") or parent.startswith("__")
        refused = not own and not self._may_use(f"{parent}.{name}")
        return FieldFacts(
            type=written,
            shape=written if is_leaf_type(named) else written.replace(named.name, "{}"),
            below=below,
            arguments=definition.args,
            required=required,
            refused=refused,
            introspects=named.name.startswith("__"),
            plain=not (refused or required or below),
        )

    def _may_use(self, field_name: str) -> bool:
        return self.role is None or self.role in permissions().get(field_name, ())


def refuses_null(definition: GraphQLArgument | GraphQLInputField) -> bool:
    """Whether Strawberry takes no `null` here though the type would: a `Maybe` of no optional."""
    known = (definition.extensions or {}).get("strawberry-definition")
    kind: Any = getattr(known, "type", None)
    return isinstance(kind, StrawberryMaybe) and not isinstance(kind.of_type, StrawberryOptional)
