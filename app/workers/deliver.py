"""Sends what is due: claim, call the channel, settle; no database connection while it calls.

Delivery is at least once (R128). A send is never cut short by the worker itself: a stopping worker
lets its sends end. If the process dies all the same, its claims run out and other workers take them
over, and that may repeat a message: the e-mail under the same Message-ID, the SMS as a second one,
since the gateway knows no idempotency key. A channel that *says* that a message may have
arrived is another matter: that message is UNCERTAIN, and stays so. And a message under which
workers keep dying is not sent a fourth time.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.channels.contract import (
    Channel as Sender,
    Message,
    SendFailure,
    TryAgain,
    Uncertain,
    Undeliverable,
)
from app.domain.notice import Channel
from app.store import deliveries
from app.store.clock import Clock
from app.store.db import DATABASE_ERRORS, Pool
from app.store.deliveries import Claimed, DeliveryStatus
from app.texts import text
from app.workers import metrics
from app.workers.backoff import SendWindow, next_attempt

log = logging.getLogger("minplan.deliver")

SEND_SECONDS: Final = 50.0
"""Longer than any channel takes by its own time-outs."""
SETTLE_SECONDS: Final = 60.0
"""How long an outcome is kept while the database is away."""
LEASE: Final = timedelta(seconds=SEND_SECONDS + SETTLE_SECONDS + 10)
ACQUIRE_SECONDS: Final = 10.0
LOST_CLAIMS_LIMIT: Final = 3
"""How often a message may vanish with its worker before it is left as uncertain."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt led to; PENDING is to be tried again at `due_at`."""

    status: DeliveryStatus
    reason: str | None = None
    provider_id: str | None = None
    due_at: datetime | None = None


class Deliverer:
    """Sends the due deliveries of one channel, at most `at_once` at the same time.

    Each channel has its own, so that one that hangs does not hold up the other.
    """

    def __init__(
        self,
        pool: Pool,
        channel: Channel,
        sender: Sender,
        clock: Clock,
        *,
        window: SendWindow | None = None,
        lease: timedelta = LEASE,
        at_once: int = 20,
    ) -> None:
        self._pool = pool
        self._channel = channel
        self._sender = sender
        self._clock = clock
        self._window = window or SendWindow()
        self._lease = lease
        self._at_once = at_once
        self._sends: set[asyncio.Task[None]] = set()
        self._oldest_due = metrics.OLDEST_DUE.labels(channel)
        self._stopping = False

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

    async def _claim(self) -> list[Claimed]:
        now = self._clock().now
        if self._stopping or not self._window.is_open(now):
            self._oldest_due.set(0)
            return []
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            overdue = await deliveries.oldest_due(connection, self._channel, now)
            self._oldest_due.set(overdue.total_seconds())
            return await deliveries.claim(
                connection, self._channel, now, self._at_once - len(self._sends), self._lease
            )

    async def _deliver(self, claimed: Claimed) -> None:
        if claimed.taken_over:
            metrics.LOST_CLAIMS.labels(self._channel).inc()
            log.warning("delivery %s is taken over", claimed.delivery_id)
        outcome = await self._attempt(claimed)
        status = await self._store(claimed, outcome)
        metrics.ATTEMPTS.labels(self._channel, status or "TAKEN_OVER").inc()
        level = logging.WARNING if status in _WORTH_A_LOOK else logging.DEBUG
        log.log(
            level,
            "delivery %s by %s: %s (%s)",
            claimed.delivery_id,
            claimed.channel,
            status,
            outcome.reason,
        )

    async def _attempt(self, claimed: Claimed) -> Outcome:
        if claimed.address is None:
            return Outcome(DeliveryStatus.DROPPED, "not_wanted")
        if claimed.lost_claims >= LOST_CLAIMS_LIMIT:
            return Outcome(DeliveryStatus.UNCERTAIN, "worker_lost")
        try:
            message = _message(claimed, claimed.address)
        except KeyError:
            # Written by a newer release during its roll-out: its own workers know the text.
            return self._again(claimed, TryAgain("unknown_text"))
        try:
            async with asyncio.timeout(SEND_SECONDS):
                accepted = await self._sender.send(message)
        except SendFailure as failure:
            return self._failed(claimed, failure)
        except Exception as error:
            # Not even its traceback is logged: it may hold the address.
            log.error("channel %s broke its promise: %s", self._channel, type(error).__name__)
            return Outcome(DeliveryStatus.UNCERTAIN, "unexpected_failure")
        return Outcome(DeliveryStatus.SENT, provider_id=accepted.provider_id)

    def _failed(self, claimed: Claimed, failure: SendFailure) -> Outcome:
        if failure.operator:
            metrics.OPERATOR_ALARMS.labels(self._channel, failure.reason).inc()
            log.error("channel %s needs its operator: %s", self._channel, failure.reason)
        match failure:
            case TryAgain():
                return self._again(claimed, failure)
            case Undeliverable():
                return Outcome(DeliveryStatus.FAILED, failure.reason)
            case Uncertain():
                return Outcome(DeliveryStatus.UNCERTAIN, failure.reason)
        raise AssertionError(type(failure).__name__)

    def _again(self, claimed: Claimed, failure: TryAgain) -> Outcome:
        due_at = next_attempt(
            self._clock().now,
            attempts=claimed.attempts + 1,
            first_tried_at=claimed.first_tried_at,
            window=self._window,
            retry_after=failure.retry_after,
        )
        if due_at is None:
            return Outcome(DeliveryStatus.FAILED, failure.reason)
        return Outcome(DeliveryStatus.PENDING, failure.reason, due_at=due_at)

    async def _store(self, claimed: Claimed, outcome: Outcome) -> DeliveryStatus | None:
        """Settle, again and again while the database is away; None when the claim was lost."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLE_SECONDS
        while True:
            try:
                return await self._settle(claimed, outcome)
            except DATABASE_ERRORS as error:
                if loop.time() > deadline:
                    log.error(
                        "delivery %s cannot be settled: %s",
                        claimed.delivery_id,
                        type(error).__name__,
                    )
                    return None
                await asyncio.sleep(0.5)

    async def _settle(self, claimed: Claimed, outcome: Outcome) -> DeliveryStatus | None:
        now = self._clock().now
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            if outcome.due_at is not None:
                return await deliveries.put_back(
                    connection, claimed, outcome.due_at, now, outcome=outcome.reason or "unknown"
                )
            return await deliveries.settle(
                connection,
                claimed,
                outcome.status,
                now,
                outcome=outcome.reason,
                provider_id=outcome.provider_id,
            )


_WORTH_A_LOOK: Final = (None, DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN)


def _message(claimed: Claimed, address: str) -> Message:
    """The words are looked up now, so that a mended text also reaches what already waits."""
    key = claimed.text_key
    if claimed.channel is Channel.SMS:
        subject, body = None, text(f"sms.{key}")
    else:
        subject, body = text(f"mail.{key}.subject"), text(f"mail.{key}.body")
    return Message(
        delivery_id=claimed.delivery_id,
        address=address,
        subject=subject,
        body=body,
        reference=str(claimed.delivery_id),
    )
