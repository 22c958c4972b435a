"""Runs an action as the product itself: nobody asked for it, the calendar or another system did.

It is one operation like any other: one transaction, one version, one notice; run again after a
deadlock. What it published is answered, so that the caller wakes others once it is committed.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final

from app.actions.completeness import check_completeness
from app.domain.policy import Policy
from app.domain.viewer import NEVER, Role, Viewer
from app.store.db import Pool, is_retryable
from app.store.documents import Moment
from app.store.publication import Published, log_access, publish
from app.store.work import Work

PRODUCT: Final = Viewer(Role.SYSTEM, "minplan", "Min Plan", "MINPLAN", None, NEVER)
"""The product as a viewer: its name and organisation stand on what it publishes."""
ATTEMPTS: Final = 5
ACQUIRE_SECONDS: Final = 10.0
LOCK_MILLISECONDS: Final = 500
"""How long a row that somebody else holds is waited for: the next round comes soon."""


async def run_unattended(
    pool: Pool,
    moment: Moment,
    policy: Policy,
    act: Callable[[Work], Awaitable[object]],
    *,
    name: str,
) -> Published:
    """Runs `act` in a transaction of its own and publishes what it touched.

    name: of the operation, for the access log. Raises what `act` raises, `RulesBroken` when a
    plan would lack something, `DATABASE_ERRORS` (also when a lock is not free in time).
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return await _attempt(pool, moment, policy, act, name)
        except Exception as error:
            if not is_retryable(error):
                raise
        await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - no secret
    return await _attempt(pool, moment, policy, act, name)


async def _attempt(
    pool: Pool,
    moment: Moment,
    policy: Policy,
    act: Callable[[Work], Awaitable[object]],
    name: str,
) -> Published:
    async with (
        pool.acquire(timeout=ACQUIRE_SECONDS) as connection,
        connection.transaction(),
    ):
        work = Work(connection, PRODUCT, moment.now, policy, operation=name)
        await work.execute("wait_briefly_for_locks", str(LOCK_MILLISECONDS))
        await act(work)
        await check_completeness(work)
        published = await publish(work)
        if published.versions:
            await log_access(work, published)
    return published
