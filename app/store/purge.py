"""What is not kept for ever: taken away in small batches, once a day by one of all workers."""

from datetime import date, datetime
from enum import StrEnum

from app.store.db import Connection
from app.store.queries import queries


class Purged(StrEnum):
    """What a purge takes away; the value is the name of its query."""

    CONTACT_CODES = "purge_contact_codes"
    EVENTS = "purge_events"
    ANSWERS = "purge_answers"
    REFUSALS = "purge_refusals"
    REVOCATIONS = "purge_revocations"
    PROVIDER_IDS = "forget_provider_ids"


async def begin(
    connection: Connection, day: date, now: datetime, until: datetime, *, night: bool
) -> bool:
    """Whether the purge of the day is the caller's, until then; others find it taken."""
    begun = await connection.fetchval(queries()["begin_purge"], day, now, until, night)
    return begun is not None


async def hold(connection: Connection, day: date, until: datetime) -> None:
    """Keep it, or with a time that is over leave it to another worker."""
    await connection.execute(queries()["hold_purge"], day, until)


async def purge(connection: Connection, what: Purged, before: datetime, rows: int) -> int:
    """At most `rows` of what is older; how many there were."""
    found: int = await connection.fetchval(queries()[what], before, rows)
    return found


async def end(
    connection: Connection, day: date, now: datetime, provider_ids_before: datetime
) -> None:
    """All of the day's is done."""
    await connection.execute(queries()["end_purge"], day, now, provider_ids_before)
