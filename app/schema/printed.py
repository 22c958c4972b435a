"""The schema and the permission table as files of the repository."""

from graphql import GraphQLSchema, print_schema

from app.policy.permissions import ROLES, permissions
from app.schema.build import assembled


def printed_schema() -> str:
    """The SDL; each field's description ends with the roles that may use it."""
    schema: GraphQLSchema = assembled()._schema
    for name, roles in permissions().items():
        type_name, field_name = name.split(".")
        field = schema.type_map[type_name].fields[field_name]  # type: ignore[attr-defined]  # object types
        allowed = ", ".join(role for role in ROLES if role in roles) or "nobody"
        field.description = "\n".join(filter(None, [field.description, f"For: {allowed}."]))
    return print_schema(schema) + "\n"


def printed_permissions() -> str:
    """The permission matrix as a Markdown table."""
    head = [
        "# Who may use which field",
        "",
        "Written by `minplan permissions` from `app/policy/permissions.txt`. Rows are scoped too:",
        "a citizen reads the own plan, a jobcenter its municipality, a fund its members; what is",
        "outside answers as what does not exist.",
        "",
        f"| field | {' | '.join(ROLES)} |",
        f"|---|{'---|' * len(ROLES)}",
    ]
    rows = [
        f"| `{name}` | {' | '.join('x' if role in roles else '-' for role in ROLES)} |"
        for name, roles in sorted(permissions().items())
    ]
    return "\n".join([*head, *rows, ""])
