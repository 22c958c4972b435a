"""Sends notices by SMS and e-mail: claims, begins attempts, calls the provider, settles (R128).

An attempt is committed before its provider is called, so that whatever becomes of this process, the
ledger knows what may have been sent. A message that may have arrived is UNCERTAIN and not simply
sent again: see `app.workers.recover`.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from app.channels.contract import (
    Message,
    SendFailure,
    TryAgain,
    Uncertain,
    Undeliverable,
)
from app.channels.providers import Choice, Providers
from app.domain.notice import Channel
from app.rules.delivery import UNCERTAIN_WAIT
from app.store import deliveries
from app.store.clock import Clock
from app.store.db import DATABASE_ERRORS, Connection, Pool, is_of_a_row
from app.store.deliveries import Attempt, AttemptOutcome, DeliveryStatus, Settlement
from app.texts.message import mail_about, sms_about
from app.workers import metrics
from app.workers.backoff import SendWindow
from app.workers.courier import LEASE, SEND_SECONDS, Courier

log = logging.getLogger("minplan.deliver")


SHORTEST_PAUSE: Final = 0.05
"""Seconds between two looks while a provider or its rate allows nothing."""


class Carried(NamedTuple):
    """An attempt that is to be made now, by the provider that was chosen."""

    attempt: Attempt
    choice: Choice

    @property
    def provider(self) -> str:
        return self.choice.provider.name


class Deliverer(Courier[Carried, Settlement, DeliveryStatus]):
    """Sends the due messages of one channel, at most `at_once` at the same time.

    Each channel has its own, so that one that hangs does not hold up the other.
    """

    codes = False
    uncertain_wait = UNCERTAIN_WAIT

    def __init__(
        self,
        pool: Pool,
        channel: Channel,
        providers: Providers,
        clock: Clock,
        *,
        window: SendWindow | None = None,
        lease: timedelta = LEASE,
        at_once: int = 20,
    ) -> None:
        super().__init__(pool, clock, window=window, lease=lease, at_once=at_once)
        self._channel = channel
        self._providers = providers
        self._next_look: asyncio.TimerHandle | None = None

    async def _take(
        self, connection: Connection, now: datetime, rows: int
    ) -> Sequence[Carried] | None:
        loop = asyncio.get_running_loop()
        choice = self._providers.choose(loop.time())
        if choice is None:
            # nothing is claimed that could not be sent: it stays open for more to tell of
            self._look_again_in(self._providers.wait(loop.time()))
            return None
        try:
            return await self._take_for(connection, choice, now, min(rows, choice.rows))
        except BaseException:
            self._unused(choice)
            raise

    async def _take_for(
        self, connection: Connection, choice: Choice, now: datetime, rows: int
    ) -> Sequence[Carried] | None:
        claims = await self._claim_within_rate(connection, choice, now, rows)
        if not claims:
            self._providers.unused(choice)
            return None
        begun = await self._begin(connection, claims, choice, now)
        to_send = [Carried(attempt, choice) for attempt in begun if attempt.dropped is None]
        self._note_dropped([attempt for attempt in begun if attempt.dropped is not None])
        if not to_send:
            self._unused(choice)
        return to_send

    async def _begin(
        self,
        connection: Connection,
        claims: Sequence[deliveries.Claim],
        choice: Choice,
        now: datetime,
    ) -> list[Attempt]:
        """As `deliveries.begin`; what cannot be begun was certainly not sent, and is settled so."""
        until = now + self._lease
        try:
            return await deliveries.begin(connection, claims, choice.provider.name, now, until)
        except DATABASE_ERRORS as error:
            if is_of_a_row(error) and len(claims) > 1:
                # one that cannot be begun must not take the others with it
                each = [await self._begin(connection, [one], choice, now) for one in claims]
                return [attempt for attempts in each for attempt in attempts]
            if is_of_a_row(error):
                log.error("delivery %s cannot be begun: %s", claims[0][0], type(error).__name__)
                return []  # left to its lease, and given up when it has been lost too often
            for delivery_id, number in claims:
                attempt = Attempt(delivery_id, number, until)
                self._end(
                    Carried(attempt, choice),
                    _settlement(attempt, AttemptOutcome.NOT_SENT, "database_away", now),
                )
            raise

    def _unused(self, choice: Choice) -> None:
        """Nothing was sent by it: if it was a probe, another may go at once."""
        self._providers.unused(choice)
        if choice.given.probe:
            self.look_again()

    async def _claim_within_rate(
        self, connection: Connection, choice: Choice, now: datetime, rows: int
    ) -> list[deliveries.Claim]:
        provider, limit = choice.provider, choice.provider.per_second
        if limit is None:
            return await self._claim(connection, now, rows)
        async with connection.transaction():
            granted = await deliveries.take_sends(connection, provider.name, rows, limit, now)
            claims = await self._claim(connection, now, granted) if granted else []
            if granted > len(claims):
                unused = granted - len(claims)
                await deliveries.return_sends(connection, provider.name, unused, limit)
        if len(claims) == granted < rows:
            self._look_again_in(max(1 / limit, SHORTEST_PAUSE))
        return claims

    def _look_again_in(self, seconds: float) -> None:
        """However often it is asked for, one look is planned at a time: the earliest."""
        loop = asyncio.get_running_loop()
        at = loop.time() + max(seconds, SHORTEST_PAUSE)
        planned = self._next_look
        if planned is not None and loop.time() < planned.when() <= at:
            return
        if planned is not None:
            planned.cancel()
        self._next_look = loop.call_at(at, self.look_again)

    async def _claim(
        self, connection: Connection, now: datetime, rows: int
    ) -> list[deliveries.Claim]:
        return await deliveries.claim(
            connection, self._channel, now, rows, self._lease, codes=self.codes
        )

    def _note_dropped(self, dropped: Sequence[Attempt]) -> None:
        for attempt in dropped:
            metrics.OUTCOMES.labels(self._channel, DeliveryStatus.DROPPED).inc()
            log.debug("delivery %s: dropped (%s)", attempt.delivery_id, attempt.dropped)

    async def _attempt(self, one: Carried) -> Settlement:
        try:
            message = self._message(one.attempt)
        except KeyError:
            # Written by a newer release during its roll-out: its own workers know the text.
            self._unused(one.choice)
            return self._again(one.attempt, TryAgain("unknown_text"))
        return await self._send(one, message)

    async def _send(self, one: Carried, message: Message) -> Settlement:
        attempt = one.attempt
        if self._clock().now >= attempt.claimed_until:
            # this process was held up: whoever has the message now must not see it sent twice
            self._unused(one.choice)
            return _settlement(attempt, AttemptOutcome.NOT_SENT, due_at=self._clock().now)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                accepted = await one.choice.provider.channel.send(message)
        except SendFailure as failure:
            self._report(one.choice, failure)
            return self._failed(attempt, failure)
        except TimeoutError:
            self._report(one.choice, Uncertain("no_answer_in_time", provider=True))
            return self._doubtful(attempt, "no_answer_in_time")
        except Exception as error:
            # Not even its traceback is logged: it may hold the address.
            log.error("channel %s broke its promise: %s", self._channel, type(error).__name__)
            self._report(one.choice, Uncertain("unexpected_failure"))
            return self._doubtful(attempt, "unexpected_failure")
        self._report(one.choice, None)
        return deliveries.accepted(attempt, accepted.provider_id)

    def _report(self, choice: Choice, failure: SendFailure | None) -> None:
        """Tells whoever chooses between providers how this one fares."""
        self._providers.report(choice, failure, asyncio.get_running_loop().time())
        if choice.given.probe:
            self.look_again()  # whichever way it went, others wait for it
        if failure is not None and failure.operator:
            metrics.OPERATOR_ALARMS.labels(self._channel, failure.reason).inc()
            log.error("channel %s needs its operator: %s", self._channel, failure.reason)

    def _failed(self, attempt: Attempt, failure: SendFailure) -> Settlement:
        match failure:
            case TryAgain():
                return self._again(attempt, failure)
            case Undeliverable():
                return Settlement(
                    attempt, AttemptOutcome.REFUSED, DeliveryStatus.FAILED, failure.reason
                )
            case Uncertain():
                return self._doubtful(attempt, failure.reason)
        raise AssertionError(type(failure).__name__)

    def _doubtful(self, attempt: Attempt, reason: str) -> Settlement:
        return Settlement(
            attempt,
            AttemptOutcome.UNCERTAIN,
            DeliveryStatus.UNCERTAIN,
            reason,
            due_at=self._clock().now + self.uncertain_wait,
        )

    def _again(self, attempt: Attempt, failure: TryAgain) -> Settlement:
        assert attempt.first_tried_at is not None
        due_at = self._due_again(attempt.tries, attempt.first_tried_at, failure.retry_after)
        return _settlement(attempt, AttemptOutcome.RETRY, failure.reason, due_at)

    async def _settle(
        self,
        connection: Connection,
        batch: Sequence[tuple[Carried, Settlement]],
        now: datetime,
    ) -> Sequence[DeliveryStatus | None]:
        return await deliveries.settle(connection, [settlement for _, settlement in batch], now)

    def _settled(self, one: Carried, outcome: Settlement, status: DeliveryStatus | None) -> None:
        metrics.ATTEMPTS.labels(self._channel, one.provider, outcome.outcome).inc()
        metrics.OUTCOMES.labels(self._channel, status or "TAKEN_OVER").inc()
        level = logging.WARNING if status in _WORTH_A_LOOK else logging.DEBUG
        log.log(
            level,
            "delivery %s by %s: %s (%s)",
            one.attempt.delivery_id,
            one.provider,
            status,
            outcome.reason,
        )

    def _message(self, attempt: Attempt) -> Message:
        """The words are looked up now, so that a mended text also reaches what already waits."""
        if self._channel is Channel.SMS:
            subject, body = None, sms_about(attempt.events)
        else:
            subject, body = mail_about(attempt.events)
        return Message(attempt.delivery_id, attempt.address, subject, body, attempt.reference)


_WORTH_A_LOOK: Final = (None, DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN)


def _settlement(
    attempt: Attempt,
    outcome: AttemptOutcome,
    reason: str | None = None,
    due_at: datetime | None = None,
) -> Settlement:
    """Certainly not sent: to be tried again at `due_at`, or given up without."""
    status = DeliveryStatus.FAILED if due_at is None else DeliveryStatus.RETRYING
    return Settlement(attempt, outcome, status, reason, due_at=due_at)
