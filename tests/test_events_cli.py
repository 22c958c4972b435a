"""`minplan events`, as operations use it: exit codes, and nothing of a person."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.command import as_process, in_thread
from tests.workers.place import Place


@pytest.fixture
async def dead(database_url: str) -> tuple[str, str, UUID]:
    """The database, the id of a dead event in it, and the citizen it is of; another one waits."""
    from app.store.db import open_pool

    async with open_pool(database_url) as pool:
        place = Place(pool, database_url)
        citizen = await place.citizen()
        rows = await pool.fetch(
            """insert into system_event (kind, citizen_id, plan_id, version, trigger, codes,
                created_at, due_at, status, attempts, claim, outcome)
            select 'PLAN_PUBLISHED', $1, $1, v, 'OFFER', '{TIMELINE}', $2, $2,
                case v when 1 then 'DEAD' else 'PENDING' end, 2 - v, 2 - v,
                case v when 1 then 'receiver_410' end
            from generate_series(1, 2) v
            returning system_event_id""",
            citizen,
            place.clock.now,
        )
    return database_url, str(rows[0]["system_event_id"]), citizen


async def minplan(database_url: str, *arguments: str, process: bool = False) -> tuple[int, str]:
    """`minplan events ...`: its status and what it printed; process: from the shell."""
    servers = {"MINPLAN_DATABASE_URL": database_url, "MINPLAN_REDIS_URL": "redis://127.0.0.1:9"}
    command = as_process if process else in_thread
    ended = await command("events", *arguments, environment=servers)
    return ended.status, ended.printed + ended.told


async def test_operations_list_show_and_bring_back_what_is_dead(
    dead: tuple[str, str, UUID],
) -> None:
    url, event_id, citizen = dead
    status, everything = await minplan(url, "list")
    assert (status, len(everything.splitlines())) == (0, 2)
    status, listed = await minplan(url, "list", "--dead", process=True)
    assert (status, listed.split()) == (
        0,
        [event_id, "DEAD", "PLAN_PUBLISHED", "-", "1", "1", "receiver_410"],
    )
    status, shown = await minplan(url, "show", event_id, process=True)
    assert status == 0
    assert "codes: TIMELINE" in shown and "trigger: OFFER" in shown
    assert str(citizen) not in everything + listed + shown
    revived = await minplan(url, "retry", event_id, process=True)
    assert revived == (0, "1 to be sent again\n")
    assert (await minplan(url, "retry", event_id))[0] == 1
    assert await minplan(url, "list", "--dead") == (0, "")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("update system_event set status = 'DEAD'")
    finally:
        await connection.close()
    assert await minplan(url, "retry", "--all-dead") == (0, "2 to be sent again\n")
    assert await minplan(url, "retry", "--all-dead") == (0, "0 to be sent again\n")


async def test_a_wrong_command_is_told_apart_from_an_event_that_is_not_there(
    dead: tuple[str, str, UUID],
) -> None:
    url, event_id, _ = dead
    assert (await minplan(url, "show", str(uuid4())))[0] == 1
    assert (await minplan(url, "retry", str(uuid4())))[0] == 1
    assert (await minplan(url, "retry", process=True))[0] == 2
    assert (await minplan(url, "retry", event_id, "--all-dead"))[0] == 2
    assert (await minplan(url, "show", "not-an-id"))[0] == 2
