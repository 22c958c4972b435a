"""What becomes of a delivery: sent, tried again, given up, left as uncertain, dropped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.channels.breaker import Breaker
from app.channels.providers import Provider, Providers
from app.dev.sinks import Sink
from app.domain.notice import Channel, NoticeEvent
from app.rules.delivery import UNCERTAIN_WAIT
from app.store import deliveries
from app.store.deliveries import LOST_CLAIMS_LIMIT
from app.workers.courier import LEASE
from app.workers.deliver import Deliverer

from .gateway import Gateway
from .place import MORNING, Place, mail_providers, sms_providers

BUSY: tuple[int, dict[str, Any]] = (503, {"code": "0x0100"})
BLACKLISTED: tuple[int, dict[str, Any]] = (403, {"code": "0x0215"})
UNREADABLE: tuple[int, dict[str, Any]] = (200, {})


@asynccontextmanager
async def deliverer(
    place: Place, gateway: Gateway, *, at_once: int = 20
) -> AsyncIterator[Deliverer]:
    """Of SMS, through the gateway."""
    async with sms_providers(gateway.url) as providers:
        made = Deliverer(place.pool, Channel.SMS, providers, place.clock, at_once=at_once)
        yield made
        await made.drain()


async def sweep(made: Deliverer) -> None:
    await made.deliver_due()
    await made.drain()


async def test_an_sms_says_only_that_there_is_news(place: Place, gateway: Gateway) -> None:
    citizen = await place.citizen(sms="20301010", email=None)
    [sms] = await place.notice(citizen, NoticeEvent.OFFER_GIVEN)
    async with deliverer(place, gateway) as made:
        await sweep(made)
    assert gateway.bodies[0]["recipients"] == [{"msisdn": 4520301010}]
    assert gateway.bodies[0]["message"].startswith("Der er nyt i Min Plan på Jobnet.")
    assert gateway.accepted == [f"{sms}.1"]
    row = await place.row(sms)
    assert (row["status"], row["accepted_at"], row["settled_at"]) == ("SENT", MORNING, MORNING)
    assert await place.attempts(sms) == [(1, "ACCEPTED", None)]


async def test_an_email_arrives_with_subject_and_reference(place: Place) -> None:
    sink = Sink()
    port = await sink.start_smtp()
    [mail] = await place.notice(await place.citizen(sms=None, email="anna@example.dk"))
    try:
        async with mail_providers(port) as providers:
            await sweep(Deliverer(place.pool, Channel.EMAIL, providers, place.clock))
    finally:
        await sink.stop()
    [sent] = sink.messages()
    assert (sent["to"], sent["reference"]) == ("anna@example.dk", f"{mail}.1")
    assert sent["subject"]
    assert sent["body"]
    assert await place.statuses() == ["SENT"]


async def test_who_opts_out_before_the_sending_gets_nothing(place: Place, gateway: Gateway) -> None:
    citizen = await place.citizen(email=None)
    [sms] = await place.notice(citizen)
    await place.prefer(citizen, None, None)
    async with deliverer(place, gateway) as made:
        await sweep(made)
    assert gateway.asked == []
    row = await place.row(sms)
    assert (row["status"], row["outcome"]) == ("DROPPED", "opted_out")


async def test_a_number_corrected_before_the_sending_is_the_one_used(
    place: Place, gateway: Gateway
) -> None:
    citizen = await place.citizen(sms="20301010", email=None)
    await place.notice(citizen)
    await place.prefer(citizen, "20301011", None)
    async with deliverer(place, gateway) as made:
        await sweep(made)
    assert gateway.bodies[0]["recipients"] == [{"msisdn": 4520301011}]


async def test_a_change_in_the_night_waits_for_nine_o_clock(place: Place, gateway: Gateway) -> None:
    place.clock.turn(timedelta(hours=11, minutes=30))  # 22:00 in Copenhagen
    await place.notice(await place.citizen(email=None))
    async with deliverer(place, gateway) as made:
        await sweep(made)
        place.clock.turn(timedelta(hours=10, minutes=59))
        await sweep(made)
        assert gateway.asked == []
        place.clock.turn(timedelta(minutes=1))
        await sweep(made)
    assert await place.statuses() == ["SENT"]


async def test_what_was_due_by_day_is_not_sent_by_a_worker_that_comes_back_at_night(
    place: Place, gateway: Gateway
) -> None:
    await place.notice(await place.citizen(email=None))
    place.clock.turn(timedelta(hours=13))
    async with deliverer(place, gateway) as made:
        await sweep(made)
        assert gateway.asked == []
        place.clock.turn(timedelta(hours=11))
        await sweep(made)
    assert await place.statuses() == ["SENT"]


async def test_a_busy_gateway_is_asked_again_a_minute_later(place: Place, gateway: Gateway) -> None:
    gateway.answers = [BUSY]
    [sms] = await place.notice(await place.citizen(email=None))
    async with deliverer(place, gateway) as made:
        await sweep(made)
        row = await place.row(sms)
        assert (row["status"], row["outcome"]) == ("RETRYING", "gateway_503")
        assert row["due_at"] == MORNING + timedelta(minutes=1)
        await sweep(made)
        assert len(gateway.asked) == 1
        place.clock.turn(timedelta(minutes=1))
        await sweep(made)
    assert await place.statuses() == ["SENT"]
    assert await place.attempts(sms) == [(1, "RETRY", "gateway_503"), (2, "ACCEPTED", None)]


async def test_after_a_day_of_failures_the_delivery_is_failed(
    place: Place, gateway: Gateway
) -> None:
    gateway.answers = [BUSY] * 100
    [sms] = await place.notice(await place.citizen(email=None))
    async with deliverer(place, gateway) as made:
        while (row := await place.row(sms))["status"] in ("PENDING", "RETRYING"):
            place.clock.now = max(place.clock.now, row["due_at"])
            await sweep(made)
    assert row["status"] == "FAILED"
    assert row["settled_at"] == row["due_at"]
    assert timedelta(hours=24) <= row["settled_at"] - MORNING < timedelta(hours=25)


async def test_a_refused_number_is_failed_at_once(place: Place, gateway: Gateway) -> None:
    gateway.answers = [BLACKLISTED]
    [sms] = await place.notice(await place.citizen(email=None))
    async with deliverer(place, gateway) as made:
        await sweep(made)
    row = await place.row(sms)
    assert (row["status"], row["outcome"]) == ("FAILED", "gateway_code_0x0215")


async def test_a_message_that_may_have_arrived_is_not_sent_again(
    place: Place, gateway: Gateway
) -> None:
    gateway.answers = [UNREADABLE]
    await place.notice(await place.citizen(email=None))
    async with deliverer(place, gateway) as made:
        await sweep(made)
        place.clock.turn(timedelta(days=1))
        await place.recover()
        await sweep(made)
    assert await place.statuses() == ["UNCERTAIN"]
    assert len(gateway.asked) == 1


async def test_a_retry_and_what_has_come_to_wait_become_one_message(
    place: Place, gateway: Gateway
) -> None:
    gateway.answers = [BUSY]
    gateway.open.clear()
    citizen = await place.citizen(email=None)
    [first] = await place.notice(citizen)
    async with deliverer(place, gateway) as made:
        await made.deliver_due()
        await gateway.until(lambda g: len(g.asked) == 1)
        [second] = await place.notice(citizen, NoticeEvent.OFFER_GIVEN)
        gateway.open.set()
        await made.drain()
        row = await place.row(first)
        assert (row["status"], row["outcome"], row["merged_into"]) == ("DROPPED", "merged", second)
        assert await place.told_by(second) == ["PLAN_CHANGED", "OFFER_GIVEN"]
        await sweep(made)
    assert gateway.accepted == [f"{second}.1"]


async def test_a_text_that_this_release_does_not_know_is_left_for_another(
    place: Place, gateway: Gateway
) -> None:
    [sms] = await place.notice(await place.citizen(email=None))
    await place.pool.execute("update notice set event = 'OF_TOMORROW'")
    async with deliverer(place, gateway) as made:
        await sweep(made)
    row = await place.row(sms)
    assert (row["status"], row["outcome"]) == ("RETRYING", "unknown_text")


async def test_a_message_whose_worker_is_lost_in_the_middle_is_uncertain(
    place: Place, gateway: Gateway
) -> None:
    gateway.open.clear()
    [sms] = await place.notice(await place.citizen(email=None))
    async with deliverer(place, gateway) as late, deliverer(place, gateway) as other:
        await late.deliver_due()
        await gateway.until(lambda g: len(g.asked) == 1)
        place.clock.turn(LEASE)
        await place.recover()
        row = await place.row(sms)
        assert (row["status"], row["outcome"]) == ("UNCERTAIN", "worker_lost")
        await sweep(other)
        assert len(gateway.asked) == 1
        # it was not lost after all: what it knows of its own attempt counts
        gateway.open.set()
        await late.drain()
    assert await place.statuses() == ["SENT"]
    assert await place.attempts(sms) == [(1, "ACCEPTED", None)]


async def test_a_late_worker_cannot_settle_what_another_has_claimed(
    place: Place, gateway: Gateway
) -> None:
    gateway.open.clear()
    [sms] = await place.notice(await place.citizen(email=None))
    async with deliverer(place, gateway) as late, deliverer(place, gateway) as other:
        await late.deliver_due()
        await gateway.until(lambda g: len(g.asked) == 1)
        place.clock.turn(LEASE)
        await place.recover()
        place.clock.turn(UNCERTAIN_WAIT)
        # a policy under which this message, too, is rather sent twice than not at all
        await place.pool.execute(
            "select decide_uncertain($1, array['PLAN_CHANGED'], $1)", place.clock.now
        )
        await other.deliver_due()
        await gateway.until(lambda g: len(g.asked) == 2)
        gateway.answers = [BLACKLISTED]
        gateway.open.set()
        await asyncio.gather(late.drain(), other.drain())
    first, second = await place.attempts(sms)
    assert {first[1], second[1]} == {"ACCEPTED", "REFUSED"}
    # whichever answer the first one got, it is the second one's that counts
    status = "SENT" if second[1] == "ACCEPTED" else "FAILED"
    assert await place.statuses() == [status]


async def test_a_message_that_kills_every_worker_before_it_is_tried_is_given_up(
    place: Place, gateway: Gateway
) -> None:
    [sms] = await place.notice(await place.citizen(email=None))
    for _ in range(LOST_CLAIMS_LIMIT):
        async with place.pool.acquire() as connection:
            assert await deliveries.claim(connection, Channel.SMS, place.clock.now, 10, LEASE)
        place.clock.turn(LEASE)
        await place.recover()
    async with deliverer(place, gateway) as made:
        await sweep(made)
    row = await place.row(sms)
    assert (row["status"], row["outcome"]) == ("FAILED", "worker_lost")
    assert gateway.asked == []


async def test_two_workers_send_each_message_once_and_never_too_many_at_a_time(
    place: Place, gateway: Gateway
) -> None:
    for _ in range(60):
        await place.notice(await place.citizen(email=None))
    gateway.open.clear()
    async with (
        deliverer(place, gateway, at_once=8) as one,
        deliverer(place, gateway, at_once=8) as other,
    ):
        both = asyncio.gather(one.deliver_due(), other.deliver_due())
        await gateway.until(lambda g: len(g.asked) == 16)
        gateway.open.set()
        await both
    assert await place.statuses() == ["SENT"] * 60
    assert len(gateway.accepted) == len(set(gateway.accepted)) == 60


async def test_nothing_holds_a_connection_while_a_channel_is_called(
    place: Place, gateway: Gateway
) -> None:
    for _ in range(10):
        await place.notice(await place.citizen(email=None))
    gateway.open.clear()
    async with deliverer(place, gateway) as made:
        await made.deliver_due()
        await gateway.until(lambda g: len(g.asked) == 10)
        assert place.pool.get_idle_size() == place.pool.get_size()
        gateway.open.set()
    assert await place.statuses() == ["SENT"] * 10


async def test_a_channel_that_breaks_its_promise_leaves_the_message_as_uncertain(
    place: Place, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def send(self, message: object) -> Any:
            raise httpx.DecodingError(f"about {message.address}")  # type: ignore[attr-defined]  # any message has one

    await place.notice(await place.citizen(sms="20301010", email=None))
    providers = Providers([Provider("sms", Broken(), Breaker(), at_once=20)])
    await sweep(Deliverer(place.pool, Channel.SMS, providers, place.clock))
    assert await place.statuses() == ["UNCERTAIN"]
    assert "20301010" not in caplog.text
