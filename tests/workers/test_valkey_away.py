"""Valkey goes away and comes back: everything is delivered, and no mutation waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from app.settings import SettingsError, load_settings
from app.workers.main import work
from app.workers.metrics import WAKE_FAILURES
from app.workers.queue import DELIVER_DUE, open_queue
from app.workers.wake import WAKE_SECONDS, Waker
from tests.channels.servers import listening

from .gateway import Gateway
from .place import PATIENCE, OwnValkey, Place, until_listening

NEVER = 3600.0


def wake_failures() -> float:
    [metric] = WAKE_FAILURES.collect()
    return next(s.value for s in metric.samples if s.name.endswith("_total"))


@asynccontextmanager
async def worker(
    place: Place, valkey: OwnValkey, gateway: Gateway, *, sweep_seconds: float
) -> AsyncIterator[None]:
    """A whole worker in this process, by the test's own clock."""
    settings = load_settings(
        database_url=place.database_url,
        redis_url=valkey.url,
        sms_url=gateway.url,
        mail_sink_port=9,
    )
    stop = asyncio.Event()
    working = asyncio.create_task(
        work(settings, stop, clock=place.clock, sweep_seconds=sweep_seconds)
    )
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await working


@asynccontextmanager
async def waking(valkey: OwnValkey) -> AsyncIterator[Waker]:
    waker = Waker(valkey.url)
    try:
        yield waker
    finally:
        await waker.close()


async def test_without_valkey_the_sweep_delivers(
    place: Place, valkey: OwnValkey, gateway: Gateway
) -> None:
    valkey.stop()
    async with worker(place, valkey, gateway, sweep_seconds=0.1), waking(valkey) as waker:
        await waker.deliveries(await place.notice(await place.citizen(email=None)))
        await place.until("SENT")


async def test_valkey_stopped_and_restarted_loses_nothing(
    place: Place, valkey: OwnValkey, gateway: Gateway
) -> None:
    async with worker(place, valkey, gateway, sweep_seconds=NEVER), waking(valkey) as waker:
        await until_listening(valkey)
        await waker.deliveries(await place.notice(await place.citizen(email=None)))
        await place.until("SENT")
        valkey.stop()
        await waker.deliveries(await place.notice(await place.citizen(email=None)))
        valkey.start()
        await place.until("SENT", "SENT")
        await waker.deliveries(await place.notice(await place.citizen(email=None)))
        await place.until("SENT", "SENT", "SENT")


async def test_a_wake_up_that_fails_is_counted_and_raises_nothing(
    place: Place, valkey: OwnValkey
) -> None:
    valkey.stop()
    failures = wake_failures()
    deliveries = await place.notice(await place.citizen())
    async with waking(valkey) as waker:
        await waker.deliveries(deliveries)
    assert wake_failures() == failures + 1


async def test_a_valkey_that_hangs_holds_nobody_up() -> None:
    async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        while await reader.read(1024):
            pass

    loop = asyncio.get_running_loop()
    failures = wake_failures()
    async with listening(silence) as port:
        waker = Waker(f"redis://127.0.0.1:{port}")
        began = loop.time()
        await waker.deliveries([UUID(int=1)])
        assert loop.time() - began < WAKE_SECONDS / 2
        await waker.close()
    assert wake_failures() == failures + 1


async def test_changes_in_quick_succession_share_one_wake_up(
    place: Place, valkey: OwnValkey
) -> None:
    citizen = await place.citizen()
    async with waking(valkey) as waker:
        deliveries = await place.notice(citizen)
        for _ in range(50):
            await waker.deliveries(deliveries)
    queue = open_queue(valkey.url, seconds=5)
    assert [job.job_id for job in await queue.queued_jobs()] == [DELIVER_DUE]
    await queue.aclose(close_connection_pool=True)


async def test_a_worker_without_a_mail_server_says_which_setting_it_lacks(place: Place) -> None:
    settings = load_settings(database_url=place.database_url, redis_url="redis://127.0.0.1:9")
    with pytest.raises(SettingsError, match="MINPLAN_SMTP_URL"):
        await work(settings, asyncio.Event())
