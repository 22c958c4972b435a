"""The worker as a process: it is killed, Valkey goes away, and nothing is lost."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.dev.sinks import Sink
from app.settings import SettingsError, load_settings
from app.store.documents import Moment
from app.workers.deliver import LEASE
from app.workers.main import work
from app.workers.metrics import WAKE_FAILURES
from app.workers.queue import DELIVER_DUE, open_queue
from app.workers.wake import Waker

from .gateway import Gateway
from .place import OwnValkey, Place, eventually, worker_process


def failures() -> float:
    return WAKE_FAILURES._value.get()


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
            await listens(valkey)
            deliveries = await place.notice(await place.citizen())
            await waker.deliveries(deliveries)
            await place.until("SENT", "SENT")
            worker.send_signal(signal.SIGTERM)
            assert await worker.wait() == 0
    finally:
        await waker.close()
        await sink.stop()
    assert {*gateway.accepted, *(mail["reference"] for mail in sink.messages())} == {
        str(delivery) for delivery in deliveries
    }


async def listens(valkey: OwnValkey) -> None:
    """Wait until a worker has told Valkey of its health."""
    queue = open_queue(valkey.url, seconds=5)

    async def told() -> bool:
        return bool(await queue.keys("minplan:worker:*"))

    try:
        await eventually(told)
    finally:
        await queue.aclose(close_connection_pool=True)
