"""Sends events to the common data base (DFDG), at least once and in the order of each citizen.

An event waits for the earlier ones of the same citizen (`db/queries/event.sql`), so that versions
of a plan arrive in their order. What the receiver refuses, or does not take for a day, is dead: it
is kept for `minplan events`, and no longer holds up what comes after it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from app.channels.contract import SendFailure, TryAgain
from app.channels.web import http_client
from app.channels.webhook import Webhook
from app.settings import Settings
from app.store import events
from app.store.clock import Clock
from app.store.db import Connection, Pool
from app.store.events import ClaimedEvent, EventStatus
from app.workers import metrics
from app.workers.backoff import SendWindow
from app.workers.courier import LEASE, SEND_SECONDS, Courier

log = logging.getLogger("minplan.events")

DAY_AND_NIGHT: Final = SendWindow(0, 24)
"""The hours in which citizens want no messages are nothing to a machine."""

LOST_CLAIMS_LIMIT: Final = 3
"""How often an event may vanish with its worker before it is tried no more."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one attempt led to; with `due_at` it is to be tried again then."""

    status: EventStatus
    reason: str | None = None
    due_at: datetime | None = None


class Receiver(Protocol):
    """Takes an event, or raises TryAgain or Undeliverable; see `app.channels.webhook.Webhook`."""

    async def send(self, event_id: UUID, body: bytes) -> None: ...


class Outbound(Courier[ClaimedEvent, Sent, EventStatus]):
    """Sends the due events, at most `at_once` at the same time and one of each citizen."""

    def __init__(
        self,
        pool: Pool,
        receiver: Receiver,
        clock: Clock,
        *,
        lease: timedelta = LEASE,
        at_once: int = 20,
    ) -> None:
        super().__init__(pool, clock, window=DAY_AND_NIGHT, lease=lease, at_once=at_once)
        self._receiver = receiver

    async def _take(
        self, connection: Connection, now: datetime, rows: int
    ) -> Sequence[ClaimedEvent] | None:
        return await events.claim(connection, now, rows, self._lease) or None

    async def _attempt(self, claimed: ClaimedEvent) -> Sent:
        if claimed.taken_over:
            metrics.EVENT_LOST_CLAIMS.inc()
            log.warning("event %s is taken over", claimed.event_id)
        if claimed.lost_claims >= LOST_CLAIMS_LIMIT:
            return Sent(EventStatus.DEAD, "worker_lost")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._receiver.send(claimed.event_id, claimed.payload)
        except SendFailure as failure:
            return self._failed(claimed, failure)
        except Exception as error:
            # A defect. Nothing is lost by another attempt: the receiver knows the event by its id.
            log.error("the receiver broke its promise: %s", type(error).__name__)
            return self._again(claimed, "unexpected_failure")
        return Sent(EventStatus.DELIVERED)

    def _failed(self, claimed: ClaimedEvent, failure: SendFailure) -> Sent:
        if failure.operator:
            metrics.EVENT_OPERATOR_ALARMS.labels(failure.reason).inc()
            log.error("the event stream needs its operator: %s", failure.reason)
        if isinstance(failure, TryAgain):
            return self._again(claimed, failure.reason, failure.retry_after)
        return Sent(EventStatus.DEAD, failure.reason)

    def _again(self, claimed: ClaimedEvent, reason: str, retry_after: float | None = None) -> Sent:
        due_at = self._due_again(claimed.attempts + 1, claimed.first_tried_at, retry_after)
        status = EventStatus.DEAD if due_at is None else EventStatus.PENDING
        return Sent(status, reason, due_at=due_at)

    async def _settle(
        self, connection: Connection, batch: Sequence[tuple[ClaimedEvent, Sent]], now: datetime
    ) -> Sequence[EventStatus | None]:
        return [
            await events.settle(
                connection,
                claimed,
                sent.status,
                now,
                outcome=sent.reason,
                due_at=sent.due_at,
            )
            for claimed, sent in batch
        ]

    def _settled(self, claimed: ClaimedEvent, outcome: Sent, status: EventStatus | None) -> None:
        metrics.EVENT_ATTEMPTS.labels(status or "TAKEN_OVER").inc()
        level = logging.WARNING if status in (None, EventStatus.DEAD) else logging.DEBUG
        log.log(level, "event %s: %s (%s)", claimed.event_id, status, outcome.reason)
        if status in (EventStatus.DELIVERED, EventStatus.DEAD):
            self.look_again()  # the next event of the same citizen may go now


@asynccontextmanager
async def open_receiver(settings: Settings) -> AsyncIterator[Webhook | None]:
    """Who takes the events, by the settings; None where nobody listens."""
    if settings.dfdg_url is None:
        yield None
        return
    async with http_client() as client:
        yield Webhook(client, url=settings.dfdg_url, secrets=settings.dfdg_secret_bytes())


async def measure(connection: Connection, now: datetime) -> None:
    """Shows Prometheus what is not delivered, as of `now`."""
    backlog = await events.backlog(connection)
    age = (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
    metrics.EVENTS_OLDEST.set(max(age, 0.0))
    metrics.EVENTS_WAITING.set(backlog.waiting)
    metrics.EVENTS_DEAD.set(backlog.dead)
