"""Every query of `db/queries` fits the migrated database; several processes may migrate at once."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from app.dev.embedded import Servers
from app.store.migrate import is_migrated, migrate
from app.store.queries import queries


async def test_every_query_can_be_prepared(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        broken = {}
        for name, text in queries().items():
            try:
                await connection.prepare(text)
            except asyncpg.PostgresError as error:
                broken[name] = str(error)
        assert broken == {}
    finally:
        await connection.close()


async def test_five_processes_that_migrate_at_once_make_one_database(servers: Servers) -> None:
    admin = await asyncpg.connect(servers.database_url)
    await admin.execute("create database migrated_at_once")
    url = servers.database_url_for("migrated_at_once")
    try:
        await asyncio.gather(*(migrate(url) for _ in range(5)))
        connection = await asyncpg.connect(url)
        assert await is_migrated(connection)
        assert await connection.fetchval("select count(*) from target_group") == 27
        await connection.close()
    finally:
        await admin.execute("drop database migrated_at_once with (force)")
        await admin.close()


async def test_the_code_lists_load_again_without_a_change(database_url: str) -> None:
    from app.store.code_lists import load_code_lists

    connection = await asyncpg.connect(database_url)
    try:
        assert await load_code_lists(connection, datetime.now(UTC)) == []
        await connection.execute("delete from code_list_load")
        reports = await load_code_lists(connection, datetime.now(UTC))
        assert [str(r) for r in reports if r.added or r.changed] == []
        assert sum(r.unchanged for r in reports) > 150
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("plan_version", "update plan_version set number = number"),
        ("access_log", "delete from access_log"),
    ],
)
async def test_history_cannot_be_rewritten(
    demo_database_url: str, table: str, statement: str
) -> None:
    connection = await asyncpg.connect(demo_database_url)
    try:
        await connection.execute(
            "insert into access_log (at, subject, name, role, organisation_code, citizen_id,"
            " operation, elements, written)"
            " select now(), '', '', '', '', citizen_id, '', '{}', false"
            " from citizen limit 1"
        )
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(statement)
    finally:
        await connection.close()
