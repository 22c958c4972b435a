"""What README has Valkey allow is all that is needed."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis

from app.settings import Settings
from app.store.automatic import AutomaticDocuments
from app.store.revocations import restore, revoke
from app.workers.main import work
from tests.schema.live_client import clients, staff
from tests.schema.live_hub import at_desk
from tests.schema.test_live_processes import valkey
from tests.story import hold_conversation, new_citizen
from tests.test_logins import learns, somebody
from tests.workers.place import OwnValkey, until_listening
from tests.world import JOBCENTER, World, open_world

__all__ = ["valkey"]

README = (Path(__file__).parents[1] / "README.md").read_text()
TEXT = "{ viewer { role } }"


@pytest.fixture
async def admin(valkey: OwnValkey) -> AsyncIterator[Any]:
    """Who may do everything (redis-py gives ACL commands no types)."""
    redis = Redis.from_url(valkey.url, decode_responses=True)
    yield redis
    await redis.aclose()


@pytest.fixture
async def bounded(settings: Settings, valkey: OwnValkey, admin: Any) -> Settings:
    """Settings whose user of Valkey may do what README says, and nothing else."""
    [rule] = re.findall(r"`(~minplan:[^`]*)`", README)
    await admin.execute_command("ACL", "SETUSER", "api", "reset", "on", ">x", *rule.split())
    own = {"redis_url": valkey.url.replace("://", "://api:x@")}
    return settings.model_copy(update=own)


async def live_views(world: World) -> None:
    """One citizen's and an office's are told."""
    citizen = await new_citizen(world)
    assert world.api.live is not None
    with at_desk(world.api.live, "JOBCENTER", JOBCENTER) as desk, clients(world) as them:
        assert await desk.told()
        view = await them.follow(staff(), id=citizen)
        await view.settled()
        await hold_conversation(world, citizen)
        assert view.versions(await view.next()) == [1]
        assert await desk.wait()


async def revocations(world: World, redis: Redis) -> None:
    viewer = somebody()
    connection = await asyncpg.connect(world.settings.database_url)
    assert await revoke(connection, redis, viewer.subject, until=None, reason="MISUSE")
    await learns(world.api.revocations, viewer, revoked=True)
    assert await restore(connection, redis, viewer.subject) == (True, True)
    await connection.close()


async def documents(redis: Redis) -> None:
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    await AutomaticDocuments(redis).put(sha256, TEXT)
    assert await AutomaticDocuments(redis).get(sha256) == TEXT


async def a_worker(settings: Settings, valkey: OwnValkey) -> None:
    stop = asyncio.Event()
    sinks = settings.model_copy(update={"sms_url": "http://127.0.0.1:9", "mail_sink_port": 9})
    working = asyncio.create_task(work(sinks, stop))
    try:
        await until_listening(valkey)
    finally:
        stop.set()
        await working


async def test_what_readme_has_valkey_allow_is_enough(
    bounded: Settings, valkey: OwnValkey, admin: Any
) -> None:
    async with open_world(bounded) as world:
        assert world.api.redis is not None
        await live_views(world)
        await revocations(world, world.api.redis)
        await documents(world.api.redis)
    await a_worker(bounded, valkey)
    # live views and budgets go on without Valkey, so it is asked whether it has refused anything
    assert await admin.execute_command("ACL", "LOG") == []
    kinds = {":".join(key.split(":")[:2]) for key in await admin.keys()}
    assert {"minplan:budget", "minplan:document"} <= kinds
