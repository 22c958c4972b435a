"""What an import may change of what plans are made by, and whom it makes wait."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from app.store.code_list_documents import follow
from app.store.code_list_imports import (
    import_compositions,
    import_institutions,
    import_intervention_kinds,
    import_plan_types,
    import_schemes,
    import_target_groups,
    import_unemployment_funds,
)
from app.store.code_lists import POLICY, store, store_municipalities, store_occupations
from app.store.migrate import migrate
from app.store.queries import queries
from tests.dev.test_code_list_imports import refusal, rows

GROUP = "RESOURCE_PROGRAMME"


@pytest.fixture
async def database(demo_database_url: str) -> AsyncIterator[Any]:
    """With citizens in many groups, inside a transaction as the command has it."""
    connection = await asyncpg.connect(demo_database_url)
    async with connection.transaction():
        yield connection
    await connection.close()


async def stored(database: Any) -> dict[Any, Any]:
    """Version of each stored row of documents: it differs where something was written."""
    found = await database.fetch(
        "select 'plan' as what, plan_id as id, audience, xmin::text || ctid::text as version"
        " from plan_document"
        " union all select 'citizen', citizen_id, audience, xmin::text || ctid::text"
        " from citizen_document"
    )
    return {(row["what"], row["id"], row["audience"]): row["version"] for row in found}


async def holds(database: Any) -> bool:
    """Whether the transaction keeps others from writing in cases."""
    found: bool = await database.fetchval(
        "select exists (select from pg_locks where pid = pg_backend_pid()"
        " and relation = 'citizen'::regclass and mode = 'ExclusiveLock')"
    )
    return found


async def nothing_is_stale(database: Any) -> None:
    for plan in await database.fetch("select plan_id from plan where status = 'ACTIVE'"):
        for row in await database.fetch(queries()["rebuild_documents"], plan["plan_id"]):
            assert row["stale"] == [], plan
    assert not await database.fetchval(
        "select count(*) from citizen_document d join citizen c using (citizen_id)"
        " where d.body is distinct from section_citizen(c, d.audience = 'FUND')"
    )


@pytest.mark.rule("R132", "refused")
@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("obliged", "yes"),
        ("job_goal_rule", "OCCUPATION"),
        ("education_goal_rule", "REQUIRED"),
        ("description_variant", None),
        ("fund_agreement", "yes"),
        ("requirement_issuer", "UNEMPLOYMENT_FUND"),
        ("education_steps", "yes"),
        ("contract", "yes"),
        ("sought_jobs_minimum", "3"),
        ("digital_duty", "MAY"),
        ("individually_exemptible", "yes"),
        ("shows_find_job", "no"),
        ("fund_first_three_months", "yes"),
    ],
)
async def test_a_group_in_use_stays_what_plans_are_made_by(
    database: Any, column: str, cell: str | None
) -> None:
    given = rows("target_groups")
    row = next(row for row in given if row["code"] == GROUP)
    if row[column] == cell:
        cell = "no" if cell == "yes" else "yes" if cell == "no" else "YES" if cell else cell
    row[column] = cell
    told = await refusal(database, "target_groups", given)
    assert f"`{column}` of a group in use would change on line" in told


async def test_a_group_in_use_takes_a_name_a_number_a_period_and_more_plan_types(
    database: Any,
) -> None:
    listed = next(row for row in rows("target_groups") if row["code"] == GROUP)["plan_types"]
    changes = {
        "name": "borger i forløb",
        "lab_section_6_number": "99",
        "valid_from": "2001-01-01",
        "valid_to": "2099-12-31",
        "plan_types": f"{listed}|JOB_PLAN",
    }
    given = rows("target_groups", **{f"{GROUP}__{name}": cell for name, cell in changes.items()})
    reports = await import_target_groups(database, given)
    assert [(report.added, report.changed) for report in reports] == [(0, 1), (1, 0)]
    await nothing_is_stale(database)


async def test_a_group_that_nobody_is_in_may_change_in_every_way(database: Any) -> None:
    free = await database.fetchval(
        "select code from target_group g where not exists"
        " (select from target_group_period t where t.target_group = g.code) order by code limit 1"
    )
    given = rows("target_groups")
    row = next(row for row in given if row["code"] == free)
    row["obliged"] = "no" if row["obliged"] == "yes" else "yes"
    row["plan_types"] = "INTEGRATION_PLAN"
    (changed, _) = await import_target_groups(database, given)
    assert changed.changed == 1


@pytest.mark.rule("R131", "refused")
async def test_a_plan_type_that_citizens_have_is_not_taken_from_their_group(database: Any) -> None:
    given = rows("target_groups", **{f"{GROUP}__plan_types": "JOB_PLAN"})
    told = await refusal(database, "target_groups", given)
    assert "`plan_types` lacks one that citizens of the group have on line" in told


@pytest.mark.rule("R23", "refused")
@pytest.mark.rule("R87", "refused")
@pytest.mark.parametrize("column", ["fund_may_create", "vitas_import"])
async def test_a_kind_that_funds_do_not_see_is_created_by_no_fund_and_no_import(
    database: Any, column: str
) -> None:
    given = rows("intervention_kinds", **{f"AID__{column}": "yes"})
    told = await refusal(database, "intervention_kinds", given)
    assert f"`{column}` of a kind that is hidden from funds on line" in told
    await import_intervention_kinds(
        database, rows("intervention_kinds", **{f"MENTOR__{column}": "yes"})
    )


async def test_what_no_document_shows_writes_no_document_and_makes_nobody_wait(
    database: Any,
) -> None:
    before = await stored(database)
    await import_intervention_kinds(
        database,
        rows("intervention_kinds", MENTOR__name="støtte", MENTOR__valid_to="2099-12-31"),
    )
    await import_plan_types(database, rows("plan_types", JOB_PLAN__name="Min plan"))
    await import_schemes(
        database, rows("education_schemes", ORDINARY_EDUCATION__valid_to="2099-12-31")
    )
    await import_institutions(database, [{"code": "INST-NY", "name": "Den nye skole"}])
    await import_unemployment_funds(database, [{"code": "10000009", "name": "Den nye a-kasse"}])
    policy = rows("policies")[0]
    await follow(database, [await store(database, POLICY, [{**policy, "valid_to": "2099-12-31"}])])
    assert not await holds(database)
    element = {"composition": "N1", "position": "1", "element": "TIMELINE", "only_if_any": "no"}
    await import_compositions(database, [element])
    group = next(dict(row) for row in rows("target_groups") if row["code"] == GROUP)
    await import_target_groups(database, [{**group, "code": "NEW_GROUP", "composition": "N1"}])
    assert await stored(database) == before


async def test_a_label_is_written_in_the_plans_that_have_such_an_intervention_and_no_other(
    database: Any,
) -> None:
    before = await stored(database)
    given = rows("intervention_kinds", MENTOR__timeline_label="Støtte fra mentor")
    await import_intervention_kinds(database, given)
    after = await stored(database)
    changed = {key[1] for key in before if before[key] != after[key]}
    mentored = await database.fetch(
        "select distinct plan_id from intervention join plan using (plan_id)"
        " where kind = 'MENTOR' and status = 'ACTIVE'"
    )
    assert changed == {row["plan_id"] for row in mentored} != set()
    await nothing_is_stale(database)


async def test_new_names_of_all_that_has_a_name_are_in_the_documents_at_once(
    database: Any,
) -> None:
    schemes = rows("education_schemes")
    await import_schemes(
        database, [{**row, "timeline_label": f"{row['timeline_label']} her"} for row in schemes]
    )
    await nothing_is_stale(database)
    groups = rows("target_groups")
    await import_target_groups(database, [{**row, "name": f"{row['name']} nu"} for row in groups])
    await nothing_is_stale(database)
    offices = await database.fetch("select kind, code, name from organisation")
    for kind, load in (
        ("EDUCATION_INSTITUTION", import_institutions),
        ("UNEMPLOYMENT_FUND", import_unemployment_funds),
    ):
        given = [
            {"code": o["code"], "name": f"Ny {o['name']}"} for o in offices if o["kind"] == kind
        ]
        await load(database, given)
        await nothing_is_stale(database)
    places = await database.fetch("select code, name, region from municipality")
    await store_municipalities(database, [{**row, "name": f"Ny {row['name']}"} for row in places])
    await nothing_is_stale(database)
    jobs = await database.fetch("select code, label from occupation")
    await store_occupations(database, [{**row, "label": f"Ny {row['label']}"} for row in jobs])
    await nothing_is_stale(database)


async def test_citizens_are_written_while_an_import_that_no_document_shows_is_open(
    database: Any, demo_database_url: str
) -> None:
    await import_plan_types(database, rows("plan_types", JOB_PLAN__name="Min plan"))
    other = await asyncpg.connect(demo_database_url)
    try:
        async with asyncio.timeout(5), other.transaction():
            await other.execute("select from citizen for no key update")
    finally:
        await other.close()


async def test_a_release_with_another_policy_writes_no_document(demo_database_url: str) -> None:
    connection = await asyncpg.connect(demo_database_url)
    try:
        before = await stored(connection)
        await connection.execute("update policy set valid_to = '2099-12-31'")
        await connection.execute("delete from code_list_load")
        await migrate(demo_database_url)
        assert await connection.fetchval("select count(*) from policy where valid_to is null") > 0
        assert await stored(connection) == before
    finally:
        await connection.close()
