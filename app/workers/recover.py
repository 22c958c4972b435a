"""Finds messages whose workers died, and decides about those that nobody knows arrived.

A message may have been sent when its worker was lost after the attempt had begun, or when the
provider's answer was. A receipt may still tell. If none has after a quarter of an hour, a reminder
of a deadline is sent once more, which may be a duplicate; all else is left, which may be a silence.
"""

import logging
from collections.abc import Callable

from app.store import deliveries
from app.store.clock import Clock
from app.store.db import Pool
from app.workers import metrics
from app.workers.backoff import SendWindow
from app.workers.courier import ACQUIRE_SECONDS

log = logging.getLogger("minplan.recover")


class Recoverer:
    """Looks at what others left; `wake` rings those that send."""

    def __init__(
        self, pool: Pool, clock: Clock, wake: Callable[[], None], *, window: SendWindow
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._wake = wake
        self._window = window
        self._stopping = False
        self.look_again: Callable[[], None] = wake

    async def deliver_due(self) -> None:
        """Recovers and decides until nothing is left to. Raises `DATABASE_ERRORS`."""
        while not self._stopping and await self._recover() + await self._decide():
            self._wake()

    def stop(self) -> None:
        """Look no further."""
        self._stopping = True

    async def drain(self) -> None:
        """Nothing of it outlives `deliver_due`."""

    async def _recover(self) -> int:
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            lost = await deliveries.recover_lost(connection, self._clock().now)
        for one in lost:
            metrics.LOST_CLAIMS.labels(one.channel).inc()
            log.warning("delivery %s lost its worker: %s", one.delivery_id, one.to)
        return len(lost)

    async def _decide(self) -> int:
        now = self._clock().now
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            decided = await deliveries.decide_uncertain(
                connection, now, self._window.next_time(now)
            )
        for one in decided:
            metrics.UNCERTAIN_DECISIONS.labels(one.channel, one.to).inc()
            log.warning("delivery %s is uncertain: %s", one.delivery_id, one.to)
        return len(decided)
