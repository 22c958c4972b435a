"""Takes what is due out of the database and away: claim, hand over, settle.

No database connection is held while something is handed over. Claims are taken and outcomes settled
many at a time: whatever ends while a batch is being settled is the next batch. A handing over is
never cut short by the worker itself: a stopping worker lets those under way end. If the process
dies all the same, its claims run out, and who lost a claim cannot settle what another has claimed.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from app.store.clock import Clock
from app.store.db import DATABASE_ERRORS, Connection, Pool, is_of_a_row
from app.workers.backoff import SendWindow, next_attempt

log = logging.getLogger("minplan.deliver")

SEND_SECONDS: Final = 50.0
"""Longer than any channel takes by its own time-outs."""
SETTLE_SECONDS: Final = 60.0
"""How long a worker that is told to stop keeps outcomes while the database is away."""
LEASE: Final = timedelta(seconds=SEND_SECONDS + SETTLE_SECONDS + 10)
ACQUIRE_SECONDS: Final = 10.0
SETTLE_AT_ONCE: Final = 200
AWAY_SECONDS: Final = 0.5
"""Between two attempts to reach the database."""

C = TypeVar("C")
O = TypeVar("O")  # noqa: E741 - the outcome
S = TypeVar("S")


class Courier(ABC, Generic[C, O, S]):
    """Takes away what is due, at most `at_once` at the same time, inside the window.

    C is what it carries, O what became of it, S what is stored of that.
    """

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        *,
        window: SendWindow | None = None,
        lease: timedelta = LEASE,
        at_once: int = 20,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._window = window or SendWindow()
        self._lease = lease
        self._at_once = at_once
        self._sends: set[asyncio.Task[None]] = set()
        self._ended: list[tuple[C, O]] = []
        self._settling: asyncio.Task[None] | None = None
        self._stopping = False
        self.look_again: Callable[[], None] = _nobody
        """Asks whoever sweeps for another `deliver_due`."""

    async def deliver_due(self) -> None:
        """Start sending all that is due; returns when the last of it is under way.

        Nothing is claimed outside the send window, however long it has been due. Raises
        `DATABASE_ERRORS`.
        """
        while not self._stopping:
            await self._wait_for_room()
            taken = await self._take_due()
            for one in taken or ():
                task = asyncio.create_task(self._carry(one))
                self._sends.add(task)
                task.add_done_callback(self._sends.discard)
            if taken is None:
                return

    def stop(self) -> None:
        """Claim nothing any more."""
        self._stopping = True

    async def drain(self) -> None:
        """Wait until every send under way has ended and is settled."""
        while self._sends:
            await asyncio.wait(self._sends)
        while self._settling is not None and not self._settling.done():
            await asyncio.wait({self._settling})

    async def _wait_for_room(self) -> None:
        """Until half of the places are free: one claim then takes several rows."""
        while self._held() > self._at_once // 2:
            under_way = {*self._sends, *filter(None, [self._settling])}
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)

    def _held(self) -> int:
        """What is under way, or has ended and is not settled."""
        return len(self._sends) + len(self._ended)

    async def _take_due(self) -> Sequence[C] | None:
        now = self._clock().now
        if self._stopping or not self._window.is_open(now):
            return None
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            return await self._take(connection, now, self._at_once - self._held())

    async def _carry(self, one: C) -> None:
        self._end(one, await self._attempt(one))

    def _end(self, one: C, outcome: O) -> None:
        """Settled soon, together with what else has ended."""
        self._ended.append((one, outcome))
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle_ended())

    async def _settle_ended(self) -> None:
        while self._ended:
            batch = self._ended[:SETTLE_AT_ONCE]
            del self._ended[:SETTLE_AT_ONCE]
            statuses = await self._store(batch)
            for (one, outcome), status in zip(batch, statuses, strict=True):
                self._settled(one, outcome, status)

    async def _store(self, batch: Sequence[tuple[C, O]]) -> Sequence[S | None]:
        """Settle, again and again while the database is away; None where a claim was lost.

        What is known is given up only by a worker that is told to stop: however late it comes, it
        is better than not to know.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLE_SECONDS
        while True:
            try:
                async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                    return await self._settle(connection, batch, self._clock().now)
            except DATABASE_ERRORS as error:
                poison = is_of_a_row(error)
                if poison and len(batch) > 1:
                    # one that cannot be stored must not take the others with it
                    return [status for one in batch for status in await self._store([one])]
                if poison or (self._stopping and loop.time() > deadline):
                    log.error("an outcome cannot be settled: %s", type(error).__name__)
                    return [None] * len(batch)
                await asyncio.sleep(AWAY_SECONDS)

    def _due_again(
        self, tries: int, first_tried_at: datetime, retry_after: float | None = None
    ) -> datetime | None:
        """When to try again what has failed `tries` times; None: give up."""
        return next_attempt(
            self._clock().now,
            attempts=tries,
            first_tried_at=first_tried_at,
            window=self._window,
            retry_after=retry_after,
        )

    @abstractmethod
    async def _take(self, connection: Connection, now: datetime, rows: int) -> Sequence[C] | None:
        """At most `rows` that are due, held for `self._lease`; None when nothing was."""

    @abstractmethod
    async def _attempt(self, one: C) -> O:
        """Hand it over, within `SEND_SECONDS`; raises nothing."""

    @abstractmethod
    async def _settle(
        self, connection: Connection, batch: Sequence[tuple[C, O]], now: datetime
    ) -> Sequence[S | None]:
        """Store the outcomes; None for each whose claim was lost."""

    @abstractmethod
    def _settled(self, one: C, outcome: O, status: S | None) -> None:
        """Tell operations what is stored; `status` is None when the claim was lost."""


def _nobody() -> None:
    """Nobody sweeps."""
