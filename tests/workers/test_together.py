"""Changes while a message waits: one message tells of all, and none is lost (R127)."""

import asyncio
from datetime import timedelta

import pytest

from app.domain.notice import Channel, NoticeEvent
from app.store import deliveries
from app.workers.courier import LEASE
from app.workers.deliver import Deliverer

from .gateway import Gateway
from .place import Place, sms_providers


async def send(place: Place, gateway: Gateway) -> None:
    async with sms_providers(gateway.url) as providers:
        made = Deliverer(place.pool, Channel.SMS, providers, place.clock)
        await made.deliver_due()
        await made.drain()


@pytest.mark.rule("R127", "allowed")
async def test_all_that_happens_in_a_night_is_one_message_at_nine(
    place: Place, gateway: Gateway
) -> None:
    place.clock.turn(timedelta(hours=12))
    citizen = await place.citizen(email=None)
    told = (NoticeEvent.PLAN_CHANGED, NoticeEvent.MEETING_NEW, NoticeEvent.OFFER_GIVEN)
    messages = {message for event in told for message in await place.notice(citizen, event)}
    assert len(messages) == 1
    place.clock.turn(timedelta(hours=12))
    await send(place, gateway)
    [body] = gateway.bodies
    assert body["message"] == (
        "Se Min Plan på jobnet.dk: nyt i planen og ny aftale. Beskeden kan ikke besvares."
    )
    assert await place.told_by(messages.pop()) == [event.value for event in told]


async def test_each_notice_has_one_place_in_the_ledger_on_each_channel(
    place: Place, gateway: Gateway
) -> None:
    citizen = await place.citizen()
    for _ in range(3):
        await place.notice(citizen)
    rows = await place.pool.fetch(
        "select channel, count(*) as notices, count(distinct delivery_id) as messages"
        " from delivery_notice group by channel order by channel"
    )
    assert [tuple(row) for row in rows] == [("EMAIL", 3, 1), ("SMS", 3, 1)]


async def test_a_change_that_comes_while_its_message_is_claimed_opens_the_next(
    place: Place, gateway: Gateway
) -> None:
    """In either order: whoever has the row first, the notice is told exactly once."""
    citizen = await place.citizen(email=None)
    [first] = await place.notice(citizen)
    async with place.pool.acquire() as claiming, claiming.transaction():
        held = await deliveries.claim(claiming, Channel.SMS, place.clock.now, 9, LEASE)
        assert [claim.delivery_id for claim in held] == [first]
        change = asyncio.create_task(place.notice(citizen))
        # it waits for the row that is about to be claimed, and may not join it any more
        await place.until_waiting_for_a_lock()
    [second] = await change
    assert second != first
    assert await place.told_by(first) == ["PLAN_CHANGED"]
    assert await place.told_by(second) == ["PLAN_CHANGED"]


async def test_a_message_is_not_claimed_while_a_change_is_joining_it(
    place: Place, gateway: Gateway
) -> None:
    citizen = await place.citizen(email=None)
    [first] = await place.notice(citizen)
    async with place.changing(citizen) as joined:
        assert joined == (first,)
        await send(place, gateway)
        assert gateway.asked == []
    await send(place, gateway)
    assert gateway.accepted == [f"{first}.1"]
    assert len(await place.told_by(first)) == 2


async def test_a_change_that_is_undone_leaves_nothing_in_the_message(
    place: Place, gateway: Gateway
) -> None:
    citizen = await place.citizen(email=None)
    [first] = await place.notice(citizen)
    with pytest.raises(ZeroDivisionError):
        async with place.changing(citizen, NoticeEvent.MEETING_NEW):
            raise ZeroDivisionError
    assert await place.told_by(first) == ["PLAN_CHANGED"]


async def test_a_hundred_changes_at_once_are_all_told_and_nobody_waits_twice(
    place: Place, gateway: Gateway
) -> None:
    citizen = await place.citizen(email=None)
    sending = asyncio.Event()

    async def senders() -> None:
        while not sending.is_set():
            await send(place, gateway)

    working = asyncio.create_task(senders())
    await asyncio.gather(*(place.notice(citizen) for _ in range(100)))
    sending.set()
    await working
    await send(place, gateway)
    told = await place.pool.fetchval(
        "select count(*) from delivery_notice join delivery using (delivery_id)"
        " where withdrawn is null and status = 'SENT'"
    )
    assert told == 100
    assert len(gateway.accepted) == len(set(gateway.accepted))
    assert set(await place.statuses()) == {"SENT"}
