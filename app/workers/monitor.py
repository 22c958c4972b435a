"""A worker's own port: `/metrics` for Prometheus, `/healthz` for whoever restarts it.

Served by aiohttp, which the worker has loaded anyway and which leaves the process its signals; in
the worker's own loop, so that a worker that hangs does not answer as if it were well.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from aiohttp import web
from prometheus_client.aiohttp import make_aiohttp_handler

from app.settings import Settings, SettingsError, env_name
from app.store.db import DATABASE_ERRORS, Pool, in_time
from app.workers.backlog import Backlog

log = logging.getLogger("minplan.worker")

PING_SECONDS: Final = 2.0
PATIENCE_SECONDS: Final = 60.0
"""How long the database may be away until the worker calls itself unwell."""


class Health:
    """Whether a worker can do its work: its loops run, and the database answered lately."""

    def __init__(self, pool: Pool, loops: Sequence[asyncio.Task[None]]) -> None:
        self._pool = pool
        self._loops = loops
        self._answered = asyncio.get_running_loop().time()

    async def state(self) -> dict[str, bool]:
        """Which part is well; asks the database each time."""
        return {
            "loops": not any(loop.done() for loop in self._loops),
            "postgresql": await self._answers(),
        }

    async def _answers(self) -> bool:
        loop = asyncio.get_running_loop()
        with suppress(*DATABASE_ERRORS):
            await in_time(self._pool, PING_SECONDS, lambda database: database.fetchval("select 1"))
            self._answered = loop.time()
        return loop.time() - self._answered < PATIENCE_SECONDS


@asynccontextmanager
async def serve_metrics(
    settings: Settings, backlog: Backlog, health: Health
) -> AsyncIterator[int | None]:
    """Answers on the port of the settings until the block ends; the port, None without one.

    Raises SettingsError when it cannot be opened: a worker on another port than that of its
    settings would be a worker that nobody watches.
    """
    if settings.worker_metrics_port is None:
        yield None
        return
    runner = web.AppRunner(_application(backlog, health), access_log=None)
    await runner.setup()
    try:
        yield await _listen(runner, settings.worker_metrics_host, settings.worker_metrics_port)
    finally:
        await runner.cleanup()


def _application(backlog: Backlog, health: Health) -> web.Application:
    expose = make_aiohttp_handler()

    async def metrics(request: web.Request) -> web.StreamResponse:
        await backlog.show()
        return await expose(request)

    async def healthz(_request: web.Request) -> web.Response:
        state = await health.state()
        return web.json_response(state, status=200 if all(state.values()) else 503)

    application = web.Application()
    application.add_routes([web.get("/metrics", metrics), web.get("/healthz", healthz)])
    return application


async def _listen(runner: web.AppRunner, host: str, port: int) -> int:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise SettingsError(
            f"Port {port} of {env_name('worker_metrics_port')} cannot be opened:"
            f" {error.strerror or 'it failed'}. Give each worker of a host a port of its own,"
            " or 0 for any that is free."
        ) from None
    opened: int = runner.addresses[0][1]
    log.info("metrics on port %s", opened)
    return opened
