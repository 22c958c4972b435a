"""The delivery ledger in an operator's hands: looked at, sent again, dropped; never of a person.

A message is changed under its row's lock, and moves only as the ledger's trigger allows. What a
worker holds at the moment is left to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from app.domain.delivery import Answer, DeliveryStatus
from app.store.db import Connection
from app.store.queries import queries

UNDELIVERED: Final = tuple(
    status
    for status in DeliveryStatus
    if status not in (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.DROPPED)
)
"""What operations look at unless they ask for other statuses."""

GIVEN_UP: Final = (DeliveryStatus.FAILED, DeliveryStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class Message:
    """One message with all that the ledger knows of it but the person."""

    facts: asyncpg.Record
    covers: Sequence[asyncpg.Record]
    attempts: Sequence[asyncpg.Record]
    receipts: Sequence[asyncpg.Record]


async def messages(
    connection: Connection,
    statuses: Sequence[DeliveryStatus],
    channel: str | None,
    rows: int,
) -> Sequence[asyncpg.Record]:
    """At most `rows` messages, those first that need somebody to look at them.

    channel: SMS or EMAIL, None for both.
    """
    return await connection.fetch(queries()["list_ledger"], statuses, channel, rows)


async def message(connection: Connection, delivery_id: UUID) -> Message | None:
    """One message; None when there is none."""
    facts = await connection.fetchrow(queries()["show_message"], delivery_id)
    if facts is None:
        return None
    covers, attempts, receipts = [
        await connection.fetch(queries()[f"message_{part}"], delivery_id)
        for part in ("covers", "attempts", "receipts")
    ]
    return Message(facts, covers, attempts, receipts)


async def given_up(connection: Connection, channel: str | None, since: datetime) -> Sequence[UUID]:
    """Messages given up since a moment, without one-time codes."""
    rows = await connection.fetch(queries()["given_up_messages"], channel, since)
    return [row["delivery_id"] for row in rows]


async def retry(
    connection: Connection,
    delivery_id: UUID,
    now: datetime,
    due_at: datetime,
    *,
    may_duplicate: bool = False,
) -> Answer:
    """A message that was given up, or is uncertain, gets a new day of attempts from `due_at` on.

    may_duplicate: also one that may have been sent.
    """
    async with connection.transaction():
        row = await connection.fetchrow(queries()["lock_message"], delivery_id)
        if row is None:
            return Answer.UNKNOWN
        refused = _not_again(row, may_duplicate)
        if refused:
            return refused
        await connection.execute(queries()["retry_message"], delivery_id, now)
        became = await connection.fetchval(queries()["reopen_message"], delivery_id, due_at, now)
    return Answer.MERGED if became == DeliveryStatus.DROPPED else Answer.RETRYING


async def drop(connection: Connection, delivery_id: UUID, now: datetime) -> Answer:
    """A message that waits is not sent; an uncertain one that nobody decided is left as it is."""
    async with connection.transaction():
        row = await connection.fetchrow(queries()["lock_message"], delivery_id)
        if row is None:
            return Answer.UNKNOWN
        if row["status"] == DeliveryStatus.CLAIMED:
            return Answer.HELD
        if row["status"] in (DeliveryStatus.PENDING, DeliveryStatus.RETRYING):
            await connection.execute(queries()["drop_message"], delivery_id, now)
            return Answer.DROPPED
        if row["status"] == DeliveryStatus.UNCERTAIN and row["settled_at"] is None:
            await connection.execute(queries()["leave_message"], delivery_id, now)
            return Answer.LEFT
    return Answer.NOT_NOW


def _not_again(row: asyncpg.Record, may_duplicate: bool) -> Answer | None:
    """Why a message is not sent again; None where it may be."""
    if row["status"] == DeliveryStatus.CLAIMED:
        return Answer.HELD
    if row["is_code"]:
        return Answer.IS_CODE
    if row["status"] == DeliveryStatus.UNCERTAIN:
        return None if may_duplicate else Answer.MAY_DUPLICATE
    return None if row["status"] in GIVEN_UP else Answer.NOT_NOW
