"""The rows of what the common data base (DFDG) must be told: claimed, settled, and brought back.

Every function is one statement, and none needs a transaction around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from app.store.db import Connection
from app.store.queries import queries

PLAN_PUBLISHED = "PLAN_PUBLISHED"


class EventStatus(StrEnum):
    PENDING = "PENDING"
    CLAIMED = "CLAIMED"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"


@dataclass(frozen=True, slots=True)
class ClaimedEvent:
    """An event that this process may send until its claim runs out.

    attempts: earlier ones whose outcome is known. claim: its number. taken_over: from a worker
    that never told what became of it. payload: JSON, byte for byte the same in every attempt.
    """

    event_id: UUID
    claim: int
    attempts: int
    first_tried_at: datetime
    taken_over: bool
    kind: str
    payload: bytes

    @property
    def lost_claims(self) -> int:
        """How many earlier claims ran out without an outcome."""
        return self.claim - self.attempts - 1


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is not delivered; `oldest` is None when nothing waits."""

    oldest: datetime | None
    waiting: int
    dead: int


async def claim(
    connection: Connection, now: datetime, rows: int, lease: timedelta
) -> list[ClaimedEvent]:
    """At most `rows` events that are due, no other worker's; each is held for `lease`."""
    found = await connection.fetch(queries()["claim_events"], now, now + lease, rows)
    return [
        ClaimedEvent(
            row["event_id"],
            row["claim"],
            row["attempts"],
            row["first_tried_at"],
            row["taken_over"],
            row["kind"],
            payload_of(row),
        )
        for row in found
    ]


def payload_of(event: Any) -> bytes:
    """What the receiver gets (docs/events.md): ids, numbers and codes, of which none is a text."""
    data: dict[str, Any] = {"citizenId": str(event["citizen_id"])}
    if event["kind"] == PLAN_PUBLISHED:
        kind = "plan.published"
        data |= {
            "planId": str(event["plan_id"]),
            "version": event["version"],
            "trigger": event["trigger"],
            "changedElements": event["codes"],
        }
    else:
        kind = f"fund.{event['kind'].lower()}"
        data |= {"receiver": event["receiver"], "codes": event["codes"]}
    moment = event["created_at"]
    return orjson.dumps({"type": kind, "timestamp": moment, "data": data}, option=orjson.OPT_UTC_Z)


async def settle(
    connection: Connection,
    claimed: ClaimedEvent,
    status: EventStatus,
    now: datetime,
    *,
    outcome: str | None,
    due_at: datetime | None,
) -> EventStatus | None:
    """Store what became of an attempt: a final `status`, or PENDING until `due_at`.

    `outcome` is a short code of why. None when another worker has taken the event over: then
    nothing is changed.
    """
    stored = await connection.fetchval(
        queries()["settle_event"], claimed.event_id, claimed.claim, status, now, due_at, outcome
    )
    return EventStatus(stored) if stored else None


async def backlog(connection: Connection) -> Backlog:
    row = await connection.fetchrow(queries()["event_backlog"])
    assert row is not None
    return Backlog(row["oldest"], row["waiting"], row["dead"])


async def undelivered(connection: Connection, *, dead: bool, rows: int) -> Sequence[asyncpg.Record]:
    """Events that wait or are dead, or the dead ones alone; oldest first, and of no person."""
    return await connection.fetch(queries()["list_events"], dead, rows)


async def event(connection: Connection, event_id: UUID) -> asyncpg.Record | None:
    """One event, of no person; None when there is none."""
    return await connection.fetchrow(queries()["show_event"], event_id)


async def revive(connection: Connection, event_id: UUID | None) -> Sequence[UUID]:
    """Gives a dead event, or for None all of them, a new day of attempts; those it did."""
    rows = await connection.fetch(queries()["revive_events"], event_id)
    return [row["event_id"] for row in rows]
