"""The rows of what must be sent: claimed by one worker at a time, and settled by its outcome.

Every function is one statement, and none needs a transaction around it: whoever sends holds no
connection meanwhile.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import asyncpg

from app.domain.notice import Channel
from app.store.db import Connection
from app.store.queries import queries


class DeliveryStatus(StrEnum):
    PENDING = "PENDING"
    CLAIMED = "CLAIMED"
    SENT = "SENT"
    UNCERTAIN = "UNCERTAIN"
    FAILED = "FAILED"
    DROPPED = "DROPPED"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process may send until its claim runs out.

    attempts: earlier ones whose outcome is known. claim: its number, from 1. first_tried_at: when
    it was first claimed. address: None when the citizen has turned the channel off, as of the
    claim, or what it has now is not verified. taken_over: from a worker that never told what
    became of it. code_id: of the one-time code to be drawn, asked for at `asked_at`. overtaken: a
    reminder of what has been moved, cancelled or done since.
    """

    delivery_id: UUID
    channel: Channel
    claim: int
    attempts: int
    first_tried_at: datetime
    text_key: str
    taken_over: bool
    address: str | None = field(repr=False)
    code_id: UUID | None = None
    asked_at: datetime | None = None
    overtaken: bool = False

    @property
    def lost_claims(self) -> int:
        """How many earlier claims ran out without an outcome."""
        return self.claim - self.attempts - 1


async def claim(
    connection: Connection, channel: Channel, now: datetime, rows: int, lease: timedelta
) -> list[Claimed]:
    """At most `rows` deliveries that are due, no other worker's; each is held for `lease`."""
    found = await connection.fetch(queries()["claim_deliveries"], channel, now, now + lease, rows)
    return [_claimed(row) for row in found]


async def claim_codes(
    connection: Connection, channel: Channel, now: datetime, rows: int, lease: timedelta
) -> list[Claimed]:
    """As `claim`, of messages with a one-time code."""
    query = queries()["claim_contact_codes"]
    return [_claimed(row) for row in await connection.fetch(query, channel, now, now + lease, rows)]


def _claimed(row: asyncpg.Record) -> Claimed:
    return Claimed(
        row["delivery_id"],
        Channel(row["channel"]),
        row["claim"],
        row["attempts"],
        row["first_tried_at"],
        row["text_key"],
        row["taken_over"],
        row["address"],
        row.get("contact_code_id"),
        row.get("asked_at"),
        row.get("overtaken", False),
    )


async def settle(
    connection: Connection,
    claimed: Claimed,
    status: DeliveryStatus,
    now: datetime,
    *,
    outcome: str | None = None,
    provider_id: str | None = None,
) -> DeliveryStatus | None:
    """Store the final `status`; `outcome` is a short code of why.

    None when another worker has taken the delivery over: then nothing is changed.
    """
    stored = await connection.fetchval(
        queries()["settle_delivery"],
        claimed.delivery_id,
        claimed.claim,
        status,
        now,
        provider_id,
        outcome,
    )
    return DeliveryStatus(stored) if stored else None


async def put_back(
    connection: Connection, claimed: Claimed, due_at: datetime, now: datetime, *, outcome: str
) -> DeliveryStatus | None:
    """Let it wait until `due_at`: PENDING, or DROPPED when an identical newer message waits.

    The newer one stays because its day of attempts has only begun, and it says the same. None when
    another worker has taken the delivery over.
    """
    while True:
        try:
            stored = await connection.fetchval(
                queries()["put_back_delivery"],
                claimed.delivery_id,
                claimed.claim,
                due_at,
                now,
                outcome,
            )
        except asyncpg.UniqueViolationError:
            # The identical one was committed while the statement ran: the next one sees it.
            continue
        return DeliveryStatus(stored) if stored else None


async def oldest_due(connection: Connection, channel: Channel, now: datetime) -> timedelta:
    """How long the delivery that has waited longest is overdue; zero when none is."""
    due_at = await connection.fetchval(queries()["oldest_due_delivery"], channel, now)
    return now - due_at if due_at else timedelta()
