"""The worker process: the sweep, and arq's worker that wakes it at once.

The sweep does the work and needs PostgreSQL only; a job is no more than a ring at the door, so
nothing depends on whether arq keeps, repeats or loses it. arq's worker ends when Valkey goes away:
here it is started anew until Valkey is back.
"""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from arq import cron, func
from arq.connections import ArqRedis
from arq.worker import Worker

from app.channels.contract import Channel as Sender
from app.channels.email import EmailChannel
from app.channels.sms import SmsChannel, http_client
from app.domain.notice import Channel
from app.settings import Settings, SettingsError, env_name
from app.store.clock import Clock, clock_of
from app.store.db import open_pool
from app.workers.backoff import SendWindow
from app.workers.deliver import Deliverer
from app.workers.queue import DELIVER_DUE, QUEUE, VALKEY_ERRORS, from_json, open_queue, to_json
from app.workers.sweep import SWEEP_SECONDS, Sweeper

log = logging.getLogger("minplan.worker")

JOB_SECONDS: Final = 5
"""Time-out of a job, which only rings; arq keeps a killed worker's job for 10 seconds more."""
HEALTH_SECONDS: Final = 30
POLL_SECONDS: Final = 0.1
CLOSE_SECONDS: Final = 2
LONGEST_PAUSE: Final = 5.0
"""Seconds between two attempts to reach Valkey."""


def worker_settings(queue: ArqRedis, wake: Callable[[], None]) -> dict[str, Any]:
    """The arguments of arq's Worker."""

    async def ring(ctx: dict[Any, Any], *_args: Any, **_named: Any) -> None:
        wake()

    return {
        "functions": [func(ring, name=DELIVER_DUE)],
        # One worker of all in each tick; every process has its own, slower sweep besides.
        "cron_jobs": [cron(ring, name="sweep", second=set(range(0, 60, 10)), run_at_startup=True)],
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
) -> None:
    """Deliver until `stop` is set; see `run_worker`. For a process that has its own signals."""
    if not settings.database_url or not settings.redis_url:
        raise SettingsError(
            f"The worker needs {env_name('database_url')} and {env_name('redis_url')}."
        )
    window = SendWindow(settings.send_window_start_hour, settings.send_window_end_hour)
    clock = clock or clock_of(settings.today)
    async with open_senders(settings) as senders, open_pool(settings.database_url) as pool:
        sweepers = [
            Sweeper(Deliverer(pool, channel, sender, clock, window=window), seconds=sweep_seconds)
            for channel, sender in senders.items()
        ]
        await _run(sweepers, settings.redis_url, stop)


async def _run(sweepers: Sequence[Sweeper], redis_url: str, stop: asyncio.Event) -> None:
    def wake() -> None:
        for sweeper in sweepers:
            sweeper.wake()

    sweeping = [asyncio.create_task(sweeper.run()) for sweeper in sweepers]
    listening = asyncio.create_task(listen(redis_url, wake))
    stopped = asyncio.create_task(stop.wait())
    log.info("delivering")
    try:
        await asyncio.wait({listening, stopped, *sweeping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        for sweeper in sweepers:
            sweeper.stop()
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


async def listen(redis_url: str, wake: Callable[[], None]) -> None:
    """Run arq's worker until cancelled, again and again while Valkey comes and goes."""
    pause = POLL_SECONDS
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await _listen_once(redis_url, wake)
        except VALKEY_ERRORS as error:
            log.warning("Valkey is away (%s); sweeping without", type(error).__name__)
        except Exception:
            # A defect of a job or of arq: without jobs the worker is slower, but it delivers.
            log.exception("arq's worker ended")
        held = asyncio.get_running_loop().time() - started
        pause = POLL_SECONDS if held > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
        await asyncio.sleep(pause)


async def _listen_once(redis_url: str, wake: Callable[[], None]) -> None:
    queue = open_queue(redis_url, seconds=JOB_SECONDS)
    worker = Worker(**worker_settings(queue, wake))
    try:
        await worker.async_run()
    finally:
        # Not arq's own `close`: it fails half-way when Valkey is gone. Jobs end by their time-outs.
        await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
        with suppress(*VALKEY_ERRORS):
            await queue.delete(worker.health_check_key)
        await queue.aclose(close_connection_pool=True)


@asynccontextmanager
async def open_senders(settings: Settings) -> AsyncIterator[Mapping[Channel, Sender]]:
    """The channels of the settings; without a URL, the sinks that the API hosts in development."""
    smtp_url = settings.smtp_url
    if smtp_url is None and settings.mail_sink_port is not None:
        smtp_url = f"smtp://127.0.0.1:{settings.mail_sink_port}"
    if smtp_url is None:
        raise SettingsError(
            f"The worker needs {env_name('smtp_url')} (or {env_name('mail_sink_port')}, where the"
            " API of `minplan up` takes mail in development)."
        )
    token = settings.sms_token.get_secret_value() if settings.sms_token else "development"
    async with http_client() as client:
        yield {
            Channel.SMS: SmsChannel(
                client,
                url=settings.sms_url or settings.public_base_url,
                token=token,
                sender=settings.sms_sender,
            ),
            Channel.EMAIL: EmailChannel(smtp_url=smtp_url, sender=settings.mail_from),
        }
