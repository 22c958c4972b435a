"""Brings a database to the newest shape: migrations first, then the code lists."""

import logging
import warnings

import asyncpg

from app.store.clock import system_clock
from app.store.code_lists import load_code_lists
from app.store.db import Connection
from app.store.queries import DB, queries

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pogo_core.util import migrate as pogo

log = logging.getLogger("minplan.migrate")

# any number, the same in every process: only one migrates, the others wait and find it done
_LOCK = 4_207_001


async def migrate(database_url: str) -> None:
    """Applies what is missing, and loads the bundled code lists that are new or changed.

    Safe when several processes start at once.
    """
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await pogo.apply(connection, DB / "migrations", schema_name="public", logger=log)
        async with connection.transaction():
            await load_code_lists(connection, system_clock().now)
    finally:
        await connection.close()


async def is_migrated(connection: Connection) -> bool:
    """Whether every migration of this release has been applied."""
    wanted = {path.stem for path in (DB / "migrations").glob("*.sql")}
    if await connection.fetchval("select to_regclass('public._pogo_migration')") is None:
        return False
    rows = await connection.fetch(queries()["applied_migrations"])
    return wanted <= {row["migration_id"] for row in rows}
