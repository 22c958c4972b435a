"""Revoked logins while Valkey, or PostgreSQL, takes what it is told and never answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.store import live_channels, revocations as store
from app.store.db import Pool, open_pool
from app.store.revocations import Revocations, revoke
from tests.schema.test_live_processes import valkey
from tests.silence import line_to
from tests.test_logins import learns, running, somebody
from tests.workers.place import OwnValkey

__all__ = ["valkey"]


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with open_pool(database_url) as opened:
        yield opened


class Mute:
    """A server that hears and says nothing."""

    def __init__(self) -> None:
        self._writers: list[asyncio.StreamWriter] = []

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        while await reader.read(65_536):
            pass

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def mute_valkey() -> AsyncIterator[Redis]:
    mute = Mute()
    server = await asyncio.start_server(mute.hear, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    redis = Redis(host="127.0.0.1", port=port, retry=Retry(NoBackoff(), 0))
    try:
        yield redis
    finally:
        mute.hang_up()
        await redis.aclose()
        server.close()


async def test_the_table_is_read_again_when_it_was_away_and_valkey_never_answers(
    pool: Pool,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(store, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(store, "READ_SECONDS", 0.2)
    admin, viewer = await asyncpg.connect(database_url), somebody()
    async with mute_valkey() as redis:
        revocations = Revocations(redis, pool, leeway_seconds=30)
        away = admin.transaction()
        await away.start()
        await admin.execute("lock table login_revocation")
        async with running(revocations):
            async with asyncio.timeout(10):
                while "revoked logins cannot be read" not in caplog.text:  # so Valkey is asked
                    await asyncio.sleep(0.005)
            await away.rollback()
            assert not await revoke(admin, redis, viewer.subject, until=None, reason="MISUSE")
            await learns(revocations, viewer, revoked=True)
    await admin.close()


async def test_a_valkey_that_falls_silent_counts_as_away(
    pool: Pool, valkey: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_channels, "QUIET_SECONDS", 0.1)
    monkeypatch.setattr(store, "POLL_SECONDS", 0.02)
    redis, viewer = Redis.from_url(valkey.url), somebody()
    revocations = Revocations(redis, pool, leeway_seconds=30)
    async with running(revocations), pool.acquire() as connection:
        async with asyncio.timeout(10):
            await revocations.connected.wait()
        await redis.execute_command("CLIENT", "PAUSE", 60_000, "ALL")
        assert not await revoke(connection, redis, viewer.subject, until=None, reason="MISUSE")
        async with asyncio.timeout(store.SWEEP_SECONDS / 2):  # not as who hears of everything
            await learns(revocations, viewer, revoked=True)
        assert not revocations.connected.is_set()
    await redis.aclose()


async def test_a_table_that_could_not_be_read_is_soon_looked_at_again(
    pool: Pool, database_url: str, valkey: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(store, "READ_SECONDS", 0.2)
    redis, viewer = Redis.from_url(valkey.url), somebody()
    revocations = Revocations(redis, pool, leeway_seconds=30)
    admin = await asyncpg.connect(database_url)
    async with running(revocations):
        async with asyncio.timeout(10):
            await revocations.connected.wait()
        async with admin.transaction():
            await admin.execute("lock table login_revocation")
            assert await revoke(admin, redis, viewer.subject, until=None, reason="MISUSE")
            async with asyncio.timeout(10):
                while revocations.connected.is_set():
                    await asyncio.sleep(0.005)
            await redis.delete(store.COPY)
        async with asyncio.timeout(store.SWEEP_SECONDS / 2):
            await learns(revocations, viewer, revoked=True)
            await revocations.connected.wait()
    await admin.close()
    await redis.aclose()


async def test_a_valkey_that_never_answers_is_away_and_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(live_channels, "CONNECT_SECONDS", 0.05)
    async with mute_valkey() as redis:
        channels = live_channels.Channels(
            redis, "nobody", heard=lambda *_: None, confirmed=lambda _: None, lost=lambda: None
        )
        running = asyncio.create_task(channels.run())
        async with asyncio.timeout(10):
            while "wake-ups of nobody are away" not in caplog.text:
                await asyncio.sleep(0.005)
        running.cancel()


async def test_while_postgresql_is_silent_the_copy_in_valkey_tells(
    database_url: str,
    valkey: OwnValkey,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(store, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(store, "READ_SECONDS", 0.2)
    redis, viewers = Redis.from_url(valkey.url), [somebody() for _ in range(3)]
    admin = await asyncpg.connect(database_url)
    async with line_to(database_url) as line, open_pool(line.url) as pool:
        revocations = Revocations(redis, pool, leeway_seconds=30)
        async with running(revocations):
            async with asyncio.timeout(10):
                await revocations.connected.wait()
            line.fall_silent()
            for viewer in viewers:
                assert await revoke(admin, redis, viewer.subject, until=None, reason="MISUSE")
                await learns(revocations, viewer, revoked=True)
    # what PostgreSQL never answered has ended too, or else the pool had waited for it
    assert not [record for record in caplog.records if record.name == "asyncio"]
    await admin.close()
    await redis.aclose()


async def test_a_valkey_that_refuses_a_channel_is_told_of_once_until_it_takes_it(
    valkey: OwnValkey, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(live_channels, "RECONNECT_SECONDS", 0.01)
    admin = Redis.from_url(valkey.url)
    for rule in ("on", ">x", "+@all"):
        await admin.execute_command("ACL", "SETUSER", "api", rule)
    redis = Redis.from_url(valkey.url, username="api", password="x")
    turns, taken = asyncio.Semaphore(0), asyncio.Event()
    channels = live_channels.Channels(
        redis, "us", heard=lambda *_: None, confirmed=lambda _: taken.set(), lost=turns.release
    )
    channels.want(store.CHANNEL)
    running = asyncio.create_task(channels.run())
    refused = "wake-ups of us are away: NoPermissionError"
    for times in (1, 2):
        async with asyncio.timeout(10):
            for _ in range(10):
                await turns.acquire()
        assert [record.getMessage() for record in caplog.records].count(refused) == times
        taken.clear()
        await admin.execute_command("ACL", "SETUSER", "api", f"&{store.CHANNEL}")
        async with asyncio.timeout(10):
            await taken.wait()
        await admin.execute_command("ACL", "SETUSER", "api", "resetchannels")
    running.cancel()
    await asyncio.wait({running})
    await redis.aclose()
    await admin.aclose()
