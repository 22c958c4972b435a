"""Code lists from CSV into their tables: idempotent, with a report of what changed.

Empty cells are null, `yes`/`no` are booleans. A row that left the file stays in the table:
lists are dated, and history may still name it.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from app.store.db import Connection
from app.store.queries import DB

Row = Mapping[str, str | int | None]

_DATED = ("valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: numbers of rows."""

    table: str
    added: int
    changed: int
    unchanged: int

    def __str__(self) -> str:
        return (
            f"{self.table}: {self.added} added, {self.changed} changed, {self.unchanged} unchanged"
        )


@dataclass(frozen=True, slots=True)
class CodeList:
    """A table filled from CSV: its key and all its columns, as the CSV names them."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]


MUNICIPALITY = CodeList("municipality", ("code",), ("code", "name", "region", *_DATED))
OCCUPATION = CodeList("occupation", ("code",), ("code", "label", "scheme", *_DATED))
OCCUPATION_ALIAS = CodeList("occupation_alias", ("code", "alias"), ("code", "alias"))
SHORTAGE_AREA = CodeList(
    "shortage_area",
    ("region", "occupation_code", "valid_from"),
    ("region", "occupation_code", "in_shortage", *_DATED),
)
PLAN_TYPE = CodeList("plan_type", ("code",), ("code", "name", "visible_to_fund", *_DATED))
COMPOSITION = CodeList("composition", ("code",), ("code",))
COMPOSITION_ELEMENT = CodeList(
    "composition_element",
    ("composition", "position"),
    ("composition", "position", "element", "only_if_any"),
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
)
TARGET_GROUP_PLAN_TYPE = CodeList(
    "target_group_plan_type",
    ("target_group", "plan_type"),
    ("target_group", "plan_type", "position"),
)
INTERVENTION_KIND = CodeList(
    "intervention_kind",
    ("code",),
    (
        *("code", "name", "timeline_label", "type_name", "hidden_from_fund"),
        *("fund_may_create", "vitas_import", *_DATED),
    ),
)
EDUCATION_SCHEME = CodeList(
    "education_scheme", ("code",), ("code", "name", "timeline_label", *_DATED)
)
ORGANISATION = CodeList("organisation", ("kind", "code"), ("kind", "code", "name"))


def read_csv(path: Path) -> list[dict[str, str | None]]:
    """The rows of a UTF-8 CSV file with a heading; an empty cell becomes None."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{k: (v or None) for k, v in row.items()} for row in csv.DictReader(file)]


async def store(connection: Connection, code_list: CodeList, rows: Iterable[Row]) -> ImportReport:
    """Inserts or updates `rows`; raises asyncpg's data errors for what the table refuses."""
    wanted = [{c: row.get(c) for c in code_list.columns} for row in rows]
    for row in wanted:
        if "valid_from" in row and row["valid_from"] is None:
            row["valid_from"] = "1900-01-01"
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
    touched = await connection.fetch(
        f"insert into {code_list.table} as stored ({columns})"  # noqa: S608
        f" select {columns} from jsonb_populate_recordset(null::{code_list.table}, $1::text::jsonb)"
        f" on conflict ({', '.join(code_list.key)}) do {action}"
        f" returning xmax = 0 as added",
        orjson.dumps(wanted).decode(),
    )
    added = sum(row["added"] for row in touched)
    return ImportReport(code_list.table, added, len(touched) - added, len(wanted) - len(touched))


async def load_code_lists(connection: Connection) -> list[ImportReport]:
    """The lists of `db/codes`, in the order of their references."""
    groups = _codes("target_groups")
    elements = _codes("compositions")
    municipalities = _codes("municipalities")
    return [
        await store_municipalities(connection, municipalities),
        await store(connection, PLAN_TYPE, _codes("plan_types")),
        await store(
            connection, COMPOSITION, [{"code": c} for c in _first(elements, "composition")]
        ),
        await store(connection, COMPOSITION_ELEMENT, elements),
        await store(connection, TARGET_GROUP, groups),
        await store(connection, TARGET_GROUP_PLAN_TYPE, list(_plan_types(groups))),
        await store(connection, INTERVENTION_KIND, _codes("intervention_kinds")),
        await store(connection, EDUCATION_SCHEME, _codes("education_schemes")),
        await store(
            connection,
            ORGANISATION,
            [{"kind": "UNEMPLOYMENT_FUND", **r} for r in _codes("unemployment_funds_sample")],
        ),
    ]


async def store_municipalities(connection: Connection, rows: Iterable[Row]) -> ImportReport:
    """Municipalities and, with each, its jobcenter under the same code."""
    rows = list(rows)
    report = await store(connection, MUNICIPALITY, rows)
    jobcenters = [
        {"kind": "JOBCENTER", "code": r["code"], "name": f"Jobcenter {r['name']}"} for r in rows
    ]
    await store(connection, ORGANISATION, jobcenters)
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
    return report


async def store_shortage_areas(connection: Connection, rows: Iterable[Row]) -> ImportReport:
    return await store(connection, SHORTAGE_AREA, rows)


def _codes(name: str) -> list[dict[str, str | None]]:
    return read_csv(DB / "codes" / f"{name}.csv")


def _first(rows: Iterable[Row], column: str) -> list[str]:
    return list(dict.fromkeys(str(row[column]) for row in rows))


def _plan_types(groups: Iterable[Row]) -> Iterable[Row]:
    for group in groups:
        for position, plan_type in enumerate(str(group["plan_types"]).split("|"), 1):
            yield {"target_group": group["code"], "plan_type": plan_type, "position": position}
