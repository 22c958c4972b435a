"""Sends notices by SMS and e-mail.

Delivery is at least once (R128), and a claim that is taken over may repeat a message: the e-mail
under the same Message-ID, the SMS as a second one, since the gateway knows no idempotency key. A
channel that *says* that a message may have arrived is another matter: that message is UNCERTAIN,
and stays so. And a message under which workers keep dying is not sent a fourth time.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

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
from app.store.db import Connection, Pool
from app.store.deliveries import Claimed, DeliveryStatus
from app.texts import text
from app.workers import metrics
from app.workers.backoff import SendWindow
from app.workers.courier import LEASE, LOST_CLAIMS_LIMIT, SEND_SECONDS, Courier, Outcome

log = logging.getLogger("minplan.deliver")

Delivered: TypeAlias = Outcome[DeliveryStatus]


class Deliverer(Courier[Claimed, DeliveryStatus]):
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
        super().__init__(pool, clock, window=window, lease=lease, at_once=at_once)
        self._channel = channel
        self._sender = sender
        self._oldest_due = metrics.OLDEST_DUE.labels(channel)

    def _rest(self) -> None:
        self._oldest_due.set(0)

    async def _claim_rows(
        self, connection: Connection, now: datetime, rows: int
    ) -> Sequence[Claimed]:
        overdue = await deliveries.oldest_due(connection, self._channel, now)
        self._oldest_due.set(overdue.total_seconds())
        return await deliveries.claim(connection, self._channel, now, rows, self._lease)

    def _note_taken_over(self, claimed: Claimed) -> None:
        if claimed.taken_over:
            metrics.LOST_CLAIMS.labels(self._channel).inc()
            log.warning("delivery %s is taken over", claimed.delivery_id)

    async def _attempt(self, claimed: Claimed) -> Delivered:
        self._note_taken_over(claimed)
        if claimed.address is None:
            return Outcome(DeliveryStatus.DROPPED, "not_wanted")
        if claimed.overtaken:
            return Outcome(DeliveryStatus.DROPPED, "overtaken")
        if claimed.lost_claims >= LOST_CLAIMS_LIMIT:
            return Outcome(DeliveryStatus.UNCERTAIN, "worker_lost")
        try:
            message = _message(claimed, claimed.address)
        except KeyError:
            # Written by a newer release during its roll-out: its own workers know the text.
            return self._again(claimed, TryAgain("unknown_text"))
        return await self._send(claimed, message)

    async def _send(self, claimed: Claimed, message: Message) -> Delivered:
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

    def _failed(self, claimed: Claimed, failure: SendFailure) -> Delivered:
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

    def _again(self, claimed: Claimed, failure: TryAgain) -> Delivered:
        due_at = self._due_again(claimed, failure.retry_after)
        if due_at is None:
            return Outcome(DeliveryStatus.FAILED, failure.reason)
        return Outcome(DeliveryStatus.PENDING, failure.reason, due_at=due_at)

    async def _settle(
        self, connection: Connection, claimed: Claimed, outcome: Delivered, now: datetime
    ) -> DeliveryStatus | None:
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

    def _settled(self, claimed: Claimed, outcome: Delivered, status: DeliveryStatus | None) -> None:
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
