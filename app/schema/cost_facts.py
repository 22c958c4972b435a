"""What the table of costs says of each field of a schema, as costing and the SDL need it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from graphql import (
    GraphQLDirective,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    build_ast_schema,
    get_named_type,
    get_nullable_type,
    introspection_types,
    is_abstract_type,
    is_list_type,
    is_object_type,
    parse,
)

from app.policy.costs import PAGE_ARGUMENT, CostTable, found_in

DEFINITIONS: Final = """\
directive @cost(weight: String!) on
  | ARGUMENT_DEFINITION
  | ENUM
  | FIELD_DEFINITION
  | INPUT_FIELD_DEFINITION
  | OBJECT
  | SCALAR

directive @listSize(
  assumedSize: Int
  slicingArguments: [String!]
  sizedFields: [String!]
  requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION
"""
"""As the draft of the GraphQL cost directives specification has them."""


DEFAULT_WEIGHT: Final = 1
"""Of a field that the table does not name, leaf or not: the draft has leaves free, which they are
not, for a name may be asked for under a thousand others in each of a hundred rows."""


@dataclass(frozen=True, slots=True)
class FieldCost:
    """weight: of the field itself. objects: names of the object types it may answer, none for a
    leaf. items: of a list, where nothing in the operation says it; an average in introspection.
    first: whether the operation says how many items there are: of the field itself, or of `sized`,
    the field below it.
    """

    weight: int
    objects: tuple[str, ...] = ()
    items: float | None = None
    first: bool = False
    sized: str | None = None
    default: int | None = None


def cost_directives() -> tuple[GraphQLDirective, ...]:
    """The definitions of both directives."""
    defined = build_ast_schema(parse(DEFINITIONS), assume_valid=True).directives
    return tuple(one for one in defined if one.name in ("cost", "listSize"))


class CostTableError(Exception):
    """A list of the schema has no size, or the table names what is not in the schema."""


def field_costs(schema: GraphQLSchema, table: CostTable) -> dict[tuple[str, str], FieldCost]:
    """The facts by type and field. Raises CostTableError for a list without a size."""
    found = {}
    for owner, name, field in output_fields(schema):
        fact = found[owner, name] = _fact(schema, table, owner, name, field)
        if is_list_type(get_nullable_type(field.type)) and not (
            fact.items is not None or _is_sized(table, schema, owner, name)
        ):
            raise CostTableError(f"costs.toml has no size for {owner}.{name}")
    for owner, name, field in introspection_fields(schema):
        fact = _fact(schema, table, owner, name, field)
        found[owner, name] = replace(fact, items=table.introspection.get(f"{owner}.{name}"))
    return found


def output_fields(schema: GraphQLSchema) -> Iterator[tuple[str, str, GraphQLField]]:
    """Type, name and definition of every field in the schema's own types."""
    for owner, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and owner[:2] != "__":
            for name, field in kind.fields.items():
                yield owner, name, field


def introspection_fields(schema: GraphQLSchema) -> Iterator[tuple[str, str, GraphQLField]]:
    """The same of the fields that answer the schema itself."""
    if schema.query_type is not None:
        yield schema.query_type.name, "__schema", SchemaMetaFieldDef
        yield schema.query_type.name, "__type", TypeMetaFieldDef
    for owner, kind in introspection_types.items():
        for name, field in getattr(kind, "fields", {}).items():
            yield owner, name, field


def applied_directives(schema: GraphQLSchema, table: CostTable) -> Mapping[tuple[str, str], str]:
    """What stands behind a field in the SDL, by type and field, where the table says something."""
    applied = {}
    for owner, name, _ in output_fields(schema):
        words = []
        weight = found_in(table.weight, owner, name)
        if weight is not None:
            words.append(f'@cost(weight: "{weight}")')
        size = _list_size(table, owner, name)
        if size is not None:
            words.append(f"@listSize({size})")
        if words:
            applied[owner, name] = " ".join(words)
    return applied


def _list_size(table: CostTable, owner: str, name: str) -> str | None:
    known_as = f"{owner}.{name}"
    if known_as in table.page:
        return f'slicingArguments: ["{PAGE_ARGUMENT}"], sizedFields: ["{table.page[known_as]}"]'
    if known_as in table.first:
        return (
            f'assumedSize: {table.first[known_as]}, slicingArguments: ["{PAGE_ARGUMENT}"],'
            " requireOneSlicingArgument: false"
        )
    assumed = found_in(table.assumed, owner, name)
    return None if assumed is None else f"assumedSize: {assumed}"


def _fact(
    schema: GraphQLSchema, table: CostTable, owner: str, name: str, field: GraphQLField
) -> FieldCost:
    known_as = f"{owner}.{name}"
    below = get_named_type(field.type)
    objects: tuple[str, ...] = ()
    if is_abstract_type(below):
        objects = tuple(member.name for member in schema.get_possible_types(below))
    elif is_object_type(below):
        objects = (below.name,)
    weight = found_in(table.weight, owner, name)
    argument = field.args.get(PAGE_ARGUMENT)
    default = argument.default_value if argument else None
    return FieldCost(
        weight=DEFAULT_WEIGHT if weight is None else weight,
        objects=objects,
        items=table.first.get(known_as) or found_in(table.assumed, owner, name),
        first=known_as in table.page or known_as in table.first,
        sized=table.page.get(known_as),
        default=default if isinstance(default, int) else None,
    )


def _is_sized(table: CostTable, schema: GraphQLSchema, owner: str, name: str) -> bool:
    """Whether every field that answers the owner says how many items this list of it has."""
    parents = [
        table.page.get(f"{above}.{field}") == name
        for above, field, definition in output_fields(schema)
        if get_named_type(definition.type).name == owner
    ]
    return bool(parents) and all(parents)
