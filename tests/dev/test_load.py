"""The synthetic load: whole citizens, documents as publication would build them, repeatable."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from stdnum.dk.cpr import checksum

from app.dev.demo import load_demo
from app.dev.load import load_citizens
from app.dev.load_interventions import HIDDEN
from app.dev.load_people import synthetic_cpr
from app.domain.cpr import birth_date, is_valid
from app.settings import Settings, SettingsError
from app.store.cpr import CprVault
from app.store.db import SERVER_SETTINGS
from app.store.queries import queries

CITIZENS, FEW = 200, 20


@asynccontextmanager
async def _connected(url: str | None) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url, server_settings=SERVER_SETTINGS)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def loaded(shared_settings: Settings) -> AsyncIterator[Any]:
    """A connection to a database with one small load, to be looked at only."""
    await load_citizens(shared_settings, CITIZENS)
    async with _connected(shared_settings.database_url) as connection:
        yield connection


async def test_documents_of_a_load_are_those_that_publication_builds(loaded: Any) -> None:
    plans = [row["plan_id"] for row in await loaded.fetch("select plan_id from plan")]
    assert len(plans) == CITIZENS
    for plan_id in plans:
        rows = await loaded.fetch(queries()["rebuild_documents"], plan_id)
        assert [(row["audience"], row["stale"]) for row in rows] == [("FULL", []), ("FUND", [])]
    stale = await loaded.fetchval(
        "select count(*) from citizen join citizen_document d using (citizen_id)"
        " where d.body <> section_citizen(citizen, d.audience = 'FUND')"
    )
    assert stale == 0


async def test_version_1_of_a_load_shows_what_its_document_shows(loaded: Any) -> None:
    rows = await loaded.fetch(
        "select d.number, version_json(d.plan_id, d.audience, 1) = document_json(d, 8191) as same"
        " from plan_document d"
    )
    assert len(rows) == 2 * CITIZENS
    assert all(row["number"] == 1 and row["same"] for row in rows)


async def test_every_loaded_citizen_has_a_whole_plan(loaded: Any) -> None:
    rows = await loaded.fetch(
        "select p.plan_id,"
        " (select count(*) from job_goal j where j.plan_id = p.plan_id)"
        " + (select count(*) from education_goal e where e.plan_id = p.plan_id),"
        " (select count(*) from intervention i where i.plan_id = p.plan_id),"
        " (select count(*) from conversation c where c.plan_id = p.plan_id),"
        " (select count(*) from job_search_requirement r where r.plan_id = p.plan_id)"
        " from plan p"
    )
    assert {tuple(row)[1:] for row in rows} == {(2, 5, 6, 1)}


async def test_a_fund_never_gets_the_hidden_kinds_of_a_load(loaded: Any) -> None:
    kinds = {
        (row["audience"], row["kind"])
        for row in await loaded.fetch(
            "select d.audience, i ->> 'kind' as kind from plan_document d"
            " cross join json_array_elements(convert_from(document_json(d, 256), 'UTF8')::json"
            " -> 'interventions') i"
        )
    }
    assert {kind for audience, kind in kinds if audience == "FULL"} >= set(HIDDEN)
    assert not {kind for audience, kind in kinds if audience == "FUND"} & set(HIDDEN)


async def test_a_second_load_adds_other_citizens(settings: Settings) -> None:
    for citizens in (FEW, 2 * FEW):
        await load_citizens(settings, FEW)
        async with _connected(settings.database_url) as connection:
            found = await connection.fetchrow(
                "select count(*), count(distinct cpr_index) from citizen"
            )
        assert tuple(found) == (citizens, citizens)


async def test_civil_registration_numbers_of_a_load_open_with_the_key_of_the_settings(
    loaded: Any, shared_settings: Settings
) -> None:
    keys = shared_settings.cpr_key_bytes(), shared_settings.cpr_index_key_bytes()
    vault = CprVault(*keys)
    for row in await loaded.fetch("select cpr_encrypted, cpr_index, birth_date from citizen"):
        cpr = vault.decrypt(row["cpr_encrypted"])
        assert vault.index(cpr) == row["cpr_index"]
        assert cpr.startswith(row["birth_date"].strftime("%d%m%y"))


def test_numbers_of_a_load_differ_and_are_hardly_anybodys() -> None:
    made = [synthetic_cpr(n, young=young) for n in range(30_000) for young in (False, True)]
    assert len({cpr for cpr, _ in made}) == len(made)
    assert all(is_valid(cpr) and birth_date(cpr) == born for cpr, born in made)
    assert not any(checksum(cpr) == 0 for cpr, _ in made)


async def _whole(connection: Any) -> dict[UUID, tuple[str, ...]]:
    rows = await connection.fetch(
        "select c.citizen_id, c.full_name, c.municipality_code, i.why, i.start_date, r.text"
        " from citizen c join plan p using (citizen_id) join intervention i using (plan_id)"
        " join conversation v using (plan_id) join agreement_revision r using (conversation_id)"
        " order by i.intervention_id, v.conversation_id"
    )
    return {row["citizen_id"]: tuple(map(str, row)) for row in rows}


async def test_the_same_seed_gives_the_same_citizens(loaded: Any, settings: Settings) -> None:
    first = await _whole(loaded)
    await load_citizens(settings, CITIZENS)
    async with _connected(settings.database_url) as connection:
        assert await _whole(connection) == first
        await connection.execute("truncate citizen cascade")
        await load_citizens(settings, CITIZENS, seed=2)
        other = await _whole(connection)
        assert len(other) == len(first) and other != first


async def test_production_gets_no_invented_citizens_and_no_demo_plans(settings: Settings) -> None:
    production = settings.model_copy(update={"environment": "production"})
    with pytest.raises(SettingsError, match="MINPLAN_ENVIRONMENT"):
        await load_citizens(production, 1)
    with pytest.raises(SettingsError, match="MINPLAN_ENVIRONMENT"):
        await load_demo(production)
