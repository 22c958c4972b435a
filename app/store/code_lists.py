"""Code lists from CSV into their tables: idempotent, with a report of what changed.

Empty cells are null, `yes`/`no` are booleans. A row that left the file stays in the table:
lists are dated, and history may still name it.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import asyncpg
import orjson

from app.errors import BadUserInput
from app.store.code_list_documents import ImportReport, change_of, follow
from app.store.code_list_rows import (
    Row as Row,
    check_rows,
    filled,
    read_csv as read_csv,
    refuse,
)
from app.store.db import Connection
from app.store.queries import DB, queries

_DATED = ("valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class CodeList:
    """A table filled from CSV: its key and all its columns, as the CSV names them.

    needed: columns that no row may leave empty. flags: those that are yes or no.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    needed: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


MUNICIPALITY = CodeList(
    "municipality",
    ("code",),
    ("code", "name", "region", *_DATED),
    needed=("code", "name", "region"),
)
OCCUPATION = CodeList(
    "occupation", ("code",), ("code", "label", "scheme", *_DATED), needed=("code", "label")
)
OCCUPATION_ALIAS = CodeList("occupation_alias", ("code", "alias"), ("code", "alias"))
SHORTAGE_AREA = CodeList(
    "shortage_area",
    ("region", "occupation_code", "valid_from"),
    ("region", "occupation_code", "in_shortage", *_DATED),
    needed=("region", "occupation_code", "in_shortage"),
    flags=("in_shortage",),
)
PLAN_TYPE = CodeList(
    "plan_type",
    ("code",),
    ("code", "name", "visible_to_fund", *_DATED),
    needed=("code", "name", "visible_to_fund"),
    flags=("visible_to_fund",),
)
_GROUP_FLAGS = (
    *("obliged", "fund_agreement", "education_steps", "contract", "individually_exemptible"),
    *("shows_find_job", "fund_first_three_months"),
)
COMPOSITION = CodeList("composition", ("code",), ("code",))
COMPOSITION_ELEMENT = CodeList(
    "composition_element",
    ("composition", "position"),
    ("composition", "position", "element", "only_if_any"),
    needed=("composition", "position", "element", "only_if_any"),
    flags=("only_if_any",),
)
TARGET_GROUP = CodeList(
    "target_group",
    ("code",),
    (
        *("code", "name", "lab_section_6_number", "obliged", "composition", "job_goal_rule"),
        *("education_goal_rule", "description_variant", "fund_agreement", "requirement_issuer"),
        *("education_steps", "contract", "sought_jobs_minimum", "digital_duty"),
        *("individually_exemptible", "shows_find_job", "fund_first_three_months", *_DATED),
    ),
    needed=("code", "name", "composition", "sought_jobs_minimum", "digital_duty", *_GROUP_FLAGS),
    flags=_GROUP_FLAGS,
)
TARGET_GROUP_PLAN_TYPE = CodeList(
    "target_group_plan_type",
    ("target_group", "plan_type"),
    ("target_group", "plan_type", "position"),
)
_KIND_FLAGS = ("hidden_from_fund", "fund_may_create", "vitas_import")
INTERVENTION_KIND = CodeList(
    "intervention_kind",
    ("code",),
    (
        *("code", "name", "timeline_label", "type_name", "hidden_from_fund"),
        *("fund_may_create", "vitas_import", *_DATED),
    ),
    needed=("code", "name", "timeline_label", "type_name", *_KIND_FLAGS),
    flags=_KIND_FLAGS,
)
EDUCATION_SCHEME = CodeList(
    "education_scheme",
    ("code",),
    ("code", "name", "timeline_label", *_DATED),
    needed=("code", "name", "timeline_label"),
)
POLICY = CodeList(
    "policy",
    ("name", "target_group", "valid_from"),
    ("name", "target_group", "value", *_DATED),
    needed=("name", "value"),
)
ORGANISATION = CodeList("organisation", ("kind", "code"), ("kind", "code", "name"))


async def store(connection: Connection, code_list: CodeList, rows: Iterable[Row]) -> ImportReport:
    """Inserts or updates `rows`; raises `BadUserInput` for what the table refuses."""
    rows = list(rows)
    check_rows(rows, code_list.key, code_list.needed, code_list.flags)
    wanted = [{column: filled(row, column) for column in code_list.columns} for row in rows]
    columns = ", ".join(code_list.columns)
    others = [c for c in code_list.columns if c not in code_list.key]
    # names come from the constants above, never from a caller
    action = "nothing"
    if others:
        action = (
            f"update set ({', '.join(others)}) = row({', '.join('excluded.' + c for c in others)})"
            f" where ({', '.join('stored.' + c for c in others)})"
            f" is distinct from ({', '.join('excluded.' + c for c in others)})"
        )
    statement = (
        f"insert into {code_list.table} as stored ({columns})"  # noqa: S608
        f" select {columns} from jsonb_populate_recordset(null::{code_list.table}, $1::text::jsonb)"
        f" on conflict ({', '.join(code_list.key)}) do {action}"
        f" returning xmax = 0 as added, to_jsonb(old)::text as before, to_jsonb(new)::text as after"
    )
    try:
        touched = await connection.fetch(statement, orjson.dumps(wanted).decode())
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError):
        raise BadUserInput(
            f"The file cannot be imported: a row does not fit the table {code_list.table}."
        ) from None
    added = sum(row["added"] for row in touched)
    changes = tuple(change_of(row["added"], row["before"], row["after"]) for row in touched)
    rest = len(wanted) - len(touched)
    return ImportReport(code_list.table, added, len(touched) - added, rest, changes)


async def stored_rows(connection: Connection, code_list: CodeList) -> list[dict[str, object]]:
    """All rows of the list's table."""
    statement = f"select {', '.join(code_list.columns)} from {code_list.table}"  # noqa: S608
    return [dict(row) for row in await connection.fetch(statement)]


async def load_code_lists(connection: Connection, now: datetime) -> list[ImportReport]:
    """The lists of `db/codes`, in the order of their references; each when its file changed.

    What was imported over a list stays until a release brings another file for it.
    """
    reports: list[ImportReport] = []
    for name, load in _BUNDLED.items():
        path = DB / "codes" / f"{name}.csv"
        content = sha256(path.read_bytes()).digest()
        if not await connection.fetchval(queries()["code_list_is_loaded"], name, content):
            reports += await load(connection, read_csv(path))
            await connection.execute(queries()["code_list_was_loaded"], name, content, now)
    await follow(connection, reports)
    return reports


async def store_municipalities(connection: Connection, rows: Iterable[Row]) -> ImportReport:
    """Municipalities and, with each, its jobcenter under the same code.

    Raises `BadUserInput` with what is wrong on which lines, as the imports below do.
    """
    rows = list(rows)
    codes = [row for row in rows if not _is_municipality_code(row.get("code"))]
    refuse({"`code` is not three digits": codes}, rows)
    report = await store(connection, MUNICIPALITY, rows)
    jobcenters = [
        {"kind": "JOBCENTER", "code": r["code"], "name": f"Jobcenter {r['name']}"} for r in rows
    ]
    await follow(connection, [await store(connection, ORGANISATION, jobcenters)])
    return report


async def store_occupations(connection: Connection, rows: Iterable[Row]) -> ImportReport:
    """Occupations; the column `aliases` holds other names, separated by `|`."""
    rows = list(rows)
    report = await store(connection, OCCUPATION, rows)
    aliases = [
        {"code": row["code"], "alias": alias.strip()}
        for row in rows
        for alias in str(row.get("aliases") or "").split("|")
        if alias.strip()
    ]
    await store(connection, OCCUPATION_ALIAS, aliases)
    await follow(connection, [report])
    return report


async def store_shortage_areas(connection: Connection, rows: Iterable[Row]) -> ImportReport:
    """Which occupations lack people in which region, and when."""
    rows = list(rows)
    codes = sorted({str(row["occupation_code"]) for row in rows if row.get("occupation_code")})
    unknown = {r["code"] for r in await connection.fetch(queries()["unknown_occupations"], codes)}
    bad = [row for row in rows if row.get("occupation_code") in unknown]
    refuse({"`occupation_code` is no occupation": bad}, rows)
    return await store(connection, SHORTAGE_AREA, rows)


Load = Callable[[Connection, list[dict[str, str | None]]], Awaitable[list[ImportReport]]]


def _table(code_list: CodeList, **same: str) -> Load:
    """Loads a file that is one table. same: columns that all its rows share."""

    async def load(connection: Connection, rows: list[dict[str, str | None]]) -> list[ImportReport]:
        return [await store(connection, code_list, [{**same, **row} for row in rows])]

    return load


async def _municipalities(
    connection: Connection, rows: list[dict[str, str | None]]
) -> list[ImportReport]:
    return [await store_municipalities(connection, rows)]


async def _compositions(
    connection: Connection, rows: list[dict[str, str | None]]
) -> list[ImportReport]:
    codes = dict.fromkeys(row["composition"] for row in rows)
    return [
        await store(connection, COMPOSITION, [{"code": code} for code in codes]),
        await store(connection, COMPOSITION_ELEMENT, rows),
    ]


async def _target_groups(
    connection: Connection, rows: list[dict[str, str | None]]
) -> list[ImportReport]:
    return [
        await store(connection, TARGET_GROUP, rows),
        await store(connection, TARGET_GROUP_PLAN_TYPE, list(plan_types_of(rows))),
    ]


_BUNDLED: Final[Mapping[str, Load]] = {
    "municipalities": _municipalities,
    "plan_types": _table(PLAN_TYPE),
    "compositions": _compositions,
    "target_groups": _target_groups,
    "intervention_kinds": _table(INTERVENTION_KIND),
    "education_schemes": _table(EDUCATION_SCHEME),
    "policies": _table(POLICY),
    "unemployment_funds_sample": _table(ORGANISATION, kind="UNEMPLOYMENT_FUND"),
}
"""Files of `db/codes` that have tables, each after those it refers to."""


def _is_municipality_code(code: object) -> bool:
    return code is None or (len(str(code)) == 3 and str(code).isdecimal() and str(code).isascii())


def plan_types_of(groups: Iterable[Row]) -> Iterable[Row]:
    """The rows of `TARGET_GROUP_PLAN_TYPE` from the column `plan_types` of groups."""
    for group in groups:
        for position, plan_type in enumerate(str(group["plan_types"]).split("|"), 1):
            yield {"target_group": group["code"], "plan_type": plan_type, "position": position}
