"""A live caseload whose wake-up was lost between commit and publication."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from app.store import live as live_module
from app.store.live import Live
from tests.schema.test_live_caseload import running, told
from tests.world import JOBCENTER, World


@asynccontextmanager
async def with_valkey(world: World) -> AsyncIterator[Live]:
    """A hub that runs and is connected to Valkey."""
    assert world.api.pool is not None and world.settings.redis_url is not None
    redis = Redis.from_url(world.settings.redis_url, decode_responses=False)
    async with running(Live(redis, world.api.pool)) as live:
        await asyncio.wait_for(live.connected.wait(), 5)
        yield live


@pytest.mark.rule("R130", "allowed")
async def test_a_wake_up_that_nobody_published_is_made_good_by_looking_at_everything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "SWEEP_SECONDS", 0.02)
    monkeypatch.setattr(live_module, "CASELOAD_SECONDS", 0.1)
    async with with_valkey(world) as live:
        with live.caseloads.listen("JOBCENTER", JOBCENTER) as news:
            for _ in range(3):
                assert await told(news)


async def test_a_sweep_beside_valkey_does_not_trouble_caseloads_each_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "SWEEP_SECONDS", 0.02)
    async with with_valkey(world) as live:
        with live.caseloads.listen("JOBCENTER", JOBCENTER) as news:
            assert await told(news)
            assert not await news.wait(0.3)
