"""Held connections for reads: each statement is prepared once and its connection kept warm.

A pool that resets its connection after every loan costs more than the read itself. Reads need no
reset: they are single statements that leave nothing behind. The connection used last is used
next, so that few stay busy; one that was closed is replaced and its read asked once more, and
after a change of a table the statement is prepared anew once.

The access log's rows are committed without waiting for the disk (`synchronous_commit = off`): if
PostgreSQL itself crashes, the rows of its last half second may be missing (docs/decisions).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from app.store.db import CLOSE_SECONDS, SERVER_SETTINGS, prepare_connection
from app.store.queries import queries

Statement: TypeAlias = "PreparedStatement[asyncpg.Record]"

# what asyncpg raises when the connection goes, and when a table changed under a prepared statement
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
)
_STALE = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)


class _Reader:
    """One connection and the statements prepared on it."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.connection = connection
        self._statements: dict[str, Statement] = {}

    async def statement(self, query: str) -> Statement:
        found = self._statements.get(query)
        if found is None:
            found = await self.connection.prepare(queries()[query])
            self._statements[query] = found
        return found

    def forget(self) -> None:
        self._statements.clear()


class Readers:
    """At most `size` connections; queries are named as in `db/queries`."""

    def __init__(self, database_url: str, *, size: int = 8) -> None:
        self._url = database_url
        self._places = asyncio.Semaphore(size)
        self._idle: list[_Reader] = []
        self.beginning = asyncio.Semaphore(size)
        """For the first read of those who read again and hold what they read: who has begun comes
        to the end before all others have begun too."""

    async def fetchrow(self, query: str, *args: object) -> asyncpg.Record | None:
        found: asyncpg.Record | None = await self._run("fetchrow", query, args)
        return found

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        found: list[asyncpg.Record] = await self._run("fetch", query, args)
        return found

    async def fetchval(self, query: str, *args: object) -> Any:
        return await self._run("fetchval", query, args)

    async def _run(self, method: str, query: str, args: tuple[object, ...]) -> Any:
        async with self._places:
            held = self._open_idle()
            if held is not None:
                try:
                    return await self._run_on(held, method, query, args)
                except _LOST as error:
                    # closed by the database while it was idle; the news had not arrived before.
                    # At worst a read that had happened is noted twice.
                    if isinstance(error, asyncpg.InternalClientError):
                        held.connection.terminate()  # asyncpg no longer knows what it waits for
                    mistaken = isinstance(error, asyncpg.InterfaceError)
                    if mistaken and not held.connection.is_closed():
                        raise
            return await self._run_on(await self._connect(), method, query, args)

    async def _run_on(
        self, reader: _Reader, method: str, query: str, args: tuple[object, ...]
    ) -> Any:
        try:
            try:
                return await getattr(await reader.statement(query), method)(*args)
            except _STALE:
                reader.forget()
                return await getattr(await reader.statement(query), method)(*args)
        finally:
            # a cancelled read leaves a usable connection: asyncpg ends its query first
            if not reader.connection.is_closed():
                self._idle.append(reader)

    def _open_idle(self) -> _Reader | None:
        """The connection used last that is still open; a restart of PostgreSQL closes all."""
        while self._idle:
            reader = self._idle.pop()
            if not reader.connection.is_closed():
                return reader
        return None

    async def _connect(self) -> _Reader:
        connection = await asyncpg.connect(
            self._url,
            server_settings={**SERVER_SETTINGS, "synchronous_commit": "off"},
            command_timeout=30,
            statement_cache_size=0,
        )
        await prepare_connection(connection)
        return _Reader(connection)

    async def close(self) -> None:
        goodbyes = [one.connection.close(timeout=CLOSE_SECONDS) for one in self._idle]
        self._idle.clear()
        await asyncio.gather(*goodbyes, return_exceptions=True)


@asynccontextmanager
async def open_readers(database_url: str, *, size: int = 8) -> AsyncIterator[Readers]:
    """Readers that are closed at the end of the block."""
    readers = Readers(database_url, size=size)
    try:
        yield readers
    finally:
        await readers.close()
