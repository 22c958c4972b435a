"""Every field of the schema, asked for as every role, is answered as the one table says."""

from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)

from app.domain.viewer import Role
from app.policy.permissions import ROLES, permissions, read_table
from app.schema.build import build_schema
from app.schema.permission_rule import schema_fields
from app.schema.prepared import PreparedDocuments

MANY = 5
"""Fields in a document: with those on the way no more than errors are told, which is ten."""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema()._schema


def literal(type_: Any) -> str:
    """Any value of an input type, written as GraphQL."""
    if isinstance(type_, GraphQLNonNull):
        return literal(type_.of_type)
    if isinstance(type_, GraphQLList):
        return "[]"
    if isinstance(type_, GraphQLEnumType):
        return str(next(iter(type_.values)))
    if isinstance(type_, GraphQLInputObjectType):
        fields = [(n, f) for n, f in type_.fields.items() if is_required_input_field(f)]
        if type_.is_one_of:
            fields = list(type_.fields.items())[:1]
        return "{" + ", ".join(f"{n}: {literal(f.type)}" for n, f in fields) + "}"
    return {
        "Int": "1",
        "Float": "1.5",
        "Boolean": "true",
        "Date": '"2026-03-02"',
        "Base64": '"JVBERi0="',
    }.get(type_.name, '"2026-03-02T09:00:00+01:00"' if type_.name == "DateTime" else '"x"')


def routes(schema: GraphQLSchema) -> dict[str, tuple[str, str]]:
    """For each type the shortest way to it: text before and after a selection on it."""
    found: dict[str, tuple[str, str]] = {}
    roots = [("query", schema.query_type), ("mutation", schema.mutation_type)]
    roots.append(("subscription", schema.subscription_type))
    queue: list[Any] = []
    for operation, root in roots:
        assert root is not None
        found[root.name] = (f"{operation} {{ ", " }")
        queue.append(root)
    while queue:
        parent = queue.pop(0)
        before, after = found[parent.name]
        for name, field in parent.fields.items():
            arguments = [
                f"{a}: {literal(f.type)}" for a, f in field.args.items() if is_required_argument(f)
            ]
            call = f"{name}({', '.join(arguments)})" if arguments else name
            target = get_named_type(field.type)
            members = [target] if hasattr(target, "fields") else list(getattr(target, "types", ()))
            if isinstance(target, GraphQLInterfaceType):
                members += schema.get_implementations(target).objects
            members += [i for m in list(members) for i in getattr(m, "interfaces", ())]
            for member in members:
                if member.name not in found and isinstance(
                    member, GraphQLObjectType | GraphQLInterfaceType
                ):
                    found[member.name] = (
                        f"{before}{call} {{ ... on {member.name} {{ ",
                        f" }} }}{after}",
                    )
                    queue.append(member)
    return found


def together(schema: GraphQLSchema) -> list[list[str]]:
    """The fields of the table, some of one type to a document; a subscription has one."""
    of_type: dict[str, list[str]] = {}
    for name in permissions():
        of_type.setdefault(name.split(".")[0], []).append(name)
    assert schema.subscription_type is not None
    sizes = {schema.subscription_type.name: 1}
    return [
        names[first : first + sizes.get(type_name, MANY)]
        for type_name, names in of_type.items()
        for first in range(0, len(names), sizes.get(type_name, MANY))
    ]


def selection(schema: GraphQLSchema, name: str) -> str:
    """A field with the arguments it needs."""
    type_name, field_name = name.split(".")
    field = schema.type_map[type_name].fields[field_name]  # type: ignore[attr-defined]  # object types
    arguments = [
        f"{a}: {literal(f.type)}" for a, f in field.args.items() if is_required_argument(f)
    ]
    call = f"{field_name}({', '.join(arguments)})" if arguments else field_name
    named = get_named_type(field.type)
    leaf = not hasattr(named, "fields") and not hasattr(named, "types")
    return call if leaf else f"{call} {{ __typename }}"


def test_the_table_names_every_field_of_the_schema_and_nothing_else(schema: GraphQLSchema) -> None:
    assert sorted(permissions()) == schema_fields(schema)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_refused_exactly_the_fields_the_table_refuses(
    schema: GraphQLSchema, role: Role
) -> None:
    documents = PreparedDocuments(schema, introspection=True)
    ways = routes(schema)
    wrong = []
    for names in together(schema):
        before, after = ways[names[0].split(".")[0]]
        asked = " ".join(f"f{n}: {selection(schema, name)}" for n, name in enumerate(names))
        prepared = documents.prepare(f"{before}{asked}{after}", role)
        refused = {
            e.message
            for e in prepared.errors
            if (e.extensions or {}).get("code") in ("FORBIDDEN", "UNAUTHENTICATED")
        }
        others = [e.message for e in prepared.errors if e.message not in refused]
        wrong += [
            (name, refused, others)
            for name in names
            if others or (f"You may not use {name}." in refused) == (role in permissions()[name])
        ]
    assert wrong == []


def test_a_line_with_a_mark_too_few_is_no_table() -> None:
    with pytest.raises(Exception, match="line 1"):
        read_table(["Plan.id x x"])


@pytest.mark.parametrize(
    "field",
    [
        *("AidIntervention.form", "Plan.holistic", "Plan.contract", "Plan.testResults"),
        *("Citizen.notificationPreference", "Citizen.accessLog"),
    ],
)
def test_a_fund_may_never_use_what_is_not_its_business(field: str) -> None:
    assert Role.FUND not in permissions()[field]
