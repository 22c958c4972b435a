"""The schema starts, and only together with the table of permissions."""

import pytest
from graphql import get_named_type, is_interface_type, is_object_type

from app.policy.permissions import PermissionTableError, permissions, refuse_difference
from app.schema.build import assembled, build_schema
from app.schema.permission_rule import schema_fields


def test_the_schema_starts_with_its_permission_table() -> None:
    schema = build_schema()._schema

    assert set(schema_fields(schema)) == set(permissions())


def test_a_field_without_a_permission_does_not_start() -> None:
    with pytest.raises(PermissionTableError, match=r"lacks \['Plan.novelty'\]"):
        refuse_difference([*permissions(), "Plan.novelty"])


def test_a_permission_without_a_field_does_not_start() -> None:
    fields = set(permissions()) - {"Plan.id"}

    with pytest.raises(PermissionTableError, match=r"names \['Plan.id'\] in vain"):
        refuse_difference(fields)


def test_a_member_of_an_interface_is_never_more_open_than_the_interface() -> None:
    schema, table = assembled()._schema, permissions()
    wider = [
        f"{member.name}.{name}"
        for interface in schema.type_map.values()
        if is_interface_type(interface)
        for member in schema.get_possible_types(interface)
        for name in interface.fields
        if not table[f"{member.name}.{name}"] <= table[f"{interface.name}.{name}"]
    ]

    assert wider == []


def test_whoever_may_use_a_field_may_use_something_of_what_it_answers() -> None:
    schema, table = assembled()._schema, permissions()
    dead_ends = []
    for name, roles in table.items():
        owner, field = name.split(".")
        answer = get_named_type(schema.type_map[owner].fields[field].type)  # type: ignore[attr-defined]  # an object type
        if is_object_type(answer) or is_interface_type(answer):
            usable = frozenset().union(*(table[f"{answer.name}.{f}"] for f in answer.fields))
            dead_ends += [f"{name}: {role}" for role in roles - usable]

    assert dead_ends == []
