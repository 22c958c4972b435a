"""Several API processes, a Valkey that dies, a PostgreSQL that is away: late, but never lost."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from redis.asyncio import Redis

from app.settings import Settings
from app.store import live_sweep
from app.store.live import CHANNEL
from tests.schema.live_client import NOTICES, citizen_viewer, clients, staff
from tests.schema.live_hub import Bell, at_desk, with_valkey
from tests.story import hold_conversation, new_citizen
from tests.workers.place import OwnValkey
from tests.world import World, open_world

QUIET = "851"
"""No test moves people out of it: channels know no database, so what other tests of the run
publish of an organisation is heard here too."""


@pytest.fixture
def valkey() -> Iterator[OwnValkey]:
    """A Valkey that can be killed."""
    with tempfile.TemporaryDirectory(prefix="minplan-") as folder:
        Path(folder).chmod(0o755)
        own = OwnValkey(Path(folder))
        own.start()
        yield own
        own.stop()


@pytest.fixture
async def mortal(settings: Settings, valkey: OwnValkey) -> AsyncIterator[World]:
    """A world on that Valkey."""
    async with open_world(settings.model_copy(update={"redis_url": valkey.url})) as opened:
        yield opened


@pytest.fixture
async def valkey_client(world: World) -> AsyncIterator[Redis]:
    assert world.settings.redis_url
    redis = Redis.from_url(world.settings.redis_url, decode_responses=True)
    yield redis
    await redis.aclose()


async def test_what_one_process_publishes_the_views_of_another_show(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    async with open_world(world.settings) as other:
        with clients(world) as here, clients(other) as there:
            for one in (here, there):
                await (await one.follow(staff(), id=citizen)).settled()
            await hold_conversation(world, citizen, "Den anden.")
            await hold_conversation(other, citizen, "Den tredje.")
            for one in (here, there):
                seen = 0
                while seen < 3:
                    seen = one.all[0].versions(await one.all[0].next())[-1]
                assert seen == 3


async def test_a_process_hears_of_the_citizens_it_has_views_of_and_no_others(
    world: World, valkey_client: Redis
) -> None:
    citizen = await new_citizen(world)
    channel = f"{CHANNEL}{citizen}"

    async def channels() -> list[str]:
        return [str(c) for c in await valkey_client.pubsub_shardchannels()]

    assert channel not in await channels()
    with clients(world) as them:
        for _ in range(2):
            await (await them.follow(staff(), id=citizen)).settled()
        assert channel in await channels()
        assert len(await them.all[0].take()) == 0
        them.leave(them.all[0])
        await (await them.follow(staff(), id=citizen)).settled()
        assert channel in await channels()
    async with asyncio.timeout(10):
        while channel in await channels():  # until Valkey has been told
            await asyncio.sleep(0.01)


async def test_caseloads_are_carried_while_somebody_listens_to_one(world: World) -> None:
    async with with_valkey(world) as live:
        for _ in range(2):
            with at_desk(live, "JOBCENTER", QUIET) as desk:
                assert await desk.told()
                # published by the world's own hub
                citizen = await new_citizen(world, municipality=QUIET)
                assert await desk.wait()
                assert list(desk.news.take(50).citizens) == [UUID(citizen)]


async def test_five_thousand_channels_are_asked_for_again_after_a_reconnect(
    world: World, valkey_client: Redis
) -> None:
    async with with_valkey(world) as live:
        bells = [Bell() for _ in range(5000)]
        for bell in bells:
            live.listen(uuid4(), "FULL", bell)
        own = await listening_to_all(valkey_client)
        for bell in bells:
            assert await bell.wait()
        await valkey_client.client_kill_filter(_id=own)
        for bell in bells:
            assert await bell.wait()
        assert await listening_to_all(valkey_client) != own


async def listening_to_all(valkey: Redis) -> str:
    """The connection that has 5,000 channels; waits for it."""
    async with asyncio.timeout(10):
        while True:
            for client in await valkey.client_list(_type="pubsub"):
                if int(client["ssub"]) == 5000:
                    return str(client["id"])
            await asyncio.sleep(0.01)


async def test_a_valkey_that_dies_ends_no_view_and_loses_nothing(
    mortal: World, valkey: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_sweep, "POLL_SECONDS", 0.05)
    citizen = await new_citizen(mortal)
    await hold_conversation(mortal, citizen)
    with clients(mortal) as them:
        plan = await them.follow(staff(), id=citizen)
        notices = await them.follow(citizen_viewer(citizen), NOTICES)
        await plan.settled()
        await notices.settled()
        valkey.stop()
        await hold_conversation(mortal, citizen, "Uden Valkey.")
        assert plan.versions(await plan.next()) == [2]
        assert len(await notices.next()) == 1
        # what another process commits meanwhile is found in the database alone
        await elsewhere(mortal, citizen, "Fra en anden proces.")
        assert plan.versions(await plan.next()) == [3]
        late = await them.follow(staff(), id=citizen, after=0)
        assert late.versions(await late.next()) == [3]
        valkey.start()
        assert mortal.api.live is not None
        async with asyncio.timeout(10):
            await mortal.api.live.connected.wait()
        await hold_conversation(mortal, citizen, "Med Valkey.")
        assert plan.versions(await plan.next())[-1] == 4


async def elsewhere(world: World, citizen: str, text: str) -> None:
    """A conversation that nobody in this process is told of."""
    assert world.api.live is not None
    live = world.api.live
    async with open_world(world.settings.model_copy(update={"redis_url": "unix:///none"})) as other:
        await hold_conversation(other, citizen, text)
    assert not live.connected.is_set()


async def test_a_lost_wake_up_is_found_and_who_is_up_to_date_is_not_rung(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_sweep, "SWEEP_SECONDS", 0.02)
    behind, current = await new_citizen(world), await new_citizen(world)
    for citizen in (behind, current):
        await hold_conversation(world, citizen)
    with clients(world) as them:
        views = {c: await them.follow(staff(), id=c) for c in (behind, current)}
        for view in views.values():
            await view.settled()
        connection = await asyncpg.connect(world.settings.database_url)
        try:  # a publication that told nobody
            await connection.execute(
                "update plan_document set number = number + 1 where citizen_id = $1", UUID(behind)
            )
        finally:
            await connection.close()
        assert await asyncio.wait_for(views[behind].rung.wait(), 10)
        assert not views[current].rung.is_set()
