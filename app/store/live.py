"""Live views: who waits for news of whom, woken through Valkey and, without it, by PostgreSQL.

A wake-up carries ids only; whoever is woken reads anew with the own rights. One pattern
subscription serves the whole process. Each confirmation of it, also after a reconnect, wakes
everybody: that closes the gap in which a message may have been lost. A slow sweep of the database
finds what was committed and never announced.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.store.db import DATABASE_ERRORS, Pool
from app.store.live_caseload import Caseloads, left
from app.store.publication import Published
from app.store.queries import queries

log = logging.getLogger("minplan.live")

CHANNEL = "minplan:live:"
RECONNECT_SECONDS = 0.2
PUBLISH_TIMEOUT = 1.0
"""Seconds a commit's wake-up may take; after that the views find the news by themselves."""
POLL_SECONDS = 2.0
"""How often the database is asked while Valkey is away."""
SWEEP_SECONDS = 15.0
"""The same while it is there: for a wake-up that was lost between commit and publication."""
CASELOAD_SECONDS = 60.0
"""How often live caseloads look at everything while Valkey is there: to find out whose wake-up was
lost, among all of an organisation's citizens, would cost more than to read a page."""

Key = tuple[UUID, str]
"""A citizen, and which of the citizen's news: FULL, FUND or NOTICE; a wake-up may also say
FACTS_ and an audience, INBOX_ and an authority, or LEFT and an organisation."""


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
        self.caseloads = Caseloads(pool)
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
        keys |= {(citizen_id, f"FACTS_{audience}") for citizen_id, audience in published.facts}
        keys |= {(citizen_id, "NOTICE") for citizen_id, _ in published.notices}
        keys |= {(citizen_id, f"INBOX_{authority}") for citizen_id, authority in published.inboxes}
        keys |= {(citizen_id, left(kind, code)) for citizen_id, kind, code in published.left}
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
            log.warning("Valkey did not take a wake-up; live views find the news by themselves")
            for key in keys:
                self._hear(key)

    async def run(self) -> None:
        """Listens until cancelled, and asks the database too: rarely, or often without Valkey."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._sweep())
            group.create_task(self.caseloads.run())

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (RedisError, OSError) as error:
                log.warning("live wake-ups are away: %s", type(error).__name__)
            finally:
                self.connected.clear()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_once(self) -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.psubscribe(f"{CHANNEL}*")
            async for message in pubsub.listen():
                if message["type"] == "psubscribe":
                    self.connected.set()
                    for key in list(self._bells):
                        self._ring(key)
                    self.caseloads.ring_everything()
                elif message["type"] == "pmessage":
                    with suppress(ValueError):
                        citizen = message["channel"].decode().removeprefix(CHANNEL)
                        self._hear((UUID(citizen), message["data"].decode()))

    def _hear(self, key: Key) -> None:
        """A wake-up: facts outside the plan may end rights, so they wake the views of the plan."""
        citizen_id, what = key
        self._ring((citizen_id, what.removeprefix("FACTS_")))
        self.caseloads.hear(citizen_id, what)

    def _ring(self, key: Key) -> None:
        for bell in self._bells.get(key, ()):
            bell.ring()

    async def _sweep(self) -> None:
        """Rings where the database has something newer than at the last look."""
        clock = asyncio.get_running_loop().time
        looked = clock()
        while True:
            await asyncio.sleep(SWEEP_SECONDS if self.connected.is_set() else POLL_SECONDS)
            if not self.connected.is_set() or clock() - looked >= CASELOAD_SECONDS:
                self.caseloads.ring_everything()
                looked = clock()
            citizens = list({citizen_id for citizen_id, _ in self._bells})
            if not citizens:
                continue
            try:
                rows = await self._pool.fetch(queries()["live_numbers"], citizens)
            except DATABASE_ERRORS as error:
                log.warning("live views cannot look for news: %s", type(error).__name__)
                continue
            for row in rows:
                key = (row["citizen_id"], row["what"])
                if key in self._bells and self._numbers.get(key) != row["number"]:
                    self._numbers[key] = row["number"]
                    self._ring(key)
