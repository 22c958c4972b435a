"""The schema and the permission table as files of the repository."""

import re
from collections.abc import Mapping

from graphql import GraphQLSchema, print_schema

from app.policy.costs import costs
from app.policy.permissions import ROLES, permissions
from app.schema.build import assembled
from app.schema.cost_facts import applied_directives


def printed_schema() -> str:
    """The SDL with costs; each field's description ends with the roles that may use it."""
    schema: GraphQLSchema = assembled()._schema
    for name, roles in permissions().items():
        type_name, field_name = name.split(".")
        field = schema.type_map[type_name].fields[field_name]  # type: ignore[attr-defined]  # object types
        allowed = ", ".join(role for role in ROLES if role in roles) or "nobody"
        field.description = "\n".join(filter(None, [field.description, f"For: {allowed}."]))
    return _with_costs(print_schema(schema), applied_directives(schema, costs())) + "\n"


_TYPE = re.compile(r"(?:type|interface) (\w+)")
_FIELD = re.compile(r"  (\w+)[(:]")


def _with_costs(sdl: str, applied: Mapping[tuple[str, str], str]) -> str:
    """The SDL with directives behind the fields, which graphql-core does not print."""
    lines = []
    owner = field = ""
    is_text = False
    for line in sdl.splitlines():
        if not is_text:
            owner = found[1] if (found := _TYPE.match(line)) else owner if line != "}" else ""
            field = found[1] if (found := _FIELD.match(line)) else field
            ends_field = re.match(r"  (\w+(\(.*\))?|\)): ", line) is not None
            if ends_field and (owner, field) in applied:
                line = f"{line} {applied[owner, field]}"
        is_text ^= line.count('"""') % 2 == 1
        lines.append(line)
    return "\n".join(lines)


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
