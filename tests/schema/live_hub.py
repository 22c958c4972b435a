"""Hubs of live views beside the world's own, and listeners that count their rings."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

from redis.asyncio import Redis

from app.store.db import Pool
from app.store.live import Live
from app.store.live_caseload import News, Office
from app.store.live_sweep import Sweep
from tests.world import World


class Bell:
    """Rung when there may be news; rings while nobody waits are kept as one."""

    idle = True
    office: Office | None = None

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    def lacks(self, plan_id: UUID | None, newest: object) -> bool:
        return False

    @property
    def is_rung(self) -> bool:
        return self._rung.is_set()

    async def wait(self, seconds: float = 5) -> bool:
        """Waits for a ring; False when `seconds` went by without one."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


@contextmanager
def listening_to(live: Live, citizen_id: UUID, kind: str = "FULL") -> Iterator[Bell]:
    """A bell for a citizen's news until the block ends."""
    bell = Bell()
    live.listen(citizen_id, kind, bell)
    try:
        yield bell
    finally:
        live.leave(citizen_id, kind, bell)


class Desk:
    """Somebody who listens to a caseload."""

    def __init__(self) -> None:
        self.bell = Bell()
        self.news = News(self.bell.ring)

    async def wait(self, seconds: float = 5) -> bool:
        return await self.bell.wait(seconds)

    async def told(self) -> bool:
        """Waits for news; whether they are to look at everything."""
        assert await self.wait()
        return self.news.take(50).everything


@contextmanager
def at_desk(live: Live, kind: str, code: str) -> Iterator[Desk]:
    """A listener to an organisation's caseload until the block ends."""
    desk = Desk()
    live.listen_to_caseload((kind, code), desk.news)
    try:
        yield desk
    finally:
        live.leave_caseload((kind, code), desk.news)


@asynccontextmanager
async def running(
    world: World, redis: Redis, sweeping: "Pool | None" = None
) -> AsyncIterator[Live]:
    """A hub at work on the world's database until the block ends. sweeping: with another pool."""
    assert world.api.pool is not None
    live = Live(redis, world.api.pool)
    sweep = Sweep(live, sweeping or world.api.pool, world.api.clock)
    loops = (*live.loops, sweep.run)
    tasks = {asyncio.ensure_future(run()) for run in loops}
    try:
        yield live
    finally:
        while pending := {task for task in tasks if not task.done()}:
            for task in pending:  # the client library may swallow one cancellation
                task.cancel()
            await asyncio.wait(pending, timeout=1)
        await redis.aclose()


def nowhere() -> Redis:
    """A Valkey that is away."""
    return Redis(unix_socket_path="/nonexistent/valkey.sock")


@asynccontextmanager
async def without_valkey(world: World) -> AsyncIterator[Live]:
    """A hub that runs while Valkey is away."""
    async with running(world, nowhere()) as live:
        yield live


@asynccontextmanager
async def with_valkey(world: World) -> AsyncIterator[Live]:
    """A hub that runs and is connected to Valkey."""
    assert world.settings.redis_url is not None
    async with running(world, Redis.from_url(world.settings.redis_url)) as live:
        await asyncio.wait_for(live.connected.wait(), 5)
        yield live
