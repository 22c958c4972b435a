"""The delivery ledger: messages are claimed, attempts begun, and what became of them settled.

The moves and their races are in `db/migrations/0020_ledger.sql`; docs/delivery.md tells the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from app.domain.delivery import DeliveryStatus as DeliveryStatus
from app.domain.notice import Channel, NoticeEvent
from app.rules.contact_code import VALID_FOR
from app.rules.delivery import UNCERTAIN_WAIT, may_be_sent_again
from app.store.db import Connection
from app.store.queries import queries

LOST_CLAIMS_LIMIT: Final = 3
"""How often a message may vanish with its worker before an attempt, until it is given up."""


class AttemptOutcome(StrEnum):
    """What one call of a provider led to."""

    ACCEPTED = "ACCEPTED"
    RETRY = "RETRY"
    REFUSED = "REFUSED"
    UNCERTAIN = "UNCERTAIN"
    NOT_SENT = "NOT_SENT"


class Claim(NamedTuple):
    """A message that this worker holds; `number` fences off who held it before."""

    delivery_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that is committed and not made yet, or a message that was dropped instead.

    events: what the message tells of. tries: attempts with this one; first_tried_at: the first.
    contact_code_id, asked_at: of a one-time code. dropped: why, if it was.
    """

    delivery_id: UUID
    number: int
    claimed_until: datetime
    address: str = field(default="", repr=False)
    events: tuple[str, ...] = ()
    tries: int = 0
    first_tried_at: datetime | None = None
    contact_code_id: UUID | None = None
    asked_at: datetime | None = None
    dropped: str | None = None

    @property
    def reference(self) -> str:
        """What the provider gets to quote back."""
        return f"{self.delivery_id}.{self.number}"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of an attempt, and where its message goes; RETRYING and UNCERTAIN with `due_at`.

    reason: a short code. provider_id: the provider's own number.
    """

    attempt: Attempt
    outcome: AttemptOutcome
    status: DeliveryStatus
    reason: str | None = None
    provider_id: str | None = None
    due_at: datetime | None = None


def accepted(attempt: Attempt, provider_id: str | None = None) -> Settlement:
    """The provider has taken it."""
    return Settlement(
        attempt, AttemptOutcome.ACCEPTED, DeliveryStatus.SENT, provider_id=provider_id
    )


class Moved(NamedTuple):
    """A message that the ledger itself moved on."""

    delivery_id: UUID
    channel: Channel
    to: str


async def claim(
    connection: Connection,
    channel: Channel,
    now: datetime,
    rows: int,
    lease: timedelta,
    *,
    codes: bool = False,
) -> list[Claim]:
    """At most `rows` messages that are due, nobody else's, each held for `lease`.

    codes: those with a one-time code instead of those that tell of notices.
    """
    query = queries()["claim_contact_codes" if codes else "claim_deliveries"]
    return [Claim(*row) for row in await connection.fetch(query, channel, now, now + lease, rows)]


async def begin(
    connection: Connection, claims: Sequence[Claim], provider: str, now: datetime, until: datetime
) -> list[Attempt]:
    """Commits an attempt for each claim that still holds and has something to tell, somewhere.

    until: when the claims run out. The others are dropped, and told with the reason.
    """
    rows = await connection.fetch(
        queries()["begin_attempts"],
        [claim.delivery_id for claim in claims],
        [claim.number for claim in claims],
        provider,
        now,
        VALID_FOR,
    )
    return [_attempt(row, until) for row in rows]


def _attempt(row: asyncpg.Record, until: datetime) -> Attempt:
    if row["status"] == DeliveryStatus.DROPPED:
        return Attempt(row["delivery_id"], row["claim"], until, dropped=row["outcome"])
    return Attempt(
        row["delivery_id"],
        row["claim"],
        until,
        row["address"],
        tuple(row["events"]),
        row["tries"],
        row["first_tried_at"],
        row["contact_code_id"],
        row["asked_at"],
    )


async def settle(
    connection: Connection, settlements: Sequence[Settlement], now: datetime
) -> list[DeliveryStatus | None]:
    """Stores what became of attempts; the status of each message then, in the same order.

    None where another claim has the message: then only the fact of the attempt is stored. A
    message to be tried again becomes part of one that waits already, and reads as DROPPED.
    """
    rows = await connection.fetch(
        queries()["settle_deliveries"],
        [s.attempt.delivery_id for s in settlements],
        [s.attempt.number for s in settlements],
        [s.outcome for s in settlements],
        [s.status for s in settlements],
        [s.reason for s in settlements],
        [s.provider_id for s in settlements],
        [s.due_at for s in settlements],
        now,
    )
    found = {row["delivery_id"]: row["status"] for row in rows}
    statuses = (found[s.attempt.delivery_id] for s in settlements)
    return [DeliveryStatus(status) if status else None for status in statuses]


async def recover_lost(connection: Connection, now: datetime) -> list[Moved]:
    """Takes what dead workers held: UNCERTAIN with an attempt begun, waiting again without."""
    rows = await connection.fetch(
        queries()["recover_lost_claims"], now, now + UNCERTAIN_WAIT, LOST_CLAIMS_LIMIT
    )
    return [Moved(row["delivery_id"], Channel(row["channel"]), row["status"]) for row in rows]


async def decide_uncertain(
    connection: Connection, now: datetime, resend_at: datetime
) -> list[Moved]:
    """Decides what no receipt has settled in time: RESEND (then due at `resend_at`) or SILENCE."""
    events = [event for event in NoticeEvent if may_be_sent_again(event)]
    rows = await connection.fetch(queries()["decide_uncertain"], now, events, resend_at)
    return [Moved(row["delivery_id"], Channel(row["channel"]), row["decision"]) for row in rows]


async def take_sends(
    connection: Connection, provider: str, wanted: int, per_second: float, now: datetime
) -> int:
    """How many of the wanted sends the provider's rate allows now, over all workers."""
    granted: int = await connection.fetchval(
        queries()["take_sends"], provider, wanted, per_second, now
    )
    return granted


async def return_sends(
    connection: Connection, provider: str, unused: int, per_second: float
) -> None:
    """Gives back sends that were taken and not needed; in the transaction that took them."""
    await connection.execute(queries()["return_sends"], provider, unused, per_second)
