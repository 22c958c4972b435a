"""Sends one-time codes: drawn here, at any hour, because the citizen waits.

The code is drawn for each attempt anew, and its hash is committed before it is sent. So whatever
becomes of the worker, no code in clear is left behind, and what a lost attempt may have sent counts
no more.
"""

from datetime import datetime, timedelta
from uuid import uuid5

from app.channels.contract import Message, TryAgain
from app.channels.providers import Providers
from app.domain.notice import Channel
from app.rules.contact_code import VALID_FOR
from app.rules.delivery import CODE_WAIT
from app.store.clock import Clock
from app.store.contact_codes import CodeSeal, draw_code
from app.store.db import DATABASE_ERRORS, Pool
from app.store.deliveries import Attempt, AttemptOutcome, DeliveryStatus, Settlement
from app.texts import text
from app.workers.backoff import SendWindow
from app.workers.courier import ACQUIRE_SECONDS, LEASE
from app.workers.deliver import Carried, Deliverer

ALWAYS = SendWindow(0, 24)


class CodeDeliverer(Deliverer):
    """Sends the codes of one channel. What was asked for long ago expires, and is not sent late."""

    codes = True
    uncertain_wait = CODE_WAIT

    def __init__(
        self,
        pool: Pool,
        channel: Channel,
        providers: Providers,
        clock: Clock,
        *,
        seal: CodeSeal,
        lease: timedelta = LEASE,
        at_once: int = 20,
    ) -> None:
        super().__init__(
            pool, channel, providers, clock, window=ALWAYS, lease=lease, at_once=at_once
        )
        self._seal = seal

    async def _attempt(self, one: Carried) -> Settlement:
        attempt = one.attempt
        if _is_late(attempt, self._clock().now):
            self._unused(one.choice)
            return _over(attempt, DeliveryStatus.EXPIRED, "too_late")
        try:
            code = await self._draw(attempt)
        except DATABASE_ERRORS:
            self._unused(one.choice)
            return self._again(attempt, TryAgain("database_away"))
        if code is None:
            self._unused(one.choice)
            return _over(attempt, DeliveryStatus.DROPPED, "superseded")
        return await self._send(one, self._message_with(attempt, code))

    async def _draw(self, attempt: Attempt) -> str | None:
        async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            return await draw_code(connection, self._seal, attempt, self._clock().now)

    def _again(self, attempt: Attempt, failure: TryAgain) -> Settlement:
        again = super()._again(attempt, failure)
        if again.due_at is not None and _is_late(attempt, again.due_at):
            return Settlement(attempt, again.outcome, DeliveryStatus.EXPIRED, again.reason)
        return again

    def _message_with(self, attempt: Attempt, code: str) -> Message:
        """Every attempt is a message of its own, since it holds another code."""
        if self._channel is Channel.SMS:
            subject, body = None, text("sms.contact_code")
        else:
            subject, body = text("mail.contact_code.subject"), text("mail.contact_code.body")
        return Message(
            delivery_id=uuid5(attempt.delivery_id, str(attempt.number)),
            address=attempt.address,
            subject=subject,
            body=body.format(code=code),
            reference=attempt.reference,
        )


def _is_late(attempt: Attempt, at: datetime) -> bool:
    assert attempt.asked_at is not None
    return at >= attempt.asked_at + VALID_FOR


def _over(attempt: Attempt, status: DeliveryStatus, reason: str) -> Settlement:
    """Not sent, and not to be sent any more."""
    return Settlement(attempt, AttemptOutcome.NOT_SENT, status, reason)
