"""The worker process: the sweeps, the calendar, and arq's worker that wakes them.

The loops do the work and need PostgreSQL only; a job is no more than a ring at the door, so
nothing depends on whether arq keeps, repeats or loses it. arq's worker ends when Valkey goes away:
here it is started anew until Valkey is back.
"""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from arq import cron, func
from arq.connections import ArqRedis
from arq.worker import Worker
from redis.asyncio import Redis

from app.channels.providers import Providers
from app.domain.notice import Channel
from app.settings import Settings, SettingsError, env_name, policy_of
from app.store.clock import Clock, clock_of
from app.store.contact_codes import CodeSeal
from app.store.db import Pool, open_pool
from app.store.live import Live
from app.store.publication import Published
from app.workers.backlog import Backlog
from app.workers.backoff import SendWindow
from app.workers.codes import CodeDeliverer
from app.workers.deliver import Deliverer
from app.workers.letters import Letters, open_letters
from app.workers.monitor import Health, serve_metrics
from app.workers.outbound import Outbound, open_receiver
from app.workers.purge import Purger, keep_of
from app.workers.queue import DELIVER_DUE, QUEUE, VALKEY_ERRORS, from_json, open_queue, to_json
from app.workers.recover import Recoverer
from app.workers.schedule import SCHEDULE_SECONDS, Scheduler
from app.workers.senders import open_providers
from app.workers.sweep import SWEEP_SECONDS, Delivers, Sweeper

log = logging.getLogger("minplan.worker")

JOB_SECONDS: Final = 5
"""Time-out of a job, which only rings; arq keeps a killed worker's job for 10 seconds more."""
HEALTH_SECONDS: Final = 30
POLL_SECONDS: Final = 0.05
CLOSE_SECONDS: Final = 2
CALENDAR_SECOND: Final = 5
"""Of each minute, when one worker of all looks at what fell due by the calendar."""
LONGEST_PAUSE: Final = 5.0
"""Seconds between two attempts to reach Valkey."""


@dataclass(frozen=True, slots=True)
class Wakes:
    """Whom arq's jobs ring: what sends, and what looks at the calendar."""

    senders: Callable[[], None]
    calendar: Callable[[], None]


def worker_settings(queue: ArqRedis, wakes: Wakes) -> dict[str, Any]:
    """The arguments of arq's Worker."""

    async def ring(ctx: dict[Any, Any], *_args: Any, **_named: Any) -> None:
        wakes.senders()

    async def look(ctx: dict[Any, Any]) -> None:
        wakes.calendar()

    return {
        "functions": [func(ring, name=DELIVER_DUE)],
        # One worker of all in each tick; every process sweeps by itself besides, as often.
        "cron_jobs": [
            cron(ring, name="sweep", second=set(range(0, 60, 10)), run_at_startup=True),
            cron(look, name="schedule", second=CALENDAR_SECOND),
        ],
        "redis_pool": queue,
        "queue_name": QUEUE,
        "job_serializer": to_json,
        "job_deserializer": from_json,
        "keep_result": 0,
        "job_timeout": JOB_SECONDS,
        "poll_delay": POLL_SECONDS,
        "health_check_key": f"minplan:worker:{socket.gethostname()}:{os.getpid()}",
        "health_check_interval": HEALTH_SECONDS,
        "handle_signals": False,
        # A change committed while the job's key still existed could not queue another one: it is
        # found by looking once more after the key is gone.
        "after_job_end": ring,
        # What happened while this worker was not listening.
        "on_startup": ring,
    }


def run_worker(settings: Settings) -> None:
    """Deliver until SIGTERM or SIGINT; the sends under way end first.

    Raises SettingsError when a URL is missing.
    """
    logging.getLogger("arq").setLevel(logging.WARNING)
    asyncio.run(_until_signalled(settings))


async def _until_signalled(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await work(settings, stop)


async def work(
    settings: Settings,
    stop: asyncio.Event,
    *,
    clock: Clock | None = None,
    sweep_seconds: float = SWEEP_SECONDS,
    schedule_seconds: float = SCHEDULE_SECONDS,
) -> None:
    """Deliver until `stop` is set; see `run_worker`. For a process that has its own signals."""
    if not settings.database_url or not settings.redis_url:
        raise SettingsError(
            f"The worker needs {env_name('database_url')} and {env_name('redis_url')}."
        )
    window = SendWindow(settings.send_window_start_hour, settings.send_window_end_hour)
    clock = clock or clock_of(settings.today)
    box = open_letters(settings)
    async with (
        open_providers(settings) as providers,
        open_receiver(settings) as receiver,
        open_pool(settings.database_url) as pool,
    ):
        sweepers: list[Sweeper] = []

        def wake() -> None:
            for sweeper in sweepers:
                sweeper.wake()

        couriers: list[Delivers] = [
            Recoverer(pool, clock, wake, window=window),
            *_senders(settings, pool, clock, providers, window),
            Purger(pool, clock, keep_of(settings)),
        ]
        if receiver is not None:
            couriers.append(Outbound(pool, receiver, clock))
        if box is not None:
            couriers.append(Letters(pool, box, clock))
        sweepers += [Sweeper(courier, seconds=sweep_seconds) for courier in couriers]
        running: list[asyncio.Task[None]] = []
        async with (
            open_scheduler(settings, pool, clock, wake, seconds=schedule_seconds) as scheduler,
            serve_metrics(settings, Backlog(settings, pool, clock), Health(pool, running)),
        ):
            await _run(sweepers, wake, scheduler, settings.redis_url, stop, running)


def _senders(
    settings: Settings,
    pool: Pool,
    clock: Clock,
    providers: Mapping[Channel, Providers],
    window: SendWindow,
) -> Iterator[Deliverer]:
    """Notices and one-time codes go by the same providers, and do not wait for each other."""
    seal = CodeSeal(settings.contact_code_key_bytes())
    for channel, chosen in providers.items():
        at_once = max(provider.at_once for provider in chosen)
        yield Deliverer(pool, channel, chosen, clock, window=window, at_once=at_once)
        yield CodeDeliverer(pool, channel, chosen, clock, seal=seal)


@asynccontextmanager
async def open_scheduler(
    settings: Settings, pool: Pool, clock: Clock, wake: Callable[[], None], *, seconds: float
) -> AsyncIterator[Scheduler]:
    """The calendar's loop; what it publishes wakes the live views of every API process.

    wake: the senders of this process, for the messages that it leaves.
    """
    assert settings.redis_url
    redis = Redis.from_url(settings.redis_url)
    live = Live(redis, pool)

    async def announce(published: Published) -> None:
        await live.publish(published)
        if published.deliveries or published.versions:
            wake()

    try:
        yield Scheduler(pool, clock, policy_of(settings), announce, seconds=seconds)
    finally:
        await redis.aclose()


async def _run(
    sweepers: Sequence[Sweeper],
    wake: Callable[[], None],
    scheduler: Scheduler,
    redis_url: str,
    stop: asyncio.Event,
    running: list["asyncio.Task[None]"],
) -> None:
    """running: filled with the tasks that the process is well with."""
    loops: list[Sweeper | Scheduler] = [*sweepers, scheduler]
    sweeping = [asyncio.create_task(loop.run()) for loop in loops]
    listening = asyncio.create_task(listen(redis_url, Wakes(wake, scheduler.wake)))
    running += [*sweeping, listening]
    stopped = asyncio.create_task(stop.wait())
    log.info("delivering")
    try:
        await asyncio.wait({listening, stopped, *sweeping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        for loop in loops:
            loop.stop()
        try:
            await _cancelled(listening)
        finally:
            await asyncio.gather(*sweeping)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    """Cancel until it has ended: the Valkey client may swallow a cancellation while it reads."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CLOSE_SECONDS)
    if not task.cancelled():
        task.result()


async def listen(redis_url: str, wakes: Wakes) -> None:
    """Run arq's worker until cancelled, again and again while Valkey comes and goes."""
    pause = POLL_SECONDS
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await _listen_once(redis_url, wakes)
        except VALKEY_ERRORS as error:
            log.warning("Valkey is away (%s); sweeping without", type(error).__name__)
        except Exception:
            # A defect of a job or of arq: without jobs the worker is slower, but it delivers.
            log.exception("arq's worker ended")
        held = asyncio.get_running_loop().time() - started
        pause = POLL_SECONDS if held > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
        await asyncio.sleep(pause)


async def _listen_once(redis_url: str, wakes: Wakes) -> None:
    queue = open_queue(redis_url, seconds=JOB_SECONDS)
    worker = Worker(**worker_settings(queue, wakes))
    try:
        await worker.async_run()
    finally:
        # Not arq's own `close`: it fails half-way when Valkey is gone. Jobs end by their time-outs.
        await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
        with suppress(*VALKEY_ERRORS):
            await queue.delete(worker.health_check_key)
        await queue.aclose(close_connection_pool=True)
