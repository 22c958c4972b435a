"""Versions that subscribers get: committed by the product's publication, then announced.

An event is one transaction: a meeting is moved, `app.store.publication` publishes it. What
a mutation costs besides (`bench.writes`) would take the machine from what is measured here.
"""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from redis.asyncio import Redis

from app.domain.viewer import NEVER, Role, Viewer
from app.store.clock import system_clock
from app.store.db import Pool, open_pool
from app.store.live import Live
from app.store.publication import Published, publish
from app.store.work import Work
from bench.plain_live import CHANNEL

_WRITER: Final = Viewer(Role.JOBCENTER, "bench", "Ida Holm", "101", None, NEVER)
_AT_ONCE: Final = 250
"""Citizens that are announced by one call: a mass of news comes from many operations."""
_AHEAD: Final = timedelta(days=14)
_LOCK: Final = "select from plan where plan_id = $1 for no key update"
_CHANGE: Final = """
insert into meeting (plan_id, system, external_id, authority, organisation_id, source, status,
    starts_at, ends_at, mode, caseworker_name)
select $1::uuid, 'bench', $1::uuid::text, 'JOBCENTER', organisation_id, 'SUMMONS', 'PLANNED',
    $2, $2, 'PHONE', 'Ida Holm'
from organisation where kind = 'JOBCENTER' order by organisation_id limit 1
on conflict (system, external_id) do update set starts_at = $2, ends_at = $2
"""
_FOLLOWED: Final = """
select citizen_id, plan_id from plan_document
where audience = 'FULL' and active and visible order by citizen_id limit $1
"""


@dataclass(frozen=True, slots=True)
class Followed:
    """A citizen with a plan."""

    citizen_id: UUID
    plan_id: UUID


@dataclass(frozen=True, slots=True)
class Event:
    """committed_at: of `perf_counter`, when COMMIT was sent."""

    published: Published
    committed_at: float


class Writer:
    """Commits versions and announces them, each server in its own way."""

    def __init__(self, pool: Pool, redis: Redis) -> None:
        self._pool = pool
        self._redis = redis
        self._live = Live(redis, pool)

    async def followed(self, citizens: int) -> list[Followed]:
        """So many citizens with plans, the same in each run."""
        return [Followed(**row) for row in await self._pool.fetch(_FOLLOWED, citizens)]

    async def commit(self, followed: Sequence[Followed]) -> Event:
        """One new version of each, all visible at once."""
        async with self._pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                work = Work(connection, _WRITER, system_clock().now)
                for one in followed:
                    await connection.execute(_LOCK, one.plan_id)
                    await connection.execute(_CHANGE, one.plan_id, work.now + _AHEAD)
                    work.touch(one.plan_id, one.citizen_id, "meetings", trigger="MEETING")
                published = await publish(work)
            except BaseException:
                await transaction.rollback()
                raise
            committed_at = time.perf_counter()
            await transaction.commit()
        return Event(published, committed_at)

    async def announce(self, event: Event, server: str) -> None:
        """As an API process does after its commit; for `plain` on the channel it listens to."""
        versions = event.published.versions
        if server == "plain":
            async with self._redis.pipeline(transaction=False) as pipe:
                for version in versions:
                    if version.audience == "FULL":
                        pipe.publish(CHANNEL, f"{version.citizen_id} {version.number}")
                await pipe.execute()
            return
        for start in range(0, len(versions), _AT_ONCE):
            await self._live.publish(Published(versions[start : start + _AT_ONCE]))


@asynccontextmanager
async def open_writer(database_url: str, redis_url: str) -> AsyncIterator[Writer]:
    async with open_pool(database_url, size=4) as pool, Redis.from_url(redis_url) as redis:
        yield Writer(pool, redis)
