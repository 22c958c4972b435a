"""Imports of groups, plan types, compositions, kinds and schemes: what they take and what not."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.errors import BadUserInput
from app.schema.enums import EducationSchemeCode, InterventionKindCode, PlanType
from app.schema.intervention_kind_input import (
    CompanyKind,
    EducationKind,
    OtherKind,
    SocialHealthKind,
)
from app.store.bundled import bundled_codes
from app.store.code_list_imports import (
    import_compositions,
    import_institutions,
    import_intervention_kinds,
    import_plan_types,
    import_schemes,
    import_target_groups,
)
from app.store.code_list_rows import Row, read_csv
from app.store.queries import queries

CODES = Path(__file__).parents[2] / "db" / "codes"
IMPORTS = {
    "plan_types": import_plan_types,
    "compositions": import_compositions,
    "target_groups": import_target_groups,
    "intervention_kinds": import_intervention_kinds,
    "education_schemes": import_schemes,
}


@pytest.fixture
async def database(demo_database_url: str) -> AsyncIterator[Any]:
    """With citizens in many groups, inside a transaction as the command has it."""
    connection = await asyncpg.connect(demo_database_url)
    async with connection.transaction():
        yield connection
    await connection.close()


def rows(name: str, **changes: str | None) -> list[dict[str, str | None]]:
    """The bundled file; changes: `CODE__column` -> another cell."""
    found = read_csv(CODES / f"{name}.csv")
    for place, cell in changes.items():
        code, column = place.split("__")
        next(row for row in found if row.get("code") == code)[column] = cell
    return found


async def refusal(database: Any, name: str, given: Sequence[Row]) -> str:
    with pytest.raises(BadUserInput) as refused:
        await IMPORTS[name](database, given)
    return str(refused.value.message).removeprefix("The file cannot be imported: ")


@pytest.mark.parametrize("name", IMPORTS)
async def test_the_same_file_again_changes_nothing(database: Any, name: str) -> None:
    reports = await IMPORTS[name](database, rows(name))
    assert sum(report.unchanged for report in reports) >= len(rows(name))
    assert not any(report.added or report.changed for report in reports)


@pytest.mark.parametrize("name", ["plan_types", "intervention_kinds", "education_schemes"])
async def test_what_the_release_has_no_name_for_is_refused(database: Any, name: str) -> None:
    first = dict(rows(name)[0])
    told = await refusal(database, name, [first, {**first, "code": "TOMORROW"}])
    assert told.startswith("`code` is none that this release knows")
    table = name.removesuffix("s")
    assert not await database.fetchval(
        f"select exists (select from {table} where code = 'TOMORROW')"
    )
    assert "TOMORROW" not in bundled_codes(name)


@pytest.mark.rule("R135", "refused")
@pytest.mark.parametrize(
    ("name", "place", "cell"),
    [
        ("plan_types", "JOB_PLAN__visible_to_fund", "no"),
        ("plan_types", "REHABILITATION_PLAN__visible_to_fund", "yes"),
        ("intervention_kinds", "HEALTH__hidden_from_fund", "no"),
        ("intervention_kinds", "MENTOR__type_name", "AidIntervention"),
    ],
)
async def test_no_import_changes_what_a_fund_may_see_or_what_a_kind_is(
    database: Any, name: str, place: str, cell: str
) -> None:
    told = await refusal(database, name, rows(name, **{place: cell}))
    assert "cannot be changed by an import" in told


async def test_names_and_periods_change_and_documents_follow(database: Any) -> None:
    given = rows("intervention_kinds", MENTOR__timeline_label="Støtte fra mentor")
    [report] = await import_intervention_kinds(database, given)
    assert (report.added, report.changed) == (0, 1)
    given = rows("target_groups", RESOURCE_PROGRAMME__name="borger i forløb")
    reports = await import_target_groups(database, given)
    assert [(report.added, report.changed) for report in reports] == [(0, 1), (0, 0)]
    for plan in await database.fetch("select plan_id from plan"):
        for row in await database.fetch(queries()["rebuild_documents"], plan["plan_id"]):
            assert row["stale"] == []
    shown = await database.fetchval(
        "select count(*) from plan_document"
        " where convert_from(interventions, 'UTF8') like '%Støtte fra mentor%'"
    )
    assert shown > 0


def test_the_enums_of_graphql_are_the_lines_of_the_files() -> None:
    pairs = {
        "plan_types": PlanType,
        "intervention_kinds": InterventionKindCode,
        "education_schemes": EducationSchemeCode,
    }
    for name, enum in pairs.items():
        assert [member.value for member in enum] == [row["code"] for row in rows(name)]
    inputs = {*CompanyKind, *EducationKind, *SocialHealthKind, *OtherKind}
    # the three other inputs are of one kind each
    assert {*InterventionKindCode} - inputs == {"MENTOR", "AID", "PERSONAL_ASSISTANCE"}


async def test_a_composition_in_use_keeps_its_elements_and_a_new_one_is_free(database: Any) -> None:
    heading = ("composition", "position", "element", "only_if_any")
    new = [
        dict(zip(heading, ("N1", str(n), element, "no"), strict=True))
        for n, element in enumerate(("JOB_GOALS", "TIMELINE"), 1)
    ]
    assert [r.added for r in await import_compositions(database, new)] == [1, 2]
    turned = [{**row, "position": str(3 - int(row["position"]))} for row in new]
    await import_compositions(database, turned)
    await import_compositions(database, turned[:1])
    stored = await database.fetch("select * from composition_element where composition = 'N1'")
    assert [(row["position"], row["element"]) for row in stored] == [(2, "JOB_GOALS")]
    changed = [row for row in rows("compositions") if row["element"] != "PLAN_DESCRIPTION"]
    told = await refusal(database, "compositions", changed)
    assert "the composition is in use, and would change" in told


async def test_all_that_is_wrong_with_a_composition_is_told(database: Any) -> None:
    heading = ("composition", "position", "element", "only_if_any")
    bad = [
        dict(zip(heading, cells, strict=True))
        for cells in (("N1", "x", "JOB_GOALS", "no"), ("N1", "2", "WEATHER", "no"))
    ]
    assert await refusal(database, "compositions", bad) == (
        "`element` is none that this release knows on line 3; `position` is not a number from 1"
        " on line 2."
    )
    maybe = [dict(zip(heading, ("N1", "1", "JOB_GOALS", "maybe"), strict=True))]
    assert "`only_if_any` is neither yes nor no" in await refusal(database, "compositions", maybe)


@pytest.mark.parametrize(
    ("place", "cell", "problem"),
    [
        ("RESOURCE_PROGRAMME__composition", "Z9", "`composition` is none"),
        ("RESOURCE_PROGRAMME__composition", "A1", "`composition` of a group in use would change"),
        ("RESOURCE_PROGRAMME__plan_types", "MY_PLAN", "`plan_types` names one that is none"),
        ("RESOURCE_PROGRAMME__plan_types", "JOB_PLAN|JOB_PLAN", "or one twice"),
        ("RESOURCE_PROGRAMME__plan_types", None, "`plan_types` is empty"),
        ("RESOURCE_PROGRAMME__obliged", "perhaps", "`obliged` is neither yes nor no"),
        ("RESOURCE_PROGRAMME__valid_to", "2026-02-30", "`valid_to` is not a date"),
        ("TEMP_LABOUR_MARKET_BENEFIT__digital_duty", "NO", "a row does not fit the table"),
    ],
)
async def test_a_group_that_fits_nothing_is_refused_with_the_reason(
    database: Any, place: str, cell: str | None, problem: str
) -> None:
    told = await refusal(database, "target_groups", rows("target_groups", **{place: cell}))
    assert problem in told


async def test_a_groups_plan_types_follow_the_file(database: Any) -> None:
    query = (
        "select array_agg(plan_type order by position) from target_group_plan_type"
        " where target_group = 'FLEXJOB_REFERRED'"
    )
    before = await database.fetchval(query)
    assert before == ["OTHER_INTERVENTIONS_PLAN", "JOB_PLAN"]
    for wanted in ("JOB_PLAN|OTHER_INTERVENTIONS_PLAN", "JOB_PLAN"):
        await import_target_groups(
            database, rows("target_groups", FLEXJOB_REFERRED__plan_types=wanted)
        )
        assert await database.fetchval(query) == wanted.split("|")


async def test_institutions_come_from_a_file_and_a_new_name_is_in_the_documents_at_once(
    database: Any,
) -> None:
    known = await database.fetchrow(
        "select code, name from organisation where kind = 'EDUCATION_INSTITUTION' limit 1"
    )
    given = [
        {"code": known["code"], "name": "Skolen Ny Havterne"},
        {"code": "INST-NY", "name": "Den nye skole"},
    ]
    (report,) = await import_institutions(database, given)
    assert str(report) == "organisation: 1 added, 1 changed, 0 unchanged"
    (again,) = await import_institutions(database, given)
    assert (again.added, again.changed) == (0, 0)
    for plan in await database.fetch("select plan_id from plan where status = 'ACTIVE'"):
        stale = await database.fetch(queries()["rebuild_documents"], plan["plan_id"])
        assert [row["stale"] for row in stale] == [[]] * len(stale)
    with pytest.raises(BadUserInput):
        await import_institutions(database, [{"code": "INST-NY", "name": None}])
