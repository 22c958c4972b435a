"""Does what falls due by the calendar: reminders, hand-overs, tasks for what is overdue.

The tables say what is due, so nothing is planned ahead and nothing is lost: a pass after an outage
of any length finds what is still of use. Each thing is a transaction of its own; two workers at
once meet at the citizen's lock, and the second finds it done.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from app.actions.schedule import JOBS, Job
from app.actions.unattended import run_unattended
from app.domain.policy import Policy
from app.store.clock import Clock
from app.store.db import DATABASE_ERRORS, Pool, is_away, is_held
from app.store.publication import Published
from app.store.schedule import Due, find_due
from app.workers import metrics

log = logging.getLogger("minplan.schedule")

SCHEDULE_SECONDS: Final = 300.0
"""The longest time between two passes of a process; a cron job wakes one of all each minute."""
PAUSES: Final = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""How long something that failed waits for its second, third and every later try."""

Announce = Callable[[Published], Awaitable[None]]


class Scheduler:
    """One loop over everything that may be due; needs PostgreSQL only.

    announce: tells live views and deliverers what was committed; must not fail.
    """

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        policy: Policy,
        announce: Announce,
        *,
        seconds: float = SCHEDULE_SECONDS,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._policy = policy
        self._announce = announce
        self._seconds = seconds
        self._woken = asyncio.Event()
        self._stopping = False
        self._failed: dict[tuple[str, Due], tuple[int, datetime]] = {}

    def wake(self) -> None:
        """Begin a pass at once; if one is under way, another one after it."""
        self._woken.set()

    def stop(self) -> None:
        """Let `run` come to its end: after the thing it is doing."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Pass after pass until stopped. Outlives any failure."""
        while not self._stopping:
            self._woken.clear()
            await self.do_due()
            try:
                async with asyncio.timeout(self._seconds):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def do_due(self) -> None:
        """One pass over all that is due now."""
        self._failed = {
            key: (tries, again)
            for key, (tries, again) in self._failed.items()
            if again > self._clock().now - PAUSES[-1]
        }
        for job in JOBS:
            try:
                await self._do_job(job)
            except DATABASE_ERRORS as error:
                log.warning("%s must wait: %s", job.kind, type(error).__name__)
            except Exception:
                # A defect of one job: the others are still done, and it is looked for again.
                log.exception("looking for %s failed", job.kind)

    async def _do_job(self, job: Job) -> None:
        arguments = job.arguments(self._clock().today, self._policy)
        for due in await find_due(self._pool, job.query, *arguments):
            if self._stopping:
                return
            if self._may_be_tried(job, due):
                await self._do(job, due)

    def _may_be_tried(self, job: Job, due: Due) -> bool:
        _, again = self._failed.get((job.kind, due), (0, None))
        return again is None or again <= self._clock().now

    async def _do(self, job: Job, due: Due) -> None:
        """One thing; what fails holds up nothing else, and is tried again later.

        A citizen whom somebody writes about at the moment is left to the next pass.
        Raises only when the database is away: then nothing else would succeed either.
        """
        try:
            published = await run_unattended(
                self._pool,
                self._clock(),
                self._policy,
                lambda work: job.handle(work, due),
                name=job.kind,
            )
        except Exception as error:
            if is_away(error):
                raise
            if is_held(error):
                return
            # Not even its traceback is logged: a database error may repeat what it was given.
            tries, _ = self._failed.get((job.kind, due), (0, None))
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            self._failed[job.kind, due] = (tries + 1, self._clock().now + pause)
            metrics.SCHEDULE_FAILURES.labels(job.kind).inc()
            log.warning(
                "%s about %s failed and is tried again: %s",
                job.kind,
                due.subject_id,
                type(error).__name__,
            )
            return
        self._failed.pop((job.kind, due), None)
        metrics.SCHEDULED.labels(job.kind).inc()
        await self._announce(published)
