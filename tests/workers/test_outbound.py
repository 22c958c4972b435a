"""What becomes of an event: delivered, tried again, dead, brought back; and in which order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.channels.web import Timeouts, http_client
from app.channels.webhook import Webhook
from app.store import events
from app.store.db import Connection
from app.workers.courier import LEASE, LOST_CLAIMS_LIMIT
from app.workers.outbound import Outbound, measure
from app.workers.sweep import Sweeper
from tests.channels.servers import unused_port

from .place import MORNING, Place
from .receiver import SECRET, DataBase

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


async def test_a_version_is_told_by_ids_numbers_and_codes(
    place: Place, data_base: DataBase
) -> None:
    citizen, plan = await place.citizen(), uuid4()
    event_id = await event(place, citizen, 5, plan)
    async with outbound(place, data_base.url) as made:
        await sweep(made)
    assert data_base.events == [
        {
            "type": "plan.published",
            "timestamp": MORNING.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": {
                "citizenId": str(citizen),
                "planId": str(plan),
                "version": 5,
                "trigger": "OFFER",
                "changedElements": ["TIMELINE"],
            },
        }
    ]
    assert (data_base.taken, data_base.unsigned) == ([event_id], 0)
    stored = await row(place, event_id)
    assert (stored["status"], stored["attempts"], stored["outcome"]) == ("DELIVERED", 1, None)
    assert stored["settled_at"] == MORNING


@pytest.mark.rule("R26", "allowed")
@pytest.mark.parametrize("kind", ["INTERVENTION_NEW", "RECOMMENDATION_DECIDED"])
async def test_an_event_for_a_fund_names_the_fund_and_codes(
    place: Place, data_base: DataBase, kind: str
) -> None:
    """R26, R129: told as the fund's event, with its codes and nothing of the plan."""
    citizen = await place.citizen()
    await fund_event(place, citizen, kind)
    async with outbound(place, data_base.url) as made:
        await sweep(made)
    [sent] = data_base.events
    code = await place.pool.fetchval(
        "select min(code) from organisation where kind = 'UNEMPLOYMENT_FUND'"
    )
    assert sent["type"] == f"fund.{kind.lower()}"
    assert sent["data"] == {"citizenId": str(citizen), "receiver": code, "codes": ["COURSE"]}


async def test_the_hours_of_the_citizens_messages_are_not_those_of_events(
    place: Place, data_base: DataBase
) -> None:
    place.clock.turn(timedelta(hours=15))
    await event(place, await place.citizen())
    async with outbound(place, data_base.url) as made:
        await sweep(made)
    assert await statuses(place) == ["DELIVERED"]


@pytest.mark.rule("R128", "allowed")
async def test_a_failure_is_tried_again_under_the_same_id_with_the_same_body(
    place: Place, data_base: DataBase
) -> None:
    data_base.answers = [(500, {}), (429, {"retry-after": "600"})]
    event_id = await event(place, await place.citizen())
    async with outbound(place, data_base.url) as made:
        await sweep(made)
        stored = await row(place, event_id)
        assert (stored["status"], stored["outcome"]) == ("PENDING", "receiver_500")
        assert stored["due_at"] == MORNING + timedelta(minutes=1)
        await sweep(made)
        assert len(data_base.asked) == 1
        place.clock.turn(timedelta(minutes=1))
        await sweep(made)
        assert (await row(place, event_id))["due_at"] == place.clock.now + timedelta(minutes=10)
        place.clock.turn(timedelta(minutes=10))
        await sweep(made)
    assert await statuses(place) == ["DELIVERED"]
    assert data_base.asked == [event_id] * 3
    assert len(set(data_base.bodies)) == 1


async def test_a_receiver_that_does_not_answer_is_asked_again(
    place: Place, data_base: DataBase
) -> None:
    event_id = await event(place, await place.citizen())
    data_base.open.clear()
    async with outbound(place, data_base.url, total=0.2) as made:
        await sweep(made)
        stored = await row(place, event_id)
        assert (stored["status"], stored["outcome"]) == ("PENDING", "no_answer_in_time")


@pytest.mark.rule("R128", "refused")
async def test_what_fails_for_a_day_is_dead_and_visible_to_operations(place: Place) -> None:
    event_id = await event(place, await place.citizen())
    async with unused_port() as port, outbound(place, f"http://127.0.0.1:{port}/") as made:
        while (stored := await row(place, event_id))["status"] == "PENDING":
            place.clock.now = max(place.clock.now, stored["due_at"])
            await sweep(made)
    assert (stored["status"], stored["outcome"]) == ("DEAD", "receiver_unreachable")
    assert timedelta(hours=24) <= stored["settled_at"] - MORNING < timedelta(hours=25)


@pytest.mark.rule("R128", "refused")
async def test_what_the_receiver_refuses_is_dead_at_once_and_stays_so_until_it_is_brought_back(
    place: Place, data_base: DataBase
) -> None:
    data_base.answers = [GONE]
    event_id = await event(place, await place.citizen())
    async with outbound(place, data_base.url) as made:
        await sweep(made)
        place.clock.turn(timedelta(days=1))
        await sweep(made)
        stored = await row(place, event_id)
        assert (stored["status"], stored["outcome"]) == ("DEAD", "receiver_410")
        assert len(data_base.asked) == 1
        async with place.pool.acquire() as connection:
            assert await events.revive(connection, UUID(event_id)) == [UUID(event_id)]
            assert await events.revive(connection, UUID(event_id)) == []
        await sweep(made)
    assert data_base.taken == [event_id]
    assert await statuses(place) == ["DELIVERED"]


async def test_the_versions_of_a_plan_arrive_in_their_order(
    place: Place, data_base: DataBase
) -> None:
    one, other = await place.citizen(), await place.citizen()
    first = [await event(place, one, version) for version in (1, 2, 3)]
    second = [await event(place, other, version) for version in (1, 2)]
    data_base.open.clear()
    async with outbound(place, data_base.url) as made:
        sweeper = Sweeper(made, seconds=60)
        running = asyncio.create_task(sweeper.run())
        await data_base.until(lambda d: len(d.asked) == 2)
        assert set(data_base.asked) == {first[0], second[0]}
        data_base.open.set()
        # woken by each delivery, not by the clock
        await data_base.until(lambda d: len(d.taken) == 5)
        sweeper.stop()
        await running
    assert [e for e in data_base.taken if e in first] == first
    assert [e for e in data_base.taken if e in second] == second


async def test_an_event_waits_for_the_earlier_one_of_its_citizen_unless_that_is_dead(
    place: Place, data_base: DataBase
) -> None:
    citizen = await place.citizen()
    first, second = await event(place, citizen, 1), await fund_event(place, citizen)
    data_base.answers = [BUSY, GONE]
    async with outbound(place, data_base.url) as made:
        await sweep(made)
        await sweep(made)
        assert data_base.asked == [first]
        place.clock.turn(timedelta(minutes=1))
        await sweep(made)
        await sweep(made)
    assert data_base.asked == [first, first, second]
    assert await statuses(place) == ["DEAD", "DELIVERED"]


async def test_a_late_worker_cannot_settle_what_another_has_taken_over(
    place: Place, data_base: DataBase
) -> None:
    data_base.open.clear()
    event_id = await event(place, await place.citizen())
    async with outbound(place, data_base.url) as late, outbound(place, data_base.url) as other:
        await late.deliver_due()
        await data_base.until(lambda d: len(d.asked) == 1)
        place.clock.turn(LEASE)
        await other.deliver_due()
        await data_base.until(lambda d: len(d.asked) == 2)
        data_base.open.set()
        await asyncio.gather(late.drain(), other.drain())
    stored = await row(place, event_id)
    assert (stored["status"], stored["claim"], stored["attempts"]) == ("DELIVERED", 2, 1)
    assert data_base.asked == [event_id] * 2


async def test_an_event_that_kills_every_worker_is_dead_after_three(
    place: Place, data_base: DataBase
) -> None:
    event_id = await event(place, await place.citizen())
    for _ in range(LOST_CLAIMS_LIMIT):
        assert [str(one.event_id) for one in await claim(place)] == [event_id]
        assert await claim(place) == []
        place.clock.turn(LEASE)
    async with outbound(place, data_base.url) as made:
        await sweep(made)
        stored = await row(place, event_id)
        assert (stored["status"], stored["outcome"]) == ("DEAD", "worker_lost")
        assert data_base.asked == []
        async with place.pool.acquire() as connection:
            await events.revive(connection, None)
        await sweep(made)
    assert data_base.taken == [event_id]


async def test_two_workers_send_each_event_once_and_never_two_of_one_citizen(
    place: Place, data_base: DataBase
) -> None:
    citizens = [await place.citizen() for _ in range(6)]
    sent = [await event(place, citizen, version) for version in (1, 2, 3) for citizen in citizens]
    async with (
        outbound(place, data_base.url, at_once=8) as one,
        outbound(place, data_base.url, at_once=8) as other,
    ):
        sweepers = [Sweeper(made, seconds=60) for made in (one, other)]
        running = [asyncio.create_task(sweeper.run()) for sweeper in sweepers]
        await data_base.until(lambda d: len(d.taken) == len(sent))
        for sweeper in sweepers:
            sweeper.stop()
        await asyncio.gather(*running)
    assert sorted(data_base.asked) == sorted(sent)
    assert data_base.most_at_once <= len(citizens)
    for citizen in citizens:
        versions = [
            told["data"]["version"]
            for told in data_base.events
            if told["data"]["citizenId"] == str(citizen)
        ]
        assert versions == [1, 2, 3]


async def test_operations_see_what_waits_and_what_is_dead(
    place: Place, data_base: DataBase
) -> None:
    def shown(name: str) -> float | None:
        from prometheus_client import REGISTRY

        return REGISTRY.get_sample_value(name)

    async def look(connection: Connection) -> tuple[Any, ...]:
        await measure(connection, place.clock.now)
        names = ("oldest_pending_seconds", "pending", "dead")
        return tuple(shown(f"minplan_events_{name}") for name in names)

    async with place.pool.acquire() as connection:
        assert await look(connection) == (0, 0, 0)
    data_base.answers = [GONE]
    citizen = await place.citizen()
    await event(place, citizen)
    async with outbound(place, data_base.url) as made:
        await sweep(made)
    await event(place, citizen, 2)
    place.clock.turn(timedelta(minutes=3))
    async with place.pool.acquire() as connection:
        assert await look(connection) == (180, 1, 1)


@pytest.mark.parametrize(
    "codes",
    [
        ["Anna Prøve"],
        ["0101901234"],
        ["TIMELINE", "010190-1234"],
        ["A B"],
        ["A,B"],
        ["NULL", None],
        ["{A"],
        [""],
        ["Æ"],
        [None],
    ],
)
async def test_nothing_but_a_code_can_be_written_as_one(
    place: Place, codes: list[str | None]
) -> None:
    citizen = await place.citizen()
    with pytest.raises(asyncpg.CheckViolationError):
        await place.pool.execute(
            "insert into system_event (kind, citizen_id, plan_id, version, trigger, codes,"
            " created_at) values ('PLAN_PUBLISHED', $1, $1, 1, 'OFFER', $2, $3)",
            citizen,
            codes,
            datetime.now(UTC),
        )
