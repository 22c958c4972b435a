"""The data of a benchmark: loaded once, used again as long as tables and month stay the same."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, Final

import asyncpg

from app.dev.embedded import Servers
from app.dev.load import load_citizens
from app.settings import Settings
from app.store.clock import clock_of
from app.store.migrate import migrate
from app.store.queries import DB
from bench.operations import Sample

NAME: Final = "bench"
_SEED: Final = 20
_CITIZENS: Final = 500
"""Citizens that a run is about; their tokens fit the caches of every server."""


async def prepare(servers: Servers, settings: Settings, citizens: int, name: str = NAME) -> None:
    """Brings a database to `citizens` loaded citizens, from nothing unless it has them already.

    name: of the database, which the settings' URL is of. Plans are laid around the day of the
    load, so they are loaded anew each month.
    """
    wanted = f"{_tables()} {citizens} citizens {clock_of(settings.today)().today:%Y-%m}"
    async with connected(servers.database_url) as admin:
        found = await admin.fetchval(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = $1", name
        )
        if found == wanted:
            return
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.execute(f"create database {name}")
        await migrate(servers.database_url_for(name))
        await load_citizens(settings, citizens)
        await admin.execute(f"comment on database {name} is '{wanted}'")


def _tables() -> str:
    """A fingerprint of the tables and code lists."""
    digest = sha256()
    for path in sorted([*(DB / "migrations").glob("*.sql"), *(DB / "codes").glob("*.csv")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


async def sample(database_url: str) -> Sample:
    """Citizens and municipalities, random but the same in every run on the same data."""
    async with connected(database_url) as connection:
        await connection.execute("checkpoint")
        rows = await connection.fetch(
            "select citizen_id, municipality_code from citizen order by citizen_id"
        )
    chosen = random.Random(_SEED).sample(rows, min(_CITIZENS, len(rows)))
    citizens = [(row["citizen_id"], row["municipality_code"]) for row in chosen]
    return Sample(citizens, sorted({row["municipality_code"] for row in rows}))


async def backends(database_url: str, application: str) -> list[int]:
    """Process ids of the backends that serve an application's connections."""
    async with connected(database_url) as connection:
        rows = await connection.fetch(
            "select pid from pg_stat_activity where application_name = $1", application
        )
    return [row["pid"] for row in rows]


@asynccontextmanager
async def connected(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()
