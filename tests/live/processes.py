"""Real API processes on servers of their own, and the roles that speak to them."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil

from app.dev.issuer import DevelopmentIssuer
from app.dev.ports import free_port
from app.settings import Settings
from tests.faults.servers import OwnServers
from tests.world import World

ROOT = Path(__file__).parents[2]
PATIENCE = 40.0  # seconds


class ApiProcess:
    """One `minplan serve`; settings: more of them, as in the environment."""

    def __init__(
        self, servers: OwnServers, data: Path, settings: Mapping[str, str] | None = None
    ) -> None:
        self.port = free_port()
        self._environment = os.environ | {
            "MINPLAN_DATABASE_URL": servers.database_url,
            "MINPLAN_REDIS_URL": servers.redis_url,
            "MINPLAN_DATA_DIR": str(data),
            "MINPLAN_BUDGETS": "off",
            **(settings or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Returns when it answers that it is ready."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", str(self.port)],
            cwd=ROOT,
            env=self._environment,
        )
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient() as client:
            while True:
                assert self.alive, "the API process has ended"
                try:
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
        assert self._process is not None
        self._process.kill()
        await asyncio.to_thread(self._process.wait, PATIENCE)

    async def stop(self) -> None:
        if self.alive:
            assert self._process is not None
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, PATIENCE)

    def memory(self) -> int:
        """Bytes of its resident set."""
        assert self._process is not None
        return int(psutil.Process(self._process.pid).memory_info().rss)


class Remote(World):
    """The roles' view of API processes; operations go to the first that is alive."""

    def __init__(
        self, settings: Settings, processes: list[ApiProcess], client: httpx.AsyncClient
    ) -> None:
        self.settings = settings
        self.processes = processes
        self.client = client
        self.issuer = DevelopmentIssuer(settings)
        self.day = [(datetime.now(UTC) - timedelta(days=1)).date()]

    @property
    def base_url(self) -> str:  # type: ignore[override]
        return next(process.url for process in self.processes if process.alive)


@asynccontextmanager
async def api_processes(
    servers: OwnServers, data: Path, count: int, more: Mapping[str, str] | None = None
) -> AsyncIterator[Remote]:
    """So many processes on the servers; `data` holds the key of their token issuer.

    more: settings, as in the environment.
    """
    settings = Settings(
        data_dir=data, database_url=servers.database_url, redis_url=servers.redis_url
    )
    processes = [ApiProcess(servers, data, more) for _ in range(count)]
    try:
        async with httpx.AsyncClient(timeout=30) as client:
            remote = Remote(settings, processes, client)
            await asyncio.gather(*(process.start() for process in processes))
            yield remote
    finally:
        await asyncio.gather(*(process.stop() for process in processes))
