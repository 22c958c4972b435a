"""The subscription of `bench.plain`, in the usual way: a queue for each subscriber, filled by one
channel of Valkey; each event resolved from the tables by DataLoaders of its own."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

import strawberry
from redis.asyncio import Redis

from app.domain.viewer import Viewer
from app.errors import NotFound
from app.schema.enums import PlanType
from bench.plain_loaders import Loaders
from bench.plain_plan import Plan
from bench.plain_types import Info

CHANNEL: Final = "bench:plain"
"""Carries `citizen version` for each new version."""


class Hub:
    """The queues of those who wait for news, by citizen."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._queues: defaultdict[UUID, set[asyncio.Queue[int]]] = defaultdict(set)

    @contextmanager
    def listening(self, citizen_id: UUID) -> Iterator["asyncio.Queue[int]"]:
        """The versions of a citizen's plan from now on."""
        queue: asyncio.Queue[int] = asyncio.Queue()
        self._queues[citizen_id].add(queue)
        try:
            yield queue
        finally:
            self._queues[citizen_id].discard(queue)

    async def run(self) -> None:
        async with Redis.from_url(self._redis_url) as redis, redis.pubsub() as pubsub:
            await pubsub.subscribe(CHANNEL)
            async for message in pubsub.listen():
                if message["type"] == "message":
                    citizen, version = message["data"].split()
                    for queue in self._queues[UUID(citizen.decode())]:
                        queue.put_nowait(int(version))


@strawberry.type
class PlanUpdate:
    version: int
    plan: Plan


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def plan_updated(
        self, info: Info, citizen_id: strawberry.ID, after_version: int | None = None
    ) -> AsyncGenerator[PlanUpdate, None]:
        own = _own(info.context.viewer, citizen_id)
        with info.context.hub.listening(own) as news:
            seen = after_version
            while True:
                loaders = info.context.loaders = Loaders(info.context.pool)
                row = await loaders.one("plan").load(own)
                version: int = (await loaders.one("version").load(row["plan_id"]))["number"]
                if seen is not None and version > seen:
                    plan_type = PlanType(row["plan_type"])
                    plan = Plan(plan_id=row["plan_id"], citizen_id=own, type=plan_type)
                    yield PlanUpdate(version=version, plan=plan)
                seen = version
                await news.get()

    @strawberry.subscription
    async def version_announced(
        self, info: Info, citizen_id: strawberry.ID
    ) -> AsyncGenerator[int, None]:
        """Reads nothing: what the handler itself costs."""
        with info.context.hub.listening(_own(info.context.viewer, citizen_id)) as news:
            while True:
                yield await news.get()


def _own(viewer: Viewer, citizen_id: str) -> UUID:
    if viewer.citizen_id is None or str(viewer.citizen_id) != citizen_id:
        raise NotFound("There is no such citizen.")
    return viewer.citizen_id
