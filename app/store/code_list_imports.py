"""Imports of the lists that say how plans are made: groups, plan types, compositions, kinds.

They are dated: a reform brings new rows and gives the old ones a last day. What is in use is not
turned into something else, and what this release has no name for in GraphQL is not taken in; what
was imported and names something new is refused with its lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.domain.target_group import ElementCode
from app.store import code_lists as lists
from app.store.bundled import EDUCATION_SCHEMES, INTERVENTION_KINDS, PLAN_TYPES, bundled_codes
from app.store.code_list_documents import ImportReport, follow
from app.store.code_list_rows import Row, check_rows, filled, refuse
from app.store.db import Connection
from app.store.queries import queries

Reports = list[ImportReport]

_FREE_OF_GROUPS: Final = frozenset(
    {"code", "name", "lab_section_6_number", "valid_from", "valid_to"}
)
"""Columns of a group in use that an import may change: no plan is made by them."""

_YES_NO: Final = {"yes": True, "no": False}


async def import_plan_types(connection: Connection, rows: Iterable[Row]) -> Reports:
    """Names and periods of plan types; raises `BadUserInput`, as all imports here do.

    What a fund may see of a plan is no matter of an import: documents, numbers and notices of
    before would say otherwise.
    """
    return await _import_known(
        connection, lists.PLAN_TYPE, list(rows), PLAN_TYPES, fixed=("visible_to_fund",)
    )


async def import_intervention_kinds(connection: Connection, rows: Iterable[Row]) -> Reports:
    """Names, labels, periods and rights of kinds; not what they are and who sees them.

    What funds do not see they do not create, and no company applies for it.
    """
    rows = list(rows)
    hidden = [row for row in rows if row.get("hidden_from_fund") == "yes"]
    refuse(
        {
            f"`{column}` of a kind that is hidden from funds": [
                row for row in hidden if row.get(column) == "yes"
            ]
            for column in ("fund_may_create", "vitas_import")
        },
        rows,
    )
    return await _import_known(
        connection,
        lists.INTERVENTION_KIND,
        list(rows),
        INTERVENTION_KINDS,
        fixed=("type_name", "hidden_from_fund"),
    )


async def import_schemes(connection: Connection, rows: Iterable[Row]) -> Reports:
    """Names, labels and periods of the schemes of education."""
    return await _import_known(
        connection, lists.EDUCATION_SCHEME, list(rows), EDUCATION_SCHEMES, fixed=()
    )


async def import_compositions(connection: Connection, rows: Iterable[Row]) -> Reports:
    """Whole compositions: each of the file is afterwards as the file has it.

    One that citizens' plans are made by keeps its elements: others come under another code, with a
    group that has it.
    """
    rows = list(rows)
    check_rows(rows, ("composition", "position"), lists.COMPOSITION_ELEMENT.needed)
    check_rows(rows, ("composition", "element"), ())
    known = {element.value for element in ElementCode}
    refuse(
        {
            "`element` is none that this release knows": [
                row for row in rows if row["element"] not in known
            ],
            "`position` is not a number from 1": [
                row for row in rows if not _is_position(row["position"])
            ],
        },
        rows,
    )
    await _hold_plans(connection)
    changed = await _changed_compositions(connection, rows)
    in_use = await connection.fetch(queries()["compositions_in_use"], sorted(changed))
    bad = {row["composition"] for row in in_use}
    refuse(
        {
            "the composition is in use, and would change": [
                r for r in rows if r["composition"] in bad
            ]
        },
        rows,
    )
    await connection.execute(queries()["drop_composition_elements"], sorted(changed))
    return [
        await lists.store(
            connection,
            lists.COMPOSITION,
            [{"code": code} for code in dict.fromkeys(row["composition"] for row in rows)],
        ),
        await lists.store(connection, lists.COMPOSITION_ELEMENT, rows),
    ]


async def import_target_groups(connection: Connection, rows: Iterable[Row]) -> Reports:
    """Target groups with their plan types (separated by `|`, the default first).

    A group that citizens are in keeps all that plans, requirements and responsibility are made
    by, and the plan types that they have: a reform brings a new group. Its name, its number in
    the law, its period and further plan types may change.
    """
    rows = list(rows)
    group = lists.TARGET_GROUP
    check_rows(rows, group.key, (*group.needed, "plan_types"), group.flags)
    await _hold_plans(connection)
    compositions = await _codes(connection, "composition_codes")
    plan_types = await _codes(connection, "plan_type_codes")
    in_use = {
        row["code"]: row["plan_types"]
        for row in await connection.fetch(queries()["target_groups_in_use"])
    }
    before = {
        str(row["code"]): row
        for row in await lists.stored_rows(connection, lists.TARGET_GROUP)
        if row["code"] in in_use
    }
    refuse(
        {
            "`composition` is none": [r for r in rows if r["composition"] not in compositions],
            "`plan_types` names one that is none, or one twice": [
                row for row in rows if not _are_distinct(_split(row), plan_types)
            ],
            "`plan_types` lacks one that citizens of the group have": [
                row for row in rows if not set(in_use.get(row["code"], ())) <= set(_split(row))
            ],
            **{
                f"`{column}` of a group in use would change": _differing(rows, before, column)
                for column in lists.TARGET_GROUP.columns
                if column not in _FREE_OF_GROUPS
            },
        },
        rows,
    )
    await connection.execute("set constraints all deferred")
    reports = [await lists.store(connection, lists.TARGET_GROUP, rows)]
    listed = list(lists.plan_types_of(rows))
    dropped = [
        row["code"]
        for row in rows
        if await connection.fetch(
            queries()["drop_target_group_plan_types"], row["code"], _split(row)
        )
    ]
    reports.append(await lists.store(connection, lists.TARGET_GROUP_PLAN_TYPE, listed))
    await connection.execute("set constraints all immediate")
    await connection.execute(queries()["refresh_groups"], dropped)
    await follow(connection, reports)
    return reports


async def import_institutions(connection: Connection, rows: Iterable[Row]) -> Reports:
    """Institutions of education, which a hand-over package can be addressed to."""
    return await _import_organisations(connection, rows, "EDUCATION_INSTITUTION")


async def import_unemployment_funds(connection: Connection, rows: Iterable[Row]) -> Reports:
    """Unemployment funds by the code that their logins carry."""
    return await _import_organisations(connection, rows, "UNEMPLOYMENT_FUND")


async def _import_organisations(connection: Connection, rows: Iterable[Row], kind: str) -> Reports:
    given = [{**row, "kind": kind} for row in rows]
    check_rows(given, ("code",), ("code", "name"))
    reports = [await lists.store(connection, lists.ORGANISATION, given)]
    await follow(connection, reports)
    return reports


async def _import_known(
    connection: Connection,
    code_list: lists.CodeList,
    rows: Sequence[Row],
    bundled: str,
    *,
    fixed: tuple[str, ...],
) -> Reports:
    """A list whose codes are names of this release; `fixed` columns of its rows do not change."""
    check_rows(rows, code_list.key, code_list.needed, code_list.flags)
    known = bundled_codes(bundled)
    unknown = f"`code` is none that this release knows (db/codes/{bundled}.csv)"
    refuse({unknown: [row for row in rows if row["code"] not in known]}, rows)
    before = {str(row["code"]): row for row in await lists.stored_rows(connection, code_list)}
    refuse(
        {
            f"`{column}` cannot be changed by an import": _differing(rows, before, column)
            for column in fixed
        },
        rows,
    )
    reports = [await lists.store(connection, code_list, rows)]
    await follow(connection, reports)
    return reports


def _differing(
    rows: Sequence[Row], before: Mapping[str, Mapping[str, object]], column: str
) -> list[Row]:
    """Rows whose cell is not what is stored under their code; a new row is none of them."""
    return [
        row
        for row in rows
        if (stored := before.get(str(row["code"]))) is not None
        and not _is_same(stored[column], filled(row, column))
    ]


def _is_same(stored: object, cell: object) -> bool:
    if isinstance(stored, bool):
        return stored == _YES_NO.get(str(cell))
    return stored == cell or (stored is not None and str(stored) == str(cell))


async def _changed_compositions(connection: Connection, rows: Sequence[Row]) -> set[str]:
    """Those of the file that are stored otherwise; a new one is none of them."""
    wanted: dict[str, set[tuple[int, str, bool]]] = {}
    for row in rows:
        element = int(str(row["position"])), str(row["element"]), row["only_if_any"] == "yes"
        wanted.setdefault(str(row["composition"]), set()).add(element)
    stored: dict[str, set[tuple[int, str, bool]]] = {}
    for found in await connection.fetch(queries()["composition_elements"], sorted(wanted)):
        element = found["position"], found["element"], found["only_if_any"]
        stored.setdefault(found["composition"], set()).add(element)
    return {code for code, elements in stored.items() if elements != wanted[code]}


async def _hold_plans(connection: Connection) -> None:
    """Nobody writes in a plan until the import is committed; needs its transaction."""
    await connection.execute(queries()["hold_plans"])


async def _codes(connection: Connection, query: str) -> set[str]:
    return {row["code"] for row in await connection.fetch(queries()[query])}


def _split(row: Row) -> list[str]:
    return str(row["plan_types"]).split("|")


def _are_distinct(codes: Sequence[str], known: set[str]) -> bool:
    return len(set(codes)) == len(codes) and set(codes) <= known


def _is_position(cell: object) -> bool:
    text = str(cell)
    return text.isascii() and text.isdecimal() and 1 <= int(text) <= 99
