"""Live views: who waits for news of whom, woken through Valkey and, without it, by PostgreSQL.

A wake-up carries ids only; whoever is woken reads anew with the own rights. One pattern
subscription serves the whole process. Each confirmation of it, also after a reconnect, wakes
everybody: that closes the gap in which a message may have been lost.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.store.db import Pool
from app.store.publication import Published
from app.store.queries import queries

log = logging.getLogger("minplan.live")

CHANNEL = "minplan:live:"
PUBLISH_TIMEOUT = 1.0
"""Seconds a commit's wake-up may take; after that the views find the news by themselves."""
POLL_SECONDS = 2.0
"""How often the database is asked while Valkey is away."""

Key = tuple[UUID, str]
"""A citizen, and FULL, FUND or NOTICE: which of the citizen's news."""


class Bell:
    """Rung when there may be news; rings while nobody waits are kept as one."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.waiting = False

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """Waits for a ring; False when `seconds` went by without one."""
        self.waiting = True
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        finally:
            self.waiting = False
        self._rung.clear()
        return True


class Live:
    """The process's hub of live views."""

    def __init__(self, redis: Redis, pool: Pool) -> None:
        self._redis = redis
        self._pool = pool
        self._bells: defaultdict[Key, set[Bell]] = defaultdict(set)
        self._numbers: dict[Key, int] = {}
        self.connected = asyncio.Event()

    @contextmanager
    def listen(self, citizen_id: UUID, what: str) -> Iterator[Bell]:
        """A bell for one citizen's news, for as long as the block runs."""
        bell, key = Bell(), (citizen_id, what)
        self._bells[key].add(bell)
        try:
            yield bell
        finally:
            self._bells[key].discard(bell)
            if not self._bells[key]:
                del self._bells[key]
                self._numbers.pop(key, None)

    def listeners(self, citizen_id: str) -> int:
        """How many live views wait for news of a citizen."""
        return sum(
            bell.waiting
            for (listened, _), bells in self._bells.items()
            for bell in bells
            if str(listened) == citizen_id
        )

    async def publish(self, published: Published) -> None:
        """Wakes the views of what was committed, in all processes. Never fails."""
        keys = {(v.citizen_id, v.audience) for v in published.versions}
        keys |= {
            (citizen_id, what) for citizen_id in published.citizens for what in ("FULL", "FUND")
        }
        keys |= {(citizen_id, "NOTICE") for citizen_id, _ in published.notices}
        if not keys:
            return
        try:
            async with (
                asyncio.timeout(PUBLISH_TIMEOUT),
                self._redis.pipeline(transaction=False) as pipe,
            ):
                for citizen_id, what in sorted(keys):
                    pipe.publish(f"{CHANNEL}{citizen_id}", what)
                await pipe.execute()
        except (RedisError, OSError, TimeoutError):
            log.warning("Valkey did not take a wake-up; live views look for themselves")

    async def run(self) -> None:
        """Listens until cancelled; while Valkey is away, asks the database instead."""
        while True:
            polling = asyncio.create_task(self._poll())
            try:
                await self._listen(polling)
            except (RedisError, OSError) as error:
                log.warning("live wake-ups are away: %s", type(error).__name__)
            finally:
                self.connected.clear()
                polling.cancel()
                with suppress(asyncio.CancelledError):
                    await polling
            await self._poll_once()
            await asyncio.sleep(0.2)

    async def _listen(self, polling: "asyncio.Task[None]") -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.psubscribe(f"{CHANNEL}*")
            async for message in pubsub.listen():
                if message["type"] == "psubscribe":
                    polling.cancel()
                    self.connected.set()
                    self._ring_all()
                elif message["type"] == "pmessage":
                    self._ring(message["channel"], message["data"])

    def _ring(self, channel: bytes, what: bytes) -> None:
        with suppress(ValueError):
            key = (UUID(channel.decode().removeprefix(CHANNEL)), what.decode())
            for bell in self._bells.get(key, ()):
                bell.ring()

    def _ring_all(self) -> None:
        for bells in self._bells.values():
            for bell in bells:
                bell.ring()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self._poll_once()

    async def _poll_once(self) -> None:
        """Rings where the database has something newer than at the last look."""
        citizens = list({citizen_id for citizen_id, _ in self._bells})
        if not citizens:
            return
        try:
            rows = await self._pool.fetch(queries()["live_numbers"], citizens)
        except (OSError, TimeoutError):
            return
        for row in rows:
            key = (row["citizen_id"], row["what"])
            if self._numbers.get(key) != row["number"]:
                self._numbers[key] = row["number"]
                for bell in self._bells.get(key, ()):
                    bell.ring()
