"""Tells the workers that something is due; called by the API once a change is committed."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from app.workers.metrics import WAKE_FAILURES
from app.workers.queue import DELIVER_DUE, VALKEY_ERRORS, open_queue

WAKE_SECONDS = 1.0


class Waker:
    """Puts the wake-up in the queue, in the background. Never fails and never makes one wait.

    All wake-ups are the same job under the same id, so that the queue holds at most one. Calls
    that come while one is on its way share the next.
    """

    def __init__(self, redis_url: str) -> None:
        self._queue = open_queue(redis_url, seconds=WAKE_SECONDS)
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    async def deliveries(self, ids: Sequence[UUID]) -> None:
        """These deliveries have been committed."""
        if ids:
            self.ring()

    def ring(self) -> None:
        """Something due has been committed. A wake-up that fails is counted, and swept."""
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._wake())

    async def close(self) -> None:
        """Wait for the wake-up on its way, a second at most, and disconnect."""
        if self._task is not None:
            await self._task
        await self._queue.aclose(close_connection_pool=True)

    async def _wake(self) -> None:
        while self._wanted:
            self._wanted = False
            try:
                async with asyncio.timeout(WAKE_SECONDS):
                    await self._queue.enqueue_job(DELIVER_DUE, _job_id=DELIVER_DUE)
            except VALKEY_ERRORS:
                WAKE_FAILURES.inc()
