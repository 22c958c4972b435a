"""Looks for due deliveries: when woken, and every so often in case nobody woke it.

This loop needs PostgreSQL only. While Valkey is away it goes on delivering, just less promptly.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from app.store.db import DATABASE_ERRORS

log = logging.getLogger("minplan.sweep")

SWEEP_SECONDS = 10.0


class Delivers(Protocol):
    """What is swept: see `app.workers.courier.Courier`."""

    look_again: Callable[[], None]

    async def deliver_due(self) -> None: ...
    def stop(self) -> None: ...
    async def drain(self) -> None: ...


class Sweeper:
    """One loop around one deliverer."""

    def __init__(self, deliverer: Delivers, *, seconds: float = SWEEP_SECONDS) -> None:
        """`seconds`: the longest time between two looks."""
        self._deliverer = deliverer
        self._seconds = seconds
        self._woken = asyncio.Event()
        self._stopping = False
        deliverer.look_again = self.wake

    def wake(self) -> None:
        """Look at once; if it is looking already, look again after that."""
        self._woken.set()

    def stop(self) -> None:
        """Let `run` come to its end."""
        self._stopping = True
        self._deliverer.stop()
        self._woken.set()

    async def run(self) -> None:
        """Sweep until stopped, then wait for the sends under way. Outlives any failure."""
        while not self._stopping:
            # Cleared before looking: who wakes while it looks may have come too late for the look.
            self._woken.clear()
            await self._sweep()
            await self._wait()
        await self._deliverer.drain()

    async def _sweep(self) -> None:
        try:
            await self._deliverer.deliver_due()
        except DATABASE_ERRORS as error:
            log.warning("the database is away: %s", type(error).__name__)
        except Exception:
            # A defect, but what waits must not wait for somebody to restart the process.
            log.exception("a sweep failed")

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._woken.wait()
        except TimeoutError:
            return
