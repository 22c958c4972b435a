"""Events that wait, the worker that sends them, and what is stored of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from app.channels.web import Timeouts, http_client
from app.channels.webhook import Webhook
from app.store import events
from app.workers.courier import LEASE
from app.workers.outbound import Outbound

from .place import Place
from .receiver import SECRET

BUSY: tuple[int, dict[str, str]] = (503, {})
GONE: tuple[int, dict[str, str]] = (410, {})


async def event(place: Place, citizen: UUID, version: int = 1, plan: UUID | None = None) -> str:
    """A version of the citizen's plan is committed, with its event; the event's id."""
    event_id = await place.pool.fetchval(
        """insert into system_event
            (kind, citizen_id, plan_id, version, trigger, codes, created_at, due_at, status)
        values ('PLAN_PUBLISHED', $1, $2, $3, 'OFFER', '{TIMELINE}', $4, $4, 'PENDING')
        returning system_event_id""",
        citizen,
        plan or citizen,
        version,
        place.clock.now,
    )
    return str(event_id)


async def fund_event(place: Place, citizen: UUID, kind: str = "INTERVENTION_NEW") -> str:
    event_id = await place.pool.fetchval(
        """insert into system_event (kind, receiver, citizen_id, codes, created_at, due_at, status)
        select $3, organisation_id, $1, '{COURSE}', $2, $2, 'PENDING'
        from organisation where kind = 'UNEMPLOYMENT_FUND' order by code limit 1
        returning system_event_id""",
        citizen,
        place.clock.now,
        kind,
    )
    return str(event_id)


async def row(place: Place, event_id: str) -> asyncpg.Record:
    found = await place.pool.fetchrow(
        "select * from system_event where system_event_id = $1", UUID(event_id)
    )
    assert found is not None
    return found


async def statuses(place: Place) -> list[str]:
    rows = await place.pool.fetch("select status from system_event order by ordinal")
    return [found["status"] for found in rows]


@asynccontextmanager
async def outbound(
    place: Place, url: str, *, at_once: int = 20, total: float = 20.0
) -> AsyncIterator[Outbound]:
    async with http_client() as client:
        receiver = Webhook(
            client, url=url, secrets=[SECRET], timeouts=Timeouts(total, total, total)
        )
        made = Outbound(place.pool, receiver, place.clock, at_once=at_once)
        yield made
        await made.drain()


async def sweep(made: Outbound) -> None:
    await made.deliver_due()
    await made.drain()


async def claim(place: Place) -> list[events.ClaimedEvent]:
    """A worker that takes what is due and is never heard of again."""
    async with place.pool.acquire() as connection:
        return await events.claim(connection, place.clock.now, 10, LEASE)
