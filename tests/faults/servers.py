"""PostgreSQL and Valkey of the fault tests' own, which are stopped, crashed and started again."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import asyncpg

from app.dev import postgres, valkey
from app.dev.account import open_way_to, private_folder, server_account
from app.dev.supervisor import Guarded, folder_lock, stop_all
from app.store.migrate import migrate

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class OwnServers:
    """Both servers on one throw-away folder; every method blocks until what it does is done."""

    def __init__(self, folder: Path, lock: int) -> None:
        self._lock = lock
        self._account = server_account(folder / "postgres")
        open_way_to(folder, self._account)
        (folder / "log").mkdir(mode=0o700)
        sockets = private_folder(folder / "run", self._account)
        self._postgres = postgres.Postgres(folder, sockets, durable=False)
        self._valkey = valkey.Valkey(folder, sockets, durable=False)
        self._running: dict[str, Guarded] = {}
        self._sockets = sockets
        self.database_url = postgres.database_url(sockets)
        self.redis_url = valkey.redis_url(sockets)

    def start(self) -> None:
        self.start_valkey()
        self.start_postgres()
        postgres.create_database(self._sockets)

    def start_missing(self) -> None:
        if "valkey" not in self._running:
            self.start_valkey()
        if "postgres" not in self._running:
            self.start_postgres()

    def stop(self) -> None:
        stop_all(list(self._running.values()))
        self._running.clear()

    def start_valkey(self) -> None:
        """Empty: it keeps nothing."""
        self._running["valkey"] = self._valkey.start(self._account, self._lock)
        self._running["valkey"].wait_until(lambda: valkey.answers(self._valkey.socket))

    def stop_valkey(self) -> None:
        stop_all([self._running.pop("valkey")])

    def start_postgres(self) -> None:
        self._running["postgres"] = self._postgres.start(self._account, self._lock)
        self._running["postgres"].wait_until(lambda: postgres.answers(self._postgres.socket))

    def stop_postgres(self) -> None:
        """Sessions are ended, what is committed is written."""
        stop_all([self._running.pop("postgres")])

    def crash_postgres(self) -> None:
        """Ends without writing anything any more; the next start recovers."""
        pid = int((self._postgres.cluster / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
        self.stop_postgres()


@asynccontextmanager
async def own_servers() -> AsyncIterator[OwnServers]:
    """Both run, on a migrated database that loses nothing it has committed."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="mp-", dir=MEMORY))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        servers = OwnServers(folder, stack.enter_context(folder_lock(folder)))
        stack.callback(servers.stop)
        await asyncio.to_thread(servers.start)
        await migrate(servers.database_url)
        connection = await asyncpg.connect(servers.database_url)
        try:
            # a crash may lose what the throw-away settings have not written yet: here nothing
            await connection.execute("alter database minplan set synchronous_commit = on")
        finally:
            await connection.close()
        yield servers
