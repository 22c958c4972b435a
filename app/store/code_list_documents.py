"""What an import changed, and the stored documents that follow it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from app.store.db import Connection
from app.store.queries import queries


@dataclass(frozen=True, slots=True)
class Change:
    """A row as it is stored now, and the columns that were otherwise; all of a new row."""

    row: Mapping[str, object]
    columns: frozenset[str]
    added: bool


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: numbers of rows, and what became of those that it wrote."""

    table: str
    added: int
    changed: int
    unchanged: int
    changes: tuple[Change, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return (
            f"{self.table}: {self.added} added, {self.changed} changed, {self.unchanged} unchanged"
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """Columns of a list that stored documents show, and the query that builds those anew.

    name: the columns that the query is given of a row, with spaces between. new: a new row is
    shown too; elsewhere no document names what was not there.
    """

    table: str
    columns: frozenset[str]
    query: str
    name: tuple[str, ...] = ("code",)
    new: bool = False

    def by(self, change: Change) -> bool:
        return (self.new or not change.added) and not self.columns.isdisjoint(change.columns)

    def name_of(self, row: Mapping[str, object]) -> str:
        return " ".join(str(row[column]) for column in self.name)


_OF_PLANS: Final = frozenset(
    {
        *("composition", "job_goal_rule", "education_goal_rule", "description_variant"),
        *("fund_agreement", "education_steps", "contract", "shows_find_job"),
    }
)
_OF_CITIZENS: Final = _OF_PLANS | {
    *("name", "lab_section_6_number", "obliged", "requirement_issuer", "sought_jobs_minimum"),
    *("individually_exemptible", "valid_from", "valid_to"),
}
_KIND: Final = frozenset({"timeline_label", "type_name", "hidden_from_fund"})

_SHOWN: Final = (
    Shown("target_group", _OF_CITIZENS, "refresh_groups"),
    Shown("target_group", _OF_PLANS, "refresh_plans_of_groups"),
    Shown(
        "target_group_plan_type",
        frozenset({"position"}),
        "refresh_groups",
        ("target_group",),
        new=True,
    ),
    Shown(
        "composition_element",
        frozenset({"position", "element", "only_if_any"}),
        "refresh_compositions",
        ("composition",),
        new=True,
    ),
    Shown("intervention_kind", _KIND, "refresh_kinds"),
    Shown("education_scheme", frozenset({"timeline_label"}), "refresh_schemes"),
    Shown("plan_type", frozenset({"visible_to_fund"}), "refresh_plan_types"),
    Shown("organisation", frozenset({"name"}), "refresh_organisations", ("kind", "code")),
    Shown("occupation", frozenset({"label", "scheme"}), "refresh_occupations"),
)


async def follow(connection: Connection, reports: Iterable[ImportReport]) -> None:
    """Stored documents follow what changed in a list: they are built anew, without a version.

    Only those that show it, and until the transaction ends nobody writes then. Where no document
    shows what changed, nobody waits.
    """
    stale: dict[str, set[str]] = {}
    for report in reports:
        for shown in (shown for shown in _SHOWN if shown.table == report.table):
            codes = {shown.name_of(change.row) for change in report.changes if shown.by(change)}
            if codes:
                stale.setdefault(shown.query, set()).update(codes)
    if not stale:
        return
    async with connection.transaction():
        await connection.execute(queries()["hold_plans"])
        for query, names in stale.items():
            await connection.execute(queries()[query], sorted(names))


def change_of(added: bool, before: str | None, after: str) -> Change:
    """From the row as JSON before and after."""
    old, new = orjson.loads(before or "{}") or {}, orjson.loads(after)
    columns = frozenset(name for name, cell in new.items() if added or old[name] != cell)
    return Change(new, columns, added)
