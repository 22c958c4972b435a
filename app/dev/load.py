"""`minplan seed load`: many invented citizens with whole plans, by COPY and in sets.

Each batch is one transaction: COPY into the tables, then documents and first versions from the
section functions that publication uses. Every constraint and trigger stays on. A load that is
stopped leaves whole citizens only, and the next one continues after the newest of them.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import Final

import asyncpg
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from app.dev import load_texts as texts
from app.dev.load_people import MIX, Caseworker, Group, Office, World
from app.dev.load_plans import add_citizen
from app.dev.load_rows import Rows, id_range, number_of
from app.settings import Settings, SettingsError, env_name
from app.store.clock import clock_of
from app.store.code_lists import read_csv, store_occupations
from app.store.cpr import CprVault
from app.store.db import SERVER_SETTINGS, Connection
from app.store.queries import DB, queries

BATCH: Final = 250
"""Citizens of one transaction."""
CONNECTIONS: Final = 2
_CASEWORKERS: Final = 6
"""Caseworkers that a load gives each jobcenter and fund."""
_LOCK: Final = 4_207_002
"""Any number, the same in every process: one load at a time."""

_SESSION: Final[Mapping[str, str]] = {
    **SERVER_SETTINGS,
    "application_name": "minplan load",
    "synchronous_commit": "off",
    # statistics are those of the tables before the load, while look-ups by key are right throughout
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_memoize": "off",
    # the documents of a batch wait in memory for both tables
    "work_mem": "64MB",
}


async def load_citizens(settings: Settings, citizens: int, *, seed: int = 1) -> None:
    """Adds `citizens` invented citizens to the migrated database of `settings.database_url`.

    The same seed, numbers and day give the same citizens. Ends with `analyze`. Raises
    `SettingsError` in production.
    """
    if settings.is_production:
        raise SettingsError(
            f"{env_name('environment')}: `minplan seed load` is for development only"
        )
    assert settings.database_url
    async with _connected(settings.database_url) as connection:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        world = await _world(connection, settings, seed)
        first = await _next_number(connection)
        numbers = range(first, first + citizens)
        batches = (numbers[i : i + BATCH] for i in range(0, citizens, BATCH))
        with _progress() as progress:
            task = progress.add_task("Citizens", total=citizens)
            async with asyncio.TaskGroup() as loading:
                for _ in range(CONNECTIONS):
                    loading.create_task(
                        _load(
                            settings.database_url,
                            world,
                            batches,
                            lambda n: progress.advance(task, n),
                        )
                    )
        await connection.execute("analyze")


async def _load(
    database_url: str, world: World, batches: Iterator[range], loaded: Callable[[int], None]
) -> None:
    """Takes batches until there are none left; several of these share the iterator."""
    async with _connected(database_url) as connection:
        for numbers in batches:
            rows = Rows()
            for number in numbers:
                add_citizen(rows, world, number)
            async with connection.transaction():
                await rows.copy(connection)
                await connection.execute(
                    queries()["load_documents"], rows.plans, world.now, timeout=None
                )
                await connection.execute(queries()["load_citizen_documents"], rows.citizens)
            loaded(len(numbers))


async def _next_number(connection: Connection) -> int:
    newest = await connection.fetchval(queries()["load_newest_citizen"], *id_range())
    return 0 if newest is None else number_of(newest) + 1


async def _world(connection: Connection, settings: Settings, seed: int) -> World:
    """Code lists and organisations as they are in the database, with caseworkers for all."""
    if not await connection.fetchval("select exists (select from occupation)"):
        async with connection.transaction():
            await store_occupations(connection, read_csv(DB / "demo" / "occupations.csv"))
    occupations = await connection.fetch("select code from occupation order by code limit 500")
    groups = await connection.fetch(queries()["load_groups"], list(MIX))
    offices = await _offices(connection)
    moment = clock_of(settings.today)()
    return World(
        seed,
        moment.now,
        moment.today,
        CprVault(
            settings.cpr_key_bytes(), settings.cpr_index_key_bytes(), key_id=settings.cpr_key_id
        ),
        {row["code"]: Group(**row) for row in groups},
        {o.code: o for kind, o in offices if kind == "JOBCENTER"},
        [o for kind, o in offices if kind == "UNEMPLOYMENT_FUND"],
        [row["code"] for row in occupations],
    )


async def _offices(connection: Connection) -> list[tuple[str, Office]]:
    """Jobcenters and funds, by kind, each with its caseworkers."""
    organisations = await connection.fetch(queries()["load_organisations"])
    staff = [
        (row["organisation_id"], f"load:{n}", _name(f"{row['code']} {n}"), _title(row["kind"]))
        for row in organisations
        for n in range(1, _CASEWORKERS + 1)
    ]
    made = await connection.fetch(
        queries()["load_caseworkers"], *(list(c) for c in zip(*staff, strict=True))
    )
    by_office = defaultdict(list)
    for row in made:
        by_office[row["organisation_id"]].append(Caseworker(row["caseworker_id"], row["name"]))
    return [
        (
            row["kind"],
            Office(
                row["organisation_id"],
                row["code"],
                row["name"],
                row["municipality"],
                by_office[row["organisation_id"]],
            ),
        )
        for row in organisations
    ]


def _name(seed: str) -> str:
    random = Random(seed)  # noqa: S311 - an invented name
    return f"{random.choice(texts.GIVEN)} {random.choice(texts.SURNAME)}"


def _title(kind: str) -> str:
    return "Jobkonsulent" if kind == "JOBCENTER" else "A-kasserådgiver"


@asynccontextmanager
async def _connected(database_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database_url, server_settings=dict(_SESSION))
    try:
        yield connection
    finally:
        await connection.close()


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
