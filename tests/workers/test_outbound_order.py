"""In which order events arrive, and what becomes of them when workers die or work side by side."""

import asyncio
from datetime import timedelta

from app.store import events
from app.workers.courier import LEASE
from app.workers.outbound import LOST_CLAIMS_LIMIT
from app.workers.sweep import Sweeper

from .event_stream import BUSY, GONE, claim, event, fund_event, outbound, row, statuses, sweep
from .place import Place
from .receiver import DataBase


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
