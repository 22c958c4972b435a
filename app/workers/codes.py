"""Sends one-time codes: drawn here, at any hour, because the citizen waits.

The code is drawn for each attempt anew, and its hash is committed before it is sent. So whatever
becomes of the worker, no code in clear is left behind, and what a lost attempt may have sent counts
no more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid5

from app.channels.contract import Channel as Sender, Message, TryAgain
from app.domain.notice import Channel
from app.rules.contact_code import VALID_FOR
from app.store import deliveries
from app.store.clock import Clock
from app.store.contact_codes import CodeSeal, draw_code
from app.store.db import DATABASE_ERRORS, Connection, Pool
from app.store.deliveries import Claimed, DeliveryStatus
from app.texts import text
from app.workers.backoff import SendWindow
from app.workers.courier import ACQUIRE_SECONDS, LEASE, LOST_CLAIMS_LIMIT, Outcome
from app.workers.deliver import Delivered, Deliverer

ALWAYS = SendWindow(0, 24)


class CodeDeliverer(Deliverer):
    """Sends the codes of one channel. What was asked for long ago is dropped, not sent late."""

    def __init__(
        self,
        pool: Pool,
        channel: Channel,
        sender: Sender,
        clock: Clock,
        *,
        seal: CodeSeal,
        lease: timedelta = LEASE,
        at_once: int = 20,
    ) -> None:
        super().__init__(pool, channel, sender, clock, window=ALWAYS, lease=lease, at_once=at_once)
        self._seal = seal

    async def _claim_rows(
        self, connection: Connection, now: datetime, rows: int
    ) -> Sequence[Claimed]:
        return await deliveries.claim_codes(connection, self._channel, now, rows, self._lease)

    async def _attempt(self, claimed: Claimed) -> Delivered:
        self._note_taken_over(claimed)
        if claimed.address is None:
            return Outcome(DeliveryStatus.DROPPED, "not_wanted")
        if self._is_late(claimed, self._clock().now):
            return Outcome(DeliveryStatus.DROPPED, "too_late")
        if claimed.lost_claims >= LOST_CLAIMS_LIMIT:
            return Outcome(DeliveryStatus.UNCERTAIN, "worker_lost")
        try:
            code = await self._draw(claimed)
        except DATABASE_ERRORS:
            return self._again(claimed, TryAgain("database_away"))
        if code is None:
            return Outcome(DeliveryStatus.DROPPED, "superseded")
        return await self._send(claimed, _message(claimed, claimed.address, code))

    async def _draw(self, claimed: Claimed) -> str | None:
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            return await draw_code(connection, self._seal, claimed, self._clock().now)

    def _due_again(self, claimed: Claimed, retry_after: float | None = None) -> datetime | None:
        due_at = super()._due_again(claimed, retry_after)
        return None if due_at is None or self._is_late(claimed, due_at) else due_at

    @staticmethod
    def _is_late(claimed: Claimed, at: datetime) -> bool:
        assert claimed.asked_at is not None
        return at >= claimed.asked_at + VALID_FOR


def _message(claimed: Claimed, address: str, code: str) -> Message:
    """Every attempt is a message of its own, since it holds another code."""
    key = claimed.text_key
    if claimed.channel is Channel.SMS:
        subject, body = None, text(f"sms.{key}")
    else:
        subject, body = text(f"mail.{key}.subject"), text(f"mail.{key}.body")
    return Message(
        delivery_id=uuid5(claimed.delivery_id, str(claimed.claim)),
        address=address,
        subject=subject,
        body=body.format(code=code),
        reference=str(claimed.delivery_id),
    )
