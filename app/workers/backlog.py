"""Measures what has not arrived, for whoever asks for the metrics of this process.

The numbers are of the whole database, so every process tells the same: take the largest, never the
sum. They are measured when asked for, not more often than every five seconds.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Gauge

from app.domain.notice import Channel
from app.settings import Settings
from app.store.backlog import LATE_MINUTES, Group, Lateness, Ledger, Waiting, read_ledger
from app.store.clock import Clock
from app.store.db import DATABASE_ERRORS, Connection, Pool, in_time
from app.store.deliveries import DeliveryStatus
from app.store.work import COPENHAGEN
from app.workers import letters, metrics, outbound
from app.workers.backoff import SendWindow

log = logging.getLogger("minplan.backlog")

SECONDS: Final = 5.0
"""The shortest time between two measurements of a process."""
TIME_LIMIT: Final = 2.0
"""Seconds that a measurement may take; the numbers of the last one stay then."""

GROUPS: Final = tuple(
    Group(*pair) for pair in itertools.product((Channel.SMS, Channel.EMAIL), ("notice", "code"))
)
ON_THEIR_WAY: Final = (
    DeliveryStatus.PENDING,
    DeliveryStatus.RETRYING,
    DeliveryStatus.CLAIMED,
    DeliveryStatus.UNCERTAIN,
)


class Backlog:
    """Keeps the gauges of this process up to date while somebody looks at them."""

    def __init__(self, settings: Settings, pool: Pool, clock: Clock) -> None:
        self._settings = settings
        self._window = SendWindow(settings.send_window_start_hour, settings.send_window_end_hour)
        self._pool = pool
        self._clock = clock
        self._measuring = asyncio.Lock()
        self._asked = float("-inf")

    async def show(self) -> None:
        """Sets the gauges, unless that was tried just now. Never fails, and never takes long."""
        loop = asyncio.get_running_loop()
        async with self._measuring:
            if loop.time() - self._asked < SECONDS:
                return
            self._asked = loop.time()
            try:
                await in_time(self._pool, TIME_LIMIT, self._measure)
            except DATABASE_ERRORS as error:
                log.warning("what waits cannot be measured: %s", type(error).__name__)

    async def _measure(self, connection: Connection) -> None:
        now = self._clock().now
        show_ledger(await read_ledger(connection, now), self._window, now)
        if self._settings.sends_events:
            await outbound.measure(connection, now)
        if self._settings.prints_letters:
            await letters.measure(connection, now)
        metrics.BACKLOG_MEASURED.set(time.time())


def show_ledger(ledger: Ledger, window: SendWindow, now: datetime) -> None:
    """Sets the gauges; a number of nothing is 0, so that no series comes and goes."""
    waiting = {key: one.messages for key, one in ledger.waiting.items()}
    _set(metrics.BACKLOG_MESSAGES, ON_THEIR_WAY, waiting)
    _set(metrics.BACKLOG_DECIDED, ("RESEND", "SILENCE"), ledger.decided)
    given_up = (DeliveryStatus.FAILED, DeliveryStatus.EXPIRED)
    _set(metrics.BACKLOG_FAILED, given_up, ledger.failed)
    for group in GROUPS:
        of_group = [one for (other, _), one in ledger.waiting.items() if other == group]
        due = _oldest_due(of_group, window if group.kind == "notice" else None, now)
        metrics.BACKLOG_OLDEST_DUE.labels(*group).set(due.total_seconds())
        ready = max((now - one.ready_at for one in of_group), default=timedelta())
        metrics.BACKLOG_OLDEST_READY.labels(*group).set(max(ready.total_seconds(), 0.0))
        for minutes in LATE_MINUTES:
            counted = ledger.lateness.get((group, minutes), Lateness(0, 0))
            metrics.BACKLOG_READY.labels(*group, minutes).set(counted.ready)
            share = counted.late / counted.ready if counted.ready else 0.0
            metrics.BACKLOG_LATE.labels(*group, minutes).set(share)
    metrics.PURGE_ENDED.set(ledger.purged_at.timestamp() if ledger.purged_at else 0.0)


def _set(gauge: Gauge, cases: tuple[str, ...], counts: Mapping[tuple[Group, str], int]) -> None:
    for group, case in itertools.product(GROUPS, cases):
        gauge.labels(*group, case).set(counts.get((group, case), 0))


def _oldest_due(waiting: list[Waiting], window: SendWindow | None, now: datetime) -> timedelta:
    """How long the oldest might have been sent: due, and inside the window since.

    What was left in the evening counts from when the window opened again.
    """
    ages = [now - one.due_at for one in waiting if one.due_at is not None]
    if window is not None and not window.is_open(now):
        return timedelta()
    longest = max(ages, default=timedelta())
    return longest if window is None else min(longest, now - _open_since(window, now))


def _open_since(window: SendWindow, now: datetime) -> datetime:
    """When the window that is open at `now` was opened; long ago if it never closes."""
    midnight = now.astimezone(COPENHAGEN).replace(hour=0, minute=0, second=0, microsecond=0)
    opened = window.next_time(midnight)
    always = window.is_open(opened - timedelta(seconds=1))
    return now - timedelta(days=365) if always else opened
