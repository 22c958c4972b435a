"""The messages of a running API's citizens, moved through the ledger as workers move them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from app.domain.notice import Channel
from app.store.deliveries import (
    Attempt,
    AttemptOutcome,
    DeliveryStatus,
    Settlement,
    accepted,
    begin,
    claim,
    settle,
)
from app.store.receipts import Verdict, note_receipt
from app.workers.courier import LEASE
from tests.world import World, noon


@dataclass
class Post:
    """A worker of one's own, with a clock that goes on by a minute at each step."""

    connection: asyncpg.Connection
    now: datetime

    def later(self, minutes: int = 1) -> datetime:
        self.now += timedelta(minutes=minutes)
        return self.now

    async def begin(self, channel: Channel = Channel.SMS) -> list[Attempt]:
        """All that is due on a channel is claimed, and its attempts are begun."""
        now = self.later()
        claims = await claim(self.connection, channel, now, 100, LEASE)
        return await begin(self.connection, claims, channel.lower(), now, now + LEASE)

    async def send(self, channel: Channel = Channel.SMS) -> list[Attempt]:
        """All that is due on a channel is taken by the provider."""
        attempts = [a for a in await self.begin(channel) if a.dropped is None]
        await settle(self.connection, [accepted(a) for a in attempts], self.later())
        return attempts

    async def fail(
        self, attempts: list[Attempt], outcome: AttemptOutcome, status: DeliveryStatus
    ) -> None:
        """The attempts end; those to be tried again, or decided, are due in a minute."""
        now = self.later()
        due_at = now + timedelta(minutes=1)
        ended = [Settlement(a, outcome, status, "gateway_503", due_at=due_at) for a in attempts]
        await settle(self.connection, ended, now)

    async def report(self, attempt: Attempt, verdict: Verdict, status: str | None = None) -> None:
        """The SMS gateway tells of an attempt."""
        now = self.later()
        await note_receipt(
            self.connection,
            reference=attempt.reference,
            provider="sms",
            status=status or verdict.value,
            verdict=verdict,
            code=None,
            at=now,
            now=now,
        )


@asynccontextmanager
async def post_of(world: World) -> AsyncIterator[Post]:
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        yield Post(connection, noon(world.day[0]).now)
    finally:
        await connection.close()
