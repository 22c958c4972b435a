"""Takes what is due out of the database and away: claim, hand over, settle.

No database connection is held while something is handed over. A handing over is never cut short by
the worker itself: a stopping worker lets those under way end. If the process dies all the same, its
claims run out and other workers take them over, and a claim that has been taken over can no longer
be settled by who lost it.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar

from app.store.clock import Clock
from app.store.db import DATABASE_ERRORS, Connection, Pool
from app.workers.backoff import SendWindow, next_attempt

log = logging.getLogger("minplan.deliver")

SEND_SECONDS: Final = 50.0
"""Longer than any channel takes by its own time-outs."""
SETTLE_SECONDS: Final = 60.0
"""How long an outcome is kept while the database is away."""
LEASE: Final = timedelta(seconds=SEND_SECONDS + SETTLE_SECONDS + 10)
ACQUIRE_SECONDS: Final = 10.0
LOST_CLAIMS_LIMIT: Final = 3
"""How often something may vanish with its worker before it is tried no more."""


class Claim(Protocol):
    """What a courier needs to know of a row that it holds."""

    @property
    def attempts(self) -> int: ...
    @property
    def first_tried_at(self) -> datetime: ...


C = TypeVar("C", bound=Claim)
S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[S]):
    """What one attempt led to; with `due_at` it is to be tried again then."""

    status: S
    reason: str | None = None
    provider_id: str | None = None
    due_at: datetime | None = None


class Courier(ABC, Generic[C, S]):
    """Takes away what is due, at most `at_once` rows at the same time, inside the window."""

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
            claimed = await self._claim()
            for one in claimed:
                task = asyncio.create_task(self._deliver(one))
                self._sends.add(task)
                task.add_done_callback(self._sends.discard)
            if not claimed:
                return

    def stop(self) -> None:
        """Claim nothing any more."""
        self._stopping = True

    async def drain(self) -> None:
        """Wait until every send under way has ended and is settled."""
        while self._sends:
            await asyncio.wait(self._sends)

    async def _wait_for_room(self) -> None:
        """Until half of the places are free: one claim then takes several rows."""
        while len(self._sends) > self._at_once // 2:
            await asyncio.wait(self._sends, return_when=asyncio.FIRST_COMPLETED)

    async def _claim(self) -> Sequence[C]:
        now = self._clock().now
        if self._stopping or not self._window.is_open(now):
            self._rest()
            return []
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            return await self._claim_rows(connection, now, self._at_once - len(self._sends))

    async def _deliver(self, claimed: C) -> None:
        outcome = await self._attempt(claimed)
        self._settled(claimed, outcome, await self._store(claimed, outcome))

    def _due_again(self, claimed: C, retry_after: float | None = None) -> datetime | None:
        """When to try again what has just failed; None: give up."""
        return next_attempt(
            self._clock().now,
            attempts=claimed.attempts + 1,
            first_tried_at=claimed.first_tried_at,
            window=self._window,
            retry_after=retry_after,
        )

    async def _store(self, claimed: C, outcome: Outcome[S]) -> S | None:
        """Settle, again and again while the database is away; None when the claim was lost."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLE_SECONDS
        while True:
            try:
                async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                    return await self._settle(connection, claimed, outcome, self._clock().now)
            except DATABASE_ERRORS as error:
                if loop.time() > deadline:
                    log.error("an outcome cannot be settled: %s", type(error).__name__)
                    return None
                await asyncio.sleep(0.5)

    def _rest(self) -> None:
        """Called instead of claiming while nothing may be sent."""

    @abstractmethod
    async def _claim_rows(self, connection: Connection, now: datetime, rows: int) -> Sequence[C]:
        """At most `rows` that are due, held for `self._lease`."""

    @abstractmethod
    async def _attempt(self, claimed: C) -> Outcome[S]:
        """Hand it over, within `SEND_SECONDS`; raises nothing."""

    @abstractmethod
    async def _settle(
        self, connection: Connection, claimed: C, outcome: Outcome[S], now: datetime
    ) -> S | None:
        """Store the outcome; None when the claim was lost."""

    @abstractmethod
    def _settled(self, claimed: C, outcome: Outcome[S], status: S | None) -> None:
        """Tell operations what is stored; `status` is None when the claim was lost."""


def _nobody() -> None:
    """Nobody sweeps."""
