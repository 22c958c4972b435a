"""What no wake-up tells: news whose announcement was lost, and rights that end with the day."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import date

from app.store.clock import Clock
from app.store.db import DATABASE_ERRORS, Pool, Row
from app.store.live import Live
from app.store.queries import queries

log = logging.getLogger("minplan.live")

POLL_SECONDS = 2.0
"""How often the database is asked while Valkey is away."""
SWEEP_SECONDS = 15.0
"""The same while it is there: for a wake-up that was lost between commit and publication."""
TICK_SECONDS = 1.0
"""How often it is looked whether it is time, or another day."""
CASELOAD_SECONDS = 60.0
"""How often live caseloads look at everything while Valkey is there: to find out whose wake-up was
lost, among all of an organisation's citizens, would cost more than to read a page."""


class Sweep:
    """Asks the database for a process's live views: rarely, or often without Valkey."""

    def __init__(self, live: Live, pool: Pool, clock: Clock) -> None:
        self._live, self._pool, self._clock = live, pool, clock

    async def run(self) -> None:
        """Sweeps until cancelled; on a new day at once, and until the database has answered."""
        now = asyncio.get_running_loop().time
        swept_at = rung_at = now()
        swept_on = rung_on = self._clock().today
        while True:
            away = not self._live.connected.is_set()
            every = POLL_SECONDS if away else SWEEP_SECONDS
            await asyncio.sleep(min(TICK_SECONDS, every))
            today = self._clock().today
            if now() - rung_at >= (POLL_SECONDS if away else CASELOAD_SECONDS) or today != rung_on:
                self._live.caseloads.ring_everything()
                rung_at, rung_on = now(), today
            if now() - swept_at >= every or today != swept_on:
                swept_at = now()
                if await self._sweep(today):
                    swept_on = today

    async def _sweep(self, today: date) -> bool:
        """Whether the database answered."""
        try:
            await self._ring_who_is_behind()
            await self._ring_who_is_out_of_reach(today)
        except DATABASE_ERRORS as error:
            log.warning("live views cannot look for news: %s", type(error).__name__)
            return False
        return True

    async def _ring_who_is_behind(self) -> None:
        citizens = list(self._live.citizens())
        rows: Iterable[Row] = (
            await self._pool.fetch(queries()["live_newest"], citizens) if citizens else ()
        )
        for row in rows:
            newest = row["notice_id"] or row["number"]
            for listener in tuple(self._live.peers(row["citizen_id"], row["kind"])):
                if listener.idle and listener.lacks(row["plan_id"], newest):
                    listener.ring()

    async def _ring_who_is_out_of_reach(self, today: date) -> None:
        offices = list(self._live.offices())
        if not offices:
            return
        citizens, kinds, codes = (list(column) for column in zip(*offices, strict=True))
        rows = await self._pool.fetch(queries()["live_out_of_reach"], citizens, kinds, codes, today)
        for row in rows:
            self._live.ring(row["citizen_id"], row["audience"])
