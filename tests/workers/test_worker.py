"""The worker as a process: it is killed, it is stopped, there are two of it."""

import base64
import signal
from datetime import UTC, datetime, timedelta

import pytest

from app.dev.sinks import Sink
from app.domain.policy import Policy
from app.store.clock import system_clock
from app.workers.wake import Waker

from .event_stream import event
from .gateway import Gateway
from .place import OwnValkey, Place, until_listening, worker_process
from .receiver import SECRET, DataBase


@pytest.fixture(autouse=True)
def real_time(place: Place) -> None:
    """Processes have the real clock, so the send window is always open."""
    place.clock.now = datetime.now(UTC)
    place.policy = Policy(send_window_start_hour=0, send_window_end_hour=24)


async def test_a_change_reaches_the_citizen_by_sms_and_email(
    place: Place, valkey: OwnValkey, gateway: Gateway
) -> None:
    sink = Sink()
    port = await sink.start_smtp()
    waker = Waker(valkey.url)
    try:
        async with worker_process(
            place, sms_url=gateway.url, redis_url=valkey.url, mail_port=port
        ) as worker:
            await until_listening(valkey)
            deliveries = await place.notice(await place.citizen())
            await waker.deliveries(deliveries)
            await place.until("SENT", "SENT")
            worker.send_signal(signal.SIGTERM)
            assert await worker.wait() == 0
    finally:
        await waker.close()
        await sink.stop()
    assert {*gateway.accepted, *(mail["reference"] for mail in sink.messages())} == {
        f"{delivery}.1" for delivery in deliveries
    }


async def test_a_worker_that_starts_finds_what_was_committed_before(
    place: Place, valkey: OwnValkey, gateway: Gateway
) -> None:
    await place.notice(await place.citizen(email=None))
    async with worker_process(place, sms_url=gateway.url, redis_url=valkey.url):
        await place.until("SENT")


async def test_a_worker_killed_in_the_middle_loses_nothing(
    place: Place, valkey: OwnValkey, gateway: Gateway
) -> None:
    for _ in range(30):
        await place.notice(await place.citizen(email=None))
    gateway.open.clear()
    few = {"SMS_AT_ONCE": "10"}
    async with worker_process(place, sms_url=gateway.url, redis_url=valkey.url, more=few) as killed:
        await gateway.until(lambda g: len(g.asked) == 10)
        killed.kill()
        await killed.wait()
    gateway.open.set()
    held = (await place.statuses()).count("CLAIMED")
    assert held == 10
    # A day later, so that the claims have run out without waiting for it; midnight may come first.
    later = system_clock().today + timedelta(days=2)
    async with worker_process(place, sms_url=gateway.url, redis_url=valkey.url, today=later):
        # what was under way may have arrived, and is not sent a second time
        await place.until(*["SENT"] * 20, *["UNCERTAIN"] * held)
    assert len(gateway.asked) == len(set(gateway.asked)) == 30


async def test_a_worker_told_to_stop_ends_what_it_has_begun(
    place: Place, valkey: OwnValkey, gateway: Gateway
) -> None:
    for _ in range(30):
        await place.notice(await place.citizen(email=None))
    gateway.open.clear()
    few = {"SMS_AT_ONCE": "10"}
    async with worker_process(
        place, sms_url=gateway.url, redis_url=valkey.url, more=few
    ) as stopped:
        await gateway.until(lambda g: len(g.asked) == 10)
        stopped.send_signal(signal.SIGTERM)
        gateway.open.set()
        assert await stopped.wait() == 0
    statuses = await place.statuses()
    assert "CLAIMED" not in statuses
    assert statuses.count("SENT") == len(gateway.accepted) >= 10


async def test_two_workers_send_each_message_once(
    place: Place, valkey: OwnValkey, gateway: Gateway
) -> None:
    async with (
        worker_process(place, sms_url=gateway.url, redis_url=valkey.url),
        worker_process(place, sms_url=gateway.url, redis_url=valkey.url),
    ):
        await until_listening(valkey, workers=2)
        waker = Waker(valkey.url)
        for _ in range(100):
            await waker.deliveries(await place.notice(await place.citizen(email=None)))
        await place.until(*["SENT"] * 100)
        await waker.close()
    assert len(gateway.accepted) == len(set(gateway.accepted)) == 100


async def test_a_worker_killed_in_the_middle_loses_no_event_and_repeats_one_under_its_id(
    place: Place, valkey: OwnValkey, data_base: DataBase
) -> None:
    citizens = [await place.citizen(sms=None, email=None) for _ in range(4)]
    sent = [await event(place, citizen, version) for citizen in citizens for version in (1, 2)]
    stream = {
        "DFDG_URL": data_base.url,
        "DFDG_SECRET": "whsec_" + base64.b64encode(SECRET).decode(),
    }
    started = {"sms_url": "http://127.0.0.1:9", "redis_url": valkey.url, "more": stream}
    data_base.open.clear()
    async with worker_process(place, **started) as killed:  # type: ignore[arg-type]  # of many types
        await data_base.until(lambda d: len(d.asked) == 4)
        killed.kill()
        await killed.wait()
    data_base.open.set()
    # without Valkey, and later, so that the claims have run out without waiting for it
    valkey.stop()
    later = system_clock().today + timedelta(days=2)
    async with worker_process(place, today=later, **started):  # type: ignore[arg-type]  # of many types
        await data_base.until(lambda d: set(d.taken) == set(sent))
    assert data_base.unsigned == 0
    for n, citizen in enumerate(citizens):
        mine = [
            one["data"]["version"]
            for one in data_base.events
            if one["data"]["citizenId"] == str(citizen)
        ]
        assert mine == [1, 1, 2], n
