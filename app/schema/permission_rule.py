"""Refuses a document that uses a field its viewer's role may not use, before anything runs.

One rule class per role, so that validation results can be kept by text and role. Every field of
the schema's own types stands in the table; introspection is decided apart.
"""

from functools import cache
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLSchema, ValidationRule, get_named_type

from app.domain.viewer import Role
from app.policy.permissions import permissions


@cache
def permission_rule(role: Role) -> type[ValidationRule]:
    """The rule that answers FORBIDDEN for each field the role may not use."""
    allowed = frozenset(name for name, roles in permissions().items() if role in roles)

    class PermissionRule(ValidationRule):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = self.context.get_parent_type()
            name = node.name.value
            if parent is None or name.startswith("__") or parent.name.startswith("__"):
                return
            if self.context.get_field_def() is None:  # unknown: another rule says so
                return
            if f"{parent.name}.{name}" not in allowed:
                self.report_error(
                    GraphQLError(
                        f"You may not use {parent.name}.{name}.",
                        node,
                        extensions={
                            "code": "UNAUTHENTICATED" if role is Role.ANONYMOUS else "FORBIDDEN"
                        },
                    )
                )

    return PermissionRule


def schema_fields(schema: GraphQLSchema) -> list[str]:
    """`Type.field` of every output field in the schema's own types, sorted."""
    return sorted(
        f"{name}.{field}"
        for name, type_ in schema.type_map.items()
        if not name.startswith("__") and hasattr(type_, "fields") and _is_output(type_)
        for field in type_.fields
    )


def _is_output(type_: Any) -> bool:
    return type(get_named_type(type_)).__name__ in ("GraphQLObjectType", "GraphQLInterfaceType")
