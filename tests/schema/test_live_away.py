"""Live views while PostgreSQL is slow or away, while Valkey says nothing, and over midnight."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from redis.asyncio import Redis

from app.dev.embedded import Servers
from app.domain.viewer import Role
from app.schema import live_view
from app.store import live, live_sweep
from app.store.db import open_pool
from tests.schema.live_client import NOTICES, citizen_viewer, clients, locked, staff
from tests.schema.live_hub import at_desk, listening_to, running
from tests.schema.test_live import listening
from tests.schema.test_live_processes import mortal, valkey
from tests.story import MEMBERSHIP, hold_conversation, member, new_citizen
from tests.wire.sockets import ask, hear, opened
from tests.world import FUND, World

__all__ = ["mortal", "valkey"]


@asynccontextmanager
async def database_away(world: World, servers: Servers) -> AsyncIterator[None]:
    """Nobody gets to the world's database until the block ends."""
    assert world.api.pool is not None
    admin = await asyncpg.connect(servers.database_url)
    name = await world.api.pool.fetchval("select current_database()")
    try:
        await admin.execute(f"alter database {name} allow_connections false")
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name
        )
        yield
    finally:
        await admin.execute(f"alter database {name} allow_connections true")
        await admin.close()


async def test_a_database_that_is_away_delays_news_and_ends_nothing(
    world: World, servers: Servers
) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        client = await them.follow(staff(), id=citizen)
        await client.settled()
        await listening(world, citizen)
        await hold_conversation(world, citizen, "Den anden.")
        await client.rung.wait()
        async with database_away(world, servers):
            for _ in range(3):
                await client.rung.wait()
                assert await client.pull() == []
        assert client.versions(await client.next(30)) == [2]


async def test_who_is_rung_while_the_database_is_away_asks_no_more_often(
    world: World, servers: Servers
) -> None:
    assert world.api.live is not None
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        client = await them.follow(staff(), id=citizen, after=0)
        await client.rung.wait()
        async with database_away(world, servers):
            for _ in range(3):
                async with asyncio.timeout(10):
                    await client.rung.wait()
                assert await client.pull() == []
                world.api.live.ring(UUID(citizen), "FULL")
                assert not client.rung.is_set()
        assert client.versions(await client.next(30)) == [1]


async def test_who_has_read_after_all_is_rung_as_before(
    world: World, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_view, "FIRST_DELAY", 60.0)
    monkeypatch.setattr(live_view, "LONGEST_DELAY", 60.0)
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        client = await them.follow(staff(), id=citizen, after=0)
        await client.rung.wait()
        async with database_away(world, servers):
            assert await client.pull() == []
        assert client.versions(await client.pull()) == [1]
        await hold_conversation(world, citizen, "Den anden.")
        assert client.versions(await client.next()) == [2]


async def test_who_is_rung_while_a_read_goes_well_after_all_reads_again(
    world: World, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_view, "FIRST_DELAY", 60.0)
    monkeypatch.setattr(live_view, "LONGEST_DELAY", 60.0)
    assert world.api.live is not None
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        client = await them.follow(staff(), id=citizen, after=0)
        await client.rung.wait()
        async with database_away(world, servers):
            assert await client.pull() == []
        async with locked(world, "plan_document") as waited_for:
            pulled = asyncio.create_task(client.pull())
            await waited_for()
            world.api.live.ring(UUID(citizen), "FULL")
        assert client.versions(await pulled) == [1]
        assert client.rung.is_set()


@pytest.mark.parametrize("kind", ["plan", "notice"])
async def test_what_is_committed_while_the_channel_is_waited_for_is_news(
    mortal: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CONFIRM_SECONDS", 60.0)
    assert mortal.settings.redis_url
    citizen = await new_citizen(mortal)
    await hold_conversation(mortal, citizen)
    valkey = Redis.from_url(mortal.settings.redis_url)
    follow, look = {
        "plan": (
            "subscription($id: ID!) { planUpdated(citizenId: $id) { version } }",
            "query($id: ID!) { citizen(id: $id) { plan { version } } }",
        ),
        "notice": (
            "subscription { notificationAdded { version } }",
            "{ notifications(first: 5) { edges { node { version } } } }",
        ),
    }[kind]
    variables = {"id": citizen} if kind == "plan" else {}
    async with opened(mortal, mortal.token(Role.CITIZEN, citizen=citizen)) as socket:
        await valkey.execute_command("CLIENT", "PAUSE", 60_000, "ALL")
        await ask(socket, follow, name="live", **variables)
        await ask(socket, look, name="list", **variables)
        shown, end = await hear(socket), await hear(socket)
        assert (shown["id"], end) == ("list", {"id": "list", "type": "complete"})
        await hold_conversation(mortal, citizen, "Den anden.")
        async with asyncio.timeout(10):
            told = await hear(socket)
        assert told["id"] == "live"
        [event] = told["payload"]["data"].values()
        assert event["version"] == 2
    await valkey.aclose()


async def test_who_has_no_notice_yet_says_so_and_misses_none(world: World) -> None:
    citizen = await new_citizen(world)
    with clients(world) as them:
        for number in range(2):
            await hold_conversation(world, citizen, f"Nr. {number}")
        client = await them.follow(citizen_viewer(citizen), NOTICES, after=str(UUID(int=0)))
        assert len(await client.next()) == 2


@pytest.mark.rule("R152", "refused")
async def test_a_look_that_waits_over_midnight_is_one_of_the_new_day(world: World) -> None:
    assert world.api.readers is not None and world.api.live is not None
    citizen = await member(world)
    await hold_conversation(world, citizen)
    tomorrow = world.day[0] + timedelta(days=1)
    until = {"citizenId": citizen, "fundCode": FUND, "insurance": "FULL_TIME"}
    until |= {"from": "2020-01-01", "to": str(tomorrow)}
    await world.ask(world.token(Role.SYSTEM), MEMBERSHIP, input=until)
    turn = world.api.readers.beginning
    with clients(world) as them:
        fund = await them.follow(staff(Role.FUND), id=citizen, after=0)
        await fund.rung.wait()
        others = 0
        while not turn.locked():  # as many reads as may be under way, and slow
            await turn.acquire()
            others += 1
        fund.live.news_now()
        world.at(tomorrow)
        for _ in range(others):
            turn.release()
        assert await fund.end() == "NOT_FOUND"


async def test_caseloads_look_at_everything_once_for_a_day_also_while_the_database_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(live_sweep, "TICK_SECONDS", 0.01)
    caplog.set_level(logging.WARNING, "minplan.live")
    assert world.settings.redis_url
    async with open_pool(world.settings.database_url or "") as away:
        pass
    redis = Redis.from_url(world.settings.redis_url)
    async with running(world, redis, sweeping=away) as hub:
        async with asyncio.timeout(10):
            await hub.connected.wait()
        # other workers' wake-ups are heard too: nobody leaves this office
        with at_desk(hub, "JOBCENTER", "000") as desk, listening_to(hub, uuid4()) as bell:
            assert await desk.told() and await bell.wait()
            world.at(world.day[0] + timedelta(days=1))
            assert await desk.told()
            caplog.clear()
            async with asyncio.timeout(10):
                while len(caplog.records) < 5:  # it is tried again and again
                    await asyncio.sleep(0.005)
            assert not desk.bell.is_rung
