"""How fast one worker process sends, and how soon after its commit a change is accepted.

The gateway takes 50 ms for an answer. First 100,000 messages wait and are drained; then changes are
committed at a steady rate, each with its notice and the wake-up that an API process sends.
"""

import asyncio
import os
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, Final
from uuid import UUID

import orjson
import psutil

from app.dev.embedded import Servers
from app.dev.ports import free_port
from app.domain.notice import NoticeEvent
from app.domain.policy import Policy
from app.domain.viewer import ANONYMOUS
from app.settings import PREFIX
from app.store.clock import system_clock
from app.store.db import Pool, open_pool
from app.store.migrate import migrate
from app.store.outbox import write_notice
from app.store.work import Work
from app.workers.wake import Waker
from bench.client import HOST
from bench.database import connected
from bench.servers import guarded, used_by, wait_for

NAME: Final = "bench_ledger"
CHANGES_PER_SECOND: Final = 100
CHANGE_SECONDS: Final = 20
_GLANCE: Final = 1.0
_WARM_UP: Final = 3
"""Seconds of a drain that do not count: a worker starts, a pool fills."""

FILL: Final = (
    """insert into citizen (cpr_encrypted, cpr_index, given_name, surname, birth_date,
        municipality_code, created_at)
    select int4send(i), int4send(i), 'A', 'B', '1990-01-01',
        (select min(code) from municipality), now()
    from generate_series(1, $1::integer) i""",
    """insert into notification_preference
        (citizen_id, sms, sms_number, sms_verified_at, email, updated_at)
    select citizen_id, true, '20301010', now(), false, now() from citizen where $1 > 0""",
    """insert into notice (citizen_id, event, created_at)
    select citizen_id, 'PLAN_CHANGED', now() from citizen where $1 > 0""",
    """insert into delivery (citizen_id, channel, ready_at, due_at)
    select citizen_id, 'SMS', now(), now() from notice where $1 > 0""",
    """insert into delivery_notice (notice_id, channel, delivery_id)
    select n.notice_id, 'SMS', d.delivery_id from notice n join delivery d using (citizen_id)
    where $1 > 0""",
)


@dataclass(frozen=True, slots=True)
class Drain:
    """Of messages that waited: per second by one worker process; memory in MB, CPU in ms each."""

    messages: int
    per_second: float
    slowest_second: int
    fastest_second: int
    memory_first: float
    memory_last: float
    cpu_worker: float


@dataclass(frozen=True, slots=True)
class Promptness:
    """Milliseconds from a change's commit to the gateway's answer, at a steady rate."""

    changes: int
    per_second: int
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Gateway:
    port: int

    async def accepted(self) -> list[tuple[str, float]]:
        """What it has accepted since it was last asked, with the time."""

        def ask() -> list[tuple[str, float]]:
            with urllib.request.urlopen(f"http://{HOST}:{self.port}/accepted") as answer:
                found: list[tuple[str, float]] = orjson.loads(answer.read())
                return found

        return await asyncio.to_thread(ask)


async def measure_deliveries(servers: Servers, messages: int) -> tuple[Drain, Promptness]:
    """On a database of its own, with one gateway and one worker."""
    url = servers.database_url_for(NAME)
    await _fill(servers, messages)
    with _gateway() as gateway, _worker(url, servers.redis_url, gateway) as worker:
        drain = await _drain(gateway, worker, messages)
        async with open_pool(url) as pool:
            promptness = await _follow(gateway, pool, servers.redis_url)
    return drain, promptness


async def _fill(servers: Servers, messages: int) -> None:
    async with connected(servers.database_url) as admin:
        await admin.execute(f"drop database if exists {NAME} with (force)")
        await admin.execute(f"create database {NAME}")
    await migrate(servers.database_url_for(NAME))
    async with connected(servers.database_url_for(NAME)) as connection:
        for statement in FILL:
            await connection.execute(statement, messages, timeout=300)
        await connection.execute("vacuum analyze", timeout=300)


@contextmanager
def _gateway() -> Iterator[Gateway]:
    port = free_port()
    with guarded("-m", "bench.gateway", str(port), environment=os.environ) as process:
        wait_for("gateway", port, process)
        yield Gateway(port)


@contextmanager
def _worker(database_url: str, redis_url: str, gateway: Gateway) -> Iterator[psutil.Process]:
    settings = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SMS_URL": f"http://{HOST}:{gateway.port}",
        "SMTP_URL": f"smtp://{HOST}:9",
        "SEND_WINDOW_START_HOUR": "0",
        "SEND_WINDOW_END_HOUR": "24",
    }
    environment = os.environ | {f"{PREFIX}{name}": value for name, value in settings.items()}
    with guarded("-m", "app", "worker", environment=environment) as process:
        guardian = psutil.Process(process.pid)
        while not guardian.children():
            time.sleep(0.01)
        yield guardian.children()[0]


async def _drain(gateway: Gateway, worker: psutil.Process, messages: int) -> Drain:
    seconds: list[int] = []
    memory: list[float] = []
    left, last = messages, 0.0
    while left > 0:
        await asyncio.sleep(_GLANCE)
        found = await gateway.accepted()
        if not found and not seconds:
            continue  # it has not begun
        left -= len(found)
        last = max([last, *(at for _, at in found)])
        seconds.append(len(found))
        memory.append(worker.memory_info().rss / 1e6)
    used = used_by(worker)
    whole = seconds[_WARM_UP:-1] or seconds
    return Drain(
        messages,
        sum(whole) / len(whole) / _GLANCE,
        min(whole),
        max(whole),
        memory[min(_WARM_UP, len(memory) - 1)],
        memory[-1],
        used * 1000 / messages,
    )


async def _follow(gateway: Gateway, pool: Pool, redis_url: str) -> Promptness:
    rows = await pool.fetch("select citizen_id from citizen limit 5000")
    citizens = [row["citizen_id"] for row in rows]
    waker = Waker(redis_url)
    changes = CHANGES_PER_SECOND * CHANGE_SECONDS
    committed: dict[str, float] = {}

    async def change(citizen: UUID) -> None:
        delivery = await _commit(pool, citizen)
        committed[f"{delivery}.1"] = time.time()
        waker.ring()

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for i in range(changes):
            await asyncio.sleep(max(0.0, began + i / CHANGES_PER_SECOND - time.monotonic()))
            group.create_task(change(citizens[i % len(citizens)]))
    accepted: dict[str, float] = {}
    while len(accepted) < changes:
        await asyncio.sleep(_GLANCE)
        accepted |= dict(await gateway.accepted())
    await waker.close()
    waits = quantiles((accepted[one] - at for one, at in committed.items()), n=100)
    return Promptness(changes, CHANGES_PER_SECOND, waits[49] * 1000, waits[98] * 1000)


async def _commit(pool: Pool, citizen: UUID) -> Any:
    """What an operation leaves at its end, in a transaction of its own."""
    policy = Policy(send_window_start_hour=0, send_window_end_hour=24)
    async with pool.acquire() as connection, connection.transaction():
        work = Work(connection, ANONYMOUS, system_clock().now, policy)
        told = [(NoticeEvent.PLAN_CHANGED, None)]
        return (await write_notice(work, citizen, None, told, None)).deliveries[0]
