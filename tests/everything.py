"""A query for everything a role may ask, made from the schema and the permission table."""

from collections.abc import Iterator

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from app.domain.viewer import Role
from app.policy.permissions import permissions

ARGUMENTS = {
    "Plan.latestAgreement": (
        "(authority: JOBCENTER)",
        "(authority: UNEMPLOYMENT_FUND)",
    ),
    "Plan.versions": ("(first: 50)",),
    "Plan.changesSince": ("(version: 0)",),
    "Plan.timeline": ("(months: 12)", "(months: 12, view: LIST)"),
    "TimelineElement.timeline": ("(months: 12)",),
    "Citizen.accessLog": ("(first: 50)",),
    "Citizen.noticeDeliveries": ("(first: 50)",),
    "Citizen.earlierPlans": ("(first: 1)",),
    "Citizen.plan": ("", "(version: 1)", "(version: 2)", "(version: 3)"),
}
"""How fields with arguments are asked; each way once."""


def everything(schema: GraphQLSchema, role: Role, **roots: tuple[str, str]) -> str:
    """A query with `$id` for root fields, each given by its arguments and the type it answers."""
    fragments: dict[str, str] = {}
    for _, type_name in roots.values():
        _gather(schema, role, type_name, fragments)
    fields = " ".join(f"{name}{args} {{ ...{kind}_ }}" for name, (args, kind) in roots.items())
    return "\n".join([f"query($id: ID!) {{ {fields} }}", *fragments.values()])


def _gather(schema: GraphQLSchema, role: Role, type_name: str, fragments: dict[str, str]) -> None:
    """Adds a fragment for the type, and for all types below it."""
    if type_name in fragments:
        return
    fragments[type_name] = ""  # it is under way
    kind = schema.type_map[type_name]
    parts = ["__typename"]
    below: list[str] = []
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        below = [member.name for member in schema.get_possible_types(kind)]
        parts += [f"...{name}_" for name in below]
    elif isinstance(kind, GraphQLObjectType):
        for name, field in kind.fields.items():
            if role in permissions()[f"{type_name}.{name}"]:
                parts += _asked(type_name, name, field)
                below += [] if is_leaf_type(named := get_named_type(field.type)) else [named.name]
    for name in below:
        _gather(schema, role, name, fragments)
    fragments[type_name] = f"fragment {type_name}_ on {type_name} {{ {' '.join(parts)} }}"


def _asked(type_name: str, name: str, field: GraphQLField) -> Iterator[str]:
    """The field in each way it is asked, under names that no other type's field has."""
    known_as = f"{type_name}.{name}"
    below = get_named_type(field.type)
    inside = "" if is_leaf_type(below) else f"{{ ...{below.name}_ }}"
    for way, arguments in enumerate(ARGUMENTS.get(known_as, ("",))):
        assert arguments or not any(map(is_required_argument, field.args.values())), known_as
        yield f"{type_name}_{name}_{way}: {name}{arguments} {inside}"
