"""THE table of permissions: which role may use which field, read from `permissions.txt`.

One line a field, `Type.field` and a mark for each role in the order of `ROLES`: `x` allowed,
`-` refused. Code lists are for everybody, also without a login (R155). The same table decides
before an operation runs, is printed in the SDL, and is compared with the schema at start-up.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from app.domain.viewer import Role

ROLES = (Role.CITIZEN, Role.JOBCENTER, Role.FUND, Role.INSTITUTION, Role.SYSTEM, Role.ANONYMOUS)

TABLE = Path(__file__).with_name("permissions.txt")


class PermissionTableError(Exception):
    """The table cannot be read, or it and the schema name different fields."""


@cache
def permissions() -> Mapping[str, frozenset[Role]]:
    """`Type.field` -> the roles that may use it. Raises PermissionTableError for a bad line."""
    return read_table(TABLE.read_text().splitlines())


def read_table(lines: Iterable[str]) -> dict[str, frozenset[Role]]:
    """Reads the lines of a table.

    >>> sorted(read_table(["Plan.id  x x - - - -"])["Plan.id"])
    [<Role.CITIZEN: 'citizen'>, <Role.JOBCENTER: 'jobcenter'>]
    """
    table: dict[str, frozenset[Role]] = {}
    for number, line in enumerate(lines, 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        name, *marks = words
        if len(marks) != len(ROLES) or set(marks) - {"x", "-"} or name in table:
            raise PermissionTableError(f"permissions.txt line {number}: {line.strip()}")
        table[name] = frozenset(r for r, mark in zip(ROLES, marks, strict=True) if mark == "x")
    return table


def refuse_difference(fields: Iterable[str]) -> None:
    """Raises PermissionTableError unless the table names exactly these fields of the schema."""
    known, wanted = set(permissions()), set(fields)
    missing, unknown = sorted(wanted - known), sorted(known - wanted)
    if missing or unknown:
        raise PermissionTableError(
            f"permissions.txt lacks {missing or 'nothing'} and names {unknown or 'nothing'} in vain"
        )
