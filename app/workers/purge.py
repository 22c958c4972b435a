"""Takes away what is not kept for ever: once a day, by one of all workers, in the night.

The first worker that asks in a night gets the day's purge and holds it while it works; one that
dies leaves it to another. Small batches, each a transaction of its own, hold up nobody. The
ledger itself stays, and so do the notices of the front page: neither has an address or a text.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from app.settings import Settings
from app.store import purge
from app.store.clock import Clock
from app.store.db import Pool
from app.store.idempotency import VALID_FOR
from app.store.purge import Purged
from app.store.work import COPENHAGEN
from app.workers import metrics
from app.workers.courier import ACQUIRE_SECONDS
from app.workers.letters import purge_letters

log = logging.getLogger("minplan.purge")

PURGE_SECONDS: Final = 300.0
"""Between two looks whether a purge is to be done."""
NIGHT: Final = range(2, 5)
"""The hours of the day in Copenhagen for it; at any hour where none has ended for two days."""
HOLD: Final = timedelta(minutes=5)
"""Much longer than a batch takes: who has not renewed it since is dead."""
ROWS: Final = 1000


@dataclass(frozen=True, slots=True)
class Keep:
    """Days that things are kept; letters: their print files, None where none are written."""

    contact_codes: int = 30
    events: int = 90
    provider_ids: int = 90
    letters: int | None = None
    refusals: int = 90
    revocations: int = 400

    def before(self, now: datetime) -> dict[Purged, datetime]:
        """Of each kind, from when on it stays."""
        days = {
            Purged.CONTACT_CODES: self.contact_codes,
            Purged.EVENTS: self.events,
            Purged.REFUSALS: self.refusals,
            Purged.REVOCATIONS: self.revocations,
            Purged.PROVIDER_IDS: self.provider_ids,
        }
        before = {what: now - timedelta(days=count) for what, count in days.items()}
        return {**before, Purged.ANSWERS: now - VALID_FOR}


def keep_of(settings: Settings) -> Keep:
    """What the settings say."""
    return Keep(
        settings.keep_contact_codes_days,
        settings.keep_events_days,
        settings.keep_provider_ids_days,
        settings.letter_keep_days if settings.prints_letters else None,
        settings.keep_refusals_days,
        settings.keep_revocations_days,
    )


class Purger:
    """Has the face of what a `Sweeper` sweeps; wake-ups are nothing to it."""

    def __init__(self, pool: Pool, clock: Clock, keep: Keep, *, rows: int = ROWS) -> None:
        self._pool = pool
        self._clock = clock
        self._keep = keep
        self._rows = rows
        self._stopping = False
        self._looks_again: datetime | None = None
        self.look_again: Callable[[], None] = lambda: None

    async def deliver_due(self) -> None:
        """Does the day's purge if that is nobody else's; raises `DATABASE_ERRORS`."""
        now, day = self._clock().now, self._clock().today
        if self._stopping or (self._looks_again is not None and now < self._looks_again):
            return
        self._looks_again = now + timedelta(seconds=PURGE_SECONDS)
        night = now.astimezone(COPENHAGEN).hour in NIGHT
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            mine = await purge.begin(connection, day, now, now + HOLD, night=night)
        if mine:
            await self._purge(day, self._keep.before(now))

    def stop(self) -> None:
        """Leave the rest to another worker, after the batch under way."""
        self._stopping = True

    async def drain(self) -> None:
        """Nothing of it outlives `deliver_due`."""

    async def _purge(self, day: date, before: dict[Purged, datetime]) -> None:
        for what, moment in before.items():
            while not self._stopping and await self._batch(day, what, moment) == self._rows:
                continue
        if self._keep.letters is not None and not self._stopping:
            found = await purge_letters(self._pool, self._clock().now, self._keep.letters)
            metrics.PURGED.labels("letters").inc(found)
        now = self._clock().now
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            if self._stopping:
                await purge.hold(connection, day, now)
            else:
                await purge.end(connection, day, now, before[Purged.PROVIDER_IDS])
                log.info("the purge of %s is done", day)

    async def _batch(self, day: date, what: Purged, before: datetime) -> int:
        """One batch; how many rows it had."""
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            found = await purge.purge(connection, what, before, self._rows)
            await purge.hold(connection, day, self._clock().now + HOLD)
        metrics.PURGED.labels(what.name.lower()).inc(found)
        await asyncio.sleep(0)  # the senders of this process come first
        return found
