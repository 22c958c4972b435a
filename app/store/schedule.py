"""What has fallen due by the calendar, and the note that it is dealt with."""

from dataclasses import dataclass
from uuid import UUID

from app.store.db import Pool
from app.store.queries import queries
from app.store.work import Work


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due: about which subject, and for which time, day or version of it."""

    citizen_id: UUID
    subject_id: UUID
    occasion: str


async def find_due(pool: Pool, query: str, *args: object) -> list[Due]:
    """What a query of `schedule.sql` finds; read without a lock, so it may be over by now."""
    rows = await pool.fetch(queries()[query], *args)
    return [Due(row["citizen_id"], row["subject_id"], row["occasion"]) for row in rows]


async def fire(work: Work, kind: str, due: Due) -> bool:
    """Notes it as dealt with by this transaction; False when it was, or is not so any more.

    The citizen must be locked: then nobody else can be dealing with it, and what is read stays.
    """
    fired = await work.fetchval(
        "fire_event", due.citizen_id, kind, due.subject_id, due.occasion, work.now
    )
    return fired is not None
