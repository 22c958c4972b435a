"""What the ledger holds that has not arrived, counted; nothing of any person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from app.store.db import Connection, Row
from app.store.queries import queries

LATE_MINUTES: Final = (1, 5, 10)
"""The bounds that a message's way from ready to accepted is held against."""


class Group(NamedTuple):
    """kind: `notice` for messages that tell of notices, `code` for one-time codes."""

    channel: str
    kind: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of one status; since when the oldest is ready, and due (None: none is due yet)."""

    messages: int
    ready_at: datetime
    due_at: datetime | None


class Lateness(NamedTuple):
    """Of `ready` messages that could have been accepted in time, `late` were not."""

    ready: int
    late: int


Counts = Mapping[tuple[Group, str], int]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger at one moment: by group and status, bound in minutes, or decision."""

    waiting: Mapping[tuple[Group, str], Waiting]
    lateness: Mapping[tuple[Group, int], Lateness]
    decided: Counts
    failed: Counts
    purged_at: datetime | None


async def read_ledger(connection: Connection, now: datetime) -> Ledger:
    """Four counts, each by an index; see `db/queries/backlog.sql`. Raises `DATABASE_ERRORS`."""
    waiting = await connection.fetch(queries()["waiting_messages"], now)
    late = await connection.fetch(queries()["late_messages"], now)
    return Ledger(
        waiting={
            (_group(row), row["status"]): Waiting(row["messages"], row["ready_at"], row["due_at"])
            for row in waiting
        },
        lateness={
            (_group(row), bound): Lateness(row[f"ready_{bound}"], row[f"late_{bound}"])
            for row in late
            for bound in LATE_MINUTES
        },
        decided=await _counts(connection, "decided_messages", now),
        failed=await _counts(connection, "failed_messages", now),
        purged_at=await connection.fetchval(queries()["last_purge"]),
    )


async def _counts(connection: Connection, query: str, now: datetime) -> Counts:
    rows = await connection.fetch(queries()[query], now)
    return {(_group(row), row["case"]): row["messages"] for row in rows}


def _group(row: Row) -> Group:
    return Group(row["channel"], row["kind"])
